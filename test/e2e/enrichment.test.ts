import { describe, expect, it } from 'vitest';
import { addContact, contactWith, documentOf, person, rowOf, syncOf } from './people.ts';
import { type Site, startSite, writes } from './site.ts';

const alone = { psa: { type: 'none' } };

async function sync(site: Site) {
  const finished = await site.call('sync', '--json');
  expect(finished.exit, finished.stdout).toBe(0);
  return syncOf(finished);
}

/** A further sync without anything new writes nothing (A6). */
async function expectQuiet(site: Site): Promise<void> {
  const before = writes(site);
  await sync(site);
  expect(writes(site), 'A6').toBe(before);
}

describe('E4 over time', () => {
  it.concurrent('E4 follows Active Directory as long as nobody else writes', async () => {
    await using site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: alone });
    const anna = addContact(site, 'anna');

    await sync(site);
    const first = anna.title;
    site.setPeople([person('anna', { title: 'Senior Buyer' })]);
    await sync(site);

    expect(first).toBe('Buyer');
    expect(anna.title).toBe('Senior Buyer');
    await expectQuiet(site);
  });

  it.concurrent('E4 leaves the value of a person, reports the difference, and keeps to it when Active Directory changes', async () => {
    await using site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: alone });
    const anna = addContact(site, 'anna', { title: 'Office Angel' });

    const first = await sync(site);
    site.setPeople([person('anna', { title: 'Senior Buyer' })]);
    await sync(site);

    expect(anna.title).toBe('Office Angel');
    expect(first.conflicts).toEqual([expect.objectContaining({ field: 'title', ours: 'Buyer', theirs: 'Office Angel', with: 'it-glue' })]);
    expect((await rowOf(site, 'anna')).conflicts).toEqual([
      { field: 'title', ours: 'Senior Buyer', theirs: 'Office Angel', with: 'it-glue' },
    ]);
    await expectQuiet(site);
  });

  it.concurrent('E4 leaves a value that a person typed over ours', async () => {
    await using site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: alone });
    await sync(site);
    const anna = contactWith(site, 'anna@acme.test');
    site.itGlue.data.updateContact(anna.id, { title: 'Office Angel' });
    site.setPeople([person('anna', { title: 'Senior Buyer' })]);

    await sync(site);

    expect(anna.title).toBe('Office Angel');
    await expectQuiet(site);
  });

  it.concurrent('E4 leaves blank what a person cleared, even when Active Directory changes', async () => {
    await using site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: alone });
    await sync(site);
    const anna = contactWith(site, 'anna@acme.test');
    site.itGlue.data.updateContact(anna.id, { title: null });

    await sync(site);
    const after = anna.title;
    site.setPeople([person('anna', { title: 'Senior Buyer' })]);
    await sync(site);

    expect(after).toBeNull();
    expect(anna.title).toBeNull();
    await expectQuiet(site);
  });

  it.concurrent.each([
    ['overwrite', 'Buyer'],
    ['never', 'Office Angel'],
  ])('E4 policy "%s"', async (policy, title) => {
    await using site = await startSite({
      people: [person('anna', { title: 'Buyer' })],
      sections: { ...alone, contacts: { fields: { title: policy } } },
    });
    const anna = addContact(site, 'anna', { title: 'Office Angel' });

    await sync(site);

    expect(anna.title).toBe(title);
    await expectQuiet(site);
  });

  it.concurrent('E4 P9 leaves a value that came from the PSA', async () => {
    await using site = await startSite({ people: [person('anna', { title: 'Buyer' })] });
    const twin = site.bms.data.addContact({
      accountId: site.company,
      locationId: site.office.bms,
      firstName: 'Anna',
      lastName: 'Kesten',
      jobTitle: 'Head of Purchasing',
      emails: [{ emailAddress: 'anna@acme.test' }],
    });
    const anna = addContact(site, 'anna', {
      title: 'Head of Purchasing',
      adapters: [{ adapterName: 'Kaseya BMS', remoteId: String(twin.id) }],
    });

    await sync(site);

    expect(anna.title).toBe('Head of Purchasing');
    expect(twin.jobTitle).toBe('Head of Purchasing');
    await expectQuiet(site);
  });
});

