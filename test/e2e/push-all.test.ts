import { describe, expect, it } from 'vitest';
import type { PushDocument } from '../../agent/cli/documents.ts';
import { addContact, bmsWith, documentOf, person, syncOf } from './people.ts';
import { duplicates, type Finished, type Site, startSite, writes } from './site.ts';

const many = 120;
const psa = { push: 'direct', twoWay: false, settleMinutes: 0 };

/** A customer whose contacts were in IT Glue long before: only a push of all brings them to the PSA (P4, P5). */
async function openSite(count: number, more: Readonly<Record<string, unknown>> = {}): Promise<Site> {
  const site = await startSite({ people: [person('owner')], sections: { contacts: { create: 'off' }, psa: { ...psa, ...more } } });
  for (let index = 0; index < count; index += 1) {
    addContact(site, `c${index}`, {
      lastName: `Kesten${index}`,
      phones: [{ value: `1415555${1000 + index}`, primary: true, labelName: 'Work' }],
      locationId: site.office.itGlue,
    });
  }
  return site;
}

function pushOf(finished: Finished): PushDocument {
  return documentOf(finished);
}

/** Contacts of the company besides the one from which the types are learned. */
function inBms(site: Site): number {
  return site.bms.data.contactsOf(site.company).length - 1;
}

/** Called at the nth create in BMS, before it is carried out; what it gives is the fate of the request. */
function atCreate(site: Site, nth: number, act: () => void | Promise<'drop'>): () => void {
  let creates = 0;
  return site.bms.onRequest(({ when, request }) => {
    if (when !== 'before' || request.method !== 'POST' || !request.path.endsWith('/summary')) return undefined;
    creates += 1;
    return creates === nth ? (act() ?? undefined) : undefined;
  });
}

async function expectWhole(site: Site, count: number): Promise<void> {
  const before = writes(site);
  const last = await site.call('push', '--all', '--yes', '--json');
  expect(last.exit, last.stdout).toBe(0);
  expect(writes(site), 'A6').toBe(before);
  expect(duplicates(site)).toEqual([]);
  expect(inBms(site)).toBe(count);
}

