import { makePsaContext, type PsaContext, type PushCandidate } from '../../core/eligibility/psa-context.ts';
import { findTwin, judgeHits } from '../../core/eligibility/psa-twin.ts';
import { psaAdapter } from '../../core/enrich/ownership.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { ContactId, PsaContactId } from '../../core/model/ids.ts';
import type { CompleteChange, LinkChange, PsaUpdateChange, PushChange } from '../../core/model/plan.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import { sameValue } from '../../core/normalize/text.ts';
import { afterComplete, afterLink, afterPsaUpdate, afterPush, canaryAfter } from '../../core/plan/after-write.ts';
import type { PsaChange } from '../../core/plan/push-changes.ts';
import type { Psa, PsaContactPatch } from '../../core/ports/psa.ts';
import { attempt } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';
import { journaled } from './journaled.ts';
import { deactivationProblem, pushProblem } from './preconditions.ts';
import { linksWith } from './psa-links.ts';

/** Links (P10) and the company's contacts (P8) are read again right before this many creates. A search for each would cost several requests a contact. */
const pushesAtOnce = 50;

/** Carries out the PSA's side of the plan (P): links, creates with their second call, updates. One after the other: a PSA has no idempotency key. */
export async function applyPsa(state: ApplyState, changes: readonly PsaChange[]): Promise<void> {
  const { psa, signal, progress } = state.run;
  if (psa === null || state.psaContext === null) {
    for (const change of changes) state.report.fail(change, 'RECORD_CHANGED', 'no PSA is configured any more');
    return;
  }
  if (changes.length === 0) return;
  let work: Work = { state, psa, context: state.psaContext, links: new Map() };
  const task = progress.start(`Pushing contacts to ${psa.displayName}`);
  let freshUntil = 0;
  for (const [index, change] of changes.entries()) {
    if (signal.aborted) break;
    await attempt(state.report, state.psa, change, async () => {
      if (index >= freshUntil) {
        work = await lookAgain(work, changes.slice(index, index + pushesAtOnce));
        freshUntil = index + pushesAtOnce;
      }
      await applyOne(work, change);
    });
    task.update(index + 1, changes.length);
  }
  task.done();
}

interface Work {
  readonly state: ApplyState;
  readonly psa: Psa;
  /** The company's contacts as they were read last. */
  readonly context: PsaContext;
  /** IT Glue contacts with their links, as they were read last. */
  readonly links: ReadonlyMap<ContactId, Contact>;
}

/** Looks once more at both sides before the next creates. */
async function lookAgain(work: Work, changes: readonly PsaChange[]): Promise<Work> {
  const { state, psa } = work;
  const ids = changes.flatMap((change) => (change.kind === 'push' || change.kind === 'link' ? (contactOf(state, change) ?? []) : []));
  const read = ids.length === 0 ? [] : await state.run.documentation.listContactsById(state.run.organization, ids);
  const links = new Map(read.map((contact) => [contact.id, contact]));
  const { snapshot, settings } = work.context;
  const creates = changes.some((change) => change.kind === 'push' && change.turn !== 'wait');
  const contacts = creates && snapshot.company !== null ? await psa.listContacts(snapshot.company.id) : snapshot.contacts;
  const fresh = { ...snapshot, contacts, linkedTo: linksWith(snapshot.linkedTo, state.contactStates()) };
  return { ...work, links, context: makePsaContext(fresh, settings) };
}

/** Why nothing may go to this company now, whatever the plan says: the settings, or what they mean, changed since (P7, P8). */
function companyProblem({ psa, context }: Work, companyId: string): string | null {
  const { snapshot, settings } = context;
  if (settings.push !== 'direct') return `psa.push is "${settings.push}" now`;
  if (snapshot.excluded !== null) return snapshot.excluded;
  if (snapshot.company?.id === companyId) return null;
  return `the organization's company in ${psa.displayName} is not the one of the plan any more`;
}

/** P10: what a stored plan does not know of the canary. */
function canaryProblem({ state }: Work, change: PushChange): string | null {
  const { canary } = state.organization;
  if (canary === null || state.run.settings.psa.settleMinutes === 0) return null;
  if (canary.state === 'tripped') return 'PSA_DOUBLE_PUSH: IT Glue pushes by itself';
  return canary.state === 'waiting' && canary.contactId !== change.contactId ? 'waiting for the canary' : null;
}

