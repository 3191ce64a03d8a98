import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { BundleDocument } from '../../agent/cli/documents-bundle.ts';
import { unzip } from '../fixtures/unzip.ts';
import { addContact, crowd, person } from './people.ts';
import { type Site, startSite } from './site.ts';

/** What must not leave the machine, by where it stands. */
const canaries = {
  firstName: 'Zoraqua',
  lastName: 'Quillbane',
  title: 'Vizier of Marmalade',
  mailbox: 'zq.mailbox',
  domain: 'quillbane-fittings',
  account: 'zoraqsam',
  phone: '4155550137',
  theirPhone: '4155550148',
  theirName: 'Yxmarda',
  office: 'Turret Seventeen',
  host: 'dc-wyvern.intern',
  bindUser: 'svc-basilisk',
  ou: 'Kobolds',
  group: 'Gnomish Board',
  tenant: 'Leviathan MSP',
  psaUser: 'api-hippogriff',
  baseUrl: 'gateway-manticore',
  vaultName: 'vault-cockatrice',
  envName: 'CHIMAERA_KEY',
  secretFile: 'jane-sphinx',
  webhook: 'hook-token-harpy',
  collector: 'collector-golem',
  directoryName: 'directory-ogre',
  location: 'Cellar of Nixies',
  customerName: 'Acme Fittings',
  secret: 'S3cret&"Kraken=+/x',
  logMessage: 'Message about Grendel',
  logValue: 'value-of-fafnir',
  logKey: 'keyOfTiamat',
  errorText: 'Unexpected token of Smaug',
  homeFolder: 'home-of-ymir',
  problemText: 'problem-with-loki',
} as const;

/** All forms in which a text may have slipped through. */
function formsOf(text: string): readonly string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const bytes = Buffer.from(`${'x'.repeat(offset)}${text}`, 'utf8').toString('base64');
    // Without the characters at both ends that depend on what stands beside it.
    return bytes.slice(Math.ceil((offset * 4) / 3), Math.floor(((text.length + offset) * 4) / 3) - 1);
  });
  const json = JSON.stringify(text).slice(1, -1);
  return [
    text,
    text.replaceAll(' ', ''),
    encodeURIComponent(text),
    encodeURIComponent(text).replaceAll('%20', '+'),
    json,
    Buffer.from(text).toString('hex'),
    ...base64,
  ];
}

function leaksIn(files: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(files).flatMap(([name, text]) => {
    const lower = `${name}\n${text}`.toLowerCase();
    return Object.entries(canaries).flatMap(([where, canary]) =>
      formsOf(canary).some((form) => form.length >= 5 && lower.includes(form.toLowerCase())) ? [`${where} in ${name}`] : [],
    );
  });
}

async function canarySite(): Promise<Site> {
  const site = await startSite({
    people: [
      person('zoraqsam', {
        givenName: canaries.firstName,
        sn: canaries.lastName,
        mail: `${canaries.mailbox}@${canaries.domain}.test`,
        title: canaries.title,
        telephoneNumber: `+1 ${canaries.phone}`,
        physicalDeliveryOfficeName: canaries.office,
      }),
      person('other', { sn: canaries.lastName }),
      ...crowd(5),
    ],
    sections: {
      collector: { name: canaries.collector, location: canaries.location },
      directories: [{ name: canaries.directoryName, type: 'ldif', file: 'users.ldif' }],
      contacts: { create: 'auto', locationMap: { [canaries.office]: canaries.location } },
      log: { level: 'debug', directory: canaries.homeFolder },
      notify: { webhook: `https://${canaries.baseUrl}.test/${canaries.webhook}` },
    },
  });
  // A conflict, and two contacts of one name.
  addContact(site, 'zoraqsam', {
    firstName: canaries.firstName,
    lastName: canaries.theirName,
    emails: [{ value: `${canaries.mailbox}@${canaries.domain}.test`, primary: true, labelName: 'Work' }],
    phones: [{ value: `+1${canaries.theirPhone}` }],
  });
  for (const twice of [1, 2])
    addContact(site, 'other', {
      lastName: canaries.lastName,
      emails: [{ value: `twin${twice}@acme.test`, primary: true, labelName: 'Work' }],
    });
  site.itGlue.data.addLocation({ organizationId: site.organization, name: canaries.location });
  return site;
}

