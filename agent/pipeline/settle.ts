import type { Contact } from '../../core/model/contact.ts';
import type { CreateChange, UpdateChange } from '../../core/model/plan.ts';
import { emailKey } from '../../core/normalize/email.ts';
import { personNameKey } from '../../core/normalize/person-name.ts';
import { sameValue } from '../../core/normalize/text.ts';
import { afterCreate, afterUpdate } from '../../core/plan/after-write.ts';
import type { OverlayWrite } from '../../core/ports/documentation.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { JournalEntry } from '../../core/ports/store.ts';
import type { ApplyState } from './apply-state.ts';
import { wentToOtherPsa } from './other-psa.ts';
import { hasValues } from './preconditions.ts';
import { settlePsaCreate, settlePsaUpdate } from './settle-psa.ts';
import { changeOf, found, isPsaWrite, notDone, type Settlement } from './settlement.ts';
import { afterRestore } from './undo-items.ts';
import { undoneBy } from './undo-psa-write.ts';

/** Clocks of two systems differ; a record this much older than the intent may still be what the intent made. */
const clockSkewMs = 10 * 60_000;

/**
 * Settles writes whose answer never came, by looking: by key, then e-mail, then name, before anything new is planned (A2). Reads
 * only. Returns how many were settled.
 */
export async function settleIntents(state: ApplyState, open: readonly JournalEntry[]): Promise<number> {
  for (const entry of open) {
    const found = await settleOne(state, entry);
    const { remember, undoes, ...result } = found;
    await state.run.store.recordResult(entry.id, result, remember ?? {}, state.run.now());
    if (undoes !== undefined) await state.run.store.markUndone([undoes], entry.run);
    state.run.logger.debug('Settled a write whose answer never came', { entry: entry.id, operation: entry.operation, state: found.state });
  }
  return open.length;
}

async function settleOne(state: ApplyState, entry: JournalEntry): Promise<Settlement> {
  if (wentToOtherPsa(entry, state.organization.psaTenant)) return { ...notDone, result: { reason: 'another PSA is configured since' } };
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
  const undoes = undoneBy(entry);
  if (undoes !== null) {
    const before = { ...contact, ...(entry.before as Partial<Contact> | null) };
    const remember = state.remember({ contacts: [afterRestore(state.contact(contact.id), before, contact)] });
    return { state: 'done', result: { ...found(), updatedAt: contact.updatedAt }, remember, undoes };
  }
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
  return psa === null && isPsaWrite(entry);
}
