import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import type { FindingDocument } from '../../../../agent/cli/documents-doctor.ts';
import { createActiveDirectorySource } from '../../../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../../../agent/directory/active-directory/config.ts';
import { judgeExamination } from '../../../../agent/doctor/directory/judge-examination.ts';
import { replicationRights } from '../../../../core/active-directory/security-descriptor.ts';
import { keepPhone } from '../../../contract/directory-source.contract.ts';
import { descriptorBytes, sidBytes } from '../../../fixtures/security-descriptor.ts';
import { makeTestCertificates } from '../../../fixtures/tls.ts';
import type { LdapEntry } from '../../../sandbox/ldap/entry.ts';
import { plainEntry, sampleAccount, sampleBase, sampleDirectory, userEntry } from '../../../sandbox/ldap/sample-directory.ts';
import { type LdapStandIn, type LdapStandInOptions, startLdapStandIn } from '../../../sandbox/ldap/server.ts';
import { deletedObjects } from '../../../sandbox/ldap/tombstones.ts';

const certificates = makeTestCertificates();
afterAll(() => certificates.remove());

const configuration = `CN=Configuration,${sampleBase}`;
const service = `CN=Directory Service,CN=Windows NT,CN=Services,${configuration}`;
const ownDn = sampleAccount.names[0] ?? '';
const ordinaryGroup = 'S-1-5-21-1-2-3-513';

/** What an examination looks at besides users, all of it well. */
function forest(): readonly LdapEntry[] {
  return [
    plainEntry(`CN=Sites,${configuration}`, ['container']),
    plainEntry(`CN=Berlin,CN=Sites,${configuration}`, ['site'], { cn: 'Berlin' }),
    plainEntry(`CN=10.1.0.0/16,CN=Sites,${configuration}`, ['subnet'], {
      cn: '10.1.0.0/16',
      siteObject: `CN=Berlin,CN=Sites,${configuration}`,
    }),
    plainEntry(`CN=NTDS Settings,CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,${configuration}`, ['nTDSDSA'], {
      invocationId: Buffer.alloc(16, 0x77),
    }),
    plainEntry(service, ['nTDSService'], { tombstoneLifetime: '180' }),
    plainEntry(`CN=Recycle Bin Feature,CN=Optional Features,${service}`, ['msDS-OptionalFeature'], {
      'msDS-EnabledFeatureBL': configuration,
    }),
    plainEntry(`CN=Password Settings Container,CN=System,${sampleBase}`, ['msDS-PasswordSettingsContainer']),
  ];
}

interface World {
  readonly users?: readonly LdapEntry[];
  /** Changes of the entries that are there, by DN; `null` takes one away. */
  readonly change?: Readonly<Record<string, LdapEntry['attributes'] | null>>;
  readonly hideDeleted?: boolean;
  readonly server?: Partial<LdapStandInOptions>;
  readonly config?: Partial<ActiveDirectoryConfig>;
  readonly signIn?: boolean;
}

function entriesOf({
  users = [userEntry(1, { memberOf: `CN=Staff,${sampleBase}` }), userEntry(2)],
  change = {},
  hideDeleted = false,
}: World): readonly LdapEntry[] {
  const own = { tokenGroups: [sidBytes(ordinaryGroup)], pwdLastSet: ['134000000000000000'] };
  const root = { nTSecurityDescriptor: [descriptorBytes([])] };
  const all = [...sampleDirectory(users), ...forest(), ...(hideDeleted ? [] : [deletedObjects()])];
  return all.flatMap((entry) => {
    const changed = change[entry.dn];
    if (changed === null) return [];
    const usual = { [ownDn]: own, [sampleBase]: root }[entry.dn] ?? {};
    return [{ ...entry, attributes: { ...entry.attributes, ...usual, ...changed } }];
  });
}

interface Examined {
  readonly server: LdapStandIn;
  readonly findings: readonly FindingDocument[];
  /** The state of a code. */
  readonly state: (code: string) => string | undefined;
  readonly seen: (code: string) => string | undefined;
}

async function examined(world: World = {}): Promise<Examined> {
  await using server = await startLdapStandIn({
    entries: entriesOf(world),
    accounts: [sampleAccount],
    certificate: certificates.good,
    requiresEncryption: true,
    ...world.server,
  });
  const config: ActiveDirectoryConfig = {
    name: 'corp',
    domain: '',
    servers: [server.url],
    subnets: ['10.1.0.0/16'],
    delta: true,
    bindDn: ownDn,
    password: sampleAccount.password,
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: 'starttls', caFile: certificates.caFile, serverName: '', pinSha256: '', verify: true },
    parsePhone: keepPhone,
    ...world.config,
  };
  const examination = await createActiveDirectorySource(config).examine?.({ signIn: world.signIn ?? true });
  if (examination === undefined) throw new Error('the source cannot be examined');
  const findings = judgeExamination(examination, { config, isRead: true, now: Date.now() });
  const of = (code: string): FindingDocument | undefined => findings.find((finding) => finding.code === `DIRECTORY_${code}`);
  return { server, findings, state: (code) => of(code)?.state, seen: (code) => of(code)?.seen };
}

