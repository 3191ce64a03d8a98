import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InitDocument } from '../../agent/cli/documents-init.ts';
import { type Finished, program, type Site, startSite } from './site.ts';

let site: Site;

beforeEach(async () => {
  site = await startSite({
    people: [
      { sAMAccountName: 'ada', givenName: 'Ada', sn: 'Lovelace', mail: 'ada@acme.test' },
      { sAMAccountName: 'alan', givenName: 'Alan', sn: 'Turing', mail: 'alan@acme.test' },
    ],
  });
  site.environment['INIT_KEY'] = site.itGlue.apiKey;
  site.environment['INIT_BMS'] = site.bms.credentials.password;
});
afterEach(() => site[Symbol.asyncDispose]());

const fresh = () => join(site.folder, 'fresh');

function words(...more: readonly string[]): readonly string[] {
  const { userName, tenant } = site.bms.credentials;
  return [
    'init',
    '--non-interactive',
    '--config',
    join(fresh(), 'etc', 'config.json'),
    '--state',
    join(fresh(), 'state'),
    '--ldif',
    join(site.folder, 'users.ldif'),
    '--organization',
    site.organization,
    '--itglue-url',
    site.itGlue.url,
    '--itglue-key-from',
    'env:INIT_KEY',
    '--psa-type',
    'bms',
    '--psa-url',
    site.bms.url,
    '--psa-user',
    userName,
    '--psa-tenant',
    tenant,
    '--psa-password-from',
    'env:INIT_BMS',
    '--collector',
    'acme-hq',
    ...more,
  ];
}

function without(option: string, list: readonly string[]): readonly string[] {
  const at = list.indexOf(option);
  return [...list.slice(0, at), ...list.slice(at + 2)];
}

function configuration(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(fresh(), 'etc', 'config.json'), 'utf8')) as Record<string, unknown>;
}

function everyFile(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
}

function codeOf(ended: Finished): unknown {
  return (ended.json as { error?: { code?: unknown } } | null)?.error?.code;
}

