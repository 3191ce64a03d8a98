import type { Contact } from '../../core/model/contact.ts';
import type { Change, CreateChange, LinkChange, PsaUpdateChange, PushChange, UpdateChange } from '../../core/model/plan.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import { emailKey } from '../../core/normalize/email.ts';
import { personNameKey } from '../../core/normalize/person-name.ts';
import { phoneKey } from '../../core/normalize/phone.ts';
import { sameValue } from '../../core/normalize/text.ts';
import { afterCreate, afterLink, afterPsaUpdate, afterPush, afterUpdate } from '../../core/plan/after-write.ts';
import type { OverlayWrite } from '../../core/ports/documentation.ts';
import type { Psa, PsaContactPatch } from '../../core/ports/psa.ts';
import type { JournalEntry } from '../../core/ports/store.ts';
import type { ApplyState } from './apply-state.ts';
import { hasValues } from './preconditions.ts';

/** Clocks of two systems differ; a record this much older than the intent may still be what the intent made. */
const clockSkewMs = 10 * 60_000;

/**
 * Settles writes whose answer never came, by looking: by key, then e-mail, then name, before anything new is planned (A2). Reads
 * only. Returns how many were settled.
 */
export async function settleIntents(state: ApplyState, open: readonly JournalEntry[]): Promise<number> {
  for (const entry of open) {
    const found = await settleOne(state, entry);
    const { remember, ...result } = found;
    await state.run.store.recordResult(entry.id, result, remember ?? {}, state.run.now());
    state.run.logger.debug('Settled a write whose answer never came', { entry: entry.id, operation: entry.operation, state: found.state });
  }
  return open.length;
}

type Settlement = Parameters<ApplyState['run']['store']['recordResult']>[1] & {
  readonly remember?: Parameters<ApplyState['run']['store']['recordResult']>[2];
};

const notDone: Settlement = { state: 'not-done', result: { settled: 'nothing of it was found' } };

async function settleOne(state: ApplyState, entry: JournalEntry): Promise<Settlement> {
  switch (entry.operation) {
    case 'create-contact':
      return settleCreate(state, entry);
    case 'update-contact':
      return settleUpdate(state, entry);
    case 'create-psa-contact':
      return settlePsaCreate(state, entry);
    case 'update-psa-contact':
      return settlePsaUpdate(state, entry);
    case 'complete-psa-contact':
      // Sending it twice changes nothing: the link is still marked incomplete, so the plan makes it up.
      return notDone;
    case 'create-overlays':
    case 'update-overlays':
      return settleOverlays(state, entry);
    case 'create-overlay-type':
      return state.snapshot.overlayTypeId === null ? notDone : { state: 'done', record: state.snapshot.overlayTypeId, result: found() };
    case 'delete-contacts':
      return settleDelete(state, entry);
    case 'delete-overlays':
      return notDone;
  }
}

function found(): { readonly settled: string } {
  return { settled: 'it was found carried out' };
}

function changeOf<Kind extends Change>(entry: JournalEntry): Kind | null {
  const { request } = entry;
  if (request === null || typeof request !== 'object' || !('change' in request)) return null;
  return request.change as Kind;
}

/** A contact with the e-mail, else the name, that is not older than the intent and that nobody has. */
function settleCreate(state: ApplyState, entry: JournalEntry): Settlement {
  const change = changeOf<CreateChange>(entry);
  if (change === null) return notDone;
  const taken = new Set([...state.userStates()].map((user) => (user.state === 'matched' ? user.contactId : null)));
  const email = emailKey(change.contact.emails?.[0]?.value ?? null);
  const name = personNameKey(change.contact.firstName ?? null, change.contact.lastName ?? null);
  const made = state.snapshot.contacts.filter((contact) => {
    if (taken.has(contact.id) || (contact.createdAt ?? entry.intendedAt) < entry.intendedAt - clockSkewMs) return false;
    if (email !== null && contact.emails.some((item) => emailKey(item.value) === email)) return true;
    // The e-mail may not have arrived with it.
    if (email !== null && contact.emails.length > 0) return false;
    return name !== null
      ? personNameKey(contact.firstName, contact.lastName) === name
      : sameValue(contact.firstName, change.contact.firstName ?? null) && sameValue(contact.lastName, change.contact.lastName ?? null);
  });
  const [contact] = made;
  if (made.length > 1) {
    // The matching finds them ambiguous and a person decides (M3); a create that was asked for by hand is not repeated either.
    const user = state.user(change.user);
    const remember = user.createRequested ? state.remember({ users: [{ ...user, createRequested: false }] }) : {};
    return { ...notDone, remember };
  }
  if (contact === undefined) return notDone;
  const remember = state.remember(afterCreate(change, contact, { user: state.user(change.user), now: state.run.now() }));
  return { state: 'done', record: contact.id, contactId: contact.id, result: { ...found(), updatedAt: contact.updatedAt }, remember };
}

