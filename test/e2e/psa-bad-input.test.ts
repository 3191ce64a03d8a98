import { describe, expect, it } from 'vitest';
import { addContact, person, rowOf, syncOf } from './people.ts';
import type { SitePsaType } from './psa/site-psa.ts';
import { duplicates, type Finished, type Site, startSite, writes } from './site.ts';
import { emailOf, openTwoWay } from './two-way/pair.ts';

const psas = ['bms', 'connectwise', 'autotask'] as const;
/** Of a sync of two people; more would be a storm. */
const mostRequests = 60;

/** A sync that must end so; `written` counts both sides. */
async function synced(site: Site, exit: number): Promise<Finished & { readonly written: number; readonly notices: string }> {
  const before = { writes: writes(site), requests: site.psa.counts.requests };
  const sync = await site.call('sync', '--json');
  expect(sync.exit, sync.stdout).toBe(exit);
  expect(site.psa.counts.requests - before.requests, 'no storm').toBeLessThan(mostRequests);
  expect(duplicates(site).filter((key) => !key.includes('desk@'))).toEqual([]);
  return { ...sync, written: writes(site) - before.writes, notices: exit === 1 ? '' : syncOf(sync).notices.join('\n') };
}

function failures({ json }: Finished): readonly string[] {
  return syncOf({ json } as Finished).failed.map(({ kind, code, label }) => `${kind} ${code} ${label}`);
}

/** Carries this out once, in the middle of the next run: when IT Glue was written for the first time. */
function inMidRun(site: Site, change: () => void): void {
  const stop = site.itGlue.onRequest(({ when }) => {
    if (when !== 'after') return;
    stop();
    change();
  });
}

async function openSite(psa: SitePsaType, sections: Readonly<Record<string, unknown>> = {}): Promise<Site> {
  return startSite({ psa, people: [person('anna', { title: 'Buyer' }), person('bruno', { title: 'Driver' })], sections });
}

function emailsThere(site: Site): readonly string[] {
  return site.psa.everybody().flatMap(({ emails }) => emails);
}

describe.each(psas)('a company that is not there: %s', (psa) => {
  it.concurrent('a pin of none: said with candidates, IT Glue is synced all the same; put right, all arrive once', async () => {
    await using site = await openSite(psa, { psa: { company: '777' } });

    const wrong = await synced(site, 0);
    const there = site.psa.counts.writes;
    site.configure({ psa: { company: site.psa.company } });
    await synced(site, 0);
    const after = await synced(site, 0);

    expect(wrong.notices).toContain(`${site.psa.name} has no company 777, which psa.company pins`);
    expect(wrong.notices).toContain(`Candidates: Acme Fittings (${site.psa.company})`);
    expect([site.itGlue.data.contacts.size, there]).toEqual([2, 0]);
    expect(emailsThere(site)).toEqual(expect.arrayContaining(['anna@acme.test', 'bruno@acme.test']));
    expect(after.written).toBe(0);
  });

  it.concurrent('deleted in mid-run: each record is reported, then the organization waits and says so', async () => {
    await using site = await openSite(psa);
    inMidRun(site, () => site.psa.deleteCompany());

    const sync = await synced(site, 3);
    const next = await synced(site, 0);

    expect(failures(sync)).toEqual(['push PSA_REFUSED Anna Kesten', 'push PSA_REFUSED Bruno Kesten']);
    expect(next.notices).toContain(`${site.psa.name} has no company named "Acme Fittings"`);
    expect(next.written).toBe(0);
    expect(site.psa.everybody()).toEqual([]);
  });

  it.concurrent('merged into another one: nothing is written until it is pinned; then each finds its own again', async () => {
    await using pair = await openTwoWay(psa, 2);
    const { site } = pair;
    const into = site.psa.mergeCompany('Acme Fittings Group');
    const left = site.psa.everybody().map(({ id }) => id);
    pair.editItGlue(0, { title: 'Boss' });
    pair.editPsa(1, { title: 'Chief' });

    await pair.look();
    const waiting = await synced(site, 0);
    site.configure({ psa: { company: into }, limits: { firstRun: 'auto' } });
    await synced(site, 0);
    const after = await synced(site, 0);

    expect(waiting.notices).toContain(`organizations.${site.organization}.psa.company = "${into}"`);
    expect(waiting.written).toBe(0);
    expect(site.psa.everybody().map(({ id }) => id)).toEqual(left);
    expect([pair.view(0).psa.title, pair.view(1).itGlue.title]).toEqual(['Boss', 'Chief']);
    expect(after.written).toBe(0);
  });

  it.concurrent('the organization is deleted in IT Glue: told, and nothing is written on either side', async () => {
    await using pair = await openTwoWay(psa, 1);
    const { site } = pair;
    const there = site.psa.everybody();
    site.itGlue.data.organizations.delete(site.organization);
    pair.editPsa(0, { title: 'Chief' });

    await site.look();
    const sync = await synced(site, 1);

    expect(sync.json).toMatchObject({ error: { code: 'ITGLUE_ORGANIZATION_NOT_FOUND' } });
    expect(sync.written).toBe(0);
    expect(site.psa.everybody().map(({ id }) => id)).toEqual(there.map(({ id }) => id));
  });
});

