import { describe, expect, it } from 'vitest';
import type { NewBmsContact } from '../sandbox/bms/data.ts';
import { addContact, bmsWith, contactWith, person, rowOf, syncOf } from './people.ts';
import { duplicates, type Site, startSite, writes } from './site.ts';

function openSite(): Promise<Site> {
  return startSite({ people: [person('anna', { title: 'Buyer' })] });
}

function addTwin(site: Site, more: Partial<NewBmsContact> = {}) {
  return site.bms.data.addContact({
    accountId: site.company,
    locationId: site.office.bms,
    firstName: 'Anna',
    lastName: 'Kesten',
    emails: [{ emailAddress: 'ANNA@acme.test', emailType: 'Work' }],
    ...more,
  });
}

async function expectHeld(site: Site, why: RegExp): Promise<void> {
  const before = site.bms.data.contacts.size;
  const sync = await site.call('sync', '--json');
  expect(sync.exit, 'a held PSA record alone is 0').toBe(0);
  expect(syncOf(sync).failed).toEqual([]);
  expect(site.bms.data.contacts.size).toBe(before);
  expect(site.bms.counts.writes).toBe(0);
  const row = await rowOf(site, 'anna');
  expect(row.psa).toMatchObject({ state: 'held', badge: true });
  expect(row.psa.message).toMatch(why);
  const wrote = writes(site);
  const again = await site.call('sync', '--json');
  expect(again.exit).toBe(0);
  expect(writes(site), 'A6').toBe(wrote);
}

describe('P8 looks in BMS before it creates', () => {
  it.concurrent('P8 links the contact with its e-mail and one equal name, fills blanks on both sides, and reports the rest', async () => {
    await using site = await openSite();
    const twin = addTwin(site, { lastName: 'Kesten-Moor', phones: [{ phone: '+14155550188', phoneType: 'Mobile' }] });

    const sync = await site.call('sync', '--json');
    const before = writes(site);
    const again = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(syncOf(sync).applied.map(({ kind }) => kind)).toContain('link');
    expect(site.bms.data.contacts.size).toBe(2);
    expect(twin).toMatchObject({ jobTitle: 'Buyer', lastName: 'Kesten-Moor' });
    expect(syncOf(sync).conflicts).toContainEqual(
      expect.objectContaining({ field: 'lastName', ours: 'Kesten', theirs: 'Kesten-Moor', with: 'psa' }),
    );
    expect((await rowOf(site, 'anna')).psa.state).toBe('linked');
    expect(again.exit).toBe(0);
    expect(writes(site)).toBe(before);
  });

  it.concurrent('P8 fills a blank of IT Glue from BMS at the first link', async () => {
    await using site = await startSite({ people: [person('anna')] });
    addTwin(site, { jobTitle: 'Head of Purchasing' });

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(contactWith(site, 'anna@acme.test').title).toBe('Head of Purchasing');
  });

  it.concurrent('P8 finds the twin by any of its e-mails', async () => {
    await using site = await openSite();
    addTwin(site, {
      emails: [
        { emailAddress: 'a.kesten@elsewhere.test', emailType: 'Work' },
        { emailAddress: 'anna@acme.test', emailType: 'Personal' },
      ],
    });

    await site.call('sync');

    expect(bmsWith(site, 'anna@acme.test')).toHaveLength(1);
    expect(site.bms.data.contacts.size).toBe(2);
  });

  it.concurrent('P8 holds for a hit by e-mail with another name', async () => {
    await using site = await openSite();
    addTwin(site, { firstName: 'Office', lastName: 'Mailbox' });

    await expectHeld(site, /has another name/);
  });

  it.concurrent('P8 holds for a hit by name alone', async () => {
    await using site = await openSite();
    addTwin(site, { emails: [{ emailAddress: 'anna.private@elsewhere.test' }] });

    await expectHeld(site, /has its name but not its e-mail/);
  });

  it.concurrent('P8 holds for several hits', async () => {
    await using site = await openSite();
    addTwin(site);
    addTwin(site);

    await expectHeld(site, /2 contacts in Kaseya BMS have its e-mail/);
  });

  it.concurrent.each(['shown', 'hidden'] as const)(
    'P8 holds for an inactive hit, never reactivates (inactive contacts are %s)',
    async (inactiveUnlessAsked) => {
      await using site = await openSite();
      site.bms.switches.inactiveUnlessAsked = inactiveUnlessAsked;
      const twin = addTwin(site, { active: false });

      await expectHeld(site, /inactive/);

      expect(twin.active).toBe(false);
    },
  );

  it.concurrent('P8 holds for a hit that IT Glue links with another contact', async () => {
    await using site = await openSite();
    const twin = addTwin(site);
    addContact(site, 'other', { adapters: [{ adapterName: 'Kaseya BMS', remoteId: String(twin.id) }] });

    await expectHeld(site, /linked to another IT Glue contact/);
  });

  it.concurrent('P8 holds for a hit of which only BMS knows that it is linked with another contact', async () => {
    await using site = await openSite();
    const other = addContact(site, 'other');
    site.bms.data.linkItGlueContact(addTwin(site).id, other.id, 'Other Kesten');

    await expectHeld(site, /linked to another IT Glue contact/);
  });

  it.concurrent('P8 looks only within the company', async () => {
    await using site = await openSite();
    const elsewhere = site.bms.data.addAccount({ id: 900, name: 'Other Customer' });
    const place = site.bms.data.addLocation({ accountId: elsewhere.id, name: 'Head Office', main: true });
    addTwin(site, { accountId: elsewhere.id, locationId: place.id });

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(site.bms.data.contactsOf(site.company).map(({ firstName }) => firstName)).toContain('Anna');
  });

  it.concurrent('P8 goes on when a person cleared the way', async () => {
    await using site = await openSite();
    const twin = addTwin(site, { emails: [{ emailAddress: 'anna.private@elsewhere.test' }] });
    await expectHeld(site, /has its name/);
    site.bms.data.deleteContact(twin.id);

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(0);
    expect(bmsWith(site, 'anna@acme.test')).toHaveLength(1);
  });

  it.concurrent('P8 sees a twin that appeared after the plan', async () => {
    await using site = await startSite({ people: [person('anna')], sections: { limits: { firstRun: 'hold' } } });
    const plan = await site.call('plan', '--json');
    addTwin(site);

    const approve = await site.call('approve', syncOf(plan).hash ?? '', '--json');
    const next = await site.call('sync', '--json');

    expect(approve.exit, approve.stdout).toBe(0);
    expect(syncOf(approve).skipped.map(({ kind }) => kind)).toContain('push');
    expect(bmsWith(site, 'ANNA@acme.test')).toHaveLength(1);
    expect(syncOf(next).applied.map(({ kind }) => kind)).toContain('link');
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent('P3 never pushes a contact as new that shows sync controls', async () => {
    await using site = await openSite();
    addContact(site, 'anna', {
      phones: [{ value: '14155550177' }],
      locationId: site.office.itGlue,
      adapters: [{ adapterName: 'Kaseya BMS', remoteId: '88888', sync: false }],
    });

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(site.bms.counts.writes).toBe(0);
    expect((await rowOf(site, 'anna')).psa).toMatchObject({ state: 'linked', badge: true });
  });
});
