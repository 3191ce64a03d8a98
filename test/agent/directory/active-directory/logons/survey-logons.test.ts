import { afterEach, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../../../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../../../../agent/directory/active-directory/config.ts';
import { passingMemory } from '../../../../../agent/directory/active-directory/discovery/remembered.ts';
import type { LogonSurvey, SourceMemory } from '../../../../../core/ports/directory-source.ts';
import { failureOf, keepPhone } from '../../../../contract/directory-source.contract.ts';
import type { LdapEntry } from '../../../../sandbox/ldap/entry.ts';
import { bindRejection, type Fault } from '../../../../sandbox/ldap/faults.ts';
import {
  fileTime,
  type Overrides,
  plainEntry,
  sampleAccount,
  sampleBase,
  sampleDirectory,
  sampleGuidText,
  userEntry,
} from '../../../../sandbox/ldap/sample-directory.ts';
import { type LdapStandIn, startLdapStandIn } from '../../../../sandbox/ldap/server.ts';

const sites = `CN=Sites,CN=Configuration,${sampleBase}`;
const early = Date.UTC(2026, 9, 1, 8);
const late = Date.UTC(2026, 9, 20, 17, 30);
/** The sample's own account has this everywhere. */
const ownId = sampleGuidText(900_001);

function serverDn(name: string): string {
  return `CN=${name},CN=Servers,CN=Head Office,${sites}`;
}

/** How the forest lists one controller. */
function listed(name: string, attributes: Overrides = { 'msDS-hasMasterNCs': [sampleBase] }): LdapEntry[] {
  return [
    plainEntry(serverDn(name), ['server'], { dNSHostName: `${name}.corp.example.test` }),
    plainEntry(`CN=NTDS Settings,${serverDn(name)}`, ['applicationSettings', 'nTDSDSA'], attributes),
  ];
}

function user(number: number, lastLogon: number | string | null, more: Overrides = {}): LdapEntry {
  return userEntry(number, { lastLogon: typeof lastLogon === 'number' ? fileTime(lastLogon) : lastLogon, ...more });
}

interface Controller {
  readonly name: string;
  readonly users: readonly LdapEntry[];
  /** What its copy of the forest's list holds; default: DC1 and DC2. */
  readonly list?: readonly LdapEntry[];
  readonly faults?: readonly Fault[];
  readonly password?: string;
}

const started: LdapStandIn[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function startController({ name, users, list, faults = [], password }: Controller): Promise<LdapStandIn> {
  const [root, ...others] = sampleDirectory(users);
  if (root === undefined) throw new Error('the sample has no root');
  const service = { serverName: [serverDn(name)], dsServiceName: [`CN=NTDS Settings,${serverDn(name)}`] };
  const forest = [plainEntry(sites, ['sitesContainer']), ...(list ?? [...listed('DC1'), ...listed('DC2')])];
  const server = await startLdapStandIn({
    entries: [{ dn: '', attributes: { ...root.attributes, ...service } }, ...others, ...forest],
    accounts: [password === undefined ? sampleAccount : { ...sampleAccount, password }],
    faults,
  });
  started.push(server);
  return server;
}

async function startControllers(...controllers: readonly Controller[]): Promise<readonly LdapStandIn[]> {
  return await Promise.all(controllers.map(startController));
}

function sourceFor(servers: readonly LdapStandIn[], changes: Partial<ActiveDirectoryConfig> = {}) {
  return createActiveDirectorySource({
    name: 'corp',
    domain: 'corp.example.test',
    servers: servers.map(({ url }) => url),
    bindDn: sampleAccount.names[1] ?? '',
    password: sampleAccount.password,
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true },
    deadlines: { connectMs: 2000, handshakeMs: 2000, requestMs: 5000, idleMs: 5000, readMs: 20_000 },
    lastLogon: 'all-dcs',
    parsePhone: keepPhone,
    ...changes,
  });
}

async function survey(
  servers: readonly LdapStandIn[],
  changes: Partial<ActiveDirectoryConfig> = {},
  memory: SourceMemory = passingMemory(),
): Promise<LogonSurvey> {
  const { surveyLogons } = sourceFor(servers, changes);
  if (surveyLogons === undefined) throw new Error('the source cannot ask for logons');
  return await surveyLogons({ attended: false, memory });
}

function logonOf({ logons }: LogonSurvey, number: number): number | undefined {
  return logons.get(sampleGuidText(number));
}

function codes({ failed }: LogonSurvey): string[] {
  return failed.map(({ code }) => code);
}

describe('the survey of last logons', () => {
  it('C4 takes the latest logon of any controller, and is exact when all have answered', async () => {
    const servers = await startControllers(
      { name: 'DC1', users: [user(1, early), user(2, late), user(3, '0')] },
      { name: 'DC2', users: [user(1, late), user(2, early), user(3, null)] },
    );
    const result = await survey(servers);

    expect(result).toMatchObject({ exact: true, failed: [] });
    expect(result.asked.map(({ server }) => server).toSorted()).toEqual(servers.map(({ url }) => url).toSorted());
    expect([1, 2, 3].map((number) => logonOf(result, number))).toEqual([late, late, 0]);
    expect([...result.logons.keys()].toSorted()).toEqual([1, 2, 3, 900_001].map(sampleGuidText).toSorted());
  });

  it('C4 is only offered where all controllers are to be asked', () => {
    expect(sourceFor([], { lastLogon: 'one-dc' }).surveyLogons).toBeUndefined();
    expect(sourceFor([], { schema: 'generic' }).surveyLogons).toBeUndefined();
  });

  it('C4 says nothing of a user of whom no controller shows a value', async () => {
    const servers = await startControllers({ name: 'DC1', users: [user(1, null)] }, { name: 'DC2', users: [user(1, null)] });
    const result = await survey(servers);

    expect(result.exact).toBe(true);
    expect([...result.logons.keys()]).toEqual([ownId]);
  });

  it('C4 leaves out a user whom one controller does not show', async () => {
    const shared = [2, 3, 4].map((number) => user(number, early));
    const servers = await startControllers({ name: 'DC1', users: [...shared, user(1, late)] }, { name: 'DC2', users: shared });
    const result = await survey(servers);

    expect(result.exact).toBe(true);
    expect(logonOf(result, 1)).toBeUndefined();
    expect(logonOf(result, 2)).toBe(early);
  });

  it('asks each controller with one round trip a page beyond signing in and the root, and one of them for the list', async () => {
    const users = Array.from({ length: 2100 }, (_, index) => user(index + 1, early));
    const servers = await startControllers({ name: 'DC1', users }, { name: 'DC2', users });
    // The collector's site is known.
    const memory = passingMemory();
    await survey(servers, {}, memory);
    const before = servers.map(({ received }) => received.length);
    const { asked, exact } = await survey(servers, {}, memory);

    const requests = servers.map(({ received }, index) => received.slice(before[index]).filter(({ operation }) => operation !== 'unbind'));
    expect(exact).toBe(true);
    expect(requests.map((list) => list.length)).toEqual([7, 6]);
    expect(asked.map((one) => one.requests).toSorted((a, b) => a - b)).toEqual([6, 7]);
    expect(asked.map((one) => one.users)).toEqual([2101, 2101]);
    const pages = requests.flat().flatMap(({ search }) => (search?.kind === 'users' ? [search] : []));
    expect(pages.map(({ pageSize, attributes }) => ({ pageSize, attributes }))).toEqual(
      Array.from({ length: 6 }, () => ({ pageSize: 1000, attributes: ['objectGUID', 'lastLogon'] })),
    );
  });

  it('reads below the search bases only', async () => {
    const elsewhere = userEntry(2, {}, `OU=Former Staff,${sampleBase}`);
    const servers = await startControllers(
      { name: 'DC1', users: [user(1, early), elsewhere] },
      { name: 'DC2', users: [user(1, early), elsewhere] },
    );
    const result = await survey(servers, { searchBases: [`OU=Staff,${sampleBase}`] });

    expect([...result.logons.keys()]).toEqual([sampleGuidText(1)]);
  });

  describe('which controllers there are', () => {
    it('asks a controller once that is configured by two addresses', async () => {
      const both = { name: 'DC1', users: [user(1, early)], list: listed('DC1') };
      const servers = await startControllers(both, both);
      const result = await survey(servers);

      expect(result).toMatchObject({ exact: true, failed: [] });
      expect(result.asked).toHaveLength(1);
    });

    it('counts read-only controllers, and neither those of other domains nor servers that are none', async () => {
      const list = [
        ...listed('DC1', { hasMasterNCs: [`CN=Configuration,${sampleBase}`, sampleBase.toLowerCase()] }),
        ...listed('DC2', { 'msDS-hasFullReplicaNCs': [sampleBase], objectClass: ['top', 'applicationSettings', 'nTDSDSA', 'nTDSDSARO'] }),
        ...listed('DC3', { 'msDS-hasMasterNCs': ['DC=child,DC=corp,DC=example,DC=test'], hasPartialReplicaNCs: [sampleBase] }),
        plainEntry(serverDn('OLD'), ['server'], { dNSHostName: 'old.corp.example.test' }),
      ];
      const users = [user(1, early)];
      const servers = await startControllers({ name: 'DC1', users, list }, { name: 'DC2', users, list });

      expect(await survey(servers)).toMatchObject({ exact: true, failed: [], asked: [{ users: 2 }, { users: 2 }] });
    });

    it('is not exact without the controllers that cannot be found', async () => {
      const nameless = listed('DC3').map((entry) => ({ ...entry, attributes: { ...entry.attributes, dNSHostName: [] } }));
      const list = [...listed('DC1'), ...listed('dc2.nowhere'), ...nameless];
      // Nobody answers at this port.
      const result = await survey(await startControllers({ name: 'DC1', users: [user(1, early)], list }), {
        dnsServers: ['127.0.0.1:9'],
        deadlines: { connectMs: 300 },
      });

      expect(result.exact).toBe(false);
      expect(codes(result).toSorted()).toEqual(['DIRECTORY_DISCOVERY', 'DIRECTORY_UNREACHABLE']);
      expect(logonOf(result, 1)).toBe(early);
    });

    it.each([
      ['hides them', []],
      ['lists others only', listed('DC9', { 'msDS-hasMasterNCs': ['DC=other,DC=test'] })],
    ])('is not exact where the forest %s', async (_, list) => {
      const servers = await startControllers({ name: 'DC1', users: [user(1, early)], list }, { name: 'DC2', users: [user(1, late)], list });
      const result = await survey(servers);

      expect(result.exact).toBe(false);
      expect(codes(result)).toContain('DIRECTORY_RIGHTS');
      expect(logonOf(result, 1)).toBeGreaterThanOrEqual(early);
    });

    it('does not believe a controller of another domain', async () => {
      const users = [user(1, early)];
      const list = listed('DC1');
      const servers = await startControllers({ name: 'DC1', users, list }, { name: 'DC7', users: [user(1, late)], list });
      const result = await survey(servers);

      // All of the domain have answered: an address that leads elsewhere hides none of them.
      expect({ exact: result.exact, logon: logonOf(result, 1) }).toEqual({ exact: true, logon: early });
    });
  });

  describe('controllers that fail', () => {
    const users = [user(1, early), user(2, early)];
    const failing: readonly (readonly [string, readonly Fault[], string])[] = [
      ['is down', [{ at: 'connect', does: 'drop' }], 'DIRECTORY_UNREACHABLE'],
      ['hangs at the sign-in', [{ at: 'bind', does: 'stall' }], 'DIRECTORY_TIMEOUT'],
      ['hangs in the middle', [{ at: 'search', page: 1, does: 'stall' }], 'DIRECTORY_TIMEOUT'],
      ['drips', [{ at: 'search', does: 'drip' }], 'DIRECTORY_TIMEOUT'],
      ['sends garbage', [{ at: 'search', does: 'garbage' }], 'DIRECTORY_PROTOCOL'],
      ['announces 2 GB', [{ at: 'search', does: 'huge-length' }], 'DIRECTORY_PROTOCOL'],
      ['closes in the middle', [{ at: 'search', does: 'drop-in-page' }], 'DIRECTORY_UNREACHABLE'],
      ['forgets to say whether there is more', [{ at: 'search', does: 'no-control' }], 'DIRECTORY_INCOMPLETE'],
      ['ends at a limit', [{ at: 'search', does: { result: { code: 4, message: '' }, entries: true } }], 'DIRECTORY_INCOMPLETE'],
      ['refuses the search', [{ at: 'search', does: { result: { code: 50, message: '' } } }], 'DIRECTORY_RIGHTS'],
      ['goes round in circles', [{ at: 'search', does: 'repeat-page' }], 'DIRECTORY_INCOMPLETE'],
    ];

    it.each(failing)('C4 is not exact when one %s', async (_, faults, code) => {
      const servers = await startControllers({ name: 'DC1', users }, { name: 'DC2', users: [user(1, late), user(2, late)], faults });
      const deadlines = { connectMs: 500, handshakeMs: 500, requestMs: 400, idleMs: 400, readMs: 20_000 };
      const result = await survey(servers, { deadlines });

      expect(result).toMatchObject({ exact: false, asked: [{ server: servers[0]?.url, users: 3 }] });
      expect(result.failed.map(({ server, ...rest }) => ({ server, code: rest.code }))).toContainEqual({ server: servers[1]?.url, code });
      expect([early, late]).toContain(logonOf(result, 1));
      expect(JSON.stringify(result)).not.toContain(sampleAccount.password);
    });

    it.each([
      ['an objectGUID of 15 bytes', { objectGUID: Buffer.alloc(15, 7) }],
      ['no objectGUID', { objectGUID: null }],
      ['two objectGUIDs', { objectGUID: [Buffer.alloc(16, 1), Buffer.alloc(16, 2)] }],
      ['a last logon that is no time', { lastLogon: 'yesterday' }],
      ['a last logon at the end of time', { lastLogon: '9223372036854775807' }],
      ['two last logons', { lastLogon: [fileTime(early), fileTime(late)] }],
    ] as const)('C4 is not exact when one sends %s, and keeps what it says of others', async (_, spoiled) => {
      const servers = await startControllers({ name: 'DC1', users }, { name: 'DC2', users: [user(1, late), userEntry(2, spoiled)] });
      const result = await survey(servers);

      expect(result).toMatchObject({ exact: false, failed: [{ server: servers[1]?.url, code: 'DIRECTORY_INCOMPLETE' }] });
      expect([1, 2].map((number) => logonOf(result, number))).toEqual([late, early]);
    });

    it('C4 is not exact when one hides the users, as it does when rights are lost', async () => {
      const servers = await startControllers({ name: 'DC1', users: [...users, user(3, early)] }, { name: 'DC2', users: [] });
      const result = await survey(servers);

      expect(result).toMatchObject({ exact: false, failed: [{ server: servers[1]?.url, code: 'DIRECTORY_RIGHTS' }] });
      expect(logonOf(result, 1)).toBe(early);
    });

    it('C4 is not exact when lastLogon cannot be read', async () => {
      const servers = await startControllers({ name: 'DC1', users: [user(1, null)], list: listed('DC1') });
      const result = await survey(servers, { searchBases: [`OU=Staff,${sampleBase}`] });

      expect(result).toMatchObject({ exact: false, failed: [{ code: 'DIRECTORY_RIGHTS' }] });
      expect(result.logons.size).toBe(0);
    });

    it('goes to the next server when the first one cannot be reached', async () => {
      const servers = await startControllers({ name: 'DC1', users, faults: [{ at: 'connect', does: 'drop' }] }, { name: 'DC2', users });
      const result = await survey(servers);

      expect(result).toMatchObject({ exact: false, asked: [{ server: servers[1]?.url }] });
      expect(codes(result)).toContain('DIRECTORY_UNREACHABLE');
    });
  });

  describe('signing in', () => {
    const users = [user(1, early)];

    it('asks nobody else when the first controller refuses the sign-in', async () => {
      const servers = await startControllers({ name: 'DC1', users, password: 'Changed-1' }, { name: 'DC2', users, password: 'Changed-1' });
      const error = await failureOf(survey(servers));

      expect(error.code).toBe('DIRECTORY_BIND_REJECTED');
      expect(servers.map(({ connections }) => connections.accepted)).toEqual([1, 0]);
    });

    it('begins no sign-in after one was refused', async () => {
      const list = Array.from({ length: 20 }, (_, index) => listed(`DC${index + 1}`)).flat();
      const refuses: readonly Fault[] = [{ at: 'bind', does: bindRejection('52e') }];
      const others = Array.from({ length: 19 }, (_, index) => ({ name: `DC${index + 2}`, users, list, faults: refuses }));
      const servers = await startControllers({ name: 'DC1', users, list }, ...others);
      const result = await survey(servers, { dnsServers: ['127.0.0.1:9'] });

      const binds = servers.slice(1).flatMap(({ received }) => received.filter(({ operation }) => operation === 'bind'));
      expect(binds).toHaveLength(1);
      expect(result).toMatchObject({ exact: false, asked: [{ server: servers[0]?.url }] });
      expect(new Set(codes(result))).toEqual(new Set(['DIRECTORY_BIND_REJECTED']));
    });

    it('stops when it is interrupted', async () => {
      const stop = new AbortController();
      const servers = await startControllers({ name: 'DC1', users }, { name: 'DC2', users, faults: [{ at: 'search', does: 'stall' }] });
      const running = failureOf(survey(servers, { signal: stop.signal }));
      await expect.poll(() => servers[1]?.received.some(({ search }) => search?.kind === 'users')).toBe(true);
      stop.abort();

      expect((await running).code).toBe('INTERRUPTED');
    });

    it('leaves no connection open', async () => {
      const servers = await startControllers(
        { name: 'DC1', users },
        { name: 'DC2', users, faults: [{ at: 'search', does: { result: { code: 50, message: '' } } }] },
      );
      await survey(servers);
      await Promise.all(servers.map((server) => server.idle()));

      expect(servers.map(({ connections }) => connections.open)).toEqual([0, 0]);
    });
  });
});
