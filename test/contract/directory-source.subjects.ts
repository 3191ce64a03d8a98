import { afterEach, expect } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import { type ActiveDirectoryConfig, type DirectoryDeadlines } from '../../agent/directory/active-directory/config.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { type LdapEntry, valuesOf } from '../sandbox/ldap/entry.ts';
import { fileTime, sampleAccount, sampleBase, sampleDirectory, sampleGuid, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { type LdapStandIn, type LdapStandInOptions, startLdapStandIn } from '../sandbox/ldap/server.ts';
import { contractPeople, failureOf, keepPhone, type ReadOutcome, readAll } from './directory-source.contract.ts';

/** Deadlines that bite soon, yet leave a busy machine its time. */
export const shortDeadlines: DirectoryDeadlines = { connectMs: 900, handshakeMs: 900, requestMs: 1800, idleMs: 900, readMs: 12_000 };

/** The time within which every fault must have ended a read under `shortDeadlines`. */
export const boundMs = 6000;

/** A configuration for the sample directory at the given servers. */
export function sampleConfig(servers: readonly string[], changes: Partial<ActiveDirectoryConfig> = {}): ActiveDirectoryConfig {
  return {
    name: 'corp',
    domain: 'corp.example.test',
    servers,
    bindDn: 'svc-rollcall@corp.example.test',
    password: sampleAccount.password,
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true },
    deadlines: shortDeadlines,
    parsePhone: keepPhone,
    ...changes,
  };
}

/** A stand-in that serves the sample directory with `count` ordinary users, or with the given entries besides the base ones. */
export function startSample(users: number | readonly LdapEntry[], options: Partial<LdapStandInOptions> = {}): Promise<LdapStandIn> {
  const entries = typeof users === 'number' ? Array.from({ length: users }, (_, index) => userEntry(index + 1)) : users;
  return startLdapStandIn({ accounts: [sampleAccount], entries: sampleDirectory(entries), ...options });
}

/** A starter of stand-ins that are stopped after each test of the file that calls this. */
export function useStandIns(): typeof startSample {
  const running: LdapStandIn[] = [];
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });
  return async (users, options) => {
    const server = await startSample(users, options);
    running.push(server);
    return server;
  };
}

/** Reads with pages of 10, and demands that it ends in time and leaves no connection open. */
export async function readInTime(server: LdapStandIn, changes: Partial<ActiveDirectoryConfig> = {}): Promise<ReadOutcome> {
  const startedAt = performance.now();
  try {
    return await readAll(createActiveDirectorySource(sampleConfig([server.url], { pageSize: 10, ...changes })));
  } finally {
    expect(performance.now() - startedAt).toBeLessThan(boundMs);
    await server.idle();
  }
}

/** How a read says that it proved nothing: `incomplete: …` when it ends with gaps or fails with one of the codes; else what it said. */
export async function unprovenWords(
  reading: Promise<ReadOutcome>,
  codes: readonly ErrorCode[] = ['DIRECTORY_INCOMPLETE'],
): Promise<string> {
  const outcome = await reading.then(
    ({ proof }) => (proof.complete ? 'complete' : `incomplete: ${proof.gaps.join('; ')}`),
    () => 'failed',
  );
  if (outcome !== 'failed') return outcome;
  const error = await failureOf(reading);
  return codes.includes(error.code) ? `incomplete: ${error.message}` : error.code;
}

/** `contractPeople` as entries of Active Directory. */
export function contractEntries(): LdapEntry[] {
  return Object.entries(contractPeople).map(([samAccountName, attributes], index) => ({
    dn: `CN=${attributes['cn']?.[0] ?? samAccountName},OU=Staff,${sampleBase}`,
    attributes: {
      objectClass: ['top', 'person', 'organizationalPerson', 'user'],
      objectCategory: [`CN=Person,CN=Schema,CN=Configuration,${sampleBase}`],
      objectGUID: [sampleGuid(index + 1)],
      sAMAccountName: [samAccountName],
      sAMAccountType: ['805306368'],
      userAccountControl: ['512'],
      'msDS-User-Account-Control-Computed': ['0'],
      'msDS-UserPasswordExpiryTimeComputed': [fileTime(Date.UTC(2031, 0, 1))],
      pwdLastSet: [fileTime(Date.UTC(2026, 9, 1))],
      accountExpires: ['9223372036854775807'],
      ...attributes,
    },
  }));
}

/** Entries as an LDIF export (RFC 2849): folded lines, base64 where it must be. */
export function toLdif(entries: readonly LdapEntry[]): string {
  const records = entries.map((entry) => {
    const lines = [ldifLine('dn', entry.dn)];
    for (const name of Object.keys(entry.attributes)) for (const value of valuesOf(entry, name)) lines.push(ldifLine(name, value));
    return lines.join('\n');
  });
  return `version: 1\n\n${records.join('\n\n')}\n\n`;
}

function ldifLine(name: string, value: string | Uint8Array): string {
  const isPlain = typeof value === 'string' && /^[\x21-\x39\x3b\x3d-\x7e][\x20-\x7e]*$/.test(value) && !value.endsWith(' ');
  const line = isPlain ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`;
  return (line.match(/.{1,75}/g) ?? [line]).join('\n ');
}
