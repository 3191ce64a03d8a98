import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { FailureDocument } from '../../agent/cli/documents.ts';
import type { AssessDocument } from '../../agent/cli/documents-assess.ts';
import { readPage } from '../agent/assess/markup.ts';
import { addContact, documentOf, person } from './people.ts';
import { type Finished, type Site, startSite, writes } from './site.ts';

const people = [person('anna', { title: 'Buyer' }), person('bela'), person('cora', { mail: null }), person('dora')];

function openSite(sections: Readonly<Record<string, unknown>> = {}): Promise<Site> {
  return startSite({ people, sections: { limits: { firstRun: 'hold' }, ...sections } });
}

function assessOf(finished: Finished): AssessDocument {
  return documentOf(finished);
}

function countsOf({ sections }: AssessDocument): Readonly<Record<string, number>> {
  const found = sections.flatMap(({ findings }) => findings).filter(({ count }) => count > 0);
  return Object.fromEntries(found.map(({ id, count }) => [id, count]));
}

/** All that the store holds, table by table. */
function storeOf(site: Site): ReadonlyMap<string, readonly unknown[]> {
  const database = new DatabaseSync(join(site.folder, 'state', 'rollcall.db'), { readOnly: true });
  try {
    const tables = database.prepare("select name from sqlite_schema where type = 'table' order by name").all() as { name: string }[];
    return new Map(tables.map(({ name }) => [name, database.prepare(`select * from "${name}"`).all()]));
  } finally {
    database.close();
  }
}

