import { describe, expect, it, vi } from 'vitest';
import { applyPlan } from '../../../agent/pipeline/apply.ts';
import { pushOrganizations } from '../../../agent/pipeline/push-organizations.ts';
import { reconcileOrganization } from '../../../agent/pipeline/reconcile-organization.ts';
import { approveOrganization } from '../../../agent/pipeline/sync-organization.ts';
import { undoRun } from '../../../agent/pipeline/undo-run.ts';
import { watchOnce } from '../../../agent/pipeline/watch/watch-once.ts';
import type { ContactId, PsaContactId } from '../../../core/model/ids.ts';
import { psaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { ContactState } from '../../../core/model/state.ts';
import { contactEmail, contactPhone, psaContact, testOrganization } from '../../fixtures/build.ts';
import { entry, openPipelineSite, type PipelineSite } from './pipeline-site.ts';

const minuteMs = 60_000;

interface Linked extends AsyncDisposable {
  readonly site: PipelineSite;
  readonly contactId: ContactId;
  readonly twinId: PsaContactId;
  look(): ReturnType<typeof watchOnce>;
  state(): Promise<ContactState | undefined>;
  editPsa(edit: Partial<PsaContact>): void;
  title(): { readonly itGlue: string | null; readonly psa: string | null };
}

/** One person who is in IT Glue and in the PSA, and in step. */
async function openLinked(): Promise<Linked> {
  const site = await openPipelineSite([entry('anna', { title: 'Buyer' })]);
  site.psa.now = site.now;
  site.settings = { ...site.settings, limits: { ...site.settings.limits, firstRun: 'auto' } };
  await site.sync();
  await site.sync();
  const [contact] = site.itGlue.contacts.values();
  const [twin] = site.psa.records.values();
  if (contact === undefined || twin === undefined) throw new Error('nobody was pushed');
  const tick = (): void => {
    site.now += minuteMs;
    site.itGlue.now = site.now;
    site.psa.now = site.now;
  };
  return {
    site,
    contactId: contact.id,
    twinId: twin.id,
    look() {
      tick();
      return watchOnce(site.services);
    },
    state: async () => (await site.store.contactStates(testOrganization)).find(({ contactId: id }) => id === contact.id),
    editPsa(edit) {
      tick();
      const now = site.psa.records.get(twin.id);
      if (now !== undefined) site.psa.records.set(twin.id, { ...now, modifiedAt: site.psa.now, ...edit });
    },
    title: () => ({
      itGlue: site.itGlue.contacts.get(contact.id)?.title ?? null,
      psa: site.psa.records.get(twin.id)?.title ?? null,
    }),
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };
}

describe('a record that is dated in the future', () => {
  it('P9 does not hide what is changed after it, on either side', async () => {
    await using pair = await openLinked();
    const { site } = pair;
    const far = site.now + 365 * 86_400_000;
    site.psa.records.set(psaContactId('990'), psaContact({ id: psaContactId('990'), companyId: '777', modifiedAt: far }));
    const odd = site.itGlue.addContact(testOrganization, { firstName: 'Odd', lastName: 'Clock' });
    site.itGlue.editContact(odd, { updatedAt: far });
    await pair.look();
    pair.editPsa({ title: 'Head' });
    await pair.look();
    expect(pair.title()).toEqual({ itGlue: 'Head', psa: 'Head' });

    site.now += minuteMs;
    site.itGlue.now = site.now;
    site.itGlue.editContact(pair.contactId, { title: 'Chief', updatedAt: site.now });
    await pair.look();

    expect(pair.title()).toEqual({ itGlue: 'Chief', psa: 'Chief' });
  });

  it('P8 does not hide who came to the PSA just before a create', async () => {
    await using pair = await openLinked();
    const { site } = pair;
    const far = site.now + 365 * 86_400_000;
    site.psa.records.set(psaContactId('990'), psaContact({ id: psaContactId('990'), companyId: '250', firstName: 'Odd', modifiedAt: far }));
    site.entries = [...site.entries, entry('bruno')];
    const listContacts = site.psa.listContacts.bind(site.psa);
    Object.assign(site.psa, {
      listContacts: async (...args: Parameters<typeof listContacts>) => {
        const read = await listContacts(...args);
        const emails = [{ value: 'bruno@acme.test', typeId: '5', typeName: 'Work', primary: true }];
        const newcomer = { companyId: '250', locationId: '11', firstName: 'Bruno', lastName: 'Kesten', emails, modifiedAt: site.now };
        site.psa.records.set(psaContactId('991'), psaContact({ id: psaContactId('991'), ...newcomer }));
        return read;
      },
    });

    await site.sync();

    expect([...site.psa.records.values()].filter(({ firstName }) => firstName === 'Bruno')).toHaveLength(1);
  });
});

describe('a look whose charge of an organization was lost in the middle', () => {
  it('H4 P9 fails for no other organization, and forgets nothing of what it saw', async () => {
    await using pair = await openLinked();
    const { store } = pair.site;
    pair.editPsa({ title: 'Head' });
    let lose = (): void => undefined;
    const charge = vi.spyOn(store, 'acquireLease').mockImplementation((organization) => {
      const nothing = (): Promise<void> => Promise.resolve();
      const lease = { organization, onLost: (listener: () => void) => void (lose = listener), confirm: nothing, release: nothing };
      return Promise.resolve({ kind: 'granted', lease: { ...lease, assertFresh: () => undefined } });
    });
    const startRun = store.startRun.bind(store);
    const begin = vi.spyOn(store, 'startRun').mockImplementation((run) => {
      lose();
      return startRun(run);
    });

    expect(await pair.look()).toMatchObject({ organizations: [], error: null });
    expect(pair.title()).toEqual({ itGlue: 'Buyer', psa: 'Head' });

    charge.mockRestore();
    begin.mockRestore();
    await pair.look();
    expect(pair.title()).toEqual({ itGlue: 'Head', psa: 'Head' });
  });
});

describe('a canary that cannot be judged', () => {
  it('P10 is no reason to read everything with each look', async () => {
    await using pair = await openLinked();
    const { site } = pair;
    site.settings = { ...site.settings, psa: { ...site.settings.psa, settleMinutes: 15, company: '999' } };
    const state = await site.store.organizationState(testOrganization);
    const canary = { contactId: pair.contactId, psaContactId: pair.twinId, startedAt: site.now, state: 'waiting' as const };
    await site.store.saveOrganizationState(testOrganization, { ...state, canary });
    const lists = (): number => site.itGlue.calls.filter((call) => call === 'listContacts').length;
    const before = lists();

    for (let minute = 0; minute < 40; minute += 1) await pair.look();

    expect(lists() - before).toBeLessThanOrEqual(2);
  });

  it('P10 is judged by a look as soon as its time is over', async () => {
    await using pair = await openLinked();
    const { site } = pair;
    site.settings = { ...site.settings, psa: { ...site.settings.psa, settleMinutes: 15 } };
    const state = await site.store.organizationState(testOrganization);
    const canary = { contactId: pair.contactId, psaContactId: pair.twinId, startedAt: site.now, state: 'waiting' as const };
    await site.store.saveOrganizationState(testOrganization, { ...state, canary });

    for (let minute = 0; minute < 17; minute += 1) await pair.look();

    expect((await site.store.organizationState(testOrganization)).canary?.state).toBe('clear');
  });
});

describe('a push that is confirmed late', () => {
  it('P9 what somebody changed in IT Glue meanwhile goes to the PSA afterwards', async () => {
    await using site = await openPipelineSite([]);
    const id = site.itGlue.addContact(testOrganization, {
      firstName: 'Ada',
      lastName: 'Kesten',
      emails: [contactEmail('ada@acme.test', { label: 'Work', primary: true })],
      phones: [contactPhone('+14155551001', { label: 'Work', primary: true })],
      locationId: '501',
    });
    await pushOrganizations(site.services, site.store, [testOrganization], {
      organization: null,
      all: true,
      contacts: [],
      confirm: () => {
        site.itGlue.editContact(id, {
          lastName: 'Stone',
          phones: [contactPhone('+14155551002', { label: 'Work', primary: true })],
          updatedAt: site.now,
        });
        return Promise.resolve(true);
      },
    });
    await site.sync();
    await site.sync();

    const [twin] = site.psa.records.values();
    expect(twin?.lastName).toBe('Stone');
    expect(twin?.phones.map(({ phone }) => phone.e164)).toEqual(['+14155551002']);
    expect(site.itGlue.contacts.get(id)?.lastName).toBe('Stone');
  });
});

describe('an undo whose answer was lost', () => {
  it('A5 P9 what it put back in IT Glue is no change that goes to the PSA', async () => {
    await using pair = await openLinked();
    const { site } = pair;
    pair.editPsa({ lastName: 'Stone' });
    await pair.look();
    expect(site.itGlue.contacts.get(pair.contactId)?.lastName).toBe('Stone');
    const [run] = await site.store.listRuns({ limit: 1 });
    site.itGlue.fail('updateContact', 'lost-after');
    await undoRun(site.services, site.store, { run: run?.id ?? '', deleteCreated: false, confirm: () => Promise.resolve(true) });

    await site.sync();
    await site.sync();

    expect(site.itGlue.contacts.get(pair.contactId)?.lastName).toBe('Kesten');
    expect(site.psa.records.get(pair.twinId)?.lastName, 'the technician’s change stays').toBe('Stone');
  });
});

describe('a second call of a create that is made up for later', () => {
  it('P9 A2 overwrites no title that somebody typed there meanwhile', async () => {
    await using site = await openPipelineSite([entry('anna', { title: 'Buyer' })]);
    site.psa.failNext('completeContact', 'lost-before');
    await site.sync();
    const [twin] = site.psa.records.values();
    if (twin === undefined) throw new Error('nobody was pushed');
    site.psa.records.set(twin.id, { ...twin, title: 'Chief', modifiedAt: site.psa.now + 1 });

    await site.sync();
    await site.sync();

    expect(site.psa.records.get(twin.id)?.title).toBe('Chief');
    expect([...site.itGlue.contacts.values()].map(({ title }) => title)).toEqual(['Chief']);
  });
});

describe('a PSA contact that moved to another company', () => {
  it('P9 C11 a look writes neither side and does not forget that it moved', async () => {
    await using pair = await openLinked();
    pair.editPsa({ companyId: '777' });
    await pair.site.sync();
    expect((await pair.state())?.psaLink?.lost).toBe('moved');

    pair.site.itGlue.editContact(pair.contactId, { lastName: 'Stone', updatedAt: pair.site.now + minuteMs });
    await pair.look();
    pair.editPsa({ firstName: 'Other' });
    await pair.look();

    expect((await pair.state())?.psaLink?.lost).toBe('moved');
    expect(pair.site.psa.records.get(pair.twinId)?.lastName).toBe('Kesten');
    expect(pair.site.itGlue.contacts.get(pair.contactId)?.firstName).toBe('Anna');
  });
});

describe('a list of the PSA that lacks a contact that is there', () => {
  it('C11 nothing is created from it', async () => {
    await using pair = await openLinked();
    const { site } = pair;
    site.entries = [...site.entries, entry('bruno')];
    site.now += 30 * minuteMs;
    Object.assign(site.psa, { listContacts: () => Promise.resolve([]), listChangedContacts: () => Promise.resolve([]) });
    const before = site.psa.calls.filter((call) => call === 'createContact').length;

    await site.sync().catch(() => undefined);

    expect(site.psa.calls.filter((call) => call === 'createContact').length).toBe(before);
  });
});

describe('a plan of two-way sync that is carried out late', () => {
  const work = { typeId: '5', typeName: 'Work' };
  const hers = { ...work, value: 'anna@acme.test', primary: true };

  function editItGlue({ site, contactId }: Linked, edit: Parameters<PipelineSite['itGlue']['editContact']>[1]): void {
    site.now += minuteMs;
    site.itGlue.editContact(contactId, { updatedAt: site.now, ...edit });
  }

  /** Holds what the edits ask for, and approves it after others were made. */
  async function heldUntil(pair: Linked, meanwhile: () => void) {
    const { site } = pair;
    const { limits } = site.settings;
    site.settings = { ...site.settings, limits: { ...limits, guards: { ...limits.guards, update: { floor: 0, share: 0 } } } };
    const { held } = await site.sync();
    meanwhile();
    return approveOrganization(site.services, site.store, testOrganization, held?.hash ?? '');
  }

  it('A3 P9 writes no list of the PSA that somebody changed since', async () => {
    await using pair = await openLinked();
    const { site } = pair;
    editItGlue(pair, {
      emails: [contactEmail('anna@acme.test', { label: 'Work', primary: true }), contactEmail('a@acme.test', { label: 'Work' })],
    });
    const { state } = await reconcileOrganization(await site.context());
    pair.editPsa({ emails: [hers, { ...work, value: 'theirs@acme.test', primary: false }] });

    const report = await applyPlan(state);

    expect(report.failed.map(({ code }) => code)).toEqual(['RECORD_CHANGED']);
    expect(site.psa.records.get(pair.twinId)?.emails.map(({ value }) => value)).toEqual(['anna@acme.test', 'theirs@acme.test']);
  });

  it('A3 P9 writes nothing to the PSA that IT Glue has no more', async () => {
    await using pair = await openLinked();
    editItGlue(pair, { title: 'Head' });

    const approved = await heldUntil(pair, () => editItGlue(pair, { title: 'Chief' }));

    expect(approved.failed.map(({ code }) => code)).toEqual(['RECORD_CHANGED']);
    expect(pair.title()).toEqual({ itGlue: 'Chief', psa: 'Buyer' });
  });

  it('A3 P9 writes nothing to IT Glue that the PSA has no more', async () => {
    await using pair = await openLinked();
    pair.editPsa({ title: 'Head' });

    const approved = await heldUntil(pair, () => pair.editPsa({ title: 'Chief' }));

    expect(approved.failed.map(({ code }) => code)).toEqual(['RECORD_CHANGED']);
    expect(pair.title()).toEqual({ itGlue: 'Buyer', psa: 'Chief' });
  });

  it.each(['IT Glue', 'the PSA'])('A2 P9 addresses that were added on both sides are on both, whatever fails first: %s', async (fails) => {
    await using pair = await openLinked();
    const { site } = pair;
    const mine = contactEmail('a@acme.test', { label: 'Work', primary: false });
    editItGlue(pair, { emails: [contactEmail('anna@acme.test', { label: 'Work', primary: true }), mine] });
    pair.editPsa({ emails: [hers, { ...work, value: 'theirs@acme.test', primary: false }] });
    if (fails === 'IT Glue') site.itGlue.fail('updateContact', 'refused');
    else site.psa.failNext('updateContact', 'refused');

    const writes = site.psa.calls.filter((call) => call === 'updateContact').length;
    await site.sync();
    if (fails === 'IT Glue') expect(site.psa.calls.filter((call) => call === 'updateContact').length - writes, 'it waits').toBe(0);
    await site.sync();

    const all = ['a@acme.test', 'anna@acme.test', 'theirs@acme.test'];
    expect(site.itGlue.contacts.get(pair.contactId)?.emails.map(({ value }) => value)).toEqual(expect.arrayContaining(all));
    expect(site.psa.records.get(pair.twinId)?.emails.map(({ value }) => value)).toEqual(expect.arrayContaining(all));
    expect((await site.sync()).applied).toEqual([]);
  });
});

describe('a contact that IT Glue lets nobody else write', () => {
  it('E9 P9 keeps in the PSA what the push brought there, however often it is synced', async () => {
    await using site = await openPipelineSite([entry('anna', { title: 'Buyer' })]);
    const id = site.itGlue.addContact(testOrganization, {
      firstName: 'Anna',
      lastName: 'Kesten',
      emails: [contactEmail('anna@acme.test', { label: 'Work', primary: true })],
      phones: [contactPhone('+14155550101', { label: 'Work', primary: true })],
      locationId: '501',
    });
    site.itGlue.synced.add(id);

    await site.sync();
    const [pushed] = [...site.psa.records.values()].map(({ title }) => title);
    const after = [await site.sync(), await site.sync()];

    expect(pushed).toBe('Buyer');
    expect([...site.psa.records.values()].map(({ title }) => title)).toEqual(['Buyer']);
    expect(after.map(({ applied }) => applied)).toEqual([[], []]);
  });
});
