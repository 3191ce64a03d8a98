import { formatGuid } from '../../../../core/active-directory/object-guid.ts';
import type { BerReader } from '../ber-reader.ts';
import { decodeEntry, firstBytes, firstText } from '../entry-decoder.ts';

/** An object that a server names when it is asked for what changed. */
export interface ChangedObject {
  readonly dn: string;
  /** objectGUID; `null`: the server sent none, or not 16 bytes. */
  readonly id: string | null;
  readonly isDeleted: boolean;
  /** Where it was before it was deleted, if that is told. */
  readonly lastParent: string | null;
  /** Names of the attributes that came, in lower case and without options. */
  readonly attributes: ReadonlySet<string>;
  /** uSNCreated as digits, where it was asked for. */
  readonly createdUsn: string | null;
}

/** DirSync writes DNs with their ids before them, Samba those in values only: `<GUID=…>;<SID=…>;CN=…` (MS-ADTS 3.1.1.3.4.1.5). */
const extendedDn = /^(?:<[^<>]*>;)+/;

export function decodeChangedObject(reader: BerReader): ChangedObject {
  const entry = decodeEntry(reader);
  const guid = firstBytes(entry, 'objectGUID');
  return {
    dn: entry.dn.replace(extendedDn, ''),
    id: guid === null ? null : formatGuid(guid),
    isDeleted: firstText(entry, 'isDeleted')?.toUpperCase() === 'TRUE',
    lastParent: firstText(entry, 'lastKnownParent')?.replace(extendedDn, '') ?? null,
    attributes: new Set([...entry.attributes.keys()].map((name) => name.replace(/;.*$/, ''))),
    createdUsn: firstText(entry, 'uSNCreated'),
  };
}
