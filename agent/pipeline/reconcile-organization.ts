import { mergeSightings } from '../../core/dedupe/merge-sightings.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import type { ContactId } from '../../core/model/ids.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { OrganizationState, UserState } from '../../core/model/state.ts';
import type { UserDecision } from '../../core/plan/decision.ts';
import type { DecisionRecord, StoredSighting } from '../../core/ports/store.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ContactView, PushRequest, ReconcileInput } from '../../core/reconcile-input.ts';
import type { ChangeDocument } from '../cli/documents.ts';
import { ApplyState } from './apply-state.ts';
import { mappingOf } from './company/mapping.ts';
import { gather } from './gather.ts';
import { forgetOtherPsa } from './other-psa.ts';
import { changeDocument } from './plan-documents.ts';
import type { RunContext } from './run-context.ts';
import { needsPsa, settleIntents } from './settle.ts';
import type { Snapshot } from './snapshot.ts';

export interface Reconciliation {
  readonly plan: Plan;
  readonly decisions: readonly UserDecision[];
  readonly contactViews: readonly ContactView[];
  readonly users: readonly DirectoryUser[];
  readonly snapshot: Snapshot;
  /** Ready to apply the plan. */
  readonly state: ApplyState;
}

/**
 * Reads IT Glue and the PSA, settles what an earlier run left open, and works out the plan of one organization. Writes nothing outside.
 * What was observed and decided is kept in the store; a held plan is stored, and takes the place of the one held before (A3).
 */
export async function reconcileOrganization(context: RunContext, pushRequest: PushRequest | null = null): Promise<Reconciliation> {
  const { store, organization } = context;
  const users = await directoryUsers(context);
  const settled = await settledState(context, users);
  const known = { users, snapshot: settled.snapshot, organizationState: settled.organization };
  const { plan, decisions, contactViews, observed } = reconcile(await reconcileInput(context, known, pushRequest));

  await store.saveUserStates(organization, observed.users);
  await store.saveContactBases(organization, observed.bases);
  await store.saveContactStates(organization, observed.contacts);
  const organizationState = { ...observed.organization, name: settled.snapshot.organization.name, ...mappingOf(settled.snapshot.psa) };
  await store.saveOrganizationState(organization, organizationState);
  if (pushRequest === null) {
    await store.saveDecisions(organization, decisionRecords(plan, decisions));
    if (plan.held === null) await store.dropHeldPlan(organization);
    else await store.holdPlan(plan);
  }
  const state = new ApplyState(context, {
    plan,
    snapshot: settled.snapshot,
    users: await store.userStates(organization),
    contacts: await store.contactStates(organization),
    organization: organizationState,
  });
  return { plan, decisions, contactViews, users, snapshot: settled.snapshot, state };
}

/** What of a run working a plan out needs. */
type ReconcileContext = Pick<RunContext, 'organization' | 'settings' | 'store' | 'documentation' | 'now' | 'hash'>;

/** What was read of the world when a plan is worked out. */
interface ReadForPlan {
  readonly users: readonly DirectoryUser[];
  readonly snapshot: Snapshot;
  readonly organizationState: OrganizationState;
  /** Matched contacts that are deleted or moved, where that is known; asked for otherwise. */
  readonly lost?: ReconcileInput['lost'];
}

/** All that a plan is worked out from: what was read, and what the store remembers. Reads only. */
export async function reconcileInput(
  context: ReconcileContext,
  { users, snapshot, organizationState, lost }: ReadForPlan,
  pushRequest: PushRequest | null = null,
): Promise<ReconcileInput> {
  const { store, organization } = context;
  const userStates = await store.userStates(organization);
  return {
    now: context.now(),
    settings: context.settings,
    users,
    contacts: snapshot.contacts,
    lost: lost ?? (await lookUpLost(context, userStates, snapshot)),
    locations: snapshot.locations,
    contactTypes: snapshot.contactTypes,
    overlays: snapshot.overlays,
    userStates,
    contactBases: await store.contactBases(organization),
    contactStates: await store.contactStates(organization),
    organizationState,
    psa: snapshot.psa,
    pushRequest,
    hash: context.hash,
  };
}

/** What was decided about a user, with what the plan does about it: all that `explain` tells offline. */
export interface StoredDecision extends UserDecision {
  readonly planned: readonly ChangeDocument[];
}

function decisionRecords(plan: Plan, decisions: readonly UserDecision[]): readonly DecisionRecord[] {
  const byId = new Map(plan.changes.map((change) => [change.id, change]));
  return decisions.map((decision) => {
    const planned = decision.changes.flatMap((id) => byId.get(id) ?? []).map(changeDocument);
    const body: StoredDecision = { ...decision, planned };
    return { key: decision.user.id, decidedAt: plan.madeAt, body };
  });
}

/** Reads everything afresh and settles what was left open; the state to apply a stored plan with. */
export async function settledState(
  context: RunContext,
  users: readonly DirectoryUser[],
  plan: Plan = emptyPlan(context),
): Promise<ApplyState> {
  const { store, organization } = context;
  await forgetOtherPsa(context);
  const snapshot = await gather(context, { contactStates: await store.contactStates(organization), users });
  const state = new ApplyState(context, {
    plan,
    snapshot,
    users: await store.userStates(organization),
    contacts: await store.contactStates(organization),
    organization: await store.organizationState(organization),
    planIsStored: plan.hash !== '',
  });
  const open = (await store.openIntents(organization)).filter((entry) => !needsPsa(entry, context.psa));
  await settleIntents(state, open);
  state.relink();
  return state;
}

function emptyPlan(context: RunContext): Plan {
  return {
    organization: context.organization,
    madeAt: context.now(),
    hash: '',
    changes: [],
    guards: [],
    held: null,
    conflicts: [],
    notices: [],
    observations: { statuses: {}, fingerprints: {}, wants: {} },
  };
}

/** The organization's de-duplicated users, from all sightings in the store (D1-D3). */
export async function directoryUsers(context: Pick<RunContext, 'store' | 'organization'>): Promise<readonly DirectoryUser[]> {
  const sightings: StoredSighting[] = [];
  for await (const page of context.store.sightings(context.organization)) sightings.push(...page);
  const reads = await context.store.listReads(context.organization);
  return mergeSightings({
    organization: context.organization,
    sightings,
    latestReads: reads.flatMap((read) => read.latestComplete ?? []),
    latestFullReads: reads.flatMap((read) => read.latestFull ?? []),
  });
}

/** Asks about matched contacts that are not in the list: only their own 404 proves that they were deleted (C11). */
async function lookUpLost(
  context: Pick<RunContext, 'organization' | 'documentation'>,
  states: readonly UserState[],
  snapshot: Snapshot,
): Promise<ReadonlyMap<ContactId, 'deleted' | 'moved'>> {
  const lost = new Map<ContactId, 'deleted' | 'moved'>();
  for (const { state, contactId } of states) {
    if (state !== 'matched' || contactId === null || snapshot.contactsById.has(contactId)) continue;
    const lookup = await context.documentation.lookUpContact(context.organization, contactId);
    if (lookup.kind !== 'found') lost.set(contactId, lookup.kind);
  }
  return lost;
}
