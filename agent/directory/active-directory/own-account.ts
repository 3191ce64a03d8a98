import { parseDn } from '../../../core/active-directory/distinguished-name.ts';
import { formatGuid } from '../../../core/active-directory/object-guid.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { LdapFilter } from '../filter/parse-filter.ts';
import { decodeEntry, firstBytes, firstText, type LdapEntry } from './entry-decoder.ts';
import { resultCodes, searchError } from './ldap-error.ts';
import type { DirectorySession } from './session.ts';
import type { VendorSchema } from './vendor-schema.ts';

/** Results that say nothing about the account: taken for "not found" they would make a contact of it (E3). */
const unanswered: ReadonlySet<number> = new Set<number>([
  resultCodes.operationsError,
  resultCodes.timeLimitExceeded,
  resultCodes.sizeLimitExceeded,
  resultCodes.adminLimitExceeded,
  resultCodes.busy,
  resultCodes.unavailable,
]);

/**
 * Finds the immutable id of the account that signed in, as the server names it, else by the configured name; `null` when it is
 * not to be found for certain (an account of a trusted domain, say). It must not become a contact (E3).
 */
export async function findOwnAccount(
  session: DirectorySession,
  schema: VendorSchema,
  bindDn: string,
  domainRoot: string | null,
): Promise<string | null> {
  const attributes = ['objectGUID', ...(schema.identity === null ? [] : [schema.identity])];
  const entry = await findOwnEntry(session, { bindDn, domainRoot, attributes });
  if (entry === null) return null;
  const guid = firstBytes(entry, 'objectGUID');
  const identity = schema.identity === null ? null : (firstText(entry, schema.identity)?.toLowerCase() ?? null);
  return identity ?? (guid === null ? null : formatGuid(guid));
}

/** Reads that account's entry, `msDS-PrincipalName` among what is asked; `null` when it is not to be found for certain. */
export async function findOwnEntry(
  session: DirectorySession,
  words: { readonly bindDn: string; readonly domainRoot: string | null; readonly attributes: readonly string[] },
): Promise<LdapEntry | null> {
  const attributes = ['msDS-PrincipalName', ...words.attributes];
  const name = session.authorizationId?.replace(/^(?:u|dn):/i, '') ?? words.bindDn;
  if (isDn(name)) return await readQuietly(session, name, attributes);
  return await findByName(session, { name, domainRoot: words.domainRoot, attributes });
}

function isDn(name: string): boolean {
  const parsed = parseDn(name);
  return parsed.ok && parsed.value.length > 1;
}

async function readQuietly(session: DirectorySession, dn: string, attributes: readonly string[]): Promise<LdapEntry | null> {
  try {
    return await session.readOne(dn, attributes, 'the own account');
  } catch (error) {
    if (error instanceof RollcallError && ['DIRECTORY_BASE_NOT_FOUND', 'DIRECTORY_RIGHTS', 'DIRECTORY_REFERRAL'].includes(error.code))
      return null;
    throw error;
  }
}

async function findByName(
  session: DirectorySession,
  { name, domainRoot, attributes }: { readonly name: string; readonly domainRoot: string | null; readonly attributes: readonly string[] },
): Promise<LdapEntry | null> {
  if (domainRoot === null) return null;
  const [, domain = null, account = name] = /^([^\\]+)\\(.+)$/.exec(name) ?? [];
  const attribute = domain === null && name.includes('@') ? 'userPrincipalName' : 'sAMAccountName';
  const filter: LdapFilter = { kind: 'equal', attribute, value: account };
  const found: LdapEntry[] = [];
  const result = await session.search(
    { base: domainRoot, scope: 'sub', filter, attributes },
    {
      onEntry: (reader) => {
        if (found.length < 2) found.push(decodeEntry(reader));
      },
    },
  );
  const [entry = null] = found;
  if (found.length < 2 && unanswered.has(result.code)) {
    throw searchError(result, 'the own account', { directory: session.directory, server: session.server, base: domainRoot });
  }
  if (result.code !== resultCodes.success || entry === null || found.length > 1) return null;
  // An account of the same name in another domain is somebody else.
  const principal = firstText(entry, 'msDS-PrincipalName');
  return domain === null || principal === null || principal.toLowerCase() === name.toLowerCase() ? entry : null;
}