describe.each(psas)('contacts that go in mid-run: %s', (psa) => {
  it.concurrent('deleted or merged in the PSA, deleted in IT Glue: reported, the rest goes on, none comes again by itself', async () => {
    await using pair = await openTwoWay(psa, 4);
    const { site } = pair;
    const desk = site.psa.withEmail('desk@acme.test').id;
    pair.editPsa(3, { title: 'Chief' });
    pair.editItGlue(0, { title: 'Boss' });
    pair.editPsa(1, { title: 'Chief' });
    pair.editItGlue(2, { title: 'Third' });
    const gone = pair.contact(1).id;
    let isFirst = true;
    const stop = site.itGlue.onRequest(({ when }) => {
      if (when !== 'before' || !isFirst) return;
      isFirst = false;
      site.psa.delete(pair.twin(0));
      site.itGlue.data.deleteContact(gone);
      site.psa.merge(pair.twin(2), desk);
    });

    const sync = await synced(site, 3);
    stop();
    const next = await synced(site, 0);
    const last = await synced(site, 0);

    expect(failures(sync).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'update ITGLUE_REFUSED',
      'psa-update RECORD_CHANGED',
      'psa-update RECORD_CHANGED',
    ]);
    expect(pair.view(3).itGlue.title, 'a failing record stops no other').toBe('Chief');
    expect(next.notices).toContain('were deleted in IT Glue (P1 Kesten1): none is created again by itself (M7)');
    expect(next.notices).toContain(`2 contacts of ${site.psa.name} were deleted, merged or moved`);
    expect([next.written, last.written]).toEqual([0, 0]);
    expect(site.psa.has(pair.twin(0))).toBe(false);
    expect(site.itGlue.data.contacts.size).toBe(3);
  });
});

describe.each(psas)('two contacts with one e-mail, before anything is linked: %s', (psa) => {
  it.concurrent('in the PSA: held with both candidates; when they are merged there, the one is linked', async () => {
    await using site = await openSite(psa);
    const twins = ['Anna', 'Hanna'].map(
      (firstName) => site.psa.add({ firstName, lastName: 'Kesten', emails: ['anna@acme.test'], location: site.psa.office }).id,
    );
    const before = site.psa.counts.writes;
    const held = await site.call('sync', '--json');
    const row = await rowOf(site, 'anna');
    const shown = await site.call('contacts', 'show', 'anna');
    const pushed = site.psa.counts.writes - before;
    site.psa.merge(twins[1] ?? '', twins[0] ?? '');

    const linked = await synced(site, 0);
    const after = await synced(site, 0);

    expect(held.exit, held.stdout).toBe(0);
    expect(pushed, 'only Bruno').toBe(psa === 'bms' ? 2 : 1);
    expect(row.psa).toMatchObject({ state: 'held', message: `Held: 2 contacts in ${site.psa.name} have its e-mail` });
    expect(shown.stdout).toContain(`held: 2 contacts in ${site.psa.name} have its e-mail`);
    expect(syncOf(held).notices.join('\n')).toContain(`1 contact held: it may be in ${site.psa.name} already`);
    expect(syncOf(linked).applied.map(({ kind }) => kind)).toContain('link');
    expect(site.psa.withEmail('anna@acme.test')).toMatchObject({ id: twins[0], title: 'Buyer' });
    expect(after.written).toBe(0);
  });

  it.concurrent('in IT Glue: the user is ambiguous and nothing is pushed; when one is gone, the other one is', async () => {
    await using site = await openSite(psa);
    const more = { phones: [{ value: '14155550177', primary: true, labelName: 'Work' }], locationId: site.office.itGlue };
    const [first, second] = [addContact(site, 'anna', more), addContact(site, 'anna', { firstName: 'Hanna', ...more })];

    const sync = await site.call('sync', '--json');
    const row = await rowOf(site, 'anna');
    const there = emailsThere(site);
    site.itGlue.data.deleteContact(second.id);
    await synced(site, 0);
    const after = await synced(site, 0);

    expect(sync.exit, sync.stdout).toBe(0);
    expect(row).toMatchObject({ state: 'unmatched', candidates: [{}, {}] });
    expect(there).not.toContain('anna@acme.test');
    expect(site.psa.withEmail('anna@acme.test')).toMatchObject({ firstName: 'Anna', title: 'Buyer' });
    expect(first.title).toBe('Buyer');
    expect(after.written).toBe(0);
  });
});

