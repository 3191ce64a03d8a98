import { describe, expect, it } from 'vitest';
import { addContact, person, planOf, syncOf } from './people.ts';
import { duplicates, type Site, startSite } from './site.ts';

const held = { limits: { firstRun: 'hold' } };

/** A site with a plan that is held, and its hash. */
async function holdPlan(sections: Readonly<Record<string, unknown>> = {}): Promise<{ readonly site: Site; readonly hash: string }> {
  const site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: { ...held, ...sections } });
  return { site, hash: planOf(await site.call('plan', '--json')).hash };
}

describe('a held plan meets what is there when it is approved', () => {
  it.concurrent.each([
    ['its company was pinned to another one', { psa: { company: '300' } }],
    ['pushing was switched off', { psa: { push: 'off' } }],
  ])('A3 P8 pushes nothing when %s since', async (_, sections) => {
    const { site, hash } = await holdPlan();
    await using _site = site;
    site.bms.data.addAccount({ id: 300, name: 'Another Company' });
    const before = site.bms.data.contacts.size;
    site.configure({ ...held, ...sections });

    const approve = await site.call('approve', hash, '--json');

    expect(approve.exit).toBe(3);
    expect(syncOf(approve).failed).toMatchObject([{ kind: 'push', code: 'RECORD_CHANGED' }]);
    expect(site.bms.data.contacts.size).toBe(before);
  });

  it.concurrent('A3 P8 creates no twin when the company became ambiguous and somebody made the contact', async () => {
    const { site, hash } = await holdPlan();
    await using _site = site;
    site.bms.data.addAccount({ id: 300, name: 'Acme Fittings' });
    const emails = [{ emailAddress: 'anna@acme.test', emailType: 'Work' }];
    site.bms.data.addContact({ accountId: site.company, locationId: site.office.bms, firstName: 'Anna', lastName: 'Kesten', emails });

    await site.call('approve', hash, '--json');

    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent('A3 P8 a first link fills only what is still blank in the PSA', async () => {
    const site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: held });
    await using _site = site;
    const emails = [{ emailAddress: 'anna@acme.test', emailType: 'Work' }];
    const fields = { accountId: site.company, locationId: site.office.bms, firstName: 'Anna', lastName: 'Kesten', emails };
    const twin = site.bms.data.addContact(fields);
    const plan = planOf(await site.call('plan', '--json'));
    twin.jobTitle = 'Chief Executive';

    const approve = await site.call('approve', plan.hash, '--json');

    expect(plan.changes.map(({ kind }) => kind)).toContain('link');
    expect(syncOf(approve).applied.map(({ kind }) => kind)).toContain('link');
    expect(twin.jobTitle).toBe('Chief Executive');
    expect(twin.phones).toHaveLength(1);
  });

  it.concurrent('A4 reports what cannot be pushed because no PSA is configured any more', async () => {
    const { site, hash } = await holdPlan();
    await using _site = site;
    site.configure({ ...held, psa: { type: 'none' } });

    const approve = await site.call('approve', hash, '--json');

    expect(approve.exit).toBe(3);
    expect(syncOf(approve).failed.map(({ kind }) => kind)).toEqual(['push']);
  });

  it.concurrent('A2 creates no second contact when a clock behind ours hides that somebody made one', async () => {
    const { site, hash } = await holdPlan();
    await using _site = site;
    const made = addContact(site, 'anna');
    made.createdAt -= 300_000;
    made.updatedAt -= 300_000;

    const approve = await site.call('approve', hash, '--json');

    expect(syncOf(approve).failed).toContainEqual(expect.objectContaining({ kind: 'create', code: 'RECORD_CHANGED' }));
    expect(site.itGlue.data.contacts.size).toBe(1);
  });

  it.concurrent('E7 keeps what a person wrote into the notes since the plan was made', async () => {
    const site = await startSite({ people: [person('anna')], sections: { ...held, contacts: { overlay: 'notes' } } });
    await using _site = site;
    const contact = addContact(site, 'anna', { notes: 'Gate is on the left.' });
    const { hash } = planOf(await site.call('plan', '--json'));
    site.itGlue.data.updateContact(contact.id, { notes: 'Gate is on the left.\nIMPORTANT: new gate code.' });

    await site.call('approve', hash, '--json');

    const { notes } = site.itGlue.data.contact(contact.id);
    expect(notes).toContain('IMPORTANT: new gate code.');
    expect(notes).toContain('AD Status: Enabled');
  });

  it.concurrent('E7 writes no notes for a plan that was made for assets', async () => {
    const site = await startSite({ people: [person('anna')], sections: held });
    await using _site = site;
    const contact = addContact(site, 'anna', { notes: 'Gate is on the left.' });
    const { hash } = planOf(await site.call('plan', '--json'));
    site.configure({ ...held, contacts: { overlay: 'notes' } });

    await site.call('approve', hash, '--json');

    expect(site.itGlue.data.contact(contact.id).notes).toBe('Gate is on the left.');
  });

  it.concurrent('E9 writes no contact that another integration syncs by now', async () => {
    const site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: { ...held, psa: { type: 'none' } } });
    await using _site = site;
    site.itGlue.switches.syncedContact = 'accepted';
    const contact = addContact(site, 'anna', { title: null });
    const { hash } = planOf(await site.call('plan', '--json'));
    site.itGlue.data.linkAdapter(contact.id, { adapterName: 'Autotask', remoteId: '9', sync: true });

    const approve = await site.call('approve', hash, '--json');

    expect(syncOf(approve).skipped.map(({ kind }) => kind)).toEqual(['update']);
    expect(site.itGlue.data.contact(contact.id).title).toBeNull();
  });
});

describe('undo --delete-created', () => {
  it.concurrent.each([
    ['the title', { title: 'Head of Buying' }],
    ['only the notes', { notes: 'Prefers e-mail.' }],
  ])('E8 deletes no contact of which a person changed %s, also after further syncs', async (_, change) => {
    const site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: { psa: { type: 'none' } } });
    await using _site = site;
    const { run } = syncOf(await site.call('sync', '--json'));
    const [contact] = [...site.itGlue.data.contacts.values()];
    site.itGlue.data.updateContact(contact?.id ?? '', change);
    await site.call('sync');

    await site.call('undo', run ?? '', '--delete-created', '--yes', '--json');

    expect(site.itGlue.data.contacts.size).toBe(1);
  });
});
