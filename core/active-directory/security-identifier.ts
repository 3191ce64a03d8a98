/** Writes the bytes of a security identifier as text (`S-1-5-21-…-512`, MS-DTYP 2.4.2); `null` when they are none. */
export function formatSid(bytes: Uint8Array): string | null {
  const count = bytes[1] ?? 0;
  if (bytes[0] !== 1 || count > 15 || bytes.length !== 8 + count * 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const authority = view.getUint16(2) * 0x1_0000_0000 + view.getUint32(4);
  const parts = Array.from({ length: count }, (_, index) => view.getUint32(8 + index * 4, true));
  return ['S', '1', authority, ...parts].join('-');
}

/** Groups of every domain, by the last part of their identifier (MS-DTYP 2.4.2.4), whose members can take the domain over. */
const domainGroups: ReadonlyMap<string, string> = new Map([
  ['512', 'Domain Admins'],
  ['516', 'Domain Controllers'],
  ['518', 'Schema Admins'],
  ['519', 'Enterprise Admins'],
  ['520', 'Group Policy Creator Owners'],
  ['526', 'Key Admins'],
  ['527', 'Enterprise Key Admins'],
]);

const builtInGroups: ReadonlyMap<string, string> = new Map([
  ['S-1-5-32-544', 'Administrators'],
  ['S-1-5-32-548', 'Account Operators'],
  ['S-1-5-32-549', 'Server Operators'],
  ['S-1-5-32-550', 'Print Operators'],
  ['S-1-5-32-551', 'Backup Operators'],
]);

/** The English name of a group that has far more rights than reading needs, whatever it is called there; `null` for any other. */
export function powerfulGroupOf(sid: string): string | null {
  const builtIn = builtInGroups.get(sid);
  if (builtIn !== undefined) return builtIn;
  const match = /^S-1-5-21-\d+-\d+-\d+-(\d+)$/.exec(sid);
  return domainGroups.get(match?.[1] ?? '') ?? null;
}

/** Everyone, and everybody who signed in: they are in no list of groups, and everybody is in them. */
export const commonSids: readonly string[] = ['S-1-1-0', 'S-1-5-11'];