describe.each([
  { psa: 'connectwise', longest: 30 },
  { psa: 'autotask', longest: 50 },
] as const)('P1 names longer than $longest characters: $psa', ({ psa, longest }) => {
  it.concurrent('are not pushed, never shortened, and told; put right, the contact arrives', async () => {
    await using site = await openSite(psa);
    const long = (more: number) => `A${'n'.repeat(longest - 2 + more)}a`;
    const people = (firstName: string) => [person('anna', { givenName: firstName }), person('bruno')];
    site.setPeople(people(long(1)));

    const sync = await synced(site, 0);
    const shown = await site.call('contacts', 'show', 'anna');
    const there = emailsThere(site);
    site.setPeople(people(long(0)));
    const next = await synced(site, 0);
    const after = await synced(site, 0);

    expect(there, 'it stops no other').toContain('bruno@acme.test');
    expect(there).not.toContain('anna@acme.test');
    expect(sync.notices).toContain(`1 contact not pushed: ${site.psa.name} has no room for a value of it (${long(1)} Kesten)`);
    expect(shown.stdout).toContain(
      `Not pushed to ${site.psa.name}: ${site.psa.name} takes no first name of more than ${longest} characters`,
    );
    expect(next.notices).not.toContain('no room');
    expect(site.psa.withEmail('anna@acme.test').firstName).toBe(long(0));
    expect(after.written).toBe(0);
  });

  it.concurrent('P9 given in IT Glue later: the PSA keeps what it has, told as a conflict; put right, it goes over', async () => {
    await using pair = await openTwoWay(psa, 1);
    const { site } = pair;
    pair.editItGlue(0, { lastName: 'K'.repeat(longest + 1), title: 'Boss' });

    await pair.look();
    const sync = await synced(site, 0);
    const seen = [pair.view(0).psa, pair.view(0).itGlue.lastName?.length] as const;
    pair.editItGlue(0, { lastName: 'K'.repeat(longest) });
    await pair.look();
    const after = await synced(site, 0);

    expect(seen).toMatchObject([{ lastName: 'Kesten0', title: 'Boss' }, longest + 1]);
    expect(
      syncOf(sync)
        .conflicts.map(({ field, ours }) => `${field}: ${ours ?? ''}`)
        .join('\n'),
    ).toContain(`takes no last name of more than ${longest} characters`);
    expect(pair.view(0).psa.lastName).toBe('K'.repeat(longest));
    expect(after.written).toBe(0);
  });
});

