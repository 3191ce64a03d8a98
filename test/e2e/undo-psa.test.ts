import { describe, expect, it } from 'vitest';
import type { UndoDocument } from '../../agent/cli/documents.ts';
import { addContact, bmsWith, contactWith, documentOf, person, syncOf } from './people.ts';
import { duplicates, type Finished, type Site, startSite, writes } from './site.ts';

const buyer = person('anna', { title: 'Buyer' });

/** Anna is in BMS already: a sync links her there, and fills title and phone. */
async function linkedSite() {
  const site = await startSite({ people: [buyer] });
  const twin = site.bms.data.addContact({
    accountId: site.company,
    locationId: site.office.bms,
    firstName: 'Anna',
    lastName: 'Kesten',
    emails: [{ emailAddress: 'anna@acme.test', emailType: 'Work' }],
  });
  return Object.assign(site, { twin });
}

async function sync(site: Site): Promise<string> {
  const finished = await site.call('sync', '--json');
  expect(finished.exit, finished.stdout).toBe(0);
  return syncOf(finished).run ?? '';
}

function undoOf(finished: Finished): UndoDocument {
  return documentOf(finished);
}

function psaItems(finished: Finished) {
  const { restored, skipped, failed, created } = undoOf(finished);
  const ofPsa = <Item extends { readonly system: string }>(items: readonly Item[]) => items.filter(({ system }) => system === 'psa');
  return { restored: ofPsa(restored), skipped: ofPsa(skipped), failed: ofPsa(failed), created: ofPsa(created) };
}

