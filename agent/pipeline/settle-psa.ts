import type { LinkChange, PsaUpdateChange, PushChange } from '../../core/model/plan.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import { emailKey } from '../../core/normalize/email.ts';
import { phoneKey } from '../../core/normalize/phone.ts';
import { sameValue } from '../../core/normalize/text.ts';
import { afterLink, afterPsaUpdate, afterPush } from '../../core/plan/after-write.ts';
import type { PsaContactPatch } from '../../core/ports/psa.ts';
import type { JournalEntry } from '../../core/ports/store.ts';
import { psaSide, sameField, withPatch } from '../../core/two-way/sides.ts';
import { sentSide } from './apply-psa-push.ts';
import type { ApplyState } from './apply-state.ts';
import { searchFor } from './look-again.ts';
import { changeOf, found, notDone, type Settlement } from './settlement.ts';
import { afterUndo, undoneBy } from './undo-psa-write.ts';

/** A create in the PSA that was cut off: what was sent is there, by its key, else by e-mail and name, or it is not (A2). */
export async function settlePsaCreate(state: ApplyState, entry: JournalEntry): Promise<Settlement> {
  const change = changeOf<PushChange>(entry);
  const { psa } = state.run;
  const snapshot = state.snapshot.psa;
  if (change === null || psa === null || snapshot?.company == null || entry.contactId === null) return { ...notDone, state: 'unknown' };
  const { input } = change;
  const contacts = snapshot.partial
    ? await psa.findContacts(input.companyId, searchFor({ ...input, contactId: entry.contactId }, psa.hasExternalKey))
    : snapshot.contacts;
  const made = whatWasMade(contacts, change);
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
  const seen = state.current(entry.contactId);
  const kept = state.remember(
    afterPush(change, contact.id, {
      contact: state.contact(entry.contactId),
      now: state.run.now(),
      titleInSecondCall: psa.requirements.titleInSecondCall,
      // What was sent is the base: what somebody changed since, on either side, is a change.
      ...(seen === null
        ? {}
        : {
            synced: {
              psaContactId: contact.id,
              itGlue: sentSide(state, change, seen),
              psa: psaSide(input),
              unseen: true as const,
            },
          }),
    }),
  );
  return { state: 'done', record: contact.id, result: found(), remember: { ...kept, organization: state.organization } };
}

/** A contact that carries the key that was sent is what was made, whatever somebody did to it since. */
function whatWasMade(contacts: readonly PsaContact[], { input }: PushChange): readonly PsaContact[] {
  const ofCompany = contacts.filter((contact) => contact.companyId === input.companyId);
  const keyed = input.externalKey === null ? [] : ofCompany.filter((contact) => contact.externalKey === input.externalKey);
  return keyed.length > 0 ? keyed : ofCompany.filter((contact) => contact.externalKey === null && isWhatWasSent(contact, input));
}

function isWhatWasSent(hit: PsaContact, input: PushChange['input']): boolean {
  const emails = new Set(hit.emails.map((email) => emailKey(email.value)));
  const sameEmails = input.emails.every((email) => emails.has(emailKey(email.value)));
  return hit.active && sameEmails && sameValue(hit.firstName, input.firstName) && sameValue(hit.lastName, input.lastName);
}

/** A change of a PSA contact that was cut off: the contact has its values, or it has not. */
export async function settlePsaUpdate(state: ApplyState, entry: JournalEntry): Promise<Settlement> {
  const change = changeOf<LinkChange | PsaUpdateChange>(entry);
  const { psa } = state.run;
  if (change === null || psa === null || entry.contactId === null) return { ...notDone, state: 'unknown' };
  const contact = await psa.getContact(change.psaContactId);
  if (contact === null) return notDone;
  const known = state.contact(entry.contactId);
  const undoes = undoneBy(entry);
  if (undoes !== null) {
    // Some PSAs take several requests: of an undo that was cut off between them, what was put back counts too.
    const before = entry.before as PsaContact;
    const carriedOut = Object.fromEntries(
      Object.entries(change.patch).filter(([member, value]) => hasPsaValues(contact, { [member]: value })),
    );
    const remember = state.remember(afterUndo(known, before, withPatch(before, carriedOut)));
    const isWhole = Object.keys(carriedOut).length === Object.keys(change.patch).length;
    return isWhole ? { state: 'done', result: found(), remember, undoes } : { ...notDone, remember };
  }
  if (!hasPsaValues(contact, change.patch)) return notDone;
  const now = state.run.now();
  const kept = change.kind === 'link' ? afterLink(change, known, now) : afterPsaUpdate(change, known, now);
  return { state: 'done', result: found(), remember: state.remember(kept) };
}

function hasPsaValues(contact: PsaContact, patch: PsaContactPatch): boolean {
  for (const member of ['firstName', 'lastName', 'title', 'locationId'] as const) {
    const value = patch[member];
    if (value !== undefined && !sameValue(value, contact[member])) return false;
  }
  if (patch.active !== undefined && patch.active !== contact.active) return false;
  if (patch.externalKey !== undefined && contact.externalKey === null) return false;
  const sides = { theirs: psaSide(contact), ours: psaSide({ ...contact, emails: patch.emails ?? [], phones: patch.phones ?? [] }) };
  // A whole list also says what is not to be there any more, and what is primary.
  if (patch.emails !== undefined && !sameField(sides.theirs, sides.ours, 'emails')) return false;
  if (patch.phones !== undefined && !sameField(sides.theirs, sides.ours, 'phones')) return false;
  const emails = new Set(contact.emails.map((email) => emailKey(email.value)));
  const phones = new Set(contact.phones.map((item) => phoneKey(item.phone)));
  const hasEmails = (patch.addEmails ?? []).every((email) => emails.has(emailKey(email.value)));
  return hasEmails && (patch.addPhones ?? []).every((item) => phones.has(phoneKey(item.phone)));
}
