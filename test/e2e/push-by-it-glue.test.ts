import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addContact, bmsWith, contactWith, crowd, person, planOf, rowOf, statusOf, syncOf } from './people.ts';
import { duplicates, type Site, startSite, writes } from './site.ts';

const minute = 60_000;

/** Only the clock is the test's: timers and sockets run as always. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 4, 4, 10, 3) });
});

afterEach(() => {
  vi.useRealTimers();
});

function later(minutes: number): void {
  vi.setSystemTime(Date.now() + minutes * minute);
}

/** IT Glue pushes by itself what the API wrote, at the next `runOwnPush`; it knows company and place by their links. */
async function openSite(options: NonNullable<Parameters<typeof startSite>[0]>, psa: Readonly<Record<string, unknown>> = {}): Promise<Site> {
  const site = await startSite({ ...options, sections: { psa: { push: 'it-glue', settleMinutes: 15, ...psa } } });
  site.itGlue.data.linkAdapter(site.organization, { adapterName: 'Kaseya BMS', remoteId: String(site.company) });
  site.itGlue.data.linkAdapter(site.office.itGlue, { adapterName: 'Kaseya BMS', remoteId: String(site.office.bms) });
  site.itGlue.switches.ownPush = true;
  return site;
}

function codesOf(status: Awaited<ReturnType<Site['call']>>): readonly string[] {
  return statusOf(status).problems.map(({ code }) => code);
}