describe('A5 undo in the PSA', () => {
  it.concurrent('A5 P8 puts back what a first link filled; the next sync fills it no more', async () => {
    await using site = await linkedSite();
    const run = await sync(site);
    const filled = structuredClone(site.twin);

    const undo = await site.call('undo', run, '--json');
    const before = site.bms.counts.writes;
    await sync(site);

    expect(filled).toMatchObject({ jobTitle: 'Buyer' });
    expect(filled.phones).toHaveLength(1);
    expect(undo.exit, undo.stdout).toBe(0);
    expect(psaItems(undo)).toMatchObject({ restored: [{ fields: { title: { from: 'Buyer', to: null } } }], failed: [] });
    expect(site.twin.jobTitle ?? '').toBe('');
    expect(site.twin.phones.filter(({ phone }) => !/^[0-]*$/.test(phone ?? ''))).toEqual([]);
    expect(site.bms.counts.writes).toBe(before);
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent('A5 leaves what somebody changed in BMS since, says so, and puts back the rest', async () => {
    await using site = await linkedSite();
    const run = await sync(site);
    site.twin.jobTitle = 'Captain';

    const undo = await site.call('undo', run, '--json');

    expect(undo.exit, undo.stdout).toBe(0);
    expect(psaItems(undo).skipped).toMatchObject([{ reason: expect.stringContaining('title') as unknown }]);
    expect(psaItems(undo).restored.map(({ fields }) => Object.keys(fields))).toEqual([['phone']]);
    expect(site.twin.jobTitle).toBe('Captain');
  });

  it.concurrent('A5 E9 puts back values that went to BMS, and the next sync leaves them', async () => {
    await using site = await linkedSite();
    addContact(site, 'anna', {
      adapters: [{ adapterName: 'Kaseya BMS', remoteId: String(site.twin.id), sync: true }],
    });
    const run = await sync(site);
    const written = structuredClone(site.twin.jobTitle);

    const undo = await site.call('undo', run, '--json');
    const before = site.bms.counts.writes;
    await sync(site);

    expect(written).toBe('Buyer');
    expect(undo.exit, undo.stdout).toBe(0);
    expect(site.twin.jobTitle ?? '').toBe('');
    expect(site.bms.counts.writes).toBe(before);
  });

  it.concurrent('A5 P9 puts back what went from IT Glue to BMS; the next sync writes neither side', async () => {
    await using site = await linkedSite();
    await sync(site);
    const anna = contactWith(site, 'anna@acme.test');
    const emails = [...anna.emails, { value: 'anna.k@acme.test', primary: false, labelName: 'Work' }];
    site.itGlue.data.updateContact(anna.id, { title: 'Captain', emails });
    const run = await sync(site);
    const written = structuredClone(site.twin);

    const undo = await site.call('undo', run, '--json');
    const before = writes(site);
    await sync(site);

    expect(written).toMatchObject({ jobTitle: 'Captain', emails: [{}, {}] });
    expect(undo.exit, undo.stdout).toBe(0);
    expect(site.twin).toMatchObject({ jobTitle: 'Buyer', emails: [{ emailAddress: 'anna@acme.test' }] });
    expect(anna.title, 'the run wrote nothing there').toBe('Captain');
    expect(writes(site)).toBe(before);
  });

  it.concurrent('A5 P9 puts back what came from BMS to IT Glue; the next sync writes neither side', async () => {
    await using site = await linkedSite();
    await sync(site);
    const anna = contactWith(site, 'anna@acme.test');
    site.bms.data.updateContact(site.twin.id, { lastName: 'Kesten-Moor' });
    const run = await sync(site);
    const written = anna.lastName;

    const undo = await site.call('undo', run, '--json');
    const before = writes(site);
    await sync(site);

    expect(written).toBe('Kesten-Moor');
    expect(undo.exit, undo.stdout).toBe(0);
    expect(anna.lastName).toBe('Kesten');
    expect(site.twin.lastName).toBe('Kesten-Moor');
    expect(writes(site)).toBe(before);
  });

  it.concurrent.each(['gone', 'in another company'] as const)('A5 tells of a contact that is %s', async (what) => {
    await using site = await linkedSite();
    const run = await sync(site);
    if (what === 'gone') site.bms.data.deleteContact(site.twin.id);
    else {
      const elsewhere = site.bms.data.addAccount({ id: 900, name: 'Other Customer' });
      Object.assign(site.twin, { accountId: elsewhere.id });
    }
    const before = site.bms.counts.writes;

    const undo = await site.call('undo', run, '--json');

    expect(undo.exit, undo.stdout).toBe(0);
    expect(psaItems(undo).skipped).toMatchObject([
      { reason: what === 'gone' ? expect.stringMatching(/not there/) : expect.stringMatching(/company/) },
    ]);
    expect(site.bms.counts.writes).toBe(before);
  });

  it.concurrent('E8 makes inactive what the run created in BMS, once it was confirmed; nothing pushes it again', async () => {
    await using site = await startSite({ people: [buyer, person('bruno')] });
    site.configure({ psa: { settleMinutes: 0 } });
    const run = await sync(site);
    const [anna, bruno] = [bmsWith(site, 'anna@acme.test')[0], bmsWith(site, 'bruno@acme.test')[0]];
    if (bruno !== undefined) bruno.jobTitle = 'Captain';

    const reported = await site.call('undo', run, '--json');
    const unasked = await site.call('undo', run, '--delete-created', '--json');
    const active = anna?.active;
    const undo = await site.call('undo', run, '--delete-created', '--yes', '--json');
    const before = site.bms.counts.writes;
    await sync(site);
    const push = await site.call('push', '--all', '--yes', '--json');

    expect(psaItems(reported).created.map(({ deletable }) => deletable)).toEqual([false, true]);
    expect(unasked.exit).toBe(2);
    expect(active).toBe(true);
    expect(undo.exit, undo.stdout).toBe(0);
    expect(psaItems(undo).created).toMatchObject([
      { label: 'Bruno Kesten', deleted: false, reason: expect.stringContaining('not as it was created') as unknown },
      { label: 'Anna Kesten', deleted: false, inactivated: true },
    ]);
    expect([anna?.active, bruno?.active]).toEqual([false, true]);
    expect(site.bms.data.contacts.size).toBe(3);
    expect(push.exit, push.stdout).toBe(0);
    expect(site.bms.counts.writes).toBe(before);
  });

  it.concurrent('A5 an undo in BMS is a run of its own that can be undone', async () => {
    await using site = await linkedSite();
    const run = await sync(site);
    const undo = undoOf(await site.call('undo', run, '--json'));

    const back = await site.call('undo', undo.run ?? '', '--json');

    expect(back.exit, back.stdout).toBe(0);
    expect(site.twin).toMatchObject({ jobTitle: 'Buyer', phones: [{}] });
  });
});

describe('A2 A5 an undo that was killed', () => {
  const places = [1, 2].flatMap((nth) => [
    { nth, when: 'before' as const },
    { nth, when: 'after' as const },
  ]);

  it.concurrent.each(places)('A2 $when the answer of write $nth: the next undo makes it whole', async ({ nth, when }) => {
    await using site = await linkedSite();
    const run = await sync(site);
    const hold = site.bms.holdAtWrite(nth, when);
    const { child, ended } = site.start('undo', run, '--json');
    const reached = await Promise.race([hold.parked.then(() => true), ended.then(() => false)]);
    if (reached) child.kill('SIGKILL');
    await ended;
    hold.release('drop');

    const undo = await site.call('undo', run, '--json');
    const before = site.bms.counts.writes;
    const again = await site.call('undo', run, '--json');
    await sync(site);

    if (nth === 1) expect(reached).toBe(true);
    expect(undo.exit, undo.stdout).toBe(0);
    expect(again.exit).toBe(0);
    expect(site.twin.jobTitle ?? '').toBe('');
    expect(site.twin.phones.filter(({ phone }) => !/^[0-]*$/.test(phone ?? ''))).toEqual([]);
    expect(contactWith(site, 'anna@acme.test').title, 'what was undone in BMS goes nowhere').toBe('Buyer');
    expect(site.bms.counts.writes).toBe(before);
  });
});