/** A way to a server on which bytes go through once something has come to pass. */
async function openWay(to: LdapStandIn, isTime: () => boolean): Promise<AsyncDisposable & { readonly url: string }> {
  const sockets = new Set<Socket>();
  const way = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket.on('error', () => {}));
    const timer = setInterval(() => {
      if (!isTime()) return;
      clearInterval(timer);
      const upstream = connect(to.port, '127.0.0.1').on('error', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    }, 5);
    socket.on('close', () => clearInterval(timer));
  });
  await once(way.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `ldap://127.0.0.1:${(way.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await once(way.close(), 'close');
    },
  };
}

describe('a directory that is well', () => {
  it('is looked at from outside to inside, without a password in clear', async () => {
    const { findings, server } = await examined();

    const states = new Map(findings.map(({ code, state }) => [code.slice('DIRECTORY_'.length), state]));
    // The stand-in has a clock that stands still, and no DirSync.
    const wrong = [...states].filter(([code, state]) => state !== 'ok' && code !== 'CLOCK' && code !== 'CHANGES');
    expect(wrong).toEqual([]);
    expect([...states.keys()]).toEqual(
      expect.arrayContaining([
        'REACHABLE',
        'CERTIFICATE',
        'SIGNING',
        'SIGN_IN',
        'SITE',
        'COVERAGE',
        'ATTRIBUTES',
        'DELETED',
        'POLICY',
        'ACCOUNT',
        'EXCESS',
      ]),
    );
    expect(server.clearBytes().includes(sampleAccount.password)).toBe(false);
    expect(server.connections.open).toBe(0);
  });

  it('is told without the name of a user', async () => {
    expect(JSON.stringify((await examined()).findings)).not.toMatch(/user1|Sample 1|Given/);
  });
});

describe('what is not well is found', () => {
  const cases: readonly (readonly [string, World, string, string, RegExp])[] = [
    ['sign-ins in clear are looked at', { server: { requiresEncryption: false } }, 'SIGNING', 'note', /made-up/],
    ['a clock of another day', { change: { '': { currentTime: ['20200101080000.0Z'] } } }, 'CLOCK', 'warning', /apart|ahead|behind/],
    ['hidden deleted users', { hideDeleted: true }, 'DELETED', 'warning', /cannot be seen/],
    [
      'no recycle bin',
      { change: { [`CN=Recycle Bin Feature,CN=Optional Features,${service}`]: { 'msDS-EnabledFeatureBL': [] } } },
      'DELETED',
      'ok',
      /recycle bin off/,
    ],
    [
      'hidden account states',
      { users: [userEntry(1, { userAccountControl: null }), userEntry(2, { userAccountControl: null })] },
      'ATTRIBUTES',
      'problem',
      /userAccountControl in none/,
    ],
    [
      'hidden computed states',
      { users: [userEntry(1, { 'msDS-User-Account-Control-Computed': null })] },
      'ATTRIBUTES',
      'problem',
      /Computed in none/,
    ],
    [
      'an account state that some hide',
      { users: [userEntry(1, { userAccountControl: null, adminCount: '1' }), userEntry(2)] },
      'ATTRIBUTES',
      'warning',
      /AdminSDHolder/,
    ],
    ['a hidden policy', { change: { [sampleBase]: { maxPwdAge: [] } } }, 'POLICY', 'warning', /cannot be read/],
    [
      'a sign-in as an administrator',
      { change: { [ownDn]: { tokenGroups: [sidBytes('S-1-5-21-1-2-3-512')] } } },
      'EXCESS',
      'warning',
      /"Domain Admins"/,
    ],
    [
      'replication of secrets',
      {
        change: {
          [sampleBase]: {
            nTSecurityDescriptor: [descriptorBytes(Object.values(replicationRights).map((right) => ({ right, sid: ordinaryGroup })))],
          },
        },
      },
      'EXCESS',
      'warning',
      /replicate secrets/,
    ],
    [
      'replication without secrets',
      {
        change: {
          [sampleBase]: { nTSecurityDescriptor: [descriptorBytes([{ right: replicationRights.getChanges, sid: ordinaryGroup }])] },
        },
      },
      'EXCESS',
      'ok',
      /may not replicate secrets/,
    ],
    ['rights to write', { users: [userEntry(1, { allowedAttributesEffective: ['mail', 'title'] })] }, 'EXCESS', 'warning', /2 attributes/],
    ['options of the account', { change: { [ownDn]: { userAccountControl: ['544'] } } }, 'ACCOUNT', 'warning', /PASSWD_NOTREQD/],
    ['another place', { config: { subnets: ['192.168.7.0/24'] } }, 'SITE', 'ok', /only one of the forest|Berlin/],
    ['an untrusted certificate', { server: { certificate: certificates.selfSigned } }, 'CERTIFICATE', 'warning', /not trusted/],
    ['an old certificate', { server: { certificate: certificates.expired } }, 'CERTIFICATE', 'warning', /expired/],
    [
      'a certificate for another name',
      { server: { certificate: certificates.wrongName } },
      'CERTIFICATE',
      'warning',
      /other\.example\.test/,
    ],
    [
      'a certificate that ends soon',
      { server: { certificate: certificates.issue('soon', ['IP:127.0.0.1'], 5) } },
      'CERTIFICATE',
      'warning',
      /[45] days left/,
    ],
    ['no StartTLS', { server: { faults: [{ at: 'starttls', does: 'drop' }] } }, 'CERTIFICATE', 'warning', /StartTLS/],
    [
      'a search base below the root',
      { config: { searchBases: [`OU=Staff,${sampleBase}`] } },
      'CHANGES',
      'note',
      /uSNChanged.*below the root/,
    ],
    ['"delta" that is off', { config: { delta: false } }, 'CHANGES', 'note', /"delta" is off/],
  ];

  it.each(cases)('%s', async (...[, world, code, state, words]) => {
    const found = await examined(world);

    expect([found.state(code), found.seen(code)]).toEqual([state, expect.stringMatching(words)]);
  });

  it('a certificate that nobody trusts gets no password', async () => {
    const { server, findings } = await examined({ server: { certificate: certificates.selfSigned } });

    expect(server.received.filter(({ operation, dn }) => operation === 'bind' && dn === ownDn)).toEqual([]);
    expect(findings.map(({ code }) => code)).not.toContain('DIRECTORY_SIGN_IN');
  });

  it('a password that was refused is not tried again', async () => {
    const { server } = await examined({ signIn: false });

    expect(server.received.filter(({ operation, dn }) => operation === 'bind' && dn === ownDn)).toEqual([]);
  });

  it('a password that one controller of many still knows is refused by one of the others, not by all', async () => {
    const options = { entries: entriesOf({}), certificate: certificates.good };
    await using knows = await startLdapStandIn({ ...options, accounts: [sampleAccount] });
    await using renewed = await startLdapStandIn({ ...options, accounts: [{ ...sampleAccount, password: 'a newer one' }] });
    const isSignedIn = (): boolean => knows.received.some(({ operation }) => operation === 'whoami');
    await using ways = new AsyncDisposableStack();
    const servers = [knows.url];
    for (let index = 0; index < 3; index += 1) servers.push(ways.use(await openWay(renewed, isSignedIn)).url);

    const { state } = await examined({ config: { servers } });

    expect(renewed.received.filter(({ operation, dn }) => operation === 'bind' && dn === ownDn)).toHaveLength(1);
    expect(state('ATTRIBUTES')).toBe('ok');
  });

  it('a password that is refused is sent once', async () => {
    const { server, state } = await examined({ config: { password: 'wrong' } });

    expect(server.received.filter(({ operation, dn }) => operation === 'bind' && dn === ownDn)).toHaveLength(1);
    expect(state('SIGN_IN')).toBe('warning');
  });

  it('a server that falls silent in one look is asked the others', async () => {
    const { state, findings } = await examined({
      server: { faults: [{ at: 'search', of: 'users', does: 'stall' }] },
      config: { deadlines: { requestMs: 300 } },
    });

    expect([state('ATTRIBUTES'), state('DELETED'), state('ACCOUNT')]).toEqual(['warning', 'ok', 'ok']);
    expect(findings.filter(({ error }) => error === 'DIRECTORY_TIMEOUT')).toHaveLength(1);
  });

  it('a server that falls silent for good is told once, with what could not be looked at', async () => {
    const { findings } = await examined({
      server: {
        faults: [
          { at: 'search', of: 'other', does: 'stall' },
          { at: 'search', of: 'entry', does: 'stall' },
          { at: 'search', of: 'users', does: 'stall' },
        ],
      },
      config: { deadlines: { requestMs: 200 } },
    });

    const late = findings.filter(({ error }) => error === 'DIRECTORY_TIMEOUT');
    expect(late).toHaveLength(1);
    expect(late[0]?.seen).toMatch(/so not looked at: DIRECTORY_/);
  });

  it('a port where nobody listens', async () => {
    const closed = await examined({ config: { servers: ['ldaps://127.0.0.1:1'] } });

    expect([closed.state('REACHABLE'), closed.seen('REACHABLE')]).toEqual(['warning', expect.stringMatching(/1 closed/)]);
    expect(closed.findings).toHaveLength(1);
  });

  it('a port that takes connections and resets them', async () => {
    const { state, seen } = await examined({ server: { scheme: 'ldaps', faults: [{ at: 'handshake', does: 'drop' }] } });

    expect([state('REACHABLE'), state('CERTIFICATE')]).toEqual(['ok', 'warning']);
    expect(seen('CERTIFICATE')).toMatch(/closed it during the TLS handshake: it may have no certificate/);
  });
});
