import { describe, expect, it } from 'vitest';
import { decideContacts } from '../../../agent/pipeline/contacts.ts';
import { approveOrganization } from '../../../agent/pipeline/sync-organization.ts';
import { contactEmail, contactPhone, organizationSettings, testOrganization } from '../../fixtures/build.ts';
import { entry, openPipelineSite, type PipelineSite } from './pipeline-site.ts';

function hold(site: PipelineSite): void {
  site.settings = { ...site.settings, limits: { ...site.settings.limits, firstRun: 'hold' } };
}

/** The hash of the plan that the next sync holds. */
async function heldHash(site: PipelineSite): Promise<string> {
  hold(site);
  const sync = await site.sync();
  expect(sync.held?.reason).toBe('onboarding');
  return sync.held?.hash ?? '';
}

function approve(site: PipelineSite, hash: string) {
  site.now += 60_000;
  site.itGlue.now = site.now;
  return approveOrganization(site.services, site.store, testOrganization, hash);
}

function addAnna(site: PipelineSite): string {
  return site.itGlue.addContact(testOrganization, { firstName: 'Anna', lastName: 'Kesten', emails: [contactEmail('anna@acme.test')] });
}

describe('A3 each item only if its record still is as the plan saw it', () => {
  it('A3 applies no match whose contact is gone, nor what depends on it', async () => {
    await using site = await openPipelineSite([entry('anna', { title: 'Buyer' })]);
    const anna = addAnna(site);
    const hash = await heldHash(site);
    site.itGlue.contacts.delete(anna);

    const document = await approve(site, hash);

    expect(document.applied).toEqual([]);
    expect(new Set(document.failed.map(({ code }) => code))).toContain('RECORD_CHANGED');
    expect(site.itGlue.carriedOut).not.toContain('updateContact');
    expect(site.psa.records.size).toBe(0);
  });

  it('A3 M5 leaves a match alone that a person decided otherwise meanwhile', async () => {
    await using site = await openPipelineSite([entry('anna', { title: 'Buyer' }), entry('bruno')]);
    addAnna(site);
    const hash = await heldHash(site);
    site.now += 1000;
    await decideContacts(site.services, site.store, testOrganization, { users: ['anna'], of: { kind: 'ignore' } });

    const document = await approve(site, hash);

    expect(document.failed.map(({ change, code }) => [change.split(':')[0], code])).toContainEqual(['match', 'RECORD_CHANGED']);
    const states = await site.store.userStates(testOrganization);
    expect(states.map(({ state }) => state).toSorted()).toEqual(['ignored', 'matched']);
    expect([...site.itGlue.contacts.values()].find(({ firstName }) => firstName === 'Anna')?.title).toBeNull();
  });

  it('A3 E3 creates nobody who came by hand meanwhile, by name or by e-mail', async () => {
    await using site = await openPipelineSite([entry('anna'), entry('bruno')]);
    const hash = await heldHash(site);
    site.itGlue.now = site.now + 1000;
    addAnna(site);
    site.itGlue.addContact(testOrganization, { firstName: 'Bruno', lastName: 'Kesten' });

    const document = await approve(site, hash);

    expect(document.failed.filter(({ kind }) => kind === 'create').map(({ code }) => code)).toEqual(['RECORD_CHANGED', 'RECORD_CHANGED']);
    expect(site.itGlue.contacts.size).toBe(2);
    expect(
      document.failed.filter(({ kind }) => kind === 'push' || kind === 'overlay').every(({ code }) => code === 'DEPENDENCY_FAILED'),
    ).toBe(true);
  });

  it('A3 E4 updates no contact whose values moved meanwhile; another field may', async () => {
    await using site = await openPipelineSite([entry('anna', { title: 'Buyer' })]);
    const anna = addAnna(site);
    const hash = await heldHash(site);
    site.itGlue.editContact(anna, { important: true });

    const document = await approve(site, hash);

    expect(document.failed).toEqual([]);
    expect(site.itGlue.contacts.get(anna)).toMatchObject({ title: 'Buyer', important: true });
  });

  it('P12 pushes no values that IT Glue did not take', async () => {
    await using site = await openPipelineSite([entry('anna', { title: 'Buyer' })]);
    addAnna(site);
    site.itGlue.fail('updateContact', 'refused');

    const first = await site.sync();
    const between = site.psa.records.size;
    const next = await site.sync();

    expect(first.failed.map(({ kind, code }) => [kind, code])).toEqual([
      ['update', 'ITGLUE_REFUSED'],
      ['push', 'DEPENDENCY_FAILED'],
    ]);
    expect(between).toBe(0);
    expect(next.failed).toEqual([]);
    expect([...site.psa.records.values()].map(({ title }) => title)).toEqual(['Buyer']);
  });

  it('A3 P12 pushes no name that somebody changed since the plan', async () => {
    await using site = await openPipelineSite([entry('anna')]);
    const anna = addAnna(site);
    await site.sync();
    const bruno = site.itGlue.addContact(testOrganization, {
      firstName: 'Bruno',
      lastName: 'Kesten',
      emails: [contactEmail('bruno@acme.test')],
      phones: [contactPhone('+14155550102')],
      locationId: '501',
    });
    site.entries = [entry('anna'), entry('bruno', { phone: { raw: '+14155550102', e164: '+14155550102', extension: null } })];
    const none = { floor: 0, share: 0 };
    const { guards } = site.settings.limits;
    site.settings = { ...site.settings, limits: { ...site.settings.limits, guards: { ...guards, push: none } } };
    const held = await site.sync();
    site.itGlue.editContact(bruno, { lastName: 'Married' });

    const document = await approve(site, held.held?.hash ?? '');

    expect(held.held?.reason).toBe('push');
    expect(document.failed).toMatchObject([{ kind: 'push', code: 'RECORD_CHANGED' }]);
    expect(site.psa.records.size).toBe(1);
    expect(anna).not.toBe(bruno);
  });

  it('P8 P10 pushes nobody whom IT Glue linked meanwhile', async () => {
    await using site = await openPipelineSite([entry('anna', { title: 'Buyer' })]);
    const anna = addAnna(site);
    const hash = await heldHash(site);
    site.itGlue.editContact(anna, { adapters: [{ adapter: 'Kaseya BMS', remoteId: '77', sync: true, orphaned: false }] });

    const document = await approve(site, hash);

    expect(document.skipped.map(({ kind }) => kind)).toContain('push');
    expect(site.psa.records.size).toBe(0);
  });

  it('A3 takes a plan that is not held for an error that writes nothing', async () => {
    await using site = await openPipelineSite([entry('anna')]);
    await heldHash(site);

    await expect(approve(site, 'other')).rejects.toMatchObject({ code: 'PLAN_NOT_HELD' });

    expect(site.itGlue.carriedOut).toEqual([]);
  });
});

