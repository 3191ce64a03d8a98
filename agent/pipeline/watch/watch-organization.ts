import type { Contact } from '../../../core/model/contact.ts';
import type { ContactId, OrganizationId, PsaContactId, RunId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { ContactState, OrganizationState } from '../../../core/model/state.ts';
import type { Moment } from '../../../core/model/time.ts';
import { newContactState } from '../../../core/plan/after-write.ts';
import { contactFingerprint } from '../../../core/plan/fingerprint.ts';
import { seenInItGlue, seenInPsa } from '../../../core/plan/has-changed.ts';
import type { Store } from '../../../core/ports/store.ts';
import { reconcile } from '../../../core/reconcile.ts';
import { applyWatched, rememberSeen } from '../apply.ts';
import { ApplyState } from '../apply-state.ts';
import { reconcileInput } from '../reconcile-organization.ts';
import type { RunContext } from '../run-context.ts';
import { storyOfPlan, storyOfReport } from '../run-story.ts';
import type { Services } from '../services.ts';
import { endOf, inRun, runContext, syncOrganization } from '../sync-organization.ts';
import { gatherChanged } from './gather-changed.ts';
import type { WatchedOrganization } from './watch-outcome.ts';

/** Beyond so many changed contacts of one organization its lists are cheaper than one request for each. */
const mostOneByOne = 50;

export interface ChangesSeen {
  readonly organization: OrganizationId;
  /** The organization's contacts that IT Glue calls updated. */
  readonly itGlue: readonly Contact[];
  /** PSA contacts of any company that were changed. */
  readonly psa: readonly PsaContact[];
  /** What changed is not known one by one. */
  readonly everything: boolean;
}

/**
 * Brings one organization into step with what a look saw (P9): plan, guards, journal as in every run. `null`: there was nothing to write,
 * and no run is recorded. While a plan is held nothing is written: the next sync sees the changes again.
 */
export async function watchOrganization(services: Services, store: Store, seen: ChangesSeen): Promise<WatchedOrganization | null> {
  const { organization } = seen;
  const organizationState = await store.organizationState(organization);
  const canaryIsDue = isDue(organizationState, services.settings(organization).psa.settleMinutes, services.now());
  const tenant = services.psa(organization)?.tenant ?? '';
  if (organizationState.psaTenant?.id !== services.hash(tenant)) return syncAll(services, store, organization);
  if (seen.itGlue.length + seen.psa.length === 0 && !seen.everything && !canaryIsDue) return null;
  const states = new Map((await store.contactStates(organization)).map((state) => [state.contactId, state]));
  const changed = await sortChanges(store, seen, states);
  if (changed.size === 0 && !seen.everything && !canaryIsDue) return null;
  if ((await store.heldPlanSummary(organization)) !== null) return null;
  const isWide = seen.everything || canaryIsDue || changed.size > mostOneByOne;
  if (isWide || (await store.openIntents(organization)).length > 0) return syncAll(services, store, organization);
  return syncSome(services, store, { organization, changed, states, organizationState });
}

/** Contacts whose mapped fields differ from what is remembered. What IT Glue has and rollcall never saw is remembered from now on (P6). */
async function sortChanges(
  store: Store,
  { organization, itGlue, psa }: ChangesSeen,
  states: ReadonlyMap<ContactId, ContactState>,
): Promise<ReadonlySet<ContactId>> {
  const changed = new Set<ContactId>();
  const news: ContactState[] = [];
  for (const contact of itGlue) {
    const state = states.get(contact.id);
    const verdict = seenInItGlue(contact, state);
    if (verdict === 'changed') changed.add(contact.id);
    if (verdict === 'new') news.push({ ...(state ?? newContactState(contact.id)), fingerprint: contactFingerprint(contact) });
  }
  const linked = new Map<PsaContactId, ContactState>();
  for (const state of states.values()) {
    const id = state.psaLink?.psaContactId ?? state.synced?.psaContactId;
    if (id !== undefined) linked.set(id, state);
  }
  for (const twin of psa) {
    const state = linked.get(twin.id);
    if (state === undefined) continue;
    const seen = seenInPsa(twin, state);
    if (seen.changed) changed.add(state.contactId);
    if (seen.state !== state) news.push(seen.state);
  }
  if (news.length > 0) await store.saveContactStates(organization, news);
  return changed;
}

/**
 * P10: the settle time is over; what waits for the canary can go on. Where a plan since then could not judge it (the company is not there,
 * say), the syncs go on trying: a look a minute would be a storm.
 */
function isDue({ canary, lastPlanAt }: OrganizationState, settleMinutes: number, now: Moment): boolean {
  if (canary?.state !== 'waiting') return false;
  const dueAt = canary.startedAt + settleMinutes * 60_000;
  return now >= dueAt && (lastPlanAt ?? 0) < dueAt;
}

/** The whole organization, without reading the directories. */
async function syncAll(services: Services, store: Store, organization: OrganizationId): Promise<WatchedOrganization | null> {
  const document = await syncOrganization(services, store, organization, { scan: false, full: false });
  const run = document.run as RunId | null;
  if (document.held !== null) return { organization, run, outcome: 'held', error: null };
  return { organization, run, outcome: document.failed.length > 0 ? 'partly' : 'applied', error: null };
}

interface Some {
  readonly organization: OrganizationId;
  readonly changed: ReadonlySet<ContactId>;
  readonly states: ReadonlyMap<ContactId, ContactState>;
  readonly organizationState: OrganizationState;
}

async function syncSome(services: Services, store: Store, some: Some): Promise<WatchedOrganization | null> {
  const { organization } = some;
  // No run yet: whether there is one to record is known when it is planned.
  const context = await runContext(services, store, organization, 'none' as RunId);
  const { plan, work } = await planSome(context, some);
  if (plan.held !== null) return syncAll(services, store, organization);
  if (plan.changes.length === 0) {
    await rememberSeen(new ApplyState(context, work));
    return null;
  }
  return inRun(services, store, { organization, command: 'watch' }, async (run, story) => {
    story.note(storyOfPlan(plan, null));
    const state = new ApplyState(run, work);
    const report = await applyWatched(state);
    story.note(storyOfReport(report, services.redact));
    const outcome = report.failed.length > 0 ? ('partly' as const) : ('applied' as const);
    return { value: { organization, run: run.run, outcome, error: null }, end: endOf(state, report) };
  });
}

async function planSome(context: RunContext, { organization, changed, states, organizationState }: Some) {
  const { store } = context;
  const { snapshot, users } = await gatherChanged(context, changed, states);
  const usersInScope = (await store.organizationCounts(organization, context.now())).users;
  // Contacts that were not read are not lost.
  const input = await reconcileInput(context, { users, snapshot, organizationState, lost: new Map() });
  const { plan, observed } = reconcile({
    ...input,
    // Users of other contacts are not lost.
    userStates: input.userStates.filter(({ userId }) => users.some(({ id }) => id === userId)),
    watch: { usersInScope },
  });
  await store.saveContactStates(organization, observed.contacts);
  const work = {
    plan,
    snapshot,
    users: await store.userStates(organization),
    contacts: await store.contactStates(organization),
    organization: organizationState,
  };
  return { plan, work };
}
