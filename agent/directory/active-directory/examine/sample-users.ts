import type { UserSample } from '../../../../core/ports/directory-examination.ts';
import type { ActiveDirectoryConfig } from '../config.ts';
import { decodeEntry, firstText, type LdapEntry } from '../entry-decoder.ts';
import { resultCodes, searchError } from '../ldap-error.ts';
import { pagedResults } from '../messages.ts';
import { searchBasesOf } from '../read-scope.ts';
import type { DirectorySession } from '../session.ts';
import { vendorSchemas } from '../vendor-schema.ts';

/** Every user has them, the computed ones too: where one is not in the answer, it may not be read. */
const onAll = [
  'userAccountControl',
  'pwdLastSet',
  'accountExpires',
  'msDS-User-Account-Control-Computed',
  'msDS-UserPasswordExpiryTimeComputed',
] as const;
/** Seen in nobody, they may be missing or hidden. */
const onSome = ['mail', 'memberOf', 'lastLogonTimestamp'] as const;
const sampleSize = 100;

/** Looks at the first users of each search base; `ownDn` is left out, for an account may read and write more of itself. */
export async function sampleUsers(
  session: DirectorySession,
  config: ActiveDirectoryConfig,
  { base, ownDn }: { readonly base: string; readonly ownDn: string | null },
): Promise<UserSample> {
  const found: LdapEntry[] = [];
  for (const searchBase of searchBasesOf(config, base)) {
    if (found.length < sampleSize) found.push(...(await firstUsers(session, config, searchBase)));
  }
  const users = found.filter(({ dn }) => dn !== ownDn).slice(0, sampleSize);
  const lacks = (user: LdapEntry, name: string): boolean => firstText(user, name) === null;
  const lacking = onAll.flatMap((name) => {
    const readable = users.filter((user) => !lacks(user, name)).length;
    return readable === users.length ? [] : [[name, readable] as const];
  });
  const blind = users.filter((user) => onAll.some((name) => lacks(user, name)));
  const [first] = users;
  return {
    looked: users.length,
    lacking: Object.fromEntries(lacking),
    protectedOnly: blind.length > 0 && blind.every((user) => firstText(user, 'adminCount') === '1'),
    unseen: users.length === 0 ? [] : onSome.filter((name) => users.every((user) => lacks(user, name))),
    writable: first === undefined ? 0 : await countWritable(session, first.dn),
  };
}

async function firstUsers(session: DirectorySession, config: ActiveDirectoryConfig, base: string): Promise<readonly LdapEntry[]> {
  const found: LdapEntry[] = [];
  const words = {
    base,
    scope: 'sub',
    filter: vendorSchemas[config.schema ?? 'active-directory'].people,
    attributes: [...onAll, ...onSome, 'adminCount'],
    controls: [pagedResults(sampleSize, null)],
  } as const;
  const result = await session.search(words, {
    onEntry: (reader) => {
      if (found.length < sampleSize) found.push(decodeEntry(reader));
    },
  });
  if (result.code === resultCodes.success) return found;
  throw searchError(result, `the users below ${base}`, { directory: config.name, server: session.server, base });
}

/** By what the server works out for this account and one user. */
async function countWritable(session: DirectorySession, dn: string): Promise<number> {
  const user = await session.readOne(dn, ['allowedAttributesEffective'], 'a user');
  return user.attributes.get('allowedattributeseffective')?.length ?? 0;
}