describe('E5 e-mails and phones', () => {
  it.concurrent('E5 adds what is missing and keeps all others, the primary included', async () => {
    await using site = await startSite({ people: [person('anna')], sections: { ...alone, psa: { type: 'none' } } });
    const anna = addContact(site, 'anna', {
      emails: [
        { value: 'a.kesten@elsewhere.test', primary: true, labelName: 'Home' },
        { value: 'ANNA@acme.test', primary: false, labelName: 'Work' },
      ],
      phones: [{ value: '14155550188', primary: true, labelName: 'Mobile' }],
    });

    await sync(site);

    expect(anna.emails).toEqual([
      { value: 'a.kesten@elsewhere.test', primary: true, labelName: 'Home' },
      { value: 'ANNA@acme.test', primary: false, labelName: 'Work' },
    ]);
    expect(anna.phones.map(({ value, primary }) => ({ value, primary }))).toEqual([
      { value: '14155550188', primary: true },
      { value: '14155550114', primary: false },
    ]);
    await expectQuiet(site);
  });

  it.concurrent('E5 replaces the e-mail that it wrote in its place, keeping type and primary', async () => {
    await using site = await startSite({ people: [person('anna')], sections: alone });
    await sync(site);
    const anna = contactWith(site, 'anna@acme.test');
    const [written] = anna.emails;
    site.itGlue.data.updateContact(anna.id, {
      emails: [...anna.emails, { value: 'private@elsewhere.test', primary: false, labelName: 'Home' }],
    });
    site.setPeople([person('anna', { mail: 'anna.moor@acme.test' })]);

    await sync(site);

    expect(anna.emails).toEqual([
      { ...written, value: 'anna.moor@acme.test' },
      { value: 'private@elsewhere.test', primary: false, labelName: 'Home' },
    ]);
    expect((await rowOf(site, 'anna')).contactId, 'the match lasts').toBe(anna.id);
    await expectQuiet(site);
  });

  it.concurrent.each(['+1 (415) 555-0114', '415.555.0114', '14155550114'])('E5 takes %s for the same phone', async (value) => {
    await using site = await startSite({ people: [person('anna')], sections: alone });
    const anna = addContact(site, 'anna', { phones: [{ value, primary: true, labelName: 'Reception' }] });

    await sync(site);

    expect(anna.phones).toHaveLength(1);
    expect(anna.phones[0]).toMatchObject({ labelName: 'Reception' });
    await expectQuiet(site);
  });

  it.concurrent('E5 writes the extension as an extension', async () => {
    await using site = await startSite({ people: [person('anna', { telephoneNumber: '+1 415 555 0114 x27' })], sections: alone });

    await sync(site);

    expect(contactWith(site, 'anna@acme.test').phones).toMatchObject([{ value: '14155550114', extension: '27' }]);
    await expectQuiet(site);
  });

  it.concurrent('E2 names the types "AD Email" and "AD Phone" when no PSA type is chosen', async () => {
    await using site = await startSite({ people: [person('anna')], sections: alone });

    await sync(site);

    const anna = contactWith(site, 'anna@acme.test');
    expect(anna.emails.map(({ labelName }) => labelName)).toEqual(['AD Email']);
    expect(anna.phones.map(({ labelName }) => labelName)).toEqual(['AD Phone']);
  });

  it.concurrent('C11 E5 survives contacts with two primaries, none, or null anywhere', async () => {
    await using site = await startSite({ people: [person('anna'), person('bruno'), person('clara')], sections: alone });
    addContact(site, 'anna', {
      emails: [
        { value: 'anna@acme.test', primary: true },
        { value: 'other@acme.test', primary: true },
      ],
    });
    addContact(site, 'bruno', { emails: [{ value: 'bruno@acme.test', primary: false }], phones: [{ value: '', primary: false }] });
    site.itGlue.data.addContact({ organizationId: site.organization, firstName: null, lastName: null });

    await sync(site);

    expect((await rowOf(site, 'anna')).state).toBe('matched');
    expect((await rowOf(site, 'bruno')).state).toBe('matched');
    await expectQuiet(site);
  });
});

describe('E7 overlay', () => {
  it.concurrent('E7 follows the status, keeps traits of others, and is written for a contact that refuses updates', async () => {
    await using site = await startSite({ people: [person('anna')], sections: alone });
    await sync(site);
    const [asset] = site.itGlue.data.assets.values();
    const type = asset?.typeId ?? '';
    site.itGlue.data.addAssetField(type, { name: 'Badge Number', kind: 'Text', order: 90 });
    asset?.traits.set('badge-number', 'B-17');
    site.setPeople([person('anna', { userAccountControl: '514' })]);

    await sync(site);

    expect(asset?.traits.get('ad-status')).toBe('Disabled');
    expect(asset?.traits.get('badge-number')).toBe('B-17');
    await expectQuiet(site);
  });

  it.concurrent('E7 writes notes instead when it is told to, and keeps what people wrote there', async () => {
    await using site = await startSite({
      people: [person('anna')],
      sections: { ...alone, contacts: { overlay: 'notes' } },
    });
    const anna = addContact(site, 'anna', { notes: 'Prefers calls in the morning.' });

    await sync(site);

    expect(anna.notes).toContain('Prefers calls in the morning.');
    expect(anna.notes).toContain('Enabled');
    expect(site.itGlue.data.assets.size).toBe(0);
    await expectQuiet(site);
  });

  it.concurrent('E7 writes none when it is told so', async () => {
    await using site = await startSite({ people: [person('anna')], sections: { ...alone, contacts: { create: 'auto', overlay: 'none' } } });

    await sync(site);

    expect(site.itGlue.data.assets.size + site.itGlue.data.assetTypes.size).toBe(0);
    await expectQuiet(site);
  });
});

