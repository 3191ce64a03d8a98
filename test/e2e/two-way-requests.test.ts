import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { person } from './people.ts';
import type { SitePsaType } from './psa/site-psa.ts';
import { type Site, startSite } from './site.ts';
import { emailOf, openTwoWay, phoneOf } from './two-way/pair.ts';

const minuteMs = 60_000;

/** Only the clock is the test's: timers and sockets run as always. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 4, 4, 10, 3) });
});

afterEach(() => {
  vi.useRealTimers();
});

function later(minutes: number): void {
  vi.setSystemTime(Date.now() + minutes * minuteMs);
}

interface Requests {
  readonly itGlue: number;
  readonly psa: number;
}

/** Requests to each side while `work` is done. */
async function requestsOf(site: Site, work: () => Promise<unknown>): Promise<Requests> {
  site.itGlue.resetCounts();
  site.psa.resetCounts();
  await work();
  return { itGlue: site.itGlue.counts.requests, psa: site.psa.counts.requests };
}

/** A site whose first sync has linked so many people, who had been on both sides before. */
async function openLinked(psa: SitePsaType, count: number): Promise<Site> {
  const people = Array.from({ length: count }, (_, index) =>
    person(`p${index}`, { sn: `Kesten${index}`, title: 'Fitter', telephoneNumber: `+1 ${phoneOf(index)}` }),
  );
  const site = await startSite({ psa, people, sections: { limits: { firstRun: 'auto', update: { floor: 1_000 } } } });
  for (let index = 0; index < count; index += 1) {
    const name = { firstName: `P${index}`, lastName: `Kesten${index}`, title: 'Fitter' };
    site.itGlue.data.addContact({
      organizationId: site.organization,
      ...name,
      locationId: site.office.itGlue,
      emails: [{ value: emailOf(index), primary: true, labelName: 'Work' }],
      phones: [{ value: `1${phoneOf(index)}`, primary: true, labelName: 'Work' }],
    });
    site.psa.add({ ...name, emails: [emailOf(index)], phones: [phoneOf(index)] });
  }
  later(60);
  const first = await site.call('sync', '--json');
  expect(first.exit, first.stdout).toBe(0);
  return site;
}

/** ConnectWise allows itself 600 requests a minute: linking more would take the test that long. */
const sizes = [
  { psa: 'bms', contacts: 5 },
  { psa: 'bms', contacts: 200 },
  { psa: 'connectwise', contacts: 5 },
  { psa: 'connectwise', contacts: 120 },
  { psa: 'autotask', contacts: 5 },
  { psa: 'autotask', contacts: 200 },
] as const;

describe('P9 a look with nothing new', () => {
  it.each(sizes)('costs one request to each side: $psa, $contacts contacts', async ({ psa, contacts }) => {
    await using site = await openLinked(psa, contacts);
    await site.look();
    later(60);
    await site.look();
    later(1);

    const requests = await requestsOf(site, () => site.look());

    expect(requests).toEqual({ itGlue: 1, psa: 1 });
  });
});

/**
 * IT Glue: the look, organization, contact, locations, and the write. The PSA: the look, company (BMS has no total: two), contact,
 * locations, types (ConnectWise: two lists), and for a write the contact twice before it, by the plan's check and by the adapter.
 */
const costs = [
  { psa: 'bms', toPsa: { itGlue: 4, psa: 7 }, phoneToPsa: { itGlue: 4, psa: 8 }, toItGlue: { itGlue: 5, psa: 5 } },
  { psa: 'connectwise', toPsa: { itGlue: 4, psa: 9 }, phoneToPsa: { itGlue: 4, psa: 9 }, toItGlue: { itGlue: 5, psa: 6 } },
  { psa: 'autotask', toPsa: { itGlue: 4, psa: 7 }, phoneToPsa: { itGlue: 4, psa: 7 }, toItGlue: { itGlue: 5, psa: 4 } },
] as const;

describe('P9 a look with one changed contact', () => {
  it.each(costs)('costs so many requests, and the next look one to each side: $psa', async ({ psa, ...cost }) => {
    await using pair = await openTwoWay(psa, 3);
    await pair.look();
    const measured: Record<string, Requests> = {};
    const after: Requests[] = [];
    async function measure(name: string, edit: () => void): Promise<void> {
      later(5);
      await pair.look();
      edit();
      measured[name] = await requestsOf(pair.site, () => pair.look());
      after.push(await requestsOf(pair.site, () => pair.look()));
    }

    await measure('toPsa', () => pair.editItGlue(0, { title: 'Boss', lastName: 'Brand' }));
    await measure('phoneToPsa', () => pair.editItGlue(0, { phones: ['14155557777'] }));
    await measure('toItGlue', () => pair.editPsa(1, { title: 'Chief', emails: [emailOf(1), 'x@acme.test'] }));

    expect(measured).toEqual(cost);
    expect(after, 'after own writes').toEqual([
      { itGlue: 1, psa: 1 },
      { itGlue: 1, psa: 1 },
      { itGlue: 1, psa: 1 },
    ]);
  });
});

describe('P9 a look after a mass change', () => {
  it('goes through it once, and costs one request to each side as soon as it is some minutes old', async () => {
    await using site = await openLinked('connectwise', 5);
    await site.look();
    // Somebody imports contacts into an organization that rollcall does not look after: more than a look goes through one by one.
    const other = site.itGlue.data.addOrganization({ name: 'Somebody Else' }).id;
    for (let index = 0; index < 1_100; index += 1)
      site.itGlue.data.addContact({ organizationId: other, firstName: 'Ada', lastName: `L${index}` });
    await site.look();

    const next = await requestsOf(site, () => site.look());
    for (let minute = 0; minute < 6; minute += 1) {
      later(1);
      await site.look();
    }
    later(1);
    const quiet = await requestsOf(site, () => site.look());

    expect(next.psa, 'it is not gone through again').toBe(1);
    expect(quiet).toEqual({ itGlue: 1, psa: 1 });
  });

  it('P9 sees what is changed after quiet minutes, on either side', async () => {
    await using pair = await openTwoWay('connectwise', 2);
    for (let minute = 0; minute < 10; minute += 1) {
      later(1);
      await pair.look();
    }
    pair.editItGlue(0, { title: 'Boss' });
    pair.editPsa(1, { title: 'Chief' });

    await pair.look();

    expect([pair.view(0).psa.title, pair.view(1).itGlue.title]).toEqual(['Boss', 'Chief']);
  });
});
