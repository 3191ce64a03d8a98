import { parseFiletime } from '../../../../core/active-directory/filetime.ts';
import { holdsExtendedRight, readAccessList, replicationRights } from '../../../../core/active-directory/security-descriptor.ts';
import { commonSids, formatSid, powerfulGroupOf } from '../../../../core/active-directory/security-identifier.ts';
import { parseAccountControl } from '../../../../core/active-directory/user-account-control.ts';
import type { PasswordExpiry } from '../../../../core/model/time.ts';
import type { AccountFacts } from '../../../../core/ports/directory-examination.ts';
import { decodeEntry, firstBytes, firstText, type LdapEntry } from '../entry-decoder.ts';
import { resultCodes } from '../ldap-error.ts';
import { findOwnEntry } from '../own-account.ts';
import { anything, type DirectorySession } from '../session.ts';
import { sdFlags } from './sd-flags.ts';

const attributes = [
  'objectSid',
  'adminCount',
  'userAccountControl',
  'pwdLastSet',
  'msDS-UserPasswordExpiryTimeComputed',
  'msDS-PrincipalName',
] as const;

/** Reads what the directory tells of the account that signed in. */
export async function readAccount(session: DirectorySession, bindDn: string, base: string): Promise<AccountFacts> {
  const entry = await findOwnEntry(session, { bindDn, domainRoot: base, attributes });
  const name = nameOf(session, bindDn, entry);
  if (entry === null) return { ...unknownAccount, name };
  const groups = await groupsOf(session, entry.dn);
  const sid = formatSid(firstBytes(entry, 'objectSid') ?? new Uint8Array());
  const sids = new Set([...commonSids, ...groups, ...(sid === null ? [] : [sid])]);
  const powerful = groups.flatMap((group) => powerfulGroupOf(group) ?? []);
  return {
    name,
    dn: entry.dn,
    powerfulGroups: [...new Set(powerful)].toSorted((a, b) => a.localeCompare(b)),
    groupsSeen: groups.length > 0,
    adminCount: (firstText(entry, 'adminCount') ?? '0') !== '0',
    replicatesSecrets: await canReplicateSecrets(session, base, sids),
    control: parseAccountControl(firstText(entry, 'userAccountControl')),
    passwordLastSet: momentOf(firstText(entry, 'pwdLastSet')),
    passwordExpires: expiryOf(firstText(entry, 'msDS-UserPasswordExpiryTimeComputed')),
  };
}

const unknownAccount: Omit<AccountFacts, 'name'> = {
  dn: null,
  powerfulGroups: [],
  groupsSeen: false,
  adminCount: false,
  replicatesSecrets: null,
  control: null,
  passwordLastSet: null,
  passwordExpires: null,
};

/** As dsacls takes it: `CORP\svc`, else as it signs in. */
function nameOf(session: DirectorySession, bindDn: string, entry: LdapEntry | null): string {
  const told = session.authorizationId?.replace(/^(?:u|dn):/i, '') ?? null;
  if (told?.includes('\\') === true) return told;
  return (entry === null ? null : firstText(entry, 'msDS-PrincipalName')) ?? told ?? bindDn;
}

/** All groups, nested ones too; computed by the server, at a read of the account alone. */
async function groupsOf(session: DirectorySession, dn: string): Promise<readonly string[]> {
  const entry = await session.readOne(dn, ['tokenGroups'], 'the own account');
  return (entry.attributes.get('tokengroups') ?? []).flatMap((bytes) => formatSid(bytes) ?? []);
}

/** By the access list of the domain's root; `null` when it may not be read. */
async function canReplicateSecrets(session: DirectorySession, base: string, sids: ReadonlySet<string>): Promise<boolean | null> {
  const found: LdapEntry[] = [];
  const words = { base, scope: 'base', filter: anything, attributes: ['nTSecurityDescriptor'], controls: [sdFlags()] } as const;
  const result = await session.search(words, { onEntry: (reader) => found.push(decodeEntry(reader)) });
  const [root] = found;
  const bytes = result.code !== resultCodes.success || root === undefined ? null : firstBytes(root, 'nTSecurityDescriptor');
  const entries = bytes === null ? null : readAccessList(bytes);
  if (entries === null) return null;
  return [replicationRights.getChanges, replicationRights.getChangesAll].every((right) => holdsExtendedRight(entries, sids, right));
}

function momentOf(text: string | null): number | null {
  const read = parseFiletime(text);
  return typeof read === 'number' ? read : null;
}

function expiryOf(text: string | null): PasswordExpiry {
  const read = parseFiletime(text);
  return read === 'zero' ? 'at next logon' : read;
}