function contactOf(state: ApplyState, change: PushChange | LinkChange): ContactId | null {
  if (change.contactId !== null) return change.contactId;
  return change.user === null ? null : (state.created.get(change.user)?.id ?? null);
}

async function applyOne(work: Work, change: PsaChange): Promise<void> {
  switch (change.kind) {
    case 'push':
      return push(work, change);
    case 'link':
      return link(work, change);
    case 'complete':
      return complete(work, change, change.contactId, change.psaContactId);
    case 'psa-update':
      return update(work, change);
  }
}

async function push(work: Work, change: PushChange): Promise<void> {
  const { state, psa, context, links } = work;
  const waits = change.turn === 'wait' ? 'waiting for the canary' : canaryProblem(work, change);
  if (waits !== null) return state.report.skip(change, waits);
  const elsewhere = companyProblem(work, change.input.companyId);
  if (elsewhere !== null) return state.report.fail(change, 'RECORD_CHANGED', elsewhere);
  const contactId = contactOf(state, change);
  if (contactId === null) return state.report.fail(change, 'DEPENDENCY_FAILED', 'its contact was not created in IT Glue');
  const contact = links.get(contactId);
  if (contact === undefined) return state.report.fail(change, 'RECORD_CHANGED', 'its contact is not in IT Glue any more');
  if (psaAdapter(contact.adapters, psa.adapterNames) !== null || contact.psaIntegration !== null) {
    return state.report.skip(change, `IT Glue linked it with ${psa.displayName} in the meantime`);
  }
  const problem = pushProblem(state, change);
  if (problem !== null) return state.report.fail(change, problem.code, problem.why);
  const twin = findTwin(candidateOf(contact), context);
  if (twin.kind !== 'none') {
    return state.report.skip(change, twin.kind === 'hold' ? `Held: ${twin.why}` : `${twin.why}; the next run links it`);
  }

  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'create-psa-contact',
      user: change.user,
      contactId,
      record: null,
      request: { change: { ...change, contactId } },
      before: null,
    },
    {
      send: () => psa.createContact(change.input),
      onDone: (id) => {
        const kept = state.remember(
          afterPush(change, id, {
            contact: state.contact(contactId),
            now: state.run.now(),
            titleInSecondCall: psa.requirements.titleInSecondCall,
          }),
        );
        return { record: id, result: { psaContactId: id }, remember: withCanary(state, change, { kept, contactId, psaContactId: id }) };
      },
      onUnknown: () => withCanary(state, change, { kept: {}, contactId, psaContactId: null }),
    },
  );
  if (outcome.kind !== 'done') return state.report.failOutcome(change, outcome);
  if (change.input.title === null || !psa.requirements.titleInSecondCall) return state.report.done(change, outcome.value);
  await complete(work, change, contactId, outcome.value);
}

function withCanary<Kept extends object>(
  state: ApplyState,
  change: PushChange,
  made: { readonly kept: Kept; readonly contactId: ContactId; readonly psaContactId: PsaContactId | null },
): Kept & { organization?: ApplyState['organization'] } {
  if (change.turn !== 'canary') return made.kept;
  state.organization = { ...state.organization, canary: canaryAfter(made.contactId, made.psaContactId, state.run.now()) };
  return { ...made.kept, organization: state.organization };
}

/** The second call: what a create cannot carry. */
async function complete({ state, psa }: Work, change: PushChange | CompleteChange, contactId: ContactId, id: PsaContactId): Promise<void> {
  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'complete-psa-contact',
      user: change.user,
      contactId,
      record: id,
      request: { change },
      before: null,
    },
    {
      send: () => psa.completeContact(id, change.input),
      onDone: () => ({ result: null, remember: state.remember(afterComplete(change, state.contact(contactId))) }),
    },
  );
  if (outcome.kind === 'done') state.report.done(change, id);
  else state.report.failOutcome(change, outcome);
}

