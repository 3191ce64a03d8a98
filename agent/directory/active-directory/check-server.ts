import type { DirectoryCheck } from '../../../core/ports/directory-source.ts';
import type { ActiveDirectoryConfig } from './config.ts';
import { decodeEntry, firstText, type LdapEntry } from './entry-decoder.ts';
import { proveGroups } from './group-members.ts';
import { resultCodes, searchError } from './ldap-error.ts';
import { pagedResults } from './messages.ts';
import { searchBasesOf } from './read-scope.ts';
import { type RootEntry, readRootEntry } from './root-entry.ts';
import type { DirectorySession } from './session.ts';
import { daysLeft } from './tls-trust.ts';
import { vendorSchemas } from './vendor-schema.ts';

/** Looks at the root, at every base and at one user, and tells what is worth knowing before a first read. */
export async function checkServer(session: DirectorySession, config: ActiveDirectoryConfig): Promise<DirectoryCheck> {
  const schema = vendorSchemas[config.schema ?? 'active-directory'];
  const root = await readRootEntry(session, schema, config.domain);
  const bases = searchBasesOf(config, root.defaultBase);
  for (const base of bases) await session.readOne(base, ['1.1'], `the search base ${base}`);
  await proveGroups(session, config.watchedGroups ?? [], root.defaultBase);
  const facts: Record<string, string> = {
    'signed in as': session.authorizationId ?? (config.bindDn === '' ? 'told by the certificate' : config.bindDn),
    domain: root.domain ?? 'not told',
    identity: root.family,
    ...(root.hostName === null ? {} : { 'domain controller': root.hostName }),
    ...(root.site === null ? {} : { site: root.site }),
    encryption: session.protocol ?? 'none (loopback)',
    ...certificateFacts(session),
    ...clockFacts(root),
    'search bases': bases.join('; '),
    users: await lookAtOneUser(session, config, bases),
  };
  return { server: session.server, facts };
}

function certificateFacts({ certificate }: DirectorySession): Record<string, string> {
  if (certificate === null) return {};
  const until = certificate.validToDate.toISOString().slice(0, 10);
  return { certificate: `valid until ${until} (${daysLeft(certificate, Date.now())} days)` };
}

function clockFacts({ currentTime }: RootEntry): Record<string, string> {
  if (currentTime === null) return {};
  const seconds = Math.round((currentTime - Date.now()) / 1000);
  return {
    clock: Math.abs(seconds) <= 1 ? 'agrees with the server' : `the server's is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead' : 'behind'}`,
  };
}

async function lookAtOneUser(session: DirectorySession, config: ActiveDirectoryConfig, bases: readonly string[]): Promise<string> {
  const schema = vendorSchemas[config.schema ?? 'active-directory'];
  for (const base of bases) {
    const found: LdapEntry[] = [];
    const words = {
      base,
      scope: 'sub',
      filter: schema.people,
      attributes: ['userAccountControl'],
      controls: [pagedResults(1, null)],
    } as const;
    const result = await session.search(words, {
      onEntry: (reader) => {
        if (found.length === 0) found.push(decodeEntry(reader));
      },
    });
    if (result.code !== resultCodes.success) {
      throw searchError(result, `the search base ${base}`, { directory: config.name, server: session.server, base });
    }
    const [user] = found;
    if (user === undefined) continue;
    const readable = firstText(user, 'userAccountControl') !== null || schema.defaultAccountControl !== null;
    return readable ? 'readable' : 'visible, but their account state cannot be read: rights on userAccountControl are missing';
  }
  return 'none visible below the search bases';
}
