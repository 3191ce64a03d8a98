import { decodeEntry, type LdapEntry } from './entry-decoder.ts';
import { resultCodes } from './ldap-error.ts';
import { anything, type DirectorySession } from './session.ts';
import { type DecodedUser, maxAddresses, parseRange } from './user-decoder.ts';

/**
 * Reads the addresses that the server kept back (MaxValRange, 1500 by default), part by part until one ends with `*`. `gap` says
 * why they are not all there; `null`: they are.
 */
export async function readRemainingAddresses(
  session: DirectorySession,
  user: DecodedUser,
): Promise<{ readonly addresses: readonly string[]; readonly gap: string | null }> {
  const addresses = [...user.raw.proxyAddresses];
  const gap = 'values of proxyAddresses were left unread';
  let from = user.nextAddress;
  while (from !== null) {
    if (addresses.length > maxAddresses) return { addresses, gap };
    const part = await readPart(session, user.raw.dn, from);
    if (part === null) return { addresses, gap };
    addresses.push(...part.values);
    from = part.next;
  }
  return { addresses, gap: null };
}

async function readPart(
  session: DirectorySession,
  dn: string,
  from: number,
): Promise<{ readonly values: readonly string[]; readonly next: number | null } | null> {
  const entries: LdapEntry[] = [];
  const attributes = [`proxyAddresses;range=${from}-*`];
  const result = await session.search(
    { base: dn, scope: 'base', filter: anything, attributes },
    { onEntry: (reader) => (entries.length === 0 ? entries.push(decodeEntry(reader)) : 0) },
  );
  if (result.code !== resultCodes.success) return null;
  for (const [attribute, bytes] of entries[0]?.attributes ?? []) {
    const range = parseRange(attribute);
    if (range === null || range.name !== 'proxyaddresses' || range.from !== from) continue;
    if (range.to !== null && range.to < from) return null;
    return { values: bytes.map((value) => value.toString('utf8')), next: range.to === null ? null : range.to + 1 };
  }
  return null;
}
