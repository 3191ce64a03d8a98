import type { Contact } from '../model/contact.ts';
import type { DirectoryUser } from '../model/directory-user.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import { emailKey, emailLocalPart } from '../normalize/email.ts';
import { looseNameKey } from '../normalize/loose-name.ts';
import { nameKey } from '../normalize/person-name.ts';
import { phoneKey } from '../normalize/phone.ts';
import type { ContactIndex } from './contact-index.ts';
import type { MatchCase } from './match-case.ts';

/** Under one key at most this many contacts are looked at for each user: a name that everybody has must not cost user × contact. */
export const maxPerKey = 8;

/** A phone that more contacts or more users than this have is a shared line, and says nothing about a person. */
const maxPerLine = 3;

/** The keys under which one user's suggestions are looked up (M10). */
export interface SuggestionKeys {
  readonly name: string | null;
  readonly displayName: string | null;
  readonly swappedName: string | null;
  readonly localParts: readonly string[];
  readonly phone: string | null;
  readonly lastNameAndInitial: string | null;
}

interface Entry {
  readonly positions: number[];
  /** How many contacts are under the key, those included that are not kept. */
  contacts: number;
  lastPosition: number;
}

export interface SuggestionIndex {
  /** All contacts by loose name; the other three hold only contacts that nobody has. */
  readonly byLooseName: ReadonlyMap<string, Entry>;
  readonly byLocalPart: ReadonlyMap<string, Entry>;
  readonly byPhone: ReadonlyMap<string, Entry>;
  readonly byLastNameAndInitial: ReadonlyMap<string, Entry>;
}

export function suggestionKeys(user: DirectoryUser): SuggestionKeys {
  const { firstName, lastName, displayName, email, userPrincipalName, samAccountName, phone } = user.person;
  const localParts = [emailKey(email), emailKey(userPrincipalName)].filter((key) => key !== null).map(emailLocalPart);
  const account = nameKey(samAccountName);
  return {
    name: fullNameKey(firstName, lastName),
    swappedName: fullNameKey(lastName, firstName),
    displayName: displayName === null ? null : looseNameKey(displayName) || null,
    localParts: [...new Set(account === null ? localParts : [...localParts, account])],
    phone: phone === null ? null : phoneKey(phone),
    lastNameAndInitial: lastNameAndInitial(firstName, lastName),
  };
}

/**
 * Indexes the contacts under the keys that the given users look for and under no others. `users` are all users of the
 * organization: they tell which phones are shared lines.
 */
export function indexForSuggestions(
  wanted: readonly SuggestionKeys[],
  users: readonly MatchCase[],
  index: ContactIndex,
  owners: ReadonlyMap<ContactId, UserId>,
): SuggestionIndex {
  const byLooseName = entriesFor(wanted.flatMap((keys) => [keys.name, keys.displayName, keys.swappedName]));
  const byLocalPart = entriesFor(wanted.flatMap((keys) => keys.localParts));
  const byPhone = entriesFor(wanted.map((keys) => keys.phone));
  const byLastNameAndInitial = entriesFor(wanted.map((keys) => keys.lastNameAndInitial));
  for (const [position, contact] of index.contacts.entries()) {
    const isFree = !owners.has(contact.id);
    addLooseNames(byLooseName, contact, position);
    for (const each of contact.phones) add(byPhone, phoneKey(each.phone), position, isFree);
    if (!isFree) continue;
    for (const each of contact.emails) {
      const key = emailKey(each.value);
      if (key !== null) add(byLocalPart, emailLocalPart(key), position, true);
    }
    add(byLastNameAndInitial, lastNameAndInitial(contact.firstName, contact.lastName), position, true);
  }
  forgetSharedLines(byPhone, users);
  return { byLooseName, byLocalPart, byPhone, byLastNameAndInitial };
}

/** The contacts under a key, and whether there are more. */
export function look(
  entries: ReadonlyMap<string, Entry>,
  key: string | null,
): { readonly positions: readonly number[]; readonly cut: boolean } {
  const entry = key === null ? undefined : entries.get(key);
  return { positions: entry?.positions ?? [], cut: (entry?.contacts ?? 0) > maxPerKey };
}

/** Both names in this order; `null` unless both have something to compare. */
function fullNameKey(first: string | null, last: string | null): string | null {
  if (first === null || last === null) return null;
  return looseNameKey(first) === '' || looseNameKey(last) === '' ? null : looseNameKey(`${first} ${last}`);
}

function addLooseNames(entries: ReadonlyMap<string, Entry>, contact: Contact, position: number): void {
  add(entries, looseNameKey(contact.name), position, true);
  const whole = `${contact.firstName ?? ''} ${contact.lastName ?? ''}`;
  if (whole !== contact.name) add(entries, looseNameKey(whole), position, true);
}

function lastNameAndInitial(firstName: string | null, lastName: string | null): string | null {
  const last = nameKey(lastName);
  const initial = nameKey(firstName)?.codePointAt(0);
  return last === null || initial === undefined ? null : `${String.fromCodePoint(initial)} ${last}`;
}

function entriesFor(keys: readonly (string | null)[]): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const key of keys) if (key !== null && !entries.has(key)) entries.set(key, { positions: [], contacts: 0, lastPosition: -1 });
  return entries;
}

function add(entries: ReadonlyMap<string, Entry>, key: string | null, position: number, keep: boolean): void {
  const entry = key === null ? undefined : entries.get(key);
  if (entry === undefined || entry.lastPosition === position) return;
  entry.lastPosition = position;
  entry.contacts += 1;
  if (keep && entry.positions.length < maxPerKey) entry.positions.push(position);
}

function forgetSharedLines(byPhone: Map<string, Entry>, users: readonly MatchCase[]): void {
  for (const [key, entry] of byPhone) if (entry.positions.length === 0 || entry.contacts > maxPerLine) byPhone.delete(key);
  if (byPhone.size === 0) return;
  const usersOf = new Map<string, number>();
  for (const { user } of users) {
    const key = user.person.phone === null ? null : phoneKey(user.person.phone);
    if (key !== null && byPhone.has(key)) usersOf.set(key, (usersOf.get(key) ?? 0) + 1);
  }
  for (const [key, count] of usersOf) if (count > maxPerLine) byPhone.delete(key);
}