/** What a service leaves behind, told by somebody who put names everywhere. */
function leaveTraces(site: Site): void {
  const state = join(site.folder, 'state');
  const logs = join(site.folder, canaries.homeFolder);
  mkdirSync(logs);
  const time = '2026-11-22T08:30:00.000Z';
  const lines = [
    { time, level: 'info', message: 'Applied a plan', count: 12, name: canaries.firstName, reason: canaries.logValue },
    { time, level: 'warn', message: canaries.logMessage, count: 1 },
    {
      time,
      level: 'error',
      message: 'A directory could not be read',
      server: `ldaps://${canaries.host}:636`,
      directory: canaries.directoryName,
      user: canaries.account,
      [canaries.logKey]: canaries.logValue,
    },
    {
      time,
      level: 'error',
      message: 'HTTP exchange',
      method: 'GET',
      status: 503,
      path: `/${canaries.logValue}`,
      service: canaries.tenant,
      code: canaries.lastName,
    },
    {
      time,
      level: 'debug',
      message: 'HTTP exchange',
      error: {
        name: 'Error',
        code: 'ECONNRESET',
        message: canaries.errorText,
        stack: `Error: ${canaries.errorText}\n    at ${canaries.logValue} (file:///home/${canaries.homeFolder}/rollcall/agent/store/journal.ts:12:3)\n    at x (/${canaries.homeFolder}/core/${canaries.logValue}.ts:1:1)`,
        cause: { name: canaries.lastName, code: 'DIRECTORY_TIMEOUT', message: canaries.errorText },
      },
    },
    { time: canaries.logValue, level: 'info', message: 'Applied a plan' },
    { time, level: canaries.logValue, message: 'Applied a plan' },
  ];
  writeFileSync(
    join(logs, 'rollcall.log'),
    `${lines.map((line) => JSON.stringify(line)).join('\n')}\n${canaries.logMessage}\n{"torn": "${canaries.logValue}`,
  );
  writeFileSync(join(logs, 'rollcall.log.1'), `${JSON.stringify({ time, level: 'info', message: 'Applied a plan', users: 7 })}\n`);
  writeFileSync(join(logs, `${canaries.logValue}.log`), canaries.logMessage);
  const problem = {
    code: 'LOG_UNWRITABLE',
    message: canaries.problemText,
    hint: canaries.problemText,
    place: { file: canaries.homeFolder },
    severity: 'degraded',
    since: time,
  };
  writeFileSync(
    join(state, 'service.json'),
    JSON.stringify({
      pid: 4711,
      version: '0.1.0',
      startedAt: time,
      at: time,
      configFile: `/home/${canaries.homeFolder}/config.json`,
      configLoadedAt: time,
      stoppedAt: null,
      schedule: { scan: '0 */4 * * *', fullScan: canaries.logValue, timezone: canaries.logValue },
      next: [{ command: canaries.logValue, at: canaries.logValue }],
      current: null,
      lastSuccessAt: null,
      problems: [problem, { ...problem, code: canaries.lastName }],
      eventLoop: { p50: 1, p99: 2, max: 3 },
      rssBytes: 1,
      [canaries.logKey]: canaries.logValue,
    }),
  );
  writeFileSync(
    join(state, 'vault.json'),
    JSON.stringify({
      format: 'rollcall-vault',
      version: 1,
      key: { id: '00', kept: 'file', host: canaries.host, folder: canaries.homeFolder },
      entries: [{ name: canaries.vaultName, value: Buffer.from(canaries.secret).toString('base64') }],
      seal: '',
    }),
  );
  const database = new DatabaseSync(join(state, 'rollcall.db'));
  database.exec(`insert into run (organization, command, started_at, outcome, counts, error, trigger, detail) values
    ('${canaries.lastName}', '${canaries.logValue}', 1800000000000, 'failed', '{"users":3,"${canaries.logKey}":4}', '{"code":"${canaries.lastName}","message":"${canaries.errorText}"}',
     '${canaries.logValue}', '{"reads":[{"directory":"${canaries.directoryName}","server":"ldaps://${canaries.host}:636","outcome":"failed","users":0,"fullBecause":"${canaries.logValue}","rescoped":{"takenIn":0,"leftOut":1,"names":{"takenIn":[],"leftOut":["${canaries.lastName}"]}}}],"psaProblem":"${canaries.logValue}","failures":{"ITGLUE_REFUSED":2,"${canaries.logKey}":1}}')`);
  database.exec(`update journal set result = '{"code":"ITGLUE_REFUSED","reason":"${canaries.errorText}"}' where id = 1`);
  database.close();
}

