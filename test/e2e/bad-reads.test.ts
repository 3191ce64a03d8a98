import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contactsOf, crowd, documentOf, person, statusOf } from './people.ts';
import { type Site, startSite, writes } from './site.ts';

const limits = { firstRun: 'auto' };

async function syncedSite(sections: Readonly<Record<string, unknown>> = {}): Promise<Site> {
  const site = await startSite({ people: crowd(4, () => ({ title: 'Fitter' })), sections: { limits, ...sections } });
  const first = await site.call('sync', '--json');
  expect(first.exit, first.stdout).toBe(0);
  return site;
}

interface Table {
  readonly name: string;
  readonly code: string;
  readonly spoil: (file: string) => void;
}

const spoilt: readonly Table[] = [
  {
    name: 'is cut off in the middle of a line',
    code: 'DIRECTORY_INCOMPLETE',
    spoil: (file) => truncateSync(file, readFileSync(file).length - 25),
  },
  { name: 'is empty', code: 'DIRECTORY_INCOMPLETE', spoil: (file) => truncateSync(file, 0) },
  { name: 'is missing', code: 'LDIF_UNREADABLE', spoil: (file) => rmSync(file) },
  { name: 'is something else', code: 'LDIF_INVALID', spoil: (file) => writeFileSync(file, '<html>Not found</html>\n') },
  { name: 'has a broken record at its end', code: 'LDIF_INVALID', spoil: (file) => appendFileSync(file, '\nsAMAccountName: x\n') },
];

describe('C1 a read that cannot be trusted', () => {
  it.concurrent.each(spoilt)('C1 writes nothing when the export $name', async ({ code, spoil }) => {
    await using site = await syncedSite();
    const before = writes(site);
    const contacts = contactsOf(await site.call('contacts', 'list', '--json'));
    spoil(join(site.folder, 'users.ldif'));

    const sync = await site.call('sync', '--json');
    const plan = await site.call('plan', '--json');
    const after = contactsOf(await site.call('contacts', 'list', '--json'));

    for (const answer of [sync, plan]) {
      expect(answer.exit).toBe(1);
      expect(documentOf(answer)).toMatchObject({ formatVersion: 1, error: { code, place: { directory: 'corp' } } });
    }
    expect(writes(site)).toBe(before);
    expect(after.contacts, 'the users keep their matches').toEqual(contacts.contacts);
    expect(after.counts.matched).toBe(4);
  });

  it.concurrent('E4 C1 blanks nothing when the export is cut off between two lines of a record, which cannot be told', async () => {
    await using site = await syncedSite();
    const before = structuredClone(site.itGlue.data.contacts);
    const pushed = structuredClone(site.bms.data.contacts);
    const file = join(site.folder, 'users.ldif');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, text.lastIndexOf('givenName')));

    await site.call('sync', '--json');

    expect(site.itGlue.data.contacts).toEqual(before);
    expect(site.bms.data.contacts).toEqual(pushed);
  });

  it.concurrent('C1 goes on as if nothing had been when the export is whole again', async () => {
    await using site = await syncedSite();
    const file = join(site.folder, 'users.ldif');
    const whole = readFileSync(file);
    truncateSync(file, 300);
    await site.call('sync');
    const failed = await site.call('status', '--json');
    const before = writes(site);
    writeFileSync(file, whole);

    const sync = await site.call('sync', '--json');
    const status = await site.call('status', '--json');

    expect(failed.exit).toBe(7);
    expect(statusOf(failed).health).toBe('failed');
    expect(sync.exit).toBe(0);
    expect(writes(site)).toBe(before);
    expect(status.exit).toBe(0);
  });

  it.concurrent('C1 writes nothing when the second of two directories fails', async () => {
    const directories = [
      { name: 'corp', type: 'ldif', file: 'users.ldif' },
      { name: 'branch', type: 'ldif', file: 'branch.ldif' },
    ];
    await using site = await startSite({ people: crowd(2), sections: { limits, directories } });

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(1);
    expect(documentOf(sync)).toMatchObject({ error: { code: 'LDIF_UNREADABLE', place: { directory: 'branch' } } });
    expect(writes(site)).toBe(0);
  });

  it.concurrent('C1 concludes nothing from users who are not in the export any more', async () => {
    await using site = await syncedSite();
    const before = writes(site);
    site.setPeople(crowd(1, () => ({ title: 'Fitter' })));

    const sync = await site.call('sync', '--json');
    const list = contactsOf(await site.call('contacts', 'list', '--json'));

    expect(sync.exit, sync.stdout).toBe(0);
    expect(writes(site)).toBe(before);
    expect(list.counts).toEqual({ unmatched: 0, matched: 4, ignored: 0 });
  });

  it.concurrent('scan reports each directory and fails with the code of the one that failed', async () => {
    const directories = [
      { name: 'corp', type: 'ldif', file: 'users.ldif' },
      { name: 'branch', type: 'ldif', file: 'branch.ldif' },
    ];
    await using site = await startSite({ people: crowd(2), sections: { limits, directories } });

    const scan = await site.call('scan', '--json');

    expect(scan.exit).toBe(3);
    expect(documentOf(scan)).toMatchObject({
      directories: [
        { directory: 'corp', outcome: 'complete', users: 2, error: null },
        { directory: 'branch', outcome: 'failed', users: 0, error: { code: 'LDIF_UNREADABLE' } },
      ],
    });
    expect(site.itGlue.counts.requests + site.bms.counts.requests, 'a scan asks nobody but the directories').toBe(0);
  });
});

describe('C8 no credentials', () => {
  const sentence = 'No Active Directory users were found as AD credentials were not specified';
  const directories = [{ name: 'corp', type: 'active-directory', domain: 'corp.example.test', servers: ['ldaps://127.0.0.1:1'] }];

  it.concurrent.each([['sync'], ['plan'], ['scan'], ['contacts', 'list'], ['status']])(
    'C8 says so in %s %s, reads nothing and sends no request',
    async (...words) => {
      await using site = await startSite({ people: [person('anna')], sections: { limits, directories } });

      const spoken = await site.call(...words);
      const document = await site.call(...words, '--json');

      expect(`${spoken.stdout}${spoken.stderr}`).toContain(sentence);
      expect(document.stdout).toContain(sentence);
      if (words[0] !== 'status') expect([spoken.exit, document.exit]).toEqual([0, 0]);
      expect(site.itGlue.counts.requests + site.bms.counts.requests).toBe(0);
    },
  );
});