describe('rollcall assess', () => {
  it.concurrent('A1 P8 reports duplicates, missing contacts and PSA twins, and writes nothing outside', async () => {
    await using site = await openSite();
    addContact(site, 'anna');
    addContact(site, 'anna', { firstName: 'A.' });
    addContact(site, 'gone');
    const place = { accountId: site.company, locationId: site.office.bms, lastName: 'Kesten' };
    site.bms.data.addContact({ ...place, firstName: 'Dora', emails: [{ emailAddress: 'dora@acme.test', emailType: 'Work' }] });
    const inactive = { ...place, firstName: 'Gone', active: false, emails: [{ emailAddress: 'gone@acme.test', emailType: 'Work' }] };
    site.bms.data.addContact(inactive);
    const file = join(site.folder, 'report.html');

    const assessed = await site.call('assess', file, '--json', '--brand', 'Northwind');

    expect(assessed.exit, assessed.stdout).toBe(0);
    expect(writes(site)).toBe(0);
    expect(countsOf(assessOf(assessed))).toMatchObject({
      'contact-duplicates': 1,
      'account-undecided': 1,
      'account-without-contact': 3,
      'contact-own-domain-without-account': 1,
      'psa-twin-unclear': 1,
      'psa-twin-of-account': 1,
      'sync-create': 2,
    });
    const page = readFileSync(file, 'utf8');
    expect(readPage(page).texts).toEqual(expect.arrayContaining(['Acme Fittings', 'Northwind', 'The same person more than once']));
    const lists = readdirSync(join(site.folder, 'report-csv'));
    expect(lists).toEqual(expect.arrayContaining(['accounts.csv', 'contacts.csv', 'psa-contacts.csv', 'psa-twin-unclear.csv']));
    expect(assessOf(assessed).files).toHaveLength(lists.length + 1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.concurrent('A1 leaves the store as it was but for the reads', async () => {
    await using site = await openSite();
    addContact(site, 'bela', { title: 'Fitter' });
    const held = await site.call('sync');
    const before = storeOf(site);

    const again = await site.call('assess', join(site.folder, 'one'), '--no-scan');
    const unscanned = storeOf(site);
    const scanned = await site.call('assess', join(site.folder, 'two'));
    const after = storeOf(site);

    expect([held.exit, again.exit, scanned.exit]).toEqual([4, 0, 0]);
    expect(unscanned).toEqual(before);
    const changed = [...before.keys()].filter(
      (table) => JSON.stringify(before.get(table), bigints) !== JSON.stringify(after.get(table), bigints),
    );
    expect(changed.filter((table) => !/read|sighting|source|run|sequence/.test(table))).toEqual([]);
    const commands = (store: typeof before): unknown[] => (store.get('run') ?? []).map((run) => (run as { command: string }).command);
    expect(commands(after).slice(commands(before).length)).toEqual(['scan']);
    expect(writes(site)).toBe(0);
  });

  it.concurrent('its plan is the one that a sync would carry out', async () => {
    await using site = await openSite();
    addContact(site, 'bela');
    const assessed = assessOf(await site.call('assess', join(site.folder, 'one'), '--json'));
    const plan = documentOf<{ changes: readonly { id: string }[] }>(await site.call('plan', '--json'));

    const listed = assessed.sections
      .flatMap(({ findings }) => findings)
      .filter(({ id }) => id.startsWith('sync-') && id !== 'sync-guards')
      .flatMap(({ rows }) => rows.map(({ of }) => of));
    expect(listed).toHaveLength(plan.changes.length);
    expect(new Set(listed)).toEqual(new Set(plan.changes.map(({ id }) => id)));
  });

  it.concurrent('refuses to write over a report before it reads anything, and replaces it with --force', async () => {
    await using site = await openSite();
    const file = join(site.folder, 'report.html');
    writeFileSync(file, 'mine');

    const refused = await site.call('assess', file, '--json');
    const asked = site.itGlue.counts.reads;
    const forced = await site.call('assess', file, '--force');

    expect(refused.exit).toBe(2);
    expect(documentOf<FailureDocument>(refused).error.code).toBe('REPORT_EXISTS');
    expect(asked).toBe(0);
    expect(forced.exit, forced.stderr).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('Acme Fittings');
    expect(forced.stdout).toContain('personal data');
  });

  it.concurrent.each([
    [['assess'], 'USAGE'],
    [['assess', 'x.pdf'], 'USAGE'],
    [['assess', 'x', '--stale-days', '0'], 'USAGE'],
    [['assess', 'x', '--stale-days', 'ninety'], 'USAGE'],
    [['assess', join('no', 'such', 'folder', 'x')], 'REPORT_UNWRITABLE'],
    [['assess', 'never-read', '--no-scan'], 'STORE_NOT_FOUND'],
  ])('%j ends with %s', async (words, code) => {
    await using site = await openSite();
    const inFolder = words.map((word, index) => (index === 1 ? join(site.folder, word) : word));

    const ended = await site.call(...inFolder, '--json');

    expect(documentOf<FailureDocument>(ended).error.code).toBe(code);
    expect(writes(site)).toBe(0);
  });

  it.concurrent('C1 makes no report from a read that is not proven complete', async () => {
    await using site = await openSite();
    const ldif = join(site.folder, 'users.ldif');
    writeFileSync(ldif, readFileSync(ldif, 'utf8').slice(0, -20));

    const ended = await site.call('assess', join(site.folder, 'report'), '--json');

    expect(ended.exit).toBe(1);
    expect(documentOf<FailureDocument>(ended).error.code).toMatch(/^(?:DIRECTORY|LDIF)_/);
    expect(existsSync(join(site.folder, 'report.html'))).toBe(false);
  });

  it.concurrent('several organizations get a report each, and one that fails stops no other', async () => {
    await using site = await openSite();
    const other = site.itGlue.data.addOrganization({ id: '4712', name: 'Other <Customer>', typeName: 'Customer', statusName: 'Active' }).id;
    writeFileSync(join(site.folder, 'other.ldif'), readFileSync(join(site.folder, 'users.ldif')));
    const corp = { name: 'corp', type: 'ldif', file: 'users.ldif' };
    site.configure({
      directories: [
        corp,
        { name: 'other', type: 'ldif', file: 'other.ldif', organization: other },
        { ...corp, name: 'third', organization: '9999' },
      ],
    });

    const assessed = await site.call('assess', join(site.folder, 'all.html'), '--json');

    expect(assessed.exit, assessed.stdout).toBe(3);
    const documents = documentOf<{ organizations: readonly AssessDocument[] }>(assessed).organizations;
    expect(documents.map(({ error }) => error?.code ?? null)).toEqual([null, null, 'ITGLUE_ORGANIZATION_NOT_FOUND']);
    expect(existsSync(join(site.folder, 'all-4711.html'))).toBe(true);
    expect(readPage(readFileSync(join(site.folder, 'all-4712.html'), 'utf8')).texts).toContain('Other <Customer>');
    expect(readdirSync(site.folder).filter((name) => name.startsWith('all'))).toHaveLength(4);
    expect(writes(site)).toBe(0);
  });

  it.concurrent('P7 says that the PSA was not looked at when pushing is off', async () => {
    await using site = await openSite({ psa: { type: 'none' } });

    const assessed = assessOf(await site.call('assess', join(site.folder, 'one'), '--json'));

    expect(assessed.psaName).toBeNull();
    expect(assessed.sections.map(({ id }) => id)).not.toContain('psa');
    expect(assessed.totals?.psaContacts).toBeNull();
  });
});

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
