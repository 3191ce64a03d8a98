import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { sampleAccount, sampleBase, sampleDirectory, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { type LdapStandIn, startLdapStandIn } from '../sandbox/ldap/server.ts';
import { program, type Site, startSite } from './site.ts';
import { controlC, down, enter, openTerminal, type Terminal, terminalMissing } from './terminal.ts';

const certificates = makeTestCertificates();
afterAll(() => certificates.remove());

const missing = terminalMissing();
if (missing !== null) process.stderr.write(`SKIPPED: init at a terminal: ${missing}\n`);

let site: Site;
let directory: LdapStandIn;
let terminal: Terminal | null = null;

beforeEach(async () => {
  site = await startSite();
  for (let number = 1; number <= 40; number += 1) {
    site.itGlue.data.addOrganization({ name: `Customer ${String(number).padStart(2, '0')}`, typeName: 'Customer', statusName: 'Active' });
  }
  const { good, ca } = certificates;
  directory = await startLdapStandIn({
    scheme: 'ldaps',
    certificate: { key: good.key, cert: `${good.cert}${ca}` },
    accounts: [sampleAccount],
    entries: sampleDirectory([1, 2, 3].map((number) => userEntry(number))),
  });
});
afterEach(async () => {
  terminal?.stop();
  await directory.stop();
  await site[Symbol.asyncDispose]();
});

const fresh = () => join(site.folder, 'fresh');

/** Starts `init` as a technician does; addresses of the sandboxes are all that is given. */
function start(...more: readonly string[]): Terminal {
  const words = [
    program,
    'init',
    '--config',
    join(fresh(), 'config.json'),
    '--state',
    join(fresh(), 'state'),
    '--domain',
    'corp.example.test',
    '--server',
    `127.0.0.1:${directory.port}`,
    '--itglue-url',
    site.itGlue.url,
    '--psa-url',
    site.bms.url,
    ...more,
  ];
  terminal = openTerminal(words, { environment: site.environment });
  return terminal;
}

async function trustTheCa(person: Terminal): Promise<void> {
  await person.answer('Is it the same?', `${down}${enter}`);
}

async function signIn(person: Terminal): Promise<void> {
  await person.answer('Account to read with', `svc-rollcall${enter}`);
  await person.answer('Password of svc-rollcall@corp.example.test', `${sampleAccount.password}${enter}`);
}

function everyFile(): readonly string[] {
  return existsSync(fresh()) ? readdirSync(fresh(), { recursive: true }).map(String) : [];
}

describe.skipIf(missing !== null)('init at a terminal', () => {
  it('goes from nothing to the first plan, through a wrong password, a wrong key and a wrong company', async () => {
    const person = start();

    await person.sees(`SHA-256`);
    expect(directory.received.filter(({ operation }) => operation === 'bind')).toEqual([]);
    await trustTheCa(person);
    await person.answer('Account to read with', `svc-rollcall${enter}`);
    await person.answer('Password of', `Wrong-Pass-1${enter}`);
    await person.sees('the password is wrong');
    await person.answer('Password of svc-rollcall@corp.example.test again', enter);
    await person.answer('Account to read with', enter);
    await person.answer('Password of', `${sampleAccount.password}${enter}`);
    await person.answer('Which users are read?', enter);
    await person.answer('API key of IT Glue', `ITG.wrong${enter}`);
    await person.sees('does not accept this key');
    await person.answer('API key of IT Glue', `${site.itGlue.apiKey}${enter}`);
    await person.answer('type to search', `nobody${enter}`);
    await person.sees('Nothing on the list matches');
    person.press(`${'\u007F'.repeat(6)}acme fit`);
    await person.answer('1 match', enter);
    await person.answer('Which PSA', enter);
    await person.answer('the tenant', `${site.bms.credentials.tenant}${enter}`);
    await person.answer('API employee', `${site.bms.credentials.userName}${enter}`);
    await person.answer('Password of', `wrong${enter}`);
    await person.sees('refused the sign-in');
    await person.answer('the tenant', enter);
    await person.answer('API employee', enter);
    await person.answer('Password of', `${site.bms.credentials.password}${enter}`);
    await person.answer('Is Acme Fittings this customer?', enter);
    await person.sees('The e-mail type is Work');
    await person.answer('Where is this network?', enter);
    await person.answer('Create contacts', `${down}${enter}`);
    await person.answer('Name of this installation', `acme-hq${enter}`);
    expect(everyFile()).toEqual([]);
    await person.answer('make a first plan?', enter);

    expect(await person.ended).toBe(0);
    const configuration: unknown = JSON.parse(readFileSync(join(fresh(), 'config.json'), 'utf8'));
    expect(configuration).toMatchObject({
      collector: { name: 'acme-hq', organization: site.organization, location: 'Head Office' },
      contacts: { create: 'auto' },
      directories: [
        {
          name: 'corp',
          domain: 'corp.example.test',
          servers: [`ldaps://127.0.0.1:${directory.port}`],
          bindDn: 'svc-rollcall@corp.example.test',
          password: 'vault:directory-corp',
          tls: { caFile: 'corp-ca.pem' },
        },
      ],
    });
    const shown = person.raw();
    for (const secret of [sampleAccount.password, 'Wrong-Pass-1', site.itGlue.apiKey, site.bms.credentials.password]) {
      expect(shown).not.toContain(secret);
    }
    expect(shown).toContain('Plan ');
    // NO_COLOR is set: cursor movements, but no colours.
    expect(shown.split('\u001B[').filter((part) => /^[0-9;]*m/.test(part))).toEqual([]);
    expect(site.itGlue.counts.writes + site.bms.counts.writes).toBe(0);
  });

  it.each([
    ['at a question', (person: Terminal) => person.sees('Account to read with')],
    [
      'while it waits for a server',
      async (person: Terminal) => {
        site.itGlue.faults.add({ kind: 'stall-before', times: Infinity });
        await signIn(person);
        await person.answer('Which users are read?', enter);
        await person.answer('API key of IT Glue', `${site.itGlue.apiKey}${enter}`);
        await person.sees('Trying the key');
      },
    ],
  ] as const)('leaves nothing behind when it is stopped by Ctrl-C %s', async (_where, until) => {
    const person = start();
    await trustTheCa(person);
    await until(person);

    person.press(controlC);

    expect(await person.ended).toBe(130);
    expect(everyFile()).toEqual([]);
  });

  it('takes what is typed ahead, and never shows a password because of it', async () => {
    const person = start('--organization', site.organization, '--psa-type', 'none');

    await person.answer(
      'Is it the same?',
      `${down}${enter}svc-rollcall${enter}${sampleAccount.password}${enter}${enter}${site.itGlue.apiKey}${enter}`,
    );

    await person.sees('Where is this network?');
    expect(person.raw()).not.toContain(sampleAccount.password);
    expect(person.raw()).not.toContain(site.itGlue.apiKey);
    person.press(controlC);
    expect(await person.ended).toBe(130);
  });

  it('sends no password when the CA is not confirmed', async () => {
    const person = start();

    await person.answer('Is it the same?', enter);

    expect(await person.ended).toBe(1);
    expect(directory.received.filter(({ operation }) => operation === 'bind')).toEqual([]);
    expect(everyFile()).toEqual([]);
  });

  it('tries a user name three times, and warns before the third', async () => {
    const person = start();
    await trustTheCa(person);
    await person.answer('Account to read with', `svc-rollcall${enter}`);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      if (attempt === 3) await person.sees('the last that is tried');
      await person.answer(attempt === 1 ? 'Password of' : /Password of svc-rollcall\S+ again/, `Wrong-${attempt}${enter}`);
      await person.sees('the password is wrong');
    }
    await person.answer('Account to read with', `svc-rollcall${enter}`);

    await person.sees('could lock the account');

    expect(directory.received.filter(({ operation }) => operation === 'bind')).toHaveLength(3);
    person.press(controlC);
    expect(await person.ended).toBe(130);
  });

  it('reads chosen units only, and asks before it replaces a file', async () => {
    const given = [
      '--organization',
      site.organization,
      '--psa-type',
      'none',
      '--create',
      'off',
      '--collector',
      'x',
      '--location',
      '',
      '--no-plan',
    ];
    const person = start(...given);
    await trustTheCa(person);
    await signIn(person);
    await person.answer('Which users are read?', `${down}${enter}`);
    await person.answer('Units to read', `\t${enter}`);
    await person.answer('API key of IT Glue', `${site.itGlue.apiKey}${enter}`);
    await person.answer('make a first plan?', enter);
    expect(await person.ended).toBe(0);
    const configuration = readFileSync(join(fresh(), 'config.json'), 'utf8');
    expect(JSON.parse(configuration)).toMatchObject({ directories: [{ searchBases: [`OU=Staff,${sampleBase}`] }] });

    const again = start(...given);
    await again.answer('is there already. Replace it?', enter);

    expect(await again.ended).toBe(2);
    expect(readFileSync(join(fresh(), 'config.json'), 'utf8')).toBe(configuration);
  });
});