describe('P5 push --all', () => {
  it.concurrent('P5 pushes all at once, and counts both sides at the end', async () => {
    await using site = await openSite(many);

    const push = await site.call('push', '--all', '--yes', '--json');

    expect(push.exit, push.stdout).toBe(0);
    expect(pushOf(push).reconciliation).toEqual({
      itGlue: { contacts: many, eligible: many, linked: many, notLinked: {} },
      psa: { name: 'Kaseya BMS', company: 'Acme Fittings', contacts: many + 1, active: many + 1, pushed: many },
      missing: [],
      doubled: [],
    });
    expect(pushOf(push).applied.map(({ label }) => label)).toEqual(Array.from({ length: many }, (_, index) => `C${index} Kesten${index}`));
    await expectWhole(site, many);
  });

  it.concurrent('P5 A2 stopped by Ctrl-C, it goes on where it stopped', async () => {
    await using site = await openSite(many);
    const stop = new AbortController();
    atCreate(site, 50, () => {
      stop.abort();
    });

    const first = await site.callUntil(stop.signal, 'push', '--all', '--yes', '--json');
    const between = inBms(site);
    const second = await site.call('push', '--all', '--yes', '--json');

    expect(first.exit).toBe(130);
    expect(pushOf(first)).toMatchObject({ interrupted: true });
    expect(between, 'those under way were let finish').toBe(pushOf(first).applied.length);
    expect(between).toBeLessThan(many);
    expect(second.exit, second.stdout).toBe(0);
    expect(pushOf(second).reconciliation?.psa.pushed).toBe(many - between);
    await expectWhole(site, many);
  });

  it.concurrent('P5 A2 A3 stopped by Ctrl-C, the next sync goes on with it and no guard holds it', async () => {
    await using site = await openSite(many);
    const stop = new AbortController();
    atCreate(site, 10, () => {
      stop.abort();
    });
    await site.callUntil(stop.signal, 'push', '--all', '--yes');

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(syncOf(sync).applied.filter(({ kind }) => kind === 'push').length).toBeGreaterThan(100);
    await expectWhole(site, many);
  });

  it.concurrent('P5 A2 killed in the middle of its writes, nobody is pushed twice and nobody is forgotten', async () => {
    await using site = await openSite(many);
    const parked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<'drop'>();
    const remove = atCreate(site, 60, () => {
      parked.resolve();
      return gone.promise;
    });
    const { child, ended } = site.start('push', '--all', '--yes');
    await parked.promise;
    child.kill('SIGKILL');
    await ended;
    gone.resolve('drop');
    remove();

    const second = await site.call('push', '--all', '--yes', '--json');

    expect(second.exit, second.stdout).toBe(0);
    expect(pushOf(second).reconciliation).toMatchObject({ itGlue: { linked: many }, missing: [], doubled: [] });
    await expectWhole(site, many);
  });

  it.concurrent('P5 says who is held, linked or not eligible, and counts them by reason', async () => {
    await using site = await openSite(3);
    const noPhone = { locationId: site.office.itGlue };
    site.configure({ contacts: { create: 'off' }, psa: { ...psa, blankPhone: '' } });
    const lacking = addContact(site, 'lena', noPhone);
    const twin = { accountId: site.company, locationId: site.office.bms, lastName: 'Kesten0' };
    site.bms.data.addContact({
      ...twin,
      firstName: 'Office',
      lastName: 'Mailbox',
      emails: [{ emailAddress: 'c0@acme.test', emailType: 'Work' }],
    });
    const there = site.bms.data.addContact({ ...twin, firstName: 'C1', emails: [{ emailAddress: 'c1@acme.test', emailType: 'Work' }] });

    const push = await site.call('push', '--all', '--yes', '--json');
    const ids = [...site.itGlue.data.contacts.keys()];
    const named = await site.call('push', ...ids, '--yes', '--json');
    const told = await site.call('push', ...ids, '--yes');

    expect(push.exit, push.stdout).toBe(0);
    expect(
      pushOf(push)
        .applied.map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(['link', 'push']);
    expect(pushOf(push).reconciliation).toMatchObject({ itGlue: { contacts: 4, eligible: 3, linked: 2, notLinked: { held: 1 } } });
    expect(bmsWith(site, 'c1@acme.test')).toHaveLength(1);
    expect(there.phones, 'a blank is filled').toHaveLength(1);
    expect(named.exit, 'one that was named is not eligible').toBe(3);
    expect(pushOf(named).notPushed?.map(({ contactId, state }) => [contactId, state])).toEqual([
      [ids[0], 'held'],
      [ids[1], 'linked'],
      [ids[2], 'pushed'],
      [lacking.id, 'not-eligible'],
    ]);
    expect(told.stdout).toMatch(/held +Held: the contact in Kaseya BMS with its e-mail has another name/);
    expect(told.stdout).toMatch(/it is in the PSA already/);
  });

  it.concurrent('P5 exits with 3 when a contact that was pushed is missing in BMS, or there twice', async () => {
    await using site = await openSite(3);
    await site.call('push', '--all', '--yes');
    const [gone, doubled] = [bmsWith(site, 'c0@acme.test')[0], bmsWith(site, 'c1@acme.test')[0]];
    // Somebody else is at work meanwhile.
    const meanwhile = (): void => {
      site.bms.data.deleteContact(gone?.id ?? 0);
      site.bms.data.addContact(second);
    };
    const second = {
      accountId: site.company,
      locationId: site.office.bms,
      firstName: 'C1',
      lastName: 'Kesten1',
      emails: [{ emailAddress: 'C1@acme.test', emailType: 'Work' }],
    };
    addContact(site, 'next', { phones: [{ value: '14155550142', primary: true, labelName: 'Work' }], locationId: site.office.itGlue });

    atCreate(site, 1, meanwhile);

    const push = await site.call('push', '--all', '--yes', '--json');

    expect(push.exit, push.stdout).toBe(3);
    expect(pushOf(push).reconciliation?.missing).toMatchObject([{ label: 'C0 Kesten0', psaContactId: String(gone?.id) }]);
    expect(pushOf(push).reconciliation?.doubled).toMatchObject([{ by: 'e-mail', psaContacts: [String(doubled?.id), expect.any(String)] }]);
  });

  it.concurrent('P5 P10 explains the canary, and the next one after it goes on', async () => {
    await using site = await openSite(5, { settleMinutes: 15 });

    const push = await site.call('push', '--all', '--yes', '--json');
    const again = await site.call('push', '--all', '--yes', '--json');

    expect(push.exit, push.stdout).toBe(0);
    expect(inBms(site)).toBe(1);
    expect(pushOf(push).reconciliation).toMatchObject({ itGlue: { eligible: 5, linked: 1, notLinked: { waiting: 4 } } });
    expect(again.exit).toBe(0);
    expect(inBms(site)).toBe(1);
  });
});
