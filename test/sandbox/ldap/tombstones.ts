import { type LdapEntry, valuesOf } from './entry.ts';
import { plainEntry, sampleBase } from './sample-directory.ts';

const container = `CN=Deleted Objects,${sampleBase}`;

/** The container of deleted objects. Without the rights on it Samba shows its bare name, Windows nothing. */
export function deletedObjects(hidden?: LdapEntry['hidden']): LdapEntry {
  const entry = plainEntry(container, ['container'], { isDeleted: 'TRUE', isCriticalSystemObject: 'TRUE' });
  return hidden === undefined ? entry : { ...entry, hidden };
}

/** What is left of an entry after its deletion (MS-ADTS 3.1.1.5.5.1); `recycled`: after the recycle bin was emptied of it, too. */
export function tombstoneOf(entry: LdapEntry, kind: 'tombstone' | 'deleted' | 'recycled' = 'tombstone'): LdapEntry {
  const comma = entry.dn.search(/(?<!\\),/);
  const guid = valuesOf(entry, 'objectGUID')[0] ?? '';
  const dn = `${entry.dn.slice(0, comma)}\\0ADEL:${guidText(Buffer.from(guid))},${container}`;
  const kept =
    kind === 'deleted' ? entry.attributes : only(entry, ['objectClass', 'objectGUID', 'objectSid', 'sAMAccountName', 'whenChanged']);
  const { objectCategory: _category, sAMAccountType: _type, ...attributes } = kept;
  const marks = {
    isDeleted: ['TRUE'],
    lastKnownParent: [entry.dn.slice(comma + 1)],
    ...(kind === 'deleted' ? {} : { isRecycled: ['TRUE'] }),
  };
  return { dn, attributes: { ...attributes, ...marks } };
}

function only(entry: LdapEntry, names: readonly string[]): LdapEntry['attributes'] {
  return Object.fromEntries(names.map((name) => [name, valuesOf(entry, name)]));
}

function guidText(wire: Buffer): string {
  const fields = [wire.subarray(0, 4).toReversed(), wire.subarray(4, 6).toReversed(), wire.subarray(6, 8).toReversed()];
  return [...fields, wire.subarray(8, 10), wire.subarray(10)].map((field) => Buffer.from(field).toString('hex')).join('-');
}