describe('E7 overlays in bulk', () => {
  const people = ['anna', 'bruno', 'clara'].map((name) => entry(name));

  it('E7 goes out with one request', async () => {
    await using site = await openPipelineSite(people);

    await site.sync();

    expect(site.itGlue.calls.filter((call) => call === 'createOverlays')).toHaveLength(1);
    expect(site.itGlue.assets.size).toBe(3);
  });

  it('E7 falls back to one by one when the bulk was refused', async () => {
    await using site = await openPipelineSite(people);
    site.itGlue.fail('createOverlays', 'refused');

    const sync = await site.sync();

    expect(sync.failed).toEqual([]);
    expect(site.itGlue.calls.filter((call) => call === 'createOverlays')).toHaveLength(4);
    expect(site.itGlue.assets.size).toBe(3);
  });

  it('E7 A4 reports the one record that is refused alone, and writes the others', async () => {
    await using site = await openPipelineSite(people);
    site.itGlue.fail('createOverlays', 'refused');
    site.itGlue.fail('createOverlays', 'refused', 3);

    const sync = await site.sync();
    const before = site.itGlue.assets.size;
    await site.sync();

    expect(sync.failed).toMatchObject([{ kind: 'overlay', code: 'ITGLUE_REFUSED' }]);
    expect(before).toBe(2);
    expect(site.itGlue.assets.size).toBe(3);
  });

  it.each(['lost-before', 'lost-after'] as const)('A2 E7 looks what is there when the answer to the bulk was %s', async (fault) => {
    await using site = await openPipelineSite(people);
    site.itGlue.fail('createOverlays', fault);

    const sync = await site.sync();
    await site.sync();

    expect(sync.failed).toEqual([]);
    expect(site.itGlue.assets.size).toBe(3);
    expect(site.itGlue.calls.filter((call) => call === 'createOverlays')).toHaveLength(fault === 'lost-after' ? 1 : 4);
    expect(await site.store.openIntents(testOrganization)).toEqual([]);
  });
});

describe('A6 and interruption', () => {
  it('A6 plans and writes nothing the second time', async () => {
    await using site = await openPipelineSite([entry('anna', { title: 'Buyer' }), entry('bruno')]);
    await site.sync();
    const carriedOut = site.itGlue.carriedOut.length;

    const second = await site.sync();

    expect(second).toMatchObject({ applied: [], failed: [], skipped: [], held: null });
    expect(site.itGlue.carriedOut).toHaveLength(carriedOut);
  });

  it('stops between two records when it is told to, says so, and goes on with the next run', async () => {
    await using site = await openPipelineSite(['anna', 'bruno', 'clara'].map((name) => entry(name, { title: 'Buyer' })));
    site.psa.onWritten = (call) => {
      if (call === 'createContact') site.stop.abort();
    };

    const stopped = await site.sync();

    expect(stopped.interrupted).toBe(true);
    expect(site.psa.records.size).toBe(1);
    expect((await site.store.listRuns({ limit: 1 }))[0]?.outcome).toBe('interrupted');
    const organization = await site.store.organizationState(testOrganization);
    expect(organization.approvedMarks?.length, 'the rest keeps its approval').toBeGreaterThan(0);
  });

  it('A3 keeps what failed out of the guards of the next run', async () => {
    await using site = await openPipelineSite(Array.from({ length: 6 }, (_, index) => entry(`user${index}`)));
    const hash = await heldHash(site);
    const none = { floor: 0, share: 0 };
    for (let nth = 1; nth <= 6; nth += 1) site.itGlue.fail('createContact', 'refused');
    await approve(site, hash);
    site.settings = organizationSettings({
      contacts: site.settings.contacts,
      psa: site.settings.psa,
      limits: { firstRun: 'hold', guards: { create: none, update: none, blank: none, rematch: none, deactivate: none, push: none } },
    });

    const next = await site.sync();

    expect(next.held).toBeNull();
    expect(site.itGlue.contacts.size).toBe(6);
  });
});
