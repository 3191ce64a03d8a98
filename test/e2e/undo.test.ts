import { describe, expect, it } from 'vitest';
import type { UndoDocument } from '../../agent/cli/documents.ts';
import { addContact, bmsWith, contactWith, documentOf, person, rowOf, syncOf } from './people.ts';
import { duplicates, type Finished, type Site, startSite, writes } from './site.ts';

const alone = { psa: { type: 'none' } };
const people = [person('anna', { title: 'Buyer' }), person('bruno', { title: 'Driver' }), person('clara', { title: 'Welder' })];

async function sync(site: Site): Promise<string> {
  const finished = await site.call('sync', '--json');
  expect(finished.exit, finished.stdout).toBe(0);
  return syncOf(finished).run ?? '';
}

function undoOf(finished: Finished): UndoDocument {
  return documentOf(finished);
}

/** Of the records that the run created: whether each was deleted. */
function deletions(finished: Finished): ReadonlyMap<string, boolean> {
  return new Map(undoOf(finished).created.map(({ label, deleted }) => [label, deleted]));
}

describe('A5 undo', () => {
  it.concurrent('A5 puts the values back, and the next sync leaves them', async () => {
    await using site = await startSite({ people: people.slice(0, 1), sections: alone });
    const anna = addContact(site, 'anna', { phones: [{ value: '14155550188', primary: true, labelName: 'Mobile' }] });
    const before = structuredClone(anna);
    const run = await sync(site);

    const undo = await site.call('undo', run, '--json');
    const after = structuredClone(anna);
    await sync(site);

    expect(undo.exit, undo.stdout).toBe(0);
    expect(undoOf(undo)).toMatchObject({ undone: run, restored: [{ record: anna.id, label: 'Anna Kesten' }], skipped: [], failed: [] });
    for (const contact of [after, anna]) {
      expect(contact).toMatchObject({
        title: before.title,
        emails: before.emails,
        phones: before.phones,
        locationId: before.locationId,
        firstName: before.firstName,
        lastName: before.lastName,
      });
    }
  });

  it.concurrent('A5 leaves a value that somebody changed since, and puts back the others', async () => {
    await using site = await startSite({ people: people.slice(0, 1), sections: alone });
    const anna = addContact(site, 'anna');
    const run = await sync(site);
    site.itGlue.data.updateContact(anna.id, { title: 'Office Angel' });

    const undo = await site.call('undo', run, '--json');

    expect(undo.exit).toBe(0);
    expect(undoOf(undo).restored).toHaveLength(1);
    expect(undoOf(undo).skipped).toMatchObject([{ record: anna.id, reason: expect.stringContaining('changed') as unknown }]);
    expect(anna.title).toBe('Office Angel');
    expect(anna.phones).toEqual([]);
  });

  it.concurrent('A5 E8 reports created contacts and leaves them', async () => {
    await using site = await startSite({ people, sections: alone });
    const run = await sync(site);
    const before = writes(site);

    const undo = await site.call('undo', run, '--json');

    expect(undo.exit).toBe(0);
    expect(deletions(undo)).toEqual(
      new Map([
        ['Anna Kesten', false],
        ['Bruno Kesten', false],
        ['Clara Kesten', false],
      ]),
    );
    expect(writes(site)).toBe(before);
  });

  it.concurrent('E8 --delete-created deletes only what is unchanged and in no PSA, once it was confirmed; it stays away', async () => {
    await using site = await startSite({ people, sections: alone });
    const run = await sync(site);
    const bruno = contactWith(site, 'bruno@acme.test');
    site.itGlue.data.updateContact(bruno.id, { title: 'Captain' });
    const clara = contactWith(site, 'clara@acme.test');
    site.itGlue.data.linkAdapter(clara.id, { adapterName: 'Kaseya BMS', remoteId: '4242' });
    const before = writes(site);

    const unasked = await site.call('undo', run, '--delete-created', '--json');
    const after = writes(site);
    const undo = await site.call('undo', run, '--delete-created', '--yes', '--json');
    await sync(site);

    expect(unasked.exit).toBe(2);
    expect(documentOf(unasked)).toMatchObject({ error: { code: 'CONFIRMATION_NEEDED' } });
    expect(after).toBe(before);
    expect(undo.exit, undo.stdout).toBe(0);
    expect(deletions(undo)).toEqual(
      new Map([
        ['Anna Kesten', true],
        ['Bruno Kesten', false],
        ['Clara Kesten', false],
      ]),
    );
    expect([...site.itGlue.data.contacts.values()].map(({ firstName }) => firstName)).toEqual(['Bruno', 'Clara']);
    expect(site.itGlue.data.assets.size, 'the overlay goes with its contact').toBe(2);
    expect(await rowOf(site, 'anna')).toMatchObject({ state: 'unmatched', reason: expect.stringMatching(/^M7/) as unknown });
  });

  it.concurrent('E8 deletes nothing in BMS, where a contact only becomes inactive, nor a contact that was pushed', async () => {
    await using site = await startSite({ people: people.slice(0, 1) });
    const run = await sync(site);

    const undo = await site.call('undo', run, '--delete-created', '--yes', '--json');

    expect(undo.exit, undo.stdout).toBe(0);
    expect(undoOf(undo).created.every(({ deleted }) => !deleted)).toBe(true);
    expect(site.itGlue.data.contacts.size).toBe(1);
    expect(bmsWith(site, 'anna@acme.test').map(({ active }) => active)).toEqual([false]);
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent('A5 does nothing the second time', async () => {
    await using site = await startSite({ people: people.slice(0, 1), sections: alone });
    addContact(site, 'anna');
    const run = await sync(site);
    await site.call('undo', run);
    const before = writes(site);

    const again = await site.call('undo', run, '--json');

    expect(again.exit).toBe(0);
    expect(undoOf(again)).toMatchObject({ restored: [], failed: [] });
    expect(writes(site)).toBe(before);
  });

  it.concurrent('A5 an undo is a run of its own that can be undone', async () => {
    await using site = await startSite({ people: people.slice(0, 1), sections: alone });
    const anna = addContact(site, 'anna');
    const run = await sync(site);
    const undo = undoOf(await site.call('undo', run, '--json'));

    const back = await site.call('undo', undo.run ?? '', '--json');

    expect(back.exit, back.stdout).toBe(0);
    expect(anna.title).toBe('Buyer');
  });

  it.concurrent('A5 A4 reports a value that IT Glue does not take back with exit 3, and takes it the next time', async () => {
    await using site = await startSite({ people: people.slice(0, 1), sections: alone });
    const anna = addContact(site, 'anna');
    const run = await sync(site);
    site.itGlue.faults.add({ kind: 'bad-request', match: { method: 'PATCH' } });

    const undo = await site.call('undo', run, '--json');
    const again = await site.call('undo', run, '--json');

    expect(undo.exit).toBe(3);
    expect(undoOf(undo).failed).toMatchObject([{ record: anna.id, code: 'ITGLUE_REFUSED' }]);
    expect(again.exit).toBe(0);
    expect(anna.title).toBeNull();
  });

  it.concurrent('A2 A5 settles an undo whose answer was lost', async () => {
    await using site = await startSite({ people: people.slice(0, 1), sections: alone });
    const anna = addContact(site, 'anna');
    const run = await sync(site);
    site.itGlue.faults.add({ kind: 'lost-after', match: { method: 'PATCH' } });

    const undo = await site.call('undo', run, '--json');
    await sync(site);
    const before = writes(site);
    await sync(site);

    expect(undo.exit).toBe(3);
    expect(anna.title).toBeNull();
    expect(writes(site)).toBe(before);
  });

  it.concurrent('refuses a run that is not in the journal with exit 2', async () => {
    await using site = await startSite({ people: [], sections: alone });
    await site.call('scan');

    const undo = await site.call('undo', '99', '--json');

    expect(undo.exit).toBe(2);
    expect(documentOf(undo)).toMatchObject({ error: { code: 'RUN_NOT_FOUND' } });
  });
});
