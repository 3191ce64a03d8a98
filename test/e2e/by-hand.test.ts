import { describe, expect, it } from 'vitest';
import { addContact, contactsOf, contactWith, crowd, documentOf, person, rowOf, syncOf } from './people.ts';
import { duplicates, type Site, startSite, writes } from './site.ts';

const off = { contacts: { create: 'off' } };

/** Two users: anna has a contact by e-mail, bruno has none. */
async function openSite(sections: Readonly<Record<string, unknown>> = off): Promise<Site> {
  const site = await startSite({ people: [person('anna', { title: 'Buyer' }), person('bruno', { title: 'Driver' })], sections });
  addContact(site, 'anna');
  return site;
}

async function sync(site: Site) {
  const finished = await site.call('sync', '--json');
  expect(finished.exit, finished.stdout).toBe(0);
  return syncOf(finished);
}

describe('contacts, decided by hand', () => {
  it.concurrent('M5 match: recorded at once, carried out by the next sync, kept when names and e-mails change', async () => {
    await using site = await openSite();
    const robert = addContact(site, 'robert', { firstName: 'Robert', lastName: 'Other', title: 'Chauffeur' });
    await site.call('scan');

    const match = await site.call('contacts', 'match', 'bruno', robert.id, '--json');
    const recorded = await rowOf(site, 'bruno');
    const before = writes(site);
    await sync(site);
    site.setPeople([
      person('anna', { title: 'Buyer' }),
      person('bruno', { title: 'Driver', sn: 'Married', mail: 'bruno.married@acme.test' }),
    ]);
    await sync(site);

    expect(match.exit, match.stderr).toBe(0);
    expect(contactsOf(match).contacts).toMatchObject([{ state: 'matched', contactId: robert.id }]);
    expect(recorded).toMatchObject({ state: 'matched', contactId: robert.id, reason: expect.stringMatching(/^M5: /) as unknown });
    expect(before).toBe(0);
    expect(await rowOf(site, 'bruno')).toMatchObject({ state: 'matched', contactId: robert.id });
    expect(robert.emails.map(({ value }) => value)).toContain('bruno.married@acme.test');
    expect(robert, 'E4 what the person typed stays').toMatchObject({ firstName: 'Robert', lastName: 'Other', title: 'Chauffeur' });
  });

  it.concurrent('M4 match refuses a contact that belongs to another user, with exit 2', async () => {
    await using site = await openSite();
    await sync(site);
    const taken = contactWith(site, 'anna@acme.test');

    const match = await site.call('contacts', 'match', 'bruno', taken.id, '--json');

    expect(match.exit).toBe(2);
    expect(documentOf(match)).toMatchObject({ error: { code: 'CONTACT_TAKEN' } });
    expect((await rowOf(site, 'bruno')).state).toBe('unmatched');
  });

  it.concurrent.each([
    ['does not exist', '987654'],
    ['is no id', 'x;drop'],
  ])('match refuses a contact that %s, with exit 2', async (_name, id) => {
    await using site = await openSite();
    await site.call('scan');

    const match = await site.call('contacts', 'match', 'bruno', id, '--json');

    expect(match.exit).toBe(2);
    expect(documentOf(match)).toMatchObject({ error: { code: 'CONTACT_NOT_FOUND' } });
  });

  it.concurrent('M4 match refuses a contact of another organization', async () => {
    await using site = await openSite();
    const other = site.itGlue.data.addOrganization({ id: '4999', name: 'Other Customer' });
    const foreign = site.itGlue.data.addContact({ organizationId: other.id, firstName: 'Bruno', lastName: 'Kesten' });
    await site.call('scan');

    const match = await site.call('contacts', 'match', 'bruno', foreign.id, '--json');

    expect(match.exit).toBe(2);
    expect(documentOf(match)).toMatchObject({ error: { code: 'CONTACT_NOT_FOUND' } });
  });

  it.concurrent('M6 ignore: neither matched nor created until restored; counted apart', async () => {
    await using site = await openSite({});
    await site.call('scan');

    const ignore = await site.call('contacts', 'ignore', 'anna', 'bruno', '--json');
    await sync(site);
    const ignored = contactsOf(await site.call('contacts', 'list', '--json'));
    const written = writes(site);
    const restore = await site.call('contacts', 'restore', 'anna', 'bruno', '--json');
    await sync(site);

    expect(ignore.exit).toBe(0);
    expect(ignored.counts).toEqual({ unmatched: 0, matched: 0, ignored: 2 });
    expect(written).toBe(0);
    expect(restore.exit).toBe(0);
    expect(contactsOf(await site.call('contacts', 'list', '--json')).counts).toEqual({ unmatched: 0, matched: 2, ignored: 0 });
    expect(site.itGlue.data.contacts.size).toBe(2);
  });

  it.concurrent('M6 restore: a user who had a contact when it was ignored has it again with the next sync, and all goes on', async () => {
    await using site = await openSite({});
    await sync(site);
    const { contactId } = await rowOf(site, 'anna');
    await site.call('contacts', 'ignore', 'anna');
    await sync(site);
    const before = writes(site);

    await site.call('contacts', 'restore', 'anna');
    await sync(site);
    const restored = await rowOf(site, 'anna');
    await sync(site);

    expect(restored).toMatchObject({ state: 'matched', contactId, conflicts: [] });
    expect(writes(site), 'A6').toBe(before);
  });

  it.concurrent('records a decision about several users for all or for none', async () => {
    await using site = await openSite();
    await site.call('scan');

    const ignore = await site.call('contacts', 'ignore', 'anna', 'nobody', '--json');

    expect(ignore.exit).toBe(2);
    expect(documentOf(ignore)).toMatchObject({ error: { code: 'USER_NOT_FOUND' } });
    expect((await rowOf(site, 'anna')).state).toBe('unmatched');
  });

  it.concurrent('M5 unmatch: the user is not matched to that contact again by a rule', async () => {
    await using site = await openSite();
    await sync(site);

    const unmatch = await site.call('contacts', 'unmatch', 'anna', '--json');
    await sync(site);
    const row = await rowOf(site, 'anna');
    const before = writes(site);
    await sync(site);

    expect(unmatch.exit).toBe(0);
    expect(row).toMatchObject({ state: 'unmatched', contactId: null });
    expect(site.itGlue.data.contacts.size).toBe(1);
    expect(writes(site)).toBe(before);
  });

  it.concurrent('M5 match takes back an unmatch', async () => {
    await using site = await openSite();
    await sync(site);
    const { id } = contactWith(site, 'anna@acme.test');
    await site.call('contacts', 'unmatch', 'anna');

    await site.call('contacts', 'match', 'anna', id);
    await sync(site);

    expect(await rowOf(site, 'anna')).toMatchObject({ state: 'matched', contactId: id });
  });

  it.concurrent('E3 create by hand works with contacts.create off, once', async () => {
    await using site = await openSite();
    await sync(site);

    const create = await site.call('contacts', 'create', 'bruno', '--json');
    const size = site.itGlue.data.contacts.size;
    await sync(site);
    const before = writes(site);
    await sync(site);
    const again = await site.call('contacts', 'create', 'bruno', '--json');

    expect(create.exit).toBe(0);
    expect(size).toBe(1);
    expect(contactWith(site, 'bruno@acme.test').title).toBe('Driver');
    expect(writes(site)).toBe(before);
    expect(again.exit, 'it is matched already').toBe(2);
  });

  it.concurrent('E3 create by hand goes through although a contact comes close, and survives a failure', async () => {
    await using site = await openSite({ contacts: { create: 'off', matchByName: 'suggest' } });
    addContact(site, 'bruno', { emails: [] });
    await sync(site);
    const close = await rowOf(site, 'bruno');
    await site.call('contacts', 'create', 'bruno');
    site.itGlue.faults.add({ kind: 'bad-request', match: { method: 'POST', path: /^\/contacts$/ } });

    const failed = await site.call('sync', '--json');
    await sync(site);

    expect(close.candidates).toHaveLength(1);
    expect(failed.exit).toBe(3);
    expect(contactWith(site, 'bruno@acme.test').title).toBe('Driver');
    expect(site.itGlue.data.contacts.size).toBe(3);
  });

  it.concurrent('finds a user by objectGUID, sAMAccountName and mail, if it is the only one', async () => {
    await using site = await startSite({
      people: [person('anna'), person('anna2', { mail: 'anna@acme.test' })],
      sections: off,
    });
    await site.call('scan');
    const guid = (await rowOf(site, 'anna')).objectGuid ?? '';

    expect((await rowOf(site, guid)).objectGuid).toBe(guid);
    expect((await rowOf(site, 'ANNA')).objectGuid).toBe(guid);
    const several = await site.call('contacts', 'show', 'anna@acme.test', '--json');
    expect(several.exit).toBe(2);
    expect(documentOf(several)).toMatchObject({ error: { code: 'USER_AMBIGUOUS' } });
  });
});