describe('E9 contacts that others own', () => {
  it.concurrent('E9 sends the values of a contact that an adapter syncs to BMS, not to IT Glue', async () => {
    await using site = await startSite({ people: [person('anna', { title: 'Buyer' })] });
    const twin = site.bms.data.addContact({
      accountId: site.company,
      locationId: site.office.bms,
      firstName: 'Anna',
      lastName: 'Kesten',
      emails: [{ emailAddress: 'anna@acme.test' }],
    });
    const anna = addContact(site, 'anna', { adapters: [{ adapterName: 'Kaseya BMS', remoteId: String(twin.id), sync: true }] });

    const first = await sync(site);
    site.itGlue.data.linkAdapter(site.organization, { adapterName: 'Kaseya BMS', remoteId: String(site.company) });
    await expectQuiet(site);
    site.itGlue.runOwnPull();

    expect(twin).toMatchObject({ jobTitle: 'Buyer' });
    expect(first.applied.map(({ kind }) => kind)).toContain('psa-update');
    expect(first.applied.filter(({ kind }) => kind === 'update')).toEqual([]);
    expect(anna.title, "it comes back by IT Glue's own pull").toBe('Buyer');
    expect(site.itGlue.data.assets.size, 'the overlay is not affected').toBe(1);
    await expectQuiet(site);
  });

  it.concurrent('E9 does not try a contact again that refused, until it changes; the overlay is written', async () => {
    await using site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: alone });
    const anna = addContact(site, 'anna', { adapters: [{ adapterName: 'Hidden Sync', remoteId: '5' }] });
    site.itGlue.switches.hiddenAdapters = ['Hidden Sync'];

    const first = await sync(site);
    const patches = (): number => site.itGlue.requests.filter(({ method }) => method === 'PATCH').length;
    const tried = patches();
    await expectQuiet(site);
    const again = patches();
    site.itGlue.data.unlinkAdapter(anna.id, 'Hidden Sync');
    site.itGlue.data.updateContact(anna.id, { important: true });
    await sync(site);

    expect(first.skipped.map(({ reason }) => reason).join()).toContain('owned elsewhere');
    expect(first.failed).toEqual([]);
    expect(site.itGlue.data.assets.size).toBe(1);
    expect(tried).toBe(1);
    expect(again).toBe(1);
    expect(anna.title).toBe('Buyer');
  });

  it.concurrent('E9 shows a contact that refused as owned elsewhere, with its differences', async () => {
    await using site = await startSite({ people: [person('anna', { title: 'Buyer' })], sections: alone });
    addContact(site, 'anna', { adapters: [{ adapterName: 'Hidden Sync', remoteId: '5' }] });
    site.itGlue.switches.hiddenAdapters = ['Hidden Sync'];
    await sync(site);
    await sync(site);

    const row = await rowOf(site, 'anna');

    expect(row.ownedElsewhere).toBe(true);
    expect(row.conflicts).toContainEqual({ field: 'title', ours: 'Buyer', theirs: null, with: 'it-glue' });
  });

  it.concurrent('P9 writes nothing to BMS for a contact whose sync is switched off, and shows it', async () => {
    await using site = await startSite({ people: [person('anna', { title: 'Buyer' })] });
    const twin = site.bms.data.addContact({
      accountId: site.company,
      locationId: site.office.bms,
      firstName: 'Anna',
      emails: [{ emailAddress: 'anna@acme.test' }],
    });
    const anna = addContact(site, 'anna', { adapters: [{ adapterName: 'Kaseya BMS', remoteId: String(twin.id), sync: false }] });

    await sync(site);

    expect([anna.title, twin.jobTitle]).toEqual(['Buyer', null]);
    expect(documentOf(await site.call('contacts', 'show', 'anna', '--json'))).toMatchObject({
      contacts: [{ psa: { message: expect.stringContaining('switched off') as unknown } }],
    });
  });
});
