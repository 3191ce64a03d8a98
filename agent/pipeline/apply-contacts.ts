import type { CreateChange, MatchChange, UpdateChange } from '../../core/model/plan.ts';
import type { ContactState, UserState } from '../../core/model/state.ts';
import { afterCreate, afterMatch, afterRefusal, afterUpdate } from '../../core/plan/after-write.ts';
import { attempt, forEachLimited } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';
import { journaled } from './journaled.ts';
import { createProblem, matchProblem, ownedNow, updateProblem } from './preconditions.ts';

/** Writes under way at once. The rate budget is the limit; this hides the answers' latency. */
const writesAtOnce = 4;

/** Records the matches of the plan; nothing outside is written (M). */
export async function applyMatches(state: ApplyState, changes: readonly MatchChange[]): Promise<void> {
  const users: UserState[] = [];
  const contacts: ContactState[] = [];
  for (const change of changes) {
    const problem = matchProblem(state, change);
    if (problem !== null) {
      state.report.fail(change, 'RECORD_CHANGED', problem);
      continue;
    }
    const user = afterMatch(change, state.user(change.user), state.run.now());
    const known = state.contact(change.contactId);
    const contact = { ...known, pushWant: known.pushWant ?? change.pushWant };
    state.remember({ users: [user], contacts: [contact] });
    users.push(user);
    contacts.push(contact);
    state.report.done(change);
  }
  if (users.length === 0) return;
  await state.run.store.saveUserStates(state.run.organization, users);
  await state.run.store.saveContactStates(state.run.organization, contacts);
}

/** Creates the contacts of the plan (E3). */
export async function applyCreates(state: ApplyState, changes: readonly CreateChange[]): Promise<void> {
  if (changes.length === 0) return;
  const task = state.run.progress.start('Creating contacts in IT Glue');
  let count = 0;
  await forEachLimited(changes, writesAtOnce, state.run.signal, async (change) => {
    await attempt(state.report, state.itGlue, change, () => createOne(state, change));
    count += 1;
    task.update(count, changes.length);
  });
  task.done();
}

async function createOne(state: ApplyState, change: CreateChange): Promise<void> {
  const problem = createProblem(state, change);
  if (problem !== null) return state.report.fail(change, 'RECORD_CHANGED', problem);
  const { documentation, organization } = state.run;
  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'create-contact',
      user: change.user,
      contactId: null,
      record: null,
      request: { change },
      before: null,
    },
    {
      send: () => documentation.createContact(organization, change.contact),
      onDone: (contact) => {
        state.created.set(change.user, contact);
        state.written.set(contact.id, contact);
        const remember = state.remember(afterCreate(change, contact, { user: state.user(change.user), now: state.run.now() }));
        return { record: contact.id, contactId: contact.id, result: { updatedAt: contact.updatedAt }, remember };
      },
    },
  );
  if (outcome.kind === 'done') state.report.done(change, outcome.value.id);
  else state.report.failOutcome(change, outcome);
}

/** Updates the contacts of the plan (E4, P8). */
export async function applyUpdates(state: ApplyState, changes: readonly UpdateChange[]): Promise<void> {
  if (changes.length === 0) return;
  const task = state.run.progress.start('Updating contacts in IT Glue');
  let count = 0;
  await forEachLimited(changes, writesAtOnce, state.run.signal, async (change) => {
    await attempt(state.report, state.itGlue, change, () => updateOne(state, change));
    count += 1;
    task.update(count, changes.length);
  });
  task.done();
}

async function updateOne(state: ApplyState, change: UpdateChange): Promise<void> {
  const contact = state.snapshot.contactsById.get(change.contactId);
  const owned = contact === undefined ? null : ownedNow(state, contact);
  if (owned !== null) return state.report.skip(change, owned);
  const problem = updateProblem(state, change);
  if (problem !== null) return state.report.fail(change, 'RECORD_CHANGED', problem);
  const { documentation, organization } = state.run;
  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'update-contact',
      user: change.user,
      contactId: change.contactId,
      record: change.contactId,
      request: { change },
      before: change.before,
    },
    {
      send: () => documentation.updateContact(organization, change.contactId, change.patch),
      onDone: (contact) => {
        state.written.set(contact.id, contact);
        return {
          result: { updatedAt: contact.updatedAt },
          remember: state.remember(afterUpdate(change, contact, state.contact(contact.id))),
        };
      },
      onRefused: (_reason, synced) => {
        const contact = state.snapshot.contactsById.get(change.contactId);
        return synced && contact !== undefined ? state.remember(afterRefusal(contact, state.contact(change.contactId))) : {};
      },
    },
  );
  if (outcome.kind === 'done') state.report.done(change);
  else if (outcome.kind === 'refused' && outcome.synced) {
    state.report.skip(
      change,
      'owned elsewhere: IT Glue lets only another integration update this contact (E9); tried again when it changes',
    );
  } else state.report.failOutcome(change, outcome);
}
