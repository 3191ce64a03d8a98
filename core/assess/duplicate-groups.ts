import type { Contact } from '../model/contact.ts';
import { emailKey } from '../normalize/email.ts';
import { looseNameKey } from '../normalize/loose-name.ts';
import { personNameKey } from '../normalize/person-name.ts';
import { phoneKey } from '../normalize/phone.ts';

/** Contacts that have something in common, by their positions in the list, ascending. */
export interface DuplicateGroup {
  readonly positions: readonly number[];
  /** What they have in common, in words. */
  readonly evidence: readonly string[];
}

export interface DuplicateGroups {
  /** An e-mail or a phone in common, and names that agree: probably one person. */
  readonly samePerson: readonly DuplicateGroup[];
  /** First and last name in common, and nothing else. */
  readonly namesakes: readonly DuplicateGroup[];
  /** An e-mail in common under names that do not agree. */
  readonly sharedEmail: readonly DuplicateGroup[];
}

/** A phone that more contacts than this have is a shared line, and says nothing about a person. */
const maxPerLine = 3;

interface Keys {
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  /** Both names, or what the name is made of, in any order. */
  readonly name: string | null;
  readonly firstName: string;
  readonly lastName: string;
  readonly exactName: string | null;
}

/**
 * Finds contacts that are, or may be, the same person. Contacts are put under keys and never compared with each other, so the work
 * grows with their number.
 */
export function findDuplicates(contacts: readonly Contact[]): DuplicateGroups {
  const keys = contacts.map(keysOf);
  const byEmail = bucketsOf(keys, (each) => each.emails);
  const byPhone = bucketsOf(keys, (each) => each.phones);
  const persons = new Components(contacts.length);
  for (const [email, bucket] of byEmail) unite(persons, keys, bucket, `e-mail ${email}`);
  for (const [phone, bucket] of byPhone) if (bucket.length <= maxPerLine) unite(persons, keys, bucket, `phone ${phone}`);

  const byExactName = bucketsOf(keys, (each) => (each.exactName === null ? [] : [each.exactName]));
  return {
    samePerson: persons.groups(),
    namesakes: apart(byExactName, persons, () => 'first and last name'),
    sharedEmail: apart(byEmail, persons, (email) => `e-mail ${email}`),
  };
}

function keysOf(contact: Contact): Keys {
  const { firstName, lastName } = contact;
  const whole = firstName !== null && lastName !== null ? `${firstName} ${lastName}` : contact.name;
  const parts = whole.split(/[\s,]+/u).map(looseNameKey);
  return {
    emails: distinct(contact.emails.map(({ value }) => emailKey(value))),
    phones: distinct(contact.phones.map(({ phone, kind }) => (kind === 'fax' ? null : phoneKey(phone)))),
    name:
      parts
        .filter((part) => part !== '')
        .sort()
        .join(' ') || null,
    firstName: looseNameKey(firstName ?? ''),
    lastName: looseNameKey(lastName ?? ''),
    exactName: personNameKey(firstName, lastName),
  };
}

/** Contacts of one bucket with equal last name and first initial. */
interface Family {
  /** The first one whose first name is more than an initial. */
  readonly full: { readonly firstName: string; readonly position: number } | null;
  /** There are several first names: an initial could be any of them. */
  readonly isAmbiguous: boolean;
  /** Those with an initial only. */
  readonly short: number[];
}

/** Unites the contacts of one bucket whose names agree: made of the same parts, or one has only the initial of the first name. */
function unite(persons: Components, keys: readonly Keys[], bucket: readonly number[], evidence: string): void {
  if (bucket.length < 2) return;
  const byParts = new Map<string, number>();
  const families = new Map<string, Family>();
  for (const position of bucket) {
    const own = keys[position];
    if (own === undefined || own.name === null) continue;
    const same = byParts.get(own.name);
    if (same === undefined) byParts.set(own.name, position);
    else persons.unite(same, position, [evidence, own.exactName === keys[same]?.exactName ? 'name' : 'name, written differently']);
    if (own.firstName === '' || own.lastName === '') continue;
    const key = `${own.firstName.charAt(0)} ${own.lastName}`;
    families.set(key, withMember(families.get(key) ?? { full: null, isAmbiguous: false, short: [] }, own.firstName, position));
  }
  for (const { full, isAmbiguous, short } of families.values()) {
    if (full === null || isAmbiguous) continue;
    for (const position of short) persons.unite(full.position, position, [evidence, 'last name and first initial']);
  }
}

function withMember(family: Family, firstName: string, position: number): Family {
  if (firstName.length === 1) {
    family.short.push(position);
    return family;
  }
  if (family.full === null) return { ...family, full: { firstName, position } };
  return family.full.firstName === firstName ? family : { ...family, isAmbiguous: true };
}

/** Buckets whose contacts are not all one person already. */
function apart(
  buckets: ReadonlyMap<string, readonly number[]>,
  persons: Components,
  inWords: (key: string) => string,
): readonly DuplicateGroup[] {
  return [...buckets].flatMap(([key, positions]) => {
    const [first = 0] = positions;
    const isOne = positions.every((position) => persons.rootOf(position) === persons.rootOf(first));
    return positions.length < 2 || isOne ? [] : [{ positions, evidence: [`same ${inWords(key)}`] }];
  });
}

function bucketsOf(keys: readonly Keys[], of: (each: Keys) => readonly string[]): ReadonlyMap<string, readonly number[]> {
  const buckets = new Map<string, number[]>();
  for (const [position, each] of keys.entries()) {
    for (const key of of(each)) {
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [position]);
      else bucket.push(position);
    }
  }
  return buckets;
}

function distinct(keys: readonly (string | null)[]): readonly string[] {
  return [...new Set(keys.filter((key) => key !== null))];
}

/** Positions that were found to be one, by union and find with halved paths. */
class Components {
  readonly #parents: number[];
  readonly #evidence = new Map<number, Set<string>>();

  constructor(size: number) {
    this.#parents = Array.from({ length: size }, (_, position) => position);
  }

  rootOf(position: number): number {
    let at = position;
    for (;;) {
      const parent = this.#parents[at] ?? at;
      if (parent === at) return at;
      const grandparent = this.#parents[parent] ?? parent;
      this.#parents[at] = grandparent;
      at = grandparent;
    }
  }

  unite(left: number, right: number, evidence: readonly string[]): void {
    const [a, b] = [this.rootOf(left), this.rootOf(right)];
    // The lower position stays the root, so that the order of groups is that of the list.
    const [root, other] = a < b ? [a, b] : [b, a];
    this.#parents[other] = root;
    const all = this.#evidence.get(root) ?? new Set<string>();
    for (const each of evidence) all.add(`same ${each}`);
    for (const each of this.#evidence.get(other) ?? []) all.add(each);
    this.#evidence.set(root, all);
    if (other !== root) this.#evidence.delete(other);
  }

  groups(): readonly DuplicateGroup[] {
    const members = new Map<number, number[]>();
    for (const position of this.#parents.keys()) {
      const root = this.rootOf(position);
      if (!this.#evidence.has(root)) continue;
      const known = members.get(root);
      if (known === undefined) members.set(root, [position]);
      else known.push(position);
    }
    return [...members].map(([root, positions]) => ({ positions, evidence: [...(this.#evidence.get(root) ?? [])] }));
  }
}