async function link(work: Work, change: LinkChange): Promise<void> {
  const { state, psa, context, links } = work;
  const elsewhere = companyProblem(work, change.companyId);
  if (elsewhere !== null) return state.report.fail(change, 'RECORD_CHANGED', elsewhere);
  const contactId = contactOf(state, change);
  if (contactId === null) return state.report.fail(change, 'DEPENDENCY_FAILED', 'its contact was not created in IT Glue');
  const contact = links.get(contactId);
  if (contact === undefined) return state.report.fail(change, 'RECORD_CHANGED', 'its contact is not in IT Glue any more');
  const problem = pushProblem(state, change);
  if (problem !== null) return state.report.fail(change, problem.code, problem.why);
  const twin = await psa.getContact(change.psaContactId);
  if (twin === null) return state.report.fail(change, 'RECORD_CHANGED', `the contact is not in ${psa.displayName} any more`);
  const judged = judgeHits(candidateOf(contact), [twin], context);
  if (judged.kind !== 'link')
    return state.report.fail(change, 'RECORD_CHANGED', `the contact in ${psa.displayName} changed since the plan was made`);

  const kept = afterLink(change, state.contact(contactId), state.run.now());
  const patch = stillBlank(change.patch, twin);
  if (Object.keys(patch).length === 0) {
    state.remember(kept);
    await state.run.store.saveContactStates(state.run.organization, kept.contacts ?? []);
    return state.report.done(change, change.psaContactId);
  }
  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'update-psa-contact',
      user: change.user,
      contactId,
      record: change.psaContactId,
      request: { change: { ...change, contactId, patch } },
      before: twin,
    },
    { send: () => psa.updateContact(change.psaContactId, patch), onDone: () => ({ result: null, remember: state.remember(kept) }) },
  );
  if (outcome.kind === 'done') state.report.done(change, change.psaContactId);
  else state.report.failOutcome(change, outcome);
}

async function update({ state, psa, context }: Work, change: PsaUpdateChange): Promise<void> {
  if (context.settings.push === 'off' || context.snapshot.excluded !== null) {
    return state.report.fail(change, 'RECORD_CHANGED', context.snapshot.excluded ?? 'psa.push is "off" now');
  }
  const contact = await psa.getContact(change.psaContactId);
  if (contact === null) return state.report.fail(change, 'RECORD_CHANGED', `the contact is not in ${psa.displayName} any more`);
  const changed = (['firstName', 'lastName', 'title'] as const).some(
    (member) => change.patch[member] !== undefined && !sameValue(contact[member], change.fields[member]?.from ?? null),
  );
  if (changed)
    return state.report.fail(change, 'RECORD_CHANGED', `somebody changed the contact in ${psa.displayName} since the plan was made`);
  if (change.patch.active === false && !contact.active && Object.keys(change.patch).length === 1) {
    return state.report.skip(change, `it is inactive in ${psa.displayName} already`);
  }
  if (change.patch.active === false) {
    const problem = deactivationProblem(state, change, { contact, snapshot: context.snapshot });
    if (problem !== null) return state.report.fail(change, 'RECORD_CHANGED', problem);
  }
  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'update-psa-contact',
      user: change.user,
      contactId: change.contactId,
      record: change.psaContactId,
      request: { change },
      before: contact,
    },
    {
      send: () => psa.updateContact(change.psaContactId, change.patch),
      onDone: () => ({ result: null, remember: state.remember(afterPsaUpdate(change, state.contact(change.contactId), state.run.now())) }),
    },
  );
  if (outcome.kind === 'done') state.report.done(change, change.psaContactId);
  else state.report.failOutcome(change, outcome);
}

/** Of what a first link fills: what is still blank in the PSA (P8). */
function stillBlank(patch: PsaContactPatch, twin: PsaContact): PsaContactPatch {
  const { addEmails, addPhones, ...scalars } = patch;
  const blanks = Object.entries(scalars).filter(([member]) => twin[member as keyof typeof scalars] === null);
  return {
    ...Object.fromEntries(blanks),
    ...(addEmails === undefined || twin.emails.length > 0 ? {} : { addEmails }),
    ...(addPhones === undefined || twin.phones.length > 0 ? {} : { addPhones }),
  };
}

function candidateOf(contact: Contact): PushCandidate {
  return {
    contactId: contact.id,
    label: contact.name,
    firstName: contact.firstName,
    lastName: contact.lastName,
    title: contact.title,
    emails: contact.emails,
    phones: contact.phones,
    location: null,
    contactTypeName: contact.contactTypeName,
    externalKey: null,
  };
}
