import { formatGuid } from '../../../../core/active-directory/object-guid.ts';
import { firstBytes, firstText, type LdapEntry } from '../entry-decoder.ts';
import type { VendorSchema } from '../vendor-schema.ts';

/** What a look for one object brings of it. */
export interface FoundObject {
  readonly immutableId: string | null;
  readonly dn: string;
  /** It shows more than its name. */
  readonly isReadable: boolean;
  /** `null`: its name is that of a deleted object, but whether it is one cannot be read. */
  readonly isDeleted: boolean | null;
  /** Where a deleted object was. */
  readonly lastKnownParent: string | null;
  /** When it was last changed, for a tombstone when it became one: `2026-11-22`. */
  readonly changedOn: string | null;
  readonly userAccountControl: string | null;
  readonly isCriticalSystemObject: string | null;
}

/** Attributes that `readFoundObject` looks at, besides the text identity of servers without objectGUID. */
export function lookedAt({ identity }: VendorSchema): readonly string[] {
  const attributes = ['objectClass', 'isDeleted', 'lastKnownParent', 'whenChanged', 'userAccountControl', 'isCriticalSystemObject'];
  return [identity ?? 'objectGUID', ...attributes];
}

export function readFoundObject(entry: LdapEntry, { identity }: VendorSchema): FoundObject {
  const guid = firstBytes(entry, 'objectGUID');
  const isMarked = firstText(entry, 'isDeleted')?.toUpperCase() === 'TRUE';
  // A deleted object is named by its old name, a line break and its id (MS-ADTS 3.1.1.5.5.1.1).
  const isNamedDeleted = /(?:\\0A|\n)DEL:[0-9a-f-]{36}/i.test(entry.dn);
  const changed = /^(\d{4})(\d{2})(\d{2})\d{6}/.exec(firstText(entry, 'whenChanged') ?? '');
  return {
    immutableId: identity === null ? formatGuid(guid ?? new Uint8Array(0)) : (firstText(entry, identity)?.toLowerCase() ?? null),
    dn: entry.dn,
    isReadable: firstText(entry, 'objectClass') !== null,
    isDeleted: isNamedDeleted && !isMarked ? null : isMarked,
    lastKnownParent: firstText(entry, 'lastKnownParent'),
    changedOn: changed === null ? null : changed.slice(1, 4).join('-'),
    userAccountControl: firstText(entry, 'userAccountControl'),
    isCriticalSystemObject: firstText(entry, 'isCriticalSystemObject'),
  };
}
