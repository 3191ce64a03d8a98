import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import { passingMemory } from '../../agent/directory/active-directory/discovery/remembered.ts';
import { formatFiletime } from '../../core/active-directory/filetime.ts';
import type { LogonSurvey } from '../../core/ports/directory-source.ts';
import { keepPhone, readAll } from '../contract/directory-source.contract.ts';
import { partFor } from './real-parts.ts';
import { sambaBase } from './samba-directory.ts';
import { type SambaDc, type SambaForest, startSambaForest } from './samba-forest.ts';
import { record } from './sample-domain.ts';

const part = partFor('last logons of two real domain controllers', 'samba');
const staff = `OU=Staff,${sambaBase}`;
const early = Date.UTC(2026, 9, 1, 8);
const late = Date.UTC(2026, 9, 20, 17, 30);
const names = ['amy', 'never', 'zoe'] as const;

const users = names.map((name) =>
  record(`CN=${name},${staff}`, { objectClass: 'user', sAMAccountName: name, userAccountControl: '512', lastLogon: '0' }),
);
const steps = [{ ldif: [record(staff, { objectClass: 'organizationalUnit' }), ...users].join('\n') }];

function logon(name: string, at: number): { readonly ldif: string } {
  return { ldif: `dn: CN=${name},${staff}\nchangetype: modify\nreplace: lastLogon\nlastLogon: ${formatFiletime(at)}\n` };
}

describe.skipIf(part.isMissing)(part.title, () => {
  let forest: SambaForest;
  let first: SambaDc;
  let second: SambaDc;
  let ids: ReadonlyMap<string, string>;

  beforeAll(async () => {
    forest = await startSambaForest({ steps });
    [first, second] = forest.dcs as [SambaDc, SambaDc];
    // lastLogon is not replicated, so each controller has its own.
    await first.change(logon('amy', early));
    await first.change(logon('zoe', late));
    await second.change(logon('amy', late));
    await forest.replicate();
    const { entries } = await readAll(createActiveDirectorySource(configFor()));
    ids = new Map(entries.map(({ immutableId, person }) => [person.samAccountName ?? '', immutableId]));
  });
  afterAll(async () => {
    await forest?.stop();
  });

  /** The first controller is configured, the others are found by the forest's own list and DNS. */
  function configFor(changes: Partial<ActiveDirectoryConfig> = {}): ActiveDirectoryConfig {
    return {
      name: 'corp',
      domain: forest.domain,
      servers: [first.ldapsUrl],
      dnsServers: forest.dnsServers,
      bindDn: forest.bindDn,
      password: forest.password,
      searchBases: [staff],
      filter: '',
      excludeOus: [],
      includeGroups: [],
      excludeGroups: [],
      tls: { mode: 'ldaps', caFile: forest.caFile, serverName: '', pinSha256: '', verify: true },
      lastLogon: 'all-dcs',
      parsePhone: keepPhone,
      ...changes,
    };
  }

  async function survey(changes: Partial<ActiveDirectoryConfig> = {}): Promise<LogonSurvey> {
    const { surveyLogons } = createActiveDirectorySource(configFor(changes));
    if (surveyLogons === undefined) throw new Error('the source cannot ask for logons');
    return await surveyLogons({ attended: false, memory: passingMemory() });
  }

  function logons(result: LogonSurvey): Record<string, number | undefined> {
    return Object.fromEntries(names.map((name) => [name, result.logons.get(ids.get(name) ?? '')]));
  }

  it('C4 finds the true last logon, exactly, at the cost of one round trip a page', async () => {
    const result = await survey();

    expect(result).toMatchObject({ exact: true, failed: [] });
    expect(logons(result)).toEqual({ amy: late, never: 0, zoe: late });
    const asked = result.asked.map(({ server, users: count, requests }) => ({ server, count, requests }));
    // Bind, identity and root, then one page; the first one also lists the controllers.
    expect(asked).toContainEqual({ server: first.ldapsUrl, count: 3, requests: 5 });
    expect(asked).toContainEqual({ server: `ldaps://${second.hostName}`, count: 3, requests: 4 });
  });

  it.each([
    ['LDAPS, none configured and all found by DNS', () => ({ servers: [] })],
    ['LDAPS, both configured', () => ({ servers: [first.ldapsUrl, second.ldapsUrl] })],
    ['the second alone, by its name', () => ({ servers: [`ldaps://${second.hostName}`] })],
    [
      'StartTLS',
      () =>
        ({ servers: [`ldap://${first.hostName}`], tls: { ...configFor().tls, mode: 'starttls' } }) satisfies Partial<ActiveDirectoryConfig>,
    ],
    ['one name for all', () => ({ servers: [first.ldapsUrl], tls: { ...configFor().tls, serverName: first.hostName } })],
  ])('C4 is exact over %s', async (_, changes) => {
    const result = await survey(changes());

    expect(result).toMatchObject({ exact: true, failed: [] });
    expect(logons(result)).toEqual({ amy: late, never: 0, zoe: late });
  });

  it('C4 tells that a pinned certificate lets one controller be asked only', async () => {
    const result = await survey({ tls: { ...configFor().tls, pinSha256: first.certificateSha256 } });

    expect(result.exact).toBe(false);
    expect(result.asked.map(({ server }) => server)).toEqual([first.ldapsUrl]);
    expect(result.failed).toMatchObject([{ code: 'DIRECTORY_TLS_PIN_MISMATCH', message: expect.stringContaining('tls.caFile') as string }]);
  });

  it('C4 is not exact while one is switched off, and is again after', async () => {
    await second.stop();
    const without = await survey();
    await second.start();
    const after = await survey();

    expect(without).toMatchObject({ exact: false, asked: [{ server: first.ldapsUrl }], failed: [{ code: 'DIRECTORY_UNREACHABLE' }] });
    expect(logons(without)).toEqual({ amy: early, never: 0, zoe: late });
    expect(after.exact).toBe(true);
  });
});