describe('init --non-interactive', () => {
  it('tests, writes, stores the secrets in the vault and makes the first plan', async () => {
    const ended = await site.call(...words('--json'));

    expect(ended.stderr).toBe('');
    expect(ended.exit).toBe(0);
    const document = ended.json as InitDocument;
    expect(document).toMatchObject({
      secrets: ['itglue', 'psa'],
      collector: { name: 'acme-hq', location: 'Head Office', create: 'off' },
      itglue: { organization: { id: site.organization, name: 'Acme Fittings' } },
      psa: { company: { id: String(site.company) }, emailType: 'Work', phoneType: 'Work' },
      directory: { type: 'ldif', users: 2 },
    });
    expect(document.plans).toHaveLength(1);
    expect(document.plans[0]).toMatchObject({ error: null });
    expect(configuration()).toEqual({
      collector: { name: 'acme-hq', organization: site.organization, location: 'Head Office' },
      directories: [{ name: 'users', type: 'ldif', file: join(site.folder, 'users.ldif') }],
      itglue: { region: 'us', baseUrl: site.itGlue.url, apiKey: 'vault:itglue' },
      psa: {
        type: 'bms',
        baseUrl: site.bms.url,
        credentials: { userName: site.bms.credentials.userName, password: 'vault:psa', tenant: site.bms.credentials.tenant },
        emailType: 'Work',
        phoneType: 'Work',
      },
      organizations: { [site.organization]: { psa: { company: String(site.company) } } },
    });
    expect(statSync(join(fresh(), 'etc', 'config.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(fresh(), 'etc')).mode & 0o777).toBe(0o700);
    expect(site.itGlue.counts.writes + site.bms.counts.writes).toBe(0);

    const places = ['--config', join(fresh(), 'etc', 'config.json'), '--state', join(fresh(), 'state')];
    const validated = await site.call('validate', '--json', ...places);
    expect(validated.json).toMatchObject({ valid: true });
  });

  it('shows its steps, the plan and what to type next', async () => {
    const ended = await site.call(...words());

    expect(ended.exit).toBe(0);
    expect(ended.stderr).toContain('IT Glue accepts the key');
    expect(ended.stdout).toContain(`Set up  ${join(fresh(), 'etc', 'config.json')}`);
    expect(ended.stdout).toMatch(/Next\n.* run /s);
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(site.itGlue.apiKey);
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(site.bms.credentials.password);
  });

  it('tells all missing answers at once', async () => {
    const ended = await site.call('init', '--non-interactive', '--json', '--config', join(fresh(), 'c.json'), '--state', fresh());

    expect(ended.exit).toBe(2);
    expect(codeOf(ended)).toBe('USAGE');
    for (const option of ['--bind-user', '--bind-password-from', '--itglue-key-from', '--organization', '--psa-type', '--psa-user']) {
      expect(ended.stdout).toContain(option);
    }
    expect(everyFile(fresh())).toEqual([]);
  });

  it('tells all wrong options at once, and never takes a secret as a word', async () => {
    const ended = await site.call(...words('--create', 'maybe', '--itglue-key-from', 'ITG.secret', '--json'));

    expect(ended.exit).toBe(2);
    expect(ended.stdout).toContain('--create: one of off, auto');
    expect(ended.stdout).toContain('--itglue-key-from: env:NAME');
    expect(ended.stdout).not.toContain('ITG.secret');
  });

  it.each([
    ['a refused key', { INIT_KEY: 'ITG.wrong' }, 'ITGLUE_KEY_REJECTED', 1],
    ['a refused password of the PSA', { INIT_BMS: 'wrong' }, 'PSA_CREDENTIALS_REJECTED', 1],
    ['a variable that is not set', { INIT_BMS: undefined }, 'SECRET_NOT_SET', 2],
  ] as const)('leaves nothing behind after %s', async (_what, environment, code, exit) => {
    Object.assign(site.environment, environment);

    const ended = await site.call(...words('--json'));

    expect([codeOf(ended), ended.exit]).toEqual([code, exit]);
    expect(everyFile(fresh())).toEqual([]);
  });

  it.each([
    ['an organization that is not there', ['--organization', '999'], 'ITGLUE_ORGANIZATION_NOT_FOUND'],
    ['a company that is not there', ['--psa-company', 'Nobody Ltd'], 'PSA_COMPANY_NOT_FOUND'],
    ['a type that the PSA lacks', ['--email-type', 'Pigeon'], 'PSA_TYPE_NOT_FOUND'],
    ['a location that is not there', ['--location', 'Moon'], 'USAGE'],
    ['an export that is not there', ['--ldif', '/nowhere/users.ldif'], 'LDIF_UNREADABLE'],
  ] as const)('leaves nothing behind after %s', async (_what, more, code) => {
    const ended = await site.call(...words(...more, '--json'));

    expect(codeOf(ended)).toBe(code);
    expect(everyFile(fresh())).toEqual([]);
  });

  it('takes organization and company by name, and keeps references when asked', async () => {
    const ended = await site.call(
      ...words('--organization', 'ACME fittings', '--psa-company', 'acme FITTINGS', '--keep-references', '--no-plan', '--json'),
    );

    expect(ended.exit).toBe(0);
    expect(ended.json).toMatchObject({ secrets: [], plans: [] });
    expect(configuration()).toMatchObject({
      itglue: { apiKey: 'env:INIT_KEY' },
      psa: { credentials: { password: 'env:INIT_BMS' } },
      organizations: { [site.organization]: { psa: { company: String(site.company) } } },
    });
    expect(existsSync(join(fresh(), 'state', 'vault.json'))).toBe(false);
  });

  it('takes the secrets as one object on standard input, and the proxy', async () => {
    const keys = { itglueKey: site.itGlue.apiKey, psaPassword: site.bms.credentials.password, proxyPassword: 'Proxy-Pass-1' };
    const proxy = ['--proxy-url', 'http://proxy.example.test:3128', '--proxy-user', 'rollcall', '--proxy-password-from', 'stdin'];
    const list = words('--itglue-key-from', 'stdin', '--psa-password-from', 'stdin', '--no-plan', '--json', ...proxy);
    const child = spawn(process.execPath, [program, ...list], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env } });
    child.stdin.end(JSON.stringify(keys));

    const output = await text(child.stdout);

    expect(JSON.parse(output)).toMatchObject({ secrets: ['itglue', 'psa', 'proxy'] });
    for (const secret of Object.values(keys)) expect(output).not.toContain(secret);
    expect(configuration()).toMatchObject({
      proxy: { url: 'http://proxy.example.test:3128', userName: 'rollcall', password: 'vault:proxy' },
    });
  });

  it('does not pin the company that IT Glue links', async () => {
    site.itGlue.data.linkAdapter(site.organization, { adapterName: 'Kaseya BMS', remoteId: String(site.company), sync: true });

    await site.call(...words('--no-plan'));

    expect(configuration()).not.toHaveProperty('organizations');
  });

  it('does without a PSA', async () => {
    const list = ['--psa-url', '--psa-user', '--psa-tenant', '--psa-password-from', '--psa-type'].reduce(
      (left: readonly string[], option) => without(option, left),
      words('--no-plan', '--json'),
    );

    const ended = await site.call(...list, '--psa-type', 'none');

    expect(ended.exit).toBe(0);
    expect(configuration()).not.toHaveProperty('psa');
    expect(site.bms.requests).toHaveLength(0);
  });

  it('leaves an existing file alone, and keeps a copy of it with --force', async () => {
    await site.call(...words('--no-plan'));
    const before = readFileSync(join(fresh(), 'etc', 'config.json'), 'utf8');
    site.itGlue.resetCounts();

    const refused = await site.call(...words('--no-plan', '--json'));
    expect([codeOf(refused), refused.exit]).toEqual(['CONFIG_EXISTS', 2]);
    expect(site.itGlue.requests).toHaveLength(0);

    const forced = await site.call(...words('--no-plan', '--force', '--collector', 'other', '--json'));
    expect(forced.exit).toBe(0);
    const { backup } = forced.json as InitDocument;
    expect(readFileSync(String(backup), 'utf8')).toBe(before);
    expect(configuration()).toMatchObject({ collector: { name: 'other' } });
  });

  it('keeps the configuration when the first plan fails, and says what to do', async () => {
    site.itGlue.faults.add({ kind: 'forbidden', match: { path: /^\/contacts\?/ }, times: Infinity });

    const ended = await site.call(...words());

    expect(ended.exit).toBe(1);
    expect(ended.stdout).toContain('ITGLUE_KEY_REJECTED');
    expect(ended.stdout).toMatch(/validate/);
    expect(configuration()).toHaveProperty('itglue');
  });

  it('says at once when it may not write, and who could', async () => {
    writeFileSync(fresh(), 'a file where a folder should be');

    const ended = await site.call(...words('--json'));

    expect([codeOf(ended), ended.exit]).toEqual(['CONFIG_UNWRITABLE', 2]);
    expect(site.itGlue.requests).toHaveLength(0);
  });
});
