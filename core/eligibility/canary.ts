import type { Contact } from '../model/contact.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import type { Canary } from '../model/state.ts';
import type { Moment } from '../model/time.ts';
import { emailKey } from '../normalize/email.ts';

/** What is seen of the canary when a plan is made: its IT Glue contact and its twins in the PSA. */
export interface CanarySight {
  readonly canary: Canary;
  /** `null`: the contact is not in the list any more. */
  readonly contact: Contact | null;
  readonly psaContacts: readonly PsaContact[];
  readonly adapterNames: readonly string[];
  readonly settleMinutes: number;
  readonly now: Moment;
}

/**
 * Judges the canary (P10): a link in IT Glue that is not ours, or a second PSA contact with its e-mail, means that IT Glue pushes by
 * itself. `waiting` until the settle time is over.
 */
export function judgeCanary(sight: CanarySight): Canary['state'] {
  const { canary, contact } = sight;
  if (canary.state !== 'waiting') return canary.state;
  if (contact !== null && (hasForeignLink(contact, sight) || hasSecondTwin(contact, sight))) return 'tripped';
  return sight.now - canary.startedAt >= sight.settleMinutes * 60_000 ? 'clear' : 'waiting';
}

function hasForeignLink(contact: Contact, { canary, adapterNames }: CanarySight): boolean {
  if (canary.psaContactId === null) return false;
  const names = new Set(adapterNames.map((name) => name.toLowerCase()));
  return contact.adapters.some(
    (adapter) => names.has(adapter.adapter.toLowerCase()) && adapter.remoteId !== null && adapter.remoteId !== canary.psaContactId,
  );
}

function hasSecondTwin(contact: Contact, { canary, psaContacts }: CanarySight): boolean {
  if (canary.psaContactId === null) return false;
  const emails = new Set(contact.emails.map((email) => emailKey(email.value)).filter((key) => key !== null));
  return psaContacts.some(
    (twin) => twin.id !== canary.psaContactId && twin.emails.some((email) => emails.has(emailKey(email.value) ?? '')),
  );
}
