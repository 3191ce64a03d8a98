import type { Contact } from '../model/contact.ts';
import type { ContactId } from '../model/ids.ts';
import { emailKey } from '../normalize/email.ts';
import { personNameKey } from '../normalize/person-name.ts';

/** Positions of contacts under one key, ascending. Most keys have one, which is kept without a list. */
export type Bucket = number | readonly number[];

/** The contacts in the order of their ids, each once, findable by what M1 and M2 compare. */
export interface ContactIndex {
  readonly contacts: readonly Contact[];
  readonly byId: ReadonlyMap<ContactId, number>;
  readonly byEmail: ReadonlyMap<string, Bucket>;
  readonly byName: ReadonlyMap<string, Bucket>;
}

/** Indexes a contact list; its order does not matter. */
export function indexContacts(list: readonly Contact[]): ContactIndex {
  const contacts: Contact[] = [];
  const byId = new Map<ContactId, number>();
  const byEmail = new Map<string, number | number[]>();
  const byName = new Map<string, number | number[]>();
  for (const contact of list.toSorted(byNumericId)) {
    if (byId.has(contact.id)) continue;
    const position = contacts.push(contact) - 1;
    byId.set(contact.id, position);
    for (const email of contact.emails) addPosition(byEmail, emailKey(email.value), position);
    addPosition(byName, personNameKey(contact.firstName, contact.lastName), position);
  }
  return { contacts, byId, byEmail, byName };
}

/** The contact at a position that a bucket of the same index gave. */
export function contactAt(index: ContactIndex, position: number): Contact {
  const contact = index.contacts[position];
  if (contact === undefined) throw new RangeError(`no contact at position ${position}`);
  return contact;
}

/** The positions of a bucket as a list. */
export function positionsOf(bucket: Bucket | undefined): readonly number[] {
  if (bucket === undefined) return [];
  return typeof bucket === 'number' ? [bucket] : bucket;
}

export function bucketSize(bucket: Bucket | undefined): number {
  if (bucket === undefined) return 0;
  return typeof bucket === 'number' ? 1 : bucket.length;
}

function addPosition(buckets: Map<string, number | number[]>, key: string | null, position: number): void {
  if (key === null) return;
  const bucket = buckets.get(key);
  if (bucket === undefined) buckets.set(key, position);
  else if (typeof bucket !== 'number') {
    // Positions come in ascending order, so a contact that has a key twice is the last one.
    if (bucket.at(-1) !== position) bucket.push(position);
  } else if (bucket !== position) buckets.set(key, [bucket, position]);
}

/** Ids are digits of any length: the shorter one is the smaller one. */
function byNumericId(left: Contact, right: Contact): number {
  if (left.id.length !== right.id.length) return left.id.length - right.id.length;
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}