describe('P10 psa.push "it-glue"', () => {
  it('P10 creates contacts as IT Glue pushes them, waits for it, and sees them linked', async () => {
    await using site = await openSite({ people: crowd(2) });

    const first = await site.call('sync', '--json');
    const waiting = await rowOf(site, 'p0');
    const pushed = site.itGlue.runOwnPush();
    const second = await site.call('sync', '--json');
    const linked = await rowOf(site, 'p0');
    const before = writes(site);
    const third = await site.call('sync', '--json');

    expect(first.exit, first.stdout).toBe(0);
    expect(waiting.psa).toMatchObject({ badge: true, state: 'waiting', message: 'IT Glue is to push it to Kaseya BMS by itself' });
    expect(pushed).toHaveLength(2);
    expect(syncOf(second).notices.join('\n')).not.toContain('IT Glue');
    expect(linked.psa).toMatchObject({ badge: true, state: 'linked' });
    expect(third.exit).toBe(0);
    expect(writes(site)).toBe(before);
    expect(site.bms.counts.writes, 'rollcall writes nothing to the PSA').toBe(0);
    expect(duplicates(site)).toEqual([]);
  });

  it('P10 says after how long IT Glue has not pushed, once with names, and degrades the status until it comes', async () => {
    await using site = await openSite({ people: crowd(2) });
    await site.call('sync');
    later(14);
    const early = await site.call('sync', '--json');
    const healthy = await site.call('status', '--json');
    later(33);

    const late = await site.call('sync', '--json');
    const degraded = await site.call('status', '--json');
    const row = await rowOf(site, 'p1');
    site.itGlue.runOwnPush();
    await site.call('sync');
    const again = await site.call('status', '--json');

    expect(syncOf(early).notices.join('\n')).not.toContain('PSA_PUSH_NOT_SEEN');
    expect(codesOf(healthy)).not.toContain('PSA_PUSH_NOT_SEEN');
    const told = syncOf(late).notices.filter((notice) => notice.startsWith('PSA_PUSH_NOT_SEEN'));
    expect(told).toEqual([
      'PSA_PUSH_NOT_SEEN: IT Glue has not pushed 2 contacts to Kaseya BMS (P0 Kesten0, P1 Kesten1), the first since 2026-05-04 10:03 UTC, 47 minutes',
    ]);
    expect(statusOf(degraded).health).toBe('degraded');
    expect(codesOf(degraded)).toContain('PSA_PUSH_NOT_SEEN');
    expect(row.psa).toMatchObject({
      state: 'waiting',
      message: 'IT Glue has not pushed it to Kaseya BMS since 2026-05-04 10:03 UTC, 47 minutes',
    });
    expect(codesOf(again)).not.toContain('PSA_PUSH_NOT_SEEN');
  });

  it.each([
    ['no e-mail type chosen', { email: null, phone: 'Work' }],
    ['a type that the PSA lacks', { email: 'Work', phone: 'Pager' }],
  ])('P10 sees that nothing arrives when IT Glue has %s', async (_name, types) => {
    await using site = await openSite({ people: [person('anna')] });
    site.itGlue.switches.ownPushTypes = types;
    await site.call('sync');
    const pushed = site.itGlue.runOwnPush();
    later(15);

    const sync = await site.call('sync', '--json');

    expect(pushed).toEqual([]);
    expect(sync.exit).toBe(0);
    expect(syncOf(sync).notices.join('\n')).toContain('PSA_PUSH_NOT_SEEN');
  });

  it('P10 E2 makes a newly matched contact eligible: the chosen labels in place of its own, primaries, location', async () => {
    await using site = await openSite({ people: [person('anna')] });
    const anna = addContact(site, 'anna', {
      emails: [{ value: 'anna@acme.test', primary: false, labelName: 'AD Email' }],
      phones: [{ value: '14155550111', extension: null, primary: false, labelName: 'AD Phone', labelType: 'phone' }],
    });
    site.setPeople([person('anna', { telephoneNumber: '+1 415 555 0111' })]);

    const sync = await site.call('sync', '--json');
    const { emails, phones, locationId } = contactWith(site, 'anna@acme.test');
    const pushed = site.itGlue.runOwnPush();
    const again = await site.call('plan', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(emails).toMatchObject([{ primary: true, labelName: 'Work' }]);
    expect(phones).toMatchObject([{ primary: true, labelName: 'Work' }]);
    expect(locationId).toBe(site.office.itGlue);
    expect(pushed).toEqual([anna.id]);
    expect(planOf(again).changes).toEqual([]);
  });

  it("P10 E5 keeps a person's label, and says what is missing when the PSA has no such type", async () => {
    await using site = await openSite({ people: [person('anna')] });
    addContact(site, 'anna', { emails: [{ value: 'anna@acme.test', primary: true, labelName: 'Carrier pigeon' }] });

    await site.call('sync');
    const row = await rowOf(site, 'anna');

    expect(contactWith(site, 'anna@acme.test').emails).toMatchObject([{ primary: true, labelName: 'Carrier pigeon' }]);
    expect(row.psa).toMatchObject({ badge: false, state: 'not-eligible', missing: ['email'] });
    expect(row.psa.message).toContain('no e-mail type "Carrier pigeon"');
  });

  it('P2 writes the placeholder only with psa.blankPhoneInItGlue; it is no value, and goes when there is a phone', async () => {
    await using site = await openSite({ people: [person('anna', { telephoneNumber: null })] });
    await site.call('sync');
    const without = await rowOf(site, 'anna');
    const phonesWithout = contactWith(site, 'anna@acme.test').phones.length;
    site.configure({ psa: { push: 'it-glue', settleMinutes: 15, blankPhoneInItGlue: true } });

    const sync = await site.call('sync', '--json');
    const phones = [...contactWith(site, 'anna@acme.test').phones];
    const plan = await site.call('plan', '--json');
    site.setPeople([person('anna', { telephoneNumber: '+1 415 555 0111' })]);
    await site.call('sync');

    expect(without.psa).toMatchObject({ state: 'not-eligible', missing: ['phone'] });
    expect(without.psa.message).toContain('psa.blankPhoneInItGlue');
    expect(phonesWithout).toBe(0);
    expect(sync.exit, sync.stdout).toBe(0);
    expect(phones).toMatchObject([{ value: '0000000000', primary: true, labelName: 'Work' }]);
    expect(planOf(plan)).toMatchObject({ changes: [], conflicts: [] });
    expect(contactWith(site, 'anna@acme.test').phones).toMatchObject([{ value: '14155550111', primary: true }]);
  });

  it('P8 creates nothing that IT Glue would push beside a contact of the PSA; its own pull brings that one, and it is matched', async () => {
    await using site = await openSite({ people: [person('anna', { title: 'Buyer' })] });
    site.bms.data.addContact({
      accountId: site.company,
      locationId: site.office.bms,
      firstName: 'Anna',
      lastName: 'Kesten',
      emails: [{ emailAddress: 'anna@acme.test', emailType: 'Work' }],
      phones: [{ phone: '4155550111', phoneType: 'Work' }],
    });

    const sync = await site.call('sync', '--json');
    const created = site.itGlue.data.contacts.size;
    const explained = await site.call('explain', 'anna');
    site.itGlue.runOwnPull();
    await site.call('sync');
    site.itGlue.runOwnPush();

    expect(sync.exit, sync.stdout).toBe(0);
    expect(created).toBe(0);
    expect(explained.stdout.replaceAll(/\s+/g, ' ')).toContain('IT Glue has not linked it yet');
    expect((await rowOf(site, 'anna')).psa.state).toBe('linked');
    expect(bmsWith(site, 'anna@acme.test')).toHaveLength(1);
    expect(duplicates(site)).toEqual([]);
  });

  it('P10 makes no second contact by a switch to direct and back', async () => {
    await using site = await openSite({ people: crowd(2) });
    await site.call('sync');

    // IT Glue has what is to be pushed: it is given its time.
    site.configure({ psa: { push: 'direct', settleMinutes: 15 } });
    const early = await site.call('sync', '--json');
    const given = await rowOf(site, 'p0');
    site.itGlue.runOwnPush();
    later(20);
    const direct = await site.call('sync', '--json');
    site.configure({ psa: { push: 'it-glue', settleMinutes: 15 } });
    const back = await site.call('sync', '--json');
    site.itGlue.runOwnPush();

    for (const each of [early, direct, back]) expect(each.exit, each.stdout).toBe(0);
    expect(given.psa).toMatchObject({ state: 'waiting', message: expect.stringContaining('it is given its time') });
    expect(site.bms.counts.writes).toBe(0);
    expect(duplicates(site)).toEqual([]);
  });

  it('P10 writes nothing into IT Glue that would make it push what rollcall has put into the PSA before', async () => {
    await using site = await openSite({ people: [person('anna')] }, { push: 'direct', settleMinutes: 0 });
    site.itGlue.switches.ownPush = false;
    await site.call('sync');
    site.itGlue.switches.ownPush = true;
    site.configure({ psa: { push: 'it-glue' } });
    site.setPeople([person('anna', { title: 'Buyer' })]);

    const sync = await site.call('sync', '--json');
    site.itGlue.runOwnPush();

    expect(sync.exit, sync.stdout).toBe(0);
    expect(bmsWith(site, 'anna@acme.test')).toMatchObject([{ jobTitle: 'Buyer' }]);
    expect(contactWith(site, 'anna@acme.test').title).toBeNull();
    expect(duplicates(site)).toEqual([]);
  });
});
