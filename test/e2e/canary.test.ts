import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bmsWith, crowd, documentOf, planOf, rowOf, statusOf, syncOf } from './people.ts';
import { duplicates, type Site, startSite, writes } from './site.ts';

const minute = 60_000;
const psa = { settleMinutes: 15 };

/** Only the clock is the test's: timers and sockets run as always. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 4, 4, 8) });
});

afterEach(() => {
  vi.useRealTimers();
});

function later(minutes: number): void {
  vi.setSystemTime(Date.now() + minutes * minute);
}

async function openSite(): Promise<Site> {
  const site = await startSite({ people: crowd(3), sections: { psa } });
  // IT Glue's own push knows company and place by their links.
  site.itGlue.data.linkAdapter(site.organization, { adapterName: 'Kaseya BMS', remoteId: String(site.company) });
  site.itGlue.data.linkAdapter(site.office.itGlue, { adapterName: 'Kaseya BMS', remoteId: String(site.office.bms) });
  return site;
}

function pushed(site: Site): number {
  return site.bms.data.contactsOf(site.company).length - 1;
}

describe('P10 the canary', () => {
  it('P10 pushes one contact of the organization first; the others wait for it', async () => {
    await using site = await openSite();

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(pushed(site)).toBe(1);
    expect(syncOf(sync).skipped.filter(({ reason }) => reason === 'waiting for the canary')).toHaveLength(2);
    const states = await Promise.all(['p0', 'p1', 'p2'].map(async (name) => (await rowOf(site, name)).psa.state));
    expect(states.toSorted()).toEqual(['pushed', 'waiting', 'waiting']);
    expect(site.itGlue.data.contacts.size, 'contacts are created in IT Glue as planned').toBe(3);
  });

  it('P10 A6 pushes none and writes nothing while the canary waits', async () => {
    await using site = await openSite();
    await site.call('sync');
    const before = writes(site);
    later(14);

    const plan = await site.call('plan', '--exit-code', '--json');
    const sync = await site.call('sync', '--json');

    expect(planOf(plan).changes).toEqual([]);
    expect(plan.exit).toBe(0);
    expect(sync.exit).toBe(0);
    expect(writes(site)).toBe(before);
  });

  it('P10 pushes the rest with the next run after the time, and new contacts from then on at once', async () => {
    await using site = await openSite();
    await site.call('sync');
    later(15);

    const sync = await site.call('sync', '--json');
    site.setPeople(crowd(5));
    const more = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(syncOf(sync).applied.filter(({ kind }) => kind === 'push')).toHaveLength(2);
    expect(syncOf(more).applied.filter(({ kind }) => kind === 'push')).toHaveLength(2);
    expect(pushed(site)).toBe(5);
    expect(duplicates(site)).toEqual([]);
  });

  it('P10 holds the organization with PSA_DOUBLE_PUSH when IT Glue pushes by itself; nothing more is pushed', async () => {
    await using site = await openSite();
    site.itGlue.switches.ownPush = true;
    await site.call('sync');
    const own = site.itGlue.runOwnPush();
    const before = writes(site);
    later(5);

    const sync = await site.call('sync', '--json');
    const status = await site.call('status', '--json');
    later(30);
    const again = await site.call('sync', '--json');

    expect(own.length).toBeGreaterThan(0);
    expect(sync.exit, sync.stdout).toBe(4);
    expect(syncOf(sync).held?.reason).toContain('PSA_DOUBLE_PUSH');
    expect(syncOf(sync).notices.join('\n')).toContain('it-glue');
    expect(status.exit).toBe(6);
    expect(statusOf(status).problems.map(({ code }) => code)).toContain('PSA_DOUBLE_PUSH');
    expect(again.exit).toBe(4);
    expect(writes(site)).toBe(before);
  });

  it('P10 remembers a tripped canary through syncs in it-glue mode: only a person clears it', async () => {
    await using site = await openSite();
    site.itGlue.switches.ownPush = true;
    await site.call('sync');
    site.itGlue.runOwnPush();
    later(5);
    await site.call('sync');

    site.configure({ psa: { push: 'it-glue', settleMinutes: 15 } });
    const meanwhile = await site.call('sync', '--json');
    site.configure({ psa: { push: 'direct', settleMinutes: 15 } });
    const back = await site.call('sync', '--json');

    expect(meanwhile.exit, meanwhile.stdout).toBe(0);
    expect(syncOf(back).held?.reason).toContain('PSA_DOUBLE_PUSH');
  });

  it('P10 pushes nothing twice when IT Glue pushed the others while the canary waited', async () => {
    await using site = await openSite();
    site.itGlue.switches.ownPush = true;
    await site.call('sync');
    site.itGlue.runOwnPush();
    later(20);

    const sync = await site.call('sync', '--json');
    const approve = await site.call('approve', syncOf(sync).held?.hash ?? '', '--json');
    const last = await site.call('sync', '--json');

    expect(sync.exit).toBe(4);
    expect(approve.exit, approve.stdout).toBe(0);
    expect(last.exit, last.stdout).toBe(0);
    // The canary is there twice, which is what it is for; of the others each once.
    const counts = ['p0', 'p1', 'p2'].map((name) => bmsWith(site, `${name}@acme.test`).length);
    expect(counts.toSorted((one, other) => one - other)).toEqual([1, 1, 2]);
  });

  it('P10 starts with another canary when the first create was lost on its way', async () => {
    await using site = await openSite();
    site.bms.faults.add({ kind: 'lost-before', match: { method: 'POST', path: /contacts\/summary/ } });

    const sync = await site.call('sync', '--json');
    const between = pushed(site);
    const next = await site.call('sync', '--json');
    const afterNext = pushed(site);
    later(16);
    const last = await site.call('sync', '--json');

    expect(sync.exit).toBe(3);
    expect(between).toBe(0);
    expect(next.exit, next.stdout).toBe(0);
    expect(afterNext).toBe(1);
    expect(last.exit, last.stdout).toBe(0);
    expect(pushed(site)).toBe(3);
    expect(duplicates(site)).toEqual([]);
  });

  it('P10 finds the canary whose answer was lost, and lets the others wait for it', async () => {
    await using site = await openSite();
    site.bms.faults.add({ kind: 'lost-after', match: { method: 'POST', path: /contacts\/summary/ } });

    await site.call('sync');
    const next = await site.call('sync', '--json');
    const afterNext = pushed(site);
    later(16);
    const last = await site.call('sync', '--json');

    expect(next.exit, next.stdout).toBe(0);
    expect(afterNext).toBe(1);
    expect(last.exit, last.stdout).toBe(0);
    expect(pushed(site)).toBe(3);
    expect(duplicates(site)).toEqual([]);
  });

  it('P10 tries the next contact when BMS refuses the first', async () => {
    await using site = await openSite();
    site.bms.faults.add({ kind: 'bad-request', match: { method: 'POST', path: /contacts\/summary/ } });

    const sync = await site.call('sync', '--json');
    const next = await site.call('sync', '--json');

    expect(sync.exit).toBe(3);
    expect(next.exit, next.stdout).toBe(0);
    expect(pushed(site)).toBe(1);
  });

  it('P5 P10 lets a one-time push of all wait for the canary too', async () => {
    await using site = await openSite();

    await site.call('sync');
    const push = await site.call('push', '--all', '--yes', '--json');

    expect(push.exit, push.stdout).toBe(0);
    expect(pushed(site)).toBe(1);
    expect(documentOf(push)).toMatchObject({ failed: [] });
  });

  it('P10 pushes all at once with settleMinutes 0', async () => {
    await using site = await openSite();
    site.configure({ psa: { settleMinutes: 0 } });

    await site.call('sync');

    expect(pushed(site)).toBe(3);
  });
});