describe('contacts that go away', () => {
  it.concurrent('M7 returns the user of a deleted contact to unmatched, marked so, and does not create it again', async () => {
    await using site = await openSite({});
    await sync(site);
    const anna = contactWith(site, 'anna@acme.test');
    site.itGlue.data.deleteContact(anna.id);

    await sync(site);
    const row = await rowOf(site, 'anna');
    const before = writes(site);
    await sync(site);

    expect(row).toMatchObject({ state: 'unmatched', contactId: null, reason: expect.stringMatching(/^M7/) as unknown });
    expect(writes(site)).toBe(before);
    expect([...site.itGlue.data.contacts.values()].map(({ firstName }) => firstName)).toEqual(['Bruno']);
  });

  it.concurrent('M7 lets a person create or match it again', async () => {
    await using site = await openSite({});
    await sync(site);
    site.itGlue.data.deleteContact(contactWith(site, 'anna@acme.test').id);
    await sync(site);

    await site.call('contacts', 'create', 'anna');
    await sync(site);

    expect(contactWith(site, 'anna@acme.test').title).toBe('Buyer');
    expect((await rowOf(site, 'anna')).state).toBe('matched');
  });

  it.concurrent('C11 a contact that moved to another organization is not deleted, not followed and not created again', async () => {
    await using site = await openSite({});
    await sync(site);
    const anna = contactWith(site, 'anna@acme.test');
    const other = site.itGlue.data.addOrganization({ id: '4999', name: 'Other Customer' });
    site.itGlue.data.moveContact(anna.id, other.id);
    site.setPeople([person('anna', { title: 'Head of Purchasing' }), person('bruno', { title: 'Driver' })]);
    const before = writes(site);

    await sync(site);
    const row = await rowOf(site, 'anna');
    await sync(site);

    expect(anna.title).toBe('Buyer');
    expect(writes(site)).toBe(before);
    expect(row.reason).toMatch(/moved|another organization/);
    expect(site.itGlue.data.contactsOf(site.organization)).toHaveLength(1);
  });

  it.concurrent('C11 takes no HTML 404 for the proof of a deletion', async () => {
    await using site = await openSite({});
    await sync(site);
    const anna = contactWith(site, 'anna@acme.test');
    // The contact is not in the list, and its own GET answers with the page of a proxy.
    site.itGlue.data.deleteContact(anna.id);
    site.itGlue.faults.add({ kind: 'not-found-html', match: { method: 'GET', path: /^\/contacts\/\d+/ }, times: Number.POSITIVE_INFINITY });

    const failed = await site.call('sync', '--json');

    expect(failed.exit).toBe(1);
    expect(await rowOf(site, 'anna')).toMatchObject({ state: 'matched', contactId: anna.id });
  });
});

