import type { Change } from '../../core/model/plan.ts';
import type { ContactState, UserState } from '../../core/model/state.ts';
import { changeMark } from '../../core/plan/plan-hash.ts';
import { psaChangesOf } from '../../core/plan/push-changes.ts';
import { applyCreates, applyMatches, applyUpdates } from './apply-contacts.ts';
import { applyOverlays } from './apply-overlays.ts';
import { applyPsa } from './apply-psa.ts';
import type { ApplyReport } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';

/**
 * Carries out a plan that was let through, in its order: matches, contacts, PSA, overlay. Each item only if its record still is as the
 * plan saw it (A3); a failing record stops no other (A4). What was not carried out keeps its approval for the next run.
 */
export async function applyPlan(state: ApplyState): Promise<ApplyReport> {
  const { plan, report, run } = state;
  await letThrough(state);
  await carryOut(state);
  report.interrupted = run.signal.aborted;
  if (!report.interrupted) await finish(state);
  state.run.logger.debug('Applied a plan', {
    hash: plan.hash,
    applied: report.applied.length,
    failed: report.failed.length,
    skipped: report.skipped.length,
  });
  return report;
}

/** Carries out what a look of the watch planned (P9); it uses up nothing that a sync counts or approves. */
export async function applyWatched(state: ApplyState): Promise<ApplyReport> {
  await carryOut(state);
  state.report.interrupted = state.run.signal.aborted;
  await rememberSeen(state);
  return state.report;
}

/** Keeps what a look of the watch saw and asks for, also when there was nothing to write. */
export async function rememberSeen(state: ApplyState): Promise<void> {
  const { plan, run } = state;
  const seen = Object.entries(plan.observations.fingerprints).flatMap(([id, fingerprint]) => {
    const contactId = id as ContactState['contactId'];
    return state.written.has(contactId) ? [] : [{ ...state.contact(contactId), fingerprint }];
  });
  state.remember({ contacts: seen });
  await run.store.saveContactStates(run.organization, [...seen, ...wantedPushes(state)]);
}

/** Contacts that are still to be pushed, with the reason. */
function wantedPushes(state: ApplyState): readonly ContactState[] {
  return Object.entries(state.plan.observations.wants).flatMap(([id, pushWant]) => {
    const known = state.contact(id as ContactState['contactId']);
    return known.psaLink === null && known.pushWant === null ? [{ ...known, pushWant }] : [];
  });
}

type AwaitedChange = Pick<ContactState, 'contactId' | 'awaitedSince'> & { readonly pushWant?: null };

/** P10: what becomes of contacts that IT Glue is to push by itself; one that could not be made eligible is not awaited. */
function awaitedPushes(state: ApplyState): readonly AwaitedChange[] {
  const { plan, report, run } = state;
  const failed = new Set(report.failed.map(({ change }) => change.id));
  const now = run.now();
  const known = Object.entries(plan.observations.awaits ?? {}).flatMap(([id, what]): readonly AwaitedChange[] => {
    const contactId = id as ContactState['contactId'];
    if (what === 'arrived') return [{ contactId, awaitedSince: null, pushWant: null }];
    if (what === 'not') return [{ contactId, awaitedSince: null }];
    return failed.has(`update:${contactId}`) ? [] : [{ contactId, awaitedSince: now }];
  });
  const created = (plan.observations.awaitsOf ?? []).flatMap((user) => {
    const contact = state.created.get(user);
    return contact === undefined ? [] : [{ contactId: contact.id, awaitedSince: now }];
  });
  return [...known, ...created];
}

/** Marks of changes that were let through and are not carried out, with those that earlier plans left. */
function marksOf({ plan, run }: ApplyState, changes: readonly Change[]): readonly string[] {
  const marks = changes.filter((change) => change.kind !== 'overlay').map((change) => changeMark(change, run.hash));
  return [...marks, ...(plan.observations.stillApproved ?? [])];
}

async function carryOut(state: ApplyState): Promise<void> {
  const { plan } = state;

  await applyMatches(state, ofKind(plan.changes, 'match'));
  await applyCreates(state, ofKind(plan.changes, 'create'));
  await applyUpdates(state, ofKind(plan.changes, 'update'));
  await applyPsa(state, psaChangesOf(plan.changes));
  await applyOverlays(state, ofKind(plan.changes, 'overlay'));
}

function ofKind<Kind extends Change['kind']>(changes: readonly Change[], kind: Kind): readonly Extract<Change, { kind: Kind }>[] {
  return changes.filter((change): change is Extract<Change, { kind: Kind }> => change.kind === kind);
}

/** From here on the plan counts as applied, wherever it is stopped: its marks keep what is left of it out of the guards. */
async function letThrough(state: ApplyState): Promise<void> {
  const { plan, run } = state;
  const users: UserState[] = [];
  for (const [userId, status] of Object.entries(plan.observations.statuses) as [UserState['userId'], UserState['appliedStatus']][]) {
    users.push({ ...state.user(userId), appliedStatus: status });
  }
  state.remember({ users });
  await run.store.saveUserStates(run.organization, users);
  const { settings } = run;
  const twoWay = run.psa !== null && settings.psa.push !== 'off' && settings.psa.twoWay;
  const { canary } = state.organization;
  state.organization = {
    ...state.organization,
    // An empty plan is nobody's first look at what a sync does (A3).
    onboarded: state.organization.onboarded || plan.changes.length > 0,
    approvedMarks: marksOf(state, plan.changes),
    twoWaySince: state.organization.twoWaySince ?? (twoWay ? run.now() : null),
    // A person who approves in spite of a tripped canary has looked.
    canary: canary?.state === 'tripped' && plan.held?.reason.includes('PSA_DOUBLE_PUSH') === true ? { ...canary, state: 'clear' } : canary,
  };
  await run.store.saveOrganizationState(run.organization, state.organization);
  await run.store.dropHeldPlan(run.organization);
}

async function finish(state: ApplyState): Promise<void> {
  const { plan, run, report } = state;
  const contacts = new Map<ContactState['contactId'], ContactState>();
  const keep = (contactId: ContactState['contactId'], change: Partial<ContactState>): void => {
    contacts.set(contactId, { ...(contacts.get(contactId) ?? state.contact(contactId)), ...change });
  };
  for (const [id, fingerprint] of Object.entries(plan.observations.fingerprints)) {
    const contactId = id as ContactState['contactId'];
    if (!state.written.has(contactId)) keep(contactId, { fingerprint });
  }
  for (const { contactId, pushWant } of wantedPushes(state)) keep(contactId, { pushWant });
  for (const { contactId, ...change } of awaitedPushes(state)) keep(contactId, change);
  await run.store.saveContactStates(run.organization, [...contacts.values()]);

  const applied = report.appliedIds;
  const open = plan.changes.filter((change) => !applied.has(change.id));
  state.organization = {
    ...state.organization,
    approvedMarks: marksOf(state, open),
    lastAppliedAt: run.now(),
  };
  await run.store.saveOrganizationState(run.organization, state.organization);
}