describe('an account over its API budget: autotask', () => {
  it.concurrent('from 50 % on rollcall goes at half of its speed', async () => {
    await using site = await openSite('autotask');
    const perHour = 60_000;
    Object.assign(site.psa.switches, { hourlyLimit: perHour });
    site.psa.otherUse?.(perHour * 0.6);
    const began = performance.now();

    await synced(site, 0);

    // Half of our half, and the first few requests learn of it or wait for nobody.
    const pauseMs = 3_600_000 / (perHour / 2) / 0.5;
    expect(performance.now() - began).toBeGreaterThan((site.psa.counts.requests - 4) * pauseMs);
    expect(emailsThere(site)).toEqual(expect.arrayContaining(['anna@acme.test', 'bruno@acme.test']));
  });

  it.concurrent('at 90 % it pauses before anything is written, with the numbers; the next run goes on', async () => {
    await using site = await openSite('autotask');
    site.psa.otherUse?.(9_000);

    const sync = await site.run('sync', '--json');
    const asked = site.psa.counts.requests;
    const status = await site.run('status');
    Object.assign(site.psa.switches, { hourlyLimit: 100_000 });
    const next = await site.run('sync', '--json');

    expect(sync.exit).toBe(1);
    expect(sync.json).toMatchObject({
      error: { code: 'PSA_RATE_LIMITED', message: expect.stringMatching(/have used 900\d of 10000 requests in 60 minutes/) as unknown },
    });
    expect(asked, 'it only looked').toBeLessThanOrEqual(2);
    expect(status.stdout).toContain('rollcall stops at 90 %');
    expect(next.exit, next.stdout).toBe(0);
    expect(emailsThere(site)).toEqual(expect.arrayContaining(['anna@acme.test', 'bruno@acme.test']));
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent('suspended in mid-run: each record is reported, nothing is hammered, and the next run goes on', async () => {
    await using site = await openSite('autotask');
    Object.assign(site.psa.switches, { suspensionMinutes: 60, retryAfter: 3_600 });
    inMidRun(site, () => site.psa.otherUse?.(10_000));

    const sync = await site.run('sync', '--json');
    const refused = site.psa.counts.rateLimited;
    // An hour later, and the tenant has more.
    Object.assign(site.psa.switches, { hourlyLimit: 100_000 });
    site.psa.passTime(61 * 60_000);
    const next = await site.run('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(3);
    expect(failures(sync)).toEqual(['push PSA_RATE_LIMITED Anna Kesten', 'push PSA_RATE_LIMITED Bruno Kesten']);
    expect(syncOf(sync).failed[0]?.message).toContain('the server asks for a pause of 60 minutes');
    expect(refused).toBeLessThanOrEqual(4);
    expect(next.exit, next.stdout).toBe(0);
    expect(emailsThere(site)).toEqual(expect.arrayContaining(['anna@acme.test', 'bruno@acme.test']));
    expect(duplicates(site)).toEqual([]);
  });
});

describe('a tenant that refuses duplicates: connectwise', () => {
  it.concurrent.each(['refused-by-name', 'refused-by-email'] as const)(
    'P8 somebody was quicker (%s): told, no second one, and the next sync links and fills',
    async (how) => {
      await using site = await openSite('connectwise');
      Object.assign(site.psa.switches, { duplicates: how });
      const stop = site.psa.onRequest(({ when }) => {
        if (when !== 'before') return;
        stop();
        for (const name of ['Anna', 'Bruno']) {
          site.psa.add({ firstName: name, lastName: 'Kesten', emails: [`${name.toLowerCase()}@acme.test`], location: site.psa.office });
        }
      });

      const sync = await synced(site, 3);
      const next = await synced(site, 0);
      const after = await synced(site, 0);

      expect(failures(sync)).toEqual(['push PSA_REFUSED Anna Kesten', 'push PSA_REFUSED Bruno Kesten']);
      expect(syncOf(sync).failed[0]?.message).toContain('A matching contact already exists');
      expect(syncOf(next).applied.filter(({ kind }) => kind === 'link')).toHaveLength(2);
      expect(site.psa.withEmail('anna@acme.test')).toMatchObject({ title: 'Buyer', key: expect.any(String) as unknown });
      expect(after.written).toBe(0);
    },
  );
});

describe('BMS whose token ends', () => {
  it.concurrent('in the middle of two-way sync: signed in again, each value arrives once', async () => {
    await using pair = await openTwoWay('bms', 2);
    const { site } = pair;
    pair.editItGlue(0, { title: 'Boss', emails: [emailOf(0), 'other@acme.test'] });
    pair.editPsa(1, { title: 'Chief' });
    for (const path of [/contacts\/\d+$/, /\/emails$/]) site.psa.faults.add({ kind: 'token-expired', match: { method: 'PATCH', path } });
    const before = writes(site);

    await pair.look();

    expect(pair.view(0).psa).toMatchObject({ title: 'Boss', emails: [emailOf(0), 'other@acme.test'] });
    expect(pair.view(1).itGlue.title).toBe('Chief');
    expect(writes(site) - before).toBe(3);
    expect((await synced(site, 0)).written).toBe(0);
  });
});