describe('matching that cannot be sure', () => {
  it.concurrent('M3 leaves a user with two candidates unmatched, lists them, and creates nothing', async () => {
    await using site = await openSite({});
    addContact(site, 'anna', { firstName: 'Anne' });

    await sync(site);

    const row = await rowOf(site, 'anna');
    expect(row).toMatchObject({ state: 'unmatched', reason: expect.stringMatching(/^M3/) as unknown });
    expect(row.candidates.map(({ name }) => name).toSorted()).toEqual(['Anna Kesten', 'Anne Kesten']);
    expect(site.itGlue.data.contacts.size).toBe(3);
  });

  it.concurrent('M4 leaves two users with one candidate unmatched, each naming the other', async () => {
    await using site = await startSite({ people: [person('anna'), person('anna2', { mail: 'ANNA@acme.test' })] });
    addContact(site, 'anna');

    await sync(site);

    const rows = [await rowOf(site, 'anna'), await rowOf(site, 'anna2')];
    for (const row of rows) expect(row).toMatchObject({ state: 'unmatched', reason: expect.stringMatching(/^M4/) as unknown });
    expect(rows[0]?.rivals).toEqual([rows[1]?.id]);
    expect(rows[1]?.rivals).toEqual([rows[0]?.id]);
    expect(site.itGlue.data.contacts.size).toBe(1);
  });

  it.concurrent('M9 gives a newcomer with a leaver address not the contact of the leaver', async () => {
    await using site = await startSite({ people: crowd(1) });
    await sync(site);
    const before = contactWith(site, 'p0@acme.test').id;
    site.setPeople([...crowd(1, () => ({ userAccountControl: '514' })), person('newcomer', { mail: 'p0@acme.test' })]);

    await sync(site);

    expect((await rowOf(site, 'p0')).contactId).toBe(before);
    expect(await rowOf(site, 'newcomer')).toMatchObject({ state: 'unmatched', reason: expect.stringMatching(/^M4/) as unknown });
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent('M2 M10 suggests by name only when matchByName says so', async () => {
    await using site = await openSite({ contacts: { create: 'auto', matchByName: 'suggest' } });
    addContact(site, 'bruno', { emails: [] });

    await sync(site);

    const row = await rowOf(site, 'bruno');
    expect(row.state).toBe('unmatched');
    expect(row.candidates).toMatchObject([{ name: 'Bruno Kesten' }]);
    expect(site.itGlue.data.contacts.size).toBe(2);
  });
});