const bundleFile = (site: Site): string => join(site.folder, 'out.zip');

async function bundled(
  site: Site,
  ...words: readonly string[]
): Promise<{ readonly document: BundleDocument; readonly files: Readonly<Record<string, string>> }> {
  const ended = await site.call('bundle', bundleFile(site), '--json', ...words);
  expect(ended.exit, ended.stderr + ended.stdout).toBe(0);
  expect(ended.stderr).toBe('');
  return { document: ended.json as BundleDocument, files: unzip(bundleFile(site)) };
}

describe('a support bundle', () => {
  it('holds no name, secret, host or path of a site that has them everywhere, in no form, and still tells what support needs', async () => {
    await using site = await canarySite();
    const sync = await site.call('sync', '--json');
    expect([0, 3]).toContain(sync.exit);
    await site.call('plan');
    leaveTraces(site);

    const { files, document } = await bundled(site);

    const all = Object.values(files).join('\n');
    expect(leaksIn(files)).toEqual([]);
    expect(all).not.toMatch(/OU=|DC=corp|@acme|Kesten/i);
    for (const secret of [site.itGlue.apiKey, site.bms.credentials.password, site.bms.credentials.tenant, site.folder, '"4711"']) {
      expect(all).not.toContain(secret);
    }
    expect(statSync(bundleFile(site)).mode & 0o777).toBe(0o600);
    expect(document.parts.map(({ name }) => name).sort()).toEqual(Object.keys(files).sort());
    expect(JSON.parse(files['users-in-trouble.json'] ?? '')).toMatchObject({ error: null, inTrouble: expect.any(Number) as number });
    expect(files['users-in-trouble.json']).toMatch(/"conflicts"[\s\S]*"ambiguous"|"ambiguous"[\s\S]*"conflicts"/);
    expect(files['users-in-trouble.json']).toMatch(/"rule": "M3"/);
    const log = (files['log.jsonl'] ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(log[0]).toMatchObject({ events: 6, unreadableLines: 4 });
    expect(log[1]).toMatchObject({ message: 'Applied a plan', users: 7 });
    expect(log[3]).toMatchObject({ level: 'warn', message: '(not shown)', count: 1 });
    expect(log[4]).toMatchObject({ server: expect.stringMatching(/^host-[0-9a-f]{10}:636 \(ldaps\)$/) as string });
    expect(log[6]).toMatchObject({
      error: { code: 'ECONNRESET', stack: ['agent/store/journal.ts:12:3'], cause: { code: 'DIRECTORY_TIMEOUT' } },
    });
    expect(JSON.parse(files['runs.json'] ?? '')).toMatchObject({
      runs: [{ outcome: 'failed', counts: { users: 3, '(other)': 4 } }, { command: 'plan' }, { command: 'sync' }],
    });
    expect(files['journal.json']).toContain('"ITGLUE_REFUSED"');
    expect(files['journal.json']).toContain('"create-contact"');
    expect(JSON.parse(files['vault.json'] ?? '')).toMatchObject({ content: { entries: 1, key: { kept: 'file' } } });
    expect(JSON.parse(files['service.json'] ?? '')).toMatchObject({
      schedule: { scan: '0 */4 * * *' },
      problems: [{ code: 'LOG_UNWRITABLE' }, { severity: 'degraded' }],
    });
    expect(JSON.parse(files['store.json'] ?? '')).toMatchObject({
      integrity: { value: 'ok' },
      tables: { decision: { value: expect.any(Number) as number } },
    });
    expect(files['config.json']).toContain('"apiKey": "env:"');
    expect(files['README.txt']).toContain('Please look through the files');
    // The same thing has one name in every part.
    const [directory = ''] = /directory-[0-9a-f]{10}/.exec(files['config.json'] ?? '') ?? [];
    expect(directory).not.toBe('');
    for (const name of ['runs.json', 'log.jsonl', 'users-in-trouble.json']) expect(files[name]).toContain(directory);

    const again = await bundled(site, '--force');
    expect(again.files['config.json']).not.toContain(directory);
    expect(leaksIn(again.files)).toEqual([]);
  });

  it('is made of a configuration that names everything, and is refused', async () => {
    await using site = await startSite();
    writeFileSync(
      join(site.folder, 'config.json'),
      JSON.stringify({
        collector: { name: canaries.collector, organization: canaries.lastName, location: canaries.location, subnets: ['10.20.30.0/24'] },
        directories: [
          {
            name: canaries.directoryName,
            type: 'active-directory',
            domain: canaries.host,
            servers: [`ldaps://${canaries.host}:3269`, `ldaps://${canaries.bindUser}:${canaries.logValue}@${canaries.host}`],
            bindDn: `${canaries.bindUser}@${canaries.domain}`,
            password: `file:/home/${canaries.secretFile}/secret`,
            searchBases: [`OU=${canaries.ou},DC=${canaries.domain}`],
            includeGroups: [`CN=${canaries.group},DC=${canaries.domain}`],
            filter: `(cn=${canaries.lastName})`,
            tls: { caFile: `/home/${canaries.homeFolder}/ca.pem`, pinSha256: canaries.secret, mode: canaries.logValue },
            pageSize: canaries.phone,
            [canaries.logKey]: canaries.logValue,
          },
        ],
        itglue: { apiKey: canaries.secret, baseUrl: `https://${canaries.baseUrl}.test/${canaries.webhook}` },
        psa: {
          type: 'bms',
          credentials: {
            userName: canaries.psaUser,
            password: `vault:${canaries.vaultName}`,
            tenant: canaries.tenant,
            clientId: canaries.secret,
            privateKey: `env:${canaries.envName}`,
          },
        },
        contacts: {
          contactTypeRules: [{ when: { group: `CN=${canaries.group}` }, contactType: canaries.title }],
          locationMap: { [canaries.office]: canaries.location },
        },
        notify: { webhook: `https://x.test/${canaries.webhook}`, email: `${canaries.mailbox}@x.test`, heartbeatUrl: canaries.secret },
        schedule: { scan: canaries.logValue, timezone: canaries.logValue },
        organizations: { [canaries.lastName]: { psa: { company: canaries.tenant } } },
        [canaries.logKey]: { [canaries.logKey]: canaries.logValue },
      }),
    );

    const { files } = await bundled(site);

    expect(leaksIn(files)).toEqual([]);
    const config = JSON.parse(files['config.json'] ?? '') as {
      error: string;
      problems: readonly { path: string }[];
      configuration: { directories: readonly Record<string, unknown>[]; psa: object };
    };
    expect(config.error).toBe('CONFIG_PLAIN_SECRET');
    expect(config.problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['itglue.apiKey', 'schedule.scan', 'directories[0].(…)']),
    );
    expect(config.configuration.directories[0]).toMatchObject({
      type: 'active-directory',
      password: 'file:',
      servers: [expect.stringMatching(/^host-[0-9a-f]{10}:3269 \(ldaps\)$/) as string, expect.any(String) as string],
      '(unknown settings)': 1,
    });
    expect(config.configuration).toMatchObject({
      psa: { type: 'bms', credentials: { password: 'vault:', privateKey: 'env:' } },
      '(unknown settings)': 1,
    });
    expect(JSON.parse(files['status.json'] ?? '')).toEqual({ error: 'CONFIG_PLAIN_SECRET' });
  });

  it('is made when the configuration is no JSON and the store is damaged', async () => {
    await using site = await startSite({ people: crowd(200) });
    await site.call('scan');
    writeFileSync(join(site.folder, 'config.json'), `{ "collector": ${canaries.lastName}`);
    const store = join(site.folder, 'state', 'rollcall.db');
    const bytes = readFileSync(store);
    bytes.fill(0xa5, 8_192, bytes.length - 4_096);
    writeFileSync(store, bytes);

    const { files, document } = await bundled(site);

    expect(leaksIn(files)).toEqual([]);
    expect(JSON.parse(files['config.json'] ?? '')).toMatchObject({ error: 'CONFIG_NOT_JSON', line: 1, configuration: null });
    expect(JSON.parse(files['store.json'] ?? '')).toMatchObject({ error: 'STORE_CORRUPT' });
    expect(document.parts.find(({ name }) => name === 'status.json')?.code).toBe('CONFIG_NOT_JSON');

    truncateSync(store, 10);
    appendFileSync(store, canaries.lastName);
    const again = await bundled(site, '--force');
    expect(leaksIn(again.files)).toEqual([]);
    expect(JSON.parse(again.files['store.json'] ?? '')).toMatchObject({ error: expect.stringMatching(/^STORE_/) as string });
  });

  it('replaces a file only with --force, and says when it cannot write', async () => {
    await using site = await startSite();
    writeFileSync(bundleFile(site), 'mine');

    const refused = await site.call('bundle', bundleFile(site), '--json');
    expect(refused).toMatchObject({ exit: 2, json: { error: { code: 'BUNDLE_EXISTS' } } });
    expect(readFileSync(bundleFile(site), 'utf8')).toBe('mine');

    await bundled(site, '--force');
    expect(Object.keys(unzip(bundleFile(site)))).toContain('facts.json');

    const nowhere = await site.call('bundle', join(site.folder, 'nowhere', 'out.zip'), '--json');
    expect(nowhere).toMatchObject({ exit: 1, json: { error: { code: 'BUNDLE_UNWRITABLE' } } });
  });

  it('is small with 10,000 users and big logs', async () => {
    await using site = await startSite({
      people: crowd(10_000),
      sections: { log: { directory: 'logs' }, psa: { type: 'none' }, limits: { firstRun: 'hold' } },
    });
    const plan = await site.call('plan', '--json');
    expect(plan.exit, plan.stderr).toBe(0);
    mkdirSync(join(site.folder, 'logs'));
    const event = (index: number): string =>
      JSON.stringify({
        time: new Date(1_800_000_000_000 + index).toISOString(),
        level: 'info',
        message: 'HTTP exchange',
        user: `u${index}`,
        record: `${index * 7919}`,
        ms: index,
        status: 200,
      });
    for (const name of ['rollcall.log', 'rollcall.log.1']) {
      writeFileSync(join(site.folder, 'logs', name), `${Array.from({ length: 80_000 }, (_, index) => event(index)).join('\n')}\n`);
    }

    const startedAt = performance.now();
    const { files, document } = await bundled(site);

    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(document.bytes).toBeLessThan(5_000_000);
    expect(document.bytes).toBe(statSync(bundleFile(site)).size);
    expect((files['log.jsonl'] ?? '').split('\n').length).toBeGreaterThan(10_000);
    expect(JSON.parse(files['store.json'] ?? '')).toMatchObject({ tables: { sighting: { value: 10_000 }, decision: { value: 10_000 } } });
    expect(existsSync(`${bundleFile(site)}.new`)).toBe(false);
  });
});