function settleUpdate(state: ApplyState, entry: JournalEntry): Settlement {
  const contact = entry.contactId === null ? undefined : state.snapshot.contactsById.get(entry.contactId);
  if (contact === undefined) return notDone;
  const change = changeOf<UpdateChange>(entry);
  if (change === null) return settleNotes(entry, contact);
  if (!hasValues(contact, change.patch)) return notDone;
  return {
    state: 'done',
    result: { ...found(), updatedAt: contact.updatedAt },
    remember: state.remember(afterUpdate(change, contact, state.contact(contact.id))),
  };
}

function settleNotes(entry: JournalEntry, contact: Contact): Settlement {
  const { request } = entry;
  const notes = request !== null && typeof request === 'object' && 'notes' in request ? request.notes : null;
  return notes === contact.notes ? { state: 'done', result: found() } : notDone;
}

function settlePsaCreate(state: ApplyState, entry: JournalEntry): Settlement {
  const change = changeOf<PushChange>(entry);
  const { psa } = state.run;
  if (change === null || psa === null || state.snapshot.psa?.company == null || entry.contactId === null)
    return { ...notDone, state: 'unknown' };
  const made = (state.snapshot.psa?.contacts ?? []).filter((hit) => hit.companyId === change.input.companyId && isWhatWasSent(hit, change));
  const [contact] = made;
  const isCanary = state.organization.canary?.contactId === entry.contactId && state.organization.canary.psaContactId === null;
  if (contact === undefined || made.length > 1) {
    // Several: P8 holds the contact and a person decides.
    if (isCanary) state.organization = { ...state.organization, canary: null };
    return { ...notDone, remember: isCanary ? { organization: state.organization } : {} };
  }
  if (isCanary || change.turn === 'canary') {
    const startedAt = state.organization.canary?.startedAt ?? entry.intendedAt;
    state.organization = {
      ...state.organization,
      canary: { contactId: entry.contactId, psaContactId: contact.id, startedAt, state: 'waiting' },
    };
  }
  const kept = state.remember(
    afterPush(change, contact.id, {
      contact: state.contact(entry.contactId),
      now: state.run.now(),
      titleInSecondCall: psa.requirements.titleInSecondCall,
    }),
  );
  return { state: 'done', record: contact.id, result: found(), remember: { ...kept, organization: state.organization } };
}

function isWhatWasSent(hit: PsaContact, { input }: PushChange): boolean {
  const emails = new Set(hit.emails.map((email) => emailKey(email.value)));
  const sameEmails = input.emails.every((email) => emails.has(emailKey(email.value)));
  return hit.active && sameEmails && sameValue(hit.firstName, input.firstName) && sameValue(hit.lastName, input.lastName);
}

async function settlePsaUpdate(state: ApplyState, entry: JournalEntry): Promise<Settlement> {
  const change = changeOf<LinkChange | PsaUpdateChange>(entry);
  const { psa } = state.run;
  if (change === null || psa === null || entry.contactId === null) return { ...notDone, state: 'unknown' };
  const contact = await psa.getContact(change.psaContactId);
  if (contact === null || !hasPsaValues(contact, change.patch)) return notDone;
  const [known, now] = [state.contact(entry.contactId), state.run.now()];
  const kept = change.kind === 'link' ? afterLink(change, known, now) : afterPsaUpdate(change, known, now);
  return { state: 'done', result: found(), remember: state.remember(kept) };
}

function hasPsaValues(contact: PsaContact, patch: PsaContactPatch): boolean {
  for (const member of ['firstName', 'lastName', 'title', 'locationId'] as const) {
    const value = patch[member];
    if (value !== undefined && !sameValue(value, contact[member])) return false;
  }
  if (patch.active !== undefined && patch.active !== contact.active) return false;
  const emails = new Set(contact.emails.map((email) => emailKey(email.value)));
  const phones = new Set(contact.phones.map((item) => phoneKey(item.phone)));
  const hasEmails = (patch.addEmails ?? []).every((email) => emails.has(emailKey(email.value)));
  return hasEmails && (patch.addPhones ?? []).every((item) => phones.has(phoneKey(item.phone)));
}

/** The plan is made from the assets as they are now, so what is missing is planned anew. */
function settleOverlays(state: ApplyState, entry: JournalEntry): Settlement {
  const { request } = entry;
  const writes = request !== null && typeof request === 'object' && 'writes' in request ? (request.writes as readonly OverlayWrite[]) : [];
  const assets = new Map(state.snapshot.overlays.flatMap((asset) => asset.contactIds.map((id) => [id, asset] as const)));
  const carriedOut = writes.every((write) => {
    const asset = assets.get(write.contactId);
    return asset !== undefined && asset.values.adStatus === write.values.adStatus && asset.values.lastLogon === write.values.lastLogon;
  });
  return writes.length > 0 && carriedOut ? { state: 'done', result: found() } : notDone;
}

async function settleDelete(state: ApplyState, entry: JournalEntry): Promise<Settlement> {
  if (entry.contactId === null) return notDone;
  const lookup = await state.run.documentation.lookUpContact(state.run.organization, entry.contactId);
  return lookup.kind === 'deleted' ? { state: 'done', result: found() } : notDone;
}

/** Whether settling these needs the PSA; then a run without it leaves them open. */
export function needsPsa(entry: JournalEntry, psa: Psa | null): boolean {
  return psa === null && entry.operation.endsWith('psa-contact');
}
