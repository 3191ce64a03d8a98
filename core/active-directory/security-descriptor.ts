import { formatGuid } from './object-guid.ts';
import { formatSid } from './security-identifier.ts';

/** One entry of an access list, as far as it matters to rights on the object itself. */
export interface AccessEntry {
  readonly allows: boolean;
  readonly mask: number;
  /** The attribute, property set or extended right that it is about; `null`: all. */
  readonly objectType: string | null;
  readonly sid: string;
}

/** Extended rights of replication (MS-ADTS 5.1.3.2.1). Whoever has both of the first can read every password's hash. */
export const replicationRights = {
  getChanges: '1131f6aa-9c07-11d1-f79f-00c04fc2dcd2',
  getChangesAll: '1131f6ad-9c07-11d1-f79f-00c04fc2dcd2',
} as const;

const inheritOnly = 0x8;
const controlAccess = 0x100;
const genericAll = 0x1000_0000;
const objectTypePresent = 0x1;
const inheritedTypePresent = 0x2;
/** Types of entries that allow or deny, with and without the type of what they are about (MS-DTYP 2.4.4.1). */
const kinds: ReadonlyMap<number, { readonly allows: boolean; readonly hasTypes: boolean }> = new Map([
  [0x00, { allows: true, hasTypes: false }],
  [0x01, { allows: false, hasTypes: false }],
  [0x05, { allows: true, hasTypes: true }],
  [0x06, { allows: false, hasTypes: true }],
]);

/**
 * Reads the access list of a self-relative security descriptor (MS-DTYP 2.4.6), in its order, without what is only for children.
 * `null` when the bytes are none, or hold no such list: then they say nothing.
 */
export function readAccessList(bytes: Uint8Array): readonly AccessEntry[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20 || bytes[0] !== 1) return null;
  const list = view.getUint32(16, true);
  if (list === 0 || list + 8 > bytes.length) return null;
  const count = view.getUint16(list + 4, true);
  const entries: AccessEntry[] = [];
  let at = list + 8;
  for (let index = 0; index < count; index += 1) {
    if (at + 8 > bytes.length) return null;
    const size = view.getUint16(at + 2, true);
    if (size < 8 || at + size > bytes.length) return null;
    const entry = readEntry(bytes.subarray(at, at + size));
    if (entry !== null) entries.push(entry);
    at += size;
  }
  return entries;
}

function readEntry(bytes: Uint8Array): AccessEntry | null {
  const kind = kinds.get(bytes[0] ?? -1);
  if (kind === undefined || ((bytes[1] ?? 0) & inheritOnly) !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mask = view.getUint32(4, true);
  let at = 8;
  let objectType: string | null = null;
  if (kind.hasTypes) {
    if (bytes.length < 12) return null;
    const present = view.getUint32(8, true);
    at = 12;
    if ((present & objectTypePresent) !== 0) {
      objectType = formatGuid(bytes.subarray(at, at + 16));
      if (objectType === null) return null;
      at += 16;
    }
    if ((present & inheritedTypePresent) !== 0) at += 16;
  }
  const length = 8 + (bytes[at + 1] ?? 0) * 4;
  const sid = formatSid(bytes.subarray(at, at + length));
  return sid === null ? null : { allows: kind.allows, mask, objectType, sid };
}

/** Tells whether one who has these identifiers has the extended right: the first entry that speaks of it decides (MS-ADTS 5.1.3.3.4). */
export function holdsExtendedRight(entries: readonly AccessEntry[], sids: ReadonlySet<string>, right: string): boolean {
  const decisive = entries.find(
    ({ mask, objectType, sid }) =>
      sids.has(sid) && (mask & (controlAccess | genericAll)) !== 0 && (objectType === null || objectType === right),
  );
  return decisive?.allows ?? false;
}
