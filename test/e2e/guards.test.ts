import { describe, expect, it } from 'vitest';
import type { LdifPerson } from './ldif-people.ts';
import { addContact, contactWith, crowd, planOf, statusOf, syncOf } from './people.ts';
import { type Site, startSite, writes } from './site.ts';

const narrow = { floor: 2, share: '0%' };
const limits = {
  firstRun: 'auto',
  create: { floor: 10, share: '0%' },
  update: narrow,
  push: { floor: 10, share: '0%' },
  blank: narrow,
  rematch: narrow,
  deactivate: narrow,
};

type Fields = (index: number) => Partial<LdifPerson>;

/** A site of six people after its first sync; contacts, overlay and PSA are in place. */
async function syncedSite(sections: Readonly<Record<string, unknown>> = {}, fields: Fields = () => ({ title: 'Fitter' })): Promise<Site> {
  const site = await startSite({ people: crowd(6, fields), sections: { limits, ...sections } });
  const first = await site.call('sync', '--json');
  expect(first.exit, first.stdout).toBe(0);
  return site;
}

async function expectHeld(site: Site, kind: string, count: number): Promise<string> {
  const before = writes(site);
  const sync = await site.call('sync', '--json');
  expect(sync.exit, sync.stdout).toBe(4);
  const document = syncOf(sync);
  expect(document.held?.reason).toBe(kind);
  expect(document.applied).toEqual([]);
  const guard = document.guards.find((item) => item.kind === kind);
  expect(guard).toMatchObject({ count, exceeded: true });
  expect(guard?.names).toHaveLength(Math.min(count, 10));
  expect(writes(site), 'held before its first write').toBe(before);
  return document.held?.hash ?? '';
}

describe('A3 guards', () => {
  it.concurrent('A3 lets updates beyond their limit through where the customer has a standing approval, and the journal says why', async () => {
    await using site = await syncedSite();
    site.setPeople(crowd(6, (index) => ({ title: index < 4 ? 'Foreman' : 'Fitter' })));
    await expectHeld(site, 'update', 4);
    const standing = (most: number) => ({
      limits,
      organizations: { [site.organization]: { limits: { standingApproval: { kinds: ['update'], most } } } },
    });
    site.configure(standing(3));
    await expectHeld(site, 'update', 4);

    site.configure(standing(4));
    const sync = await site.call('sync', '--json');
    expect(sync.exit, sync.stdout).toBe(0);
    expect(syncOf(sync)).toMatchObject({ held: null, failed: [] });
    expect(syncOf(sync).notices.join()).toContain('let through by limits.standingApproval');
    const run = syncOf(sync).run ?? '';
    expect((await site.call('runs', 'show', run, '--json')).json).toMatchObject({
      detail: { letThrough: { rule: 'limits.standingApproval', contacts: 4, most: 4, exceeded: [{ kind: 'update', count: 4, limit: 2 }] } },
    });
    expect((await site.call('runs', 'show', run)).stdout).toMatch(
      /beyond +let through by limits\.standingApproval: 4 contacts of 4 at most\n +update 4, the limit is 2/u,
    );
    // The plan that was held before is held no longer.
    expect(statusOf(await site.call('status', '--json')).held).toEqual([]);
  });

  it.concurrent('A3 holds a mass deactivation with names, and does not use the change up', async () => {
    await using site = await syncedSite();
    const disabled: Fields = (index) => ({ title: 'Fitter', ...(index < 3 ? { userAccountControl: '514' } : {}) });
    site.setPeople(crowd(6, disabled));

    const hash = await expectHeld(site, 'deactivate', 3);
    const again = await expectHeld(site, 'deactivate', 3);
    const people = await site.call('sync');
    const approve = await site.call('approve', hash, '--json');
    const after = await site.call('sync', '--json');

    expect(again).toBe(hash);
    for (const name of ['P0 Kesten0', 'P1 Kesten1', 'P2 Kesten2']) expect(people.stdout).toContain(name);
    expect(people.stdout).toContain(hash);
    expect(approve.exit).toBe(0);
    expect(after.exit).toBe(0);
    const statuses = [...site.itGlue.data.assets.values()].map((asset) => asset.traits.get('ad-status'));
    expect(statuses.filter((status) => status === 'Disabled')).toHaveLength(3);
  });

  it.concurrent('A3 lets as many through as the limit says', async () => {
    await using site = await syncedSite();
    site.setPeople(crowd(6, (index) => ({ title: 'Fitter', ...(index < 2 ? { userAccountControl: '514' } : {}) })));

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(0);
    expect(syncOf(sync).guards.find(({ kind }) => kind === 'deactivate')).toMatchObject({ count: 2, limit: 2, exceeded: false });
  });

  it.concurrent('A3 holds a mass update', async () => {
    await using site = await syncedSite();
    site.setPeople(crowd(6, () => ({ title: 'Master Fitter' })));

    const hash = await expectHeld(site, 'update', 6);
    const plan = planOf(await site.call('plan', '--json'));
    const approve = await site.call('approve', hash, '--json');

    expect(plan.held).toEqual({ reason: 'update', hash });
    expect(approve.exit).toBe(0);
    expect([...site.itGlue.data.contacts.values()].every(({ title }) => title === 'Master Fitter')).toBe(true);
  });

  it.concurrent('A3 holds a mass creation, also with the limits of the default configuration', async () => {
    await using site = await startSite({ people: crowd(2) });
    await site.call('sync');
    site.setPeople(crowd(23));

    const before = writes(site);
    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(4);
    expect(syncOf(sync).held?.reason).toBe('create, push');
    expect(syncOf(sync).guards.find(({ kind }) => kind === 'create')).toMatchObject({ count: 21, limit: 20, exceeded: true });
    expect(writes(site)).toBe(before);
  });

  it.concurrent('A3 holds values that would become empty under the policy "clear", and E4 clears them once approved', async () => {
    await using site = await syncedSite({ contacts: { create: 'auto', fields: { title: 'clear' } } });
    site.setPeople(crowd(6));
    site.configure({
      limits: { ...limits, update: { floor: 20, share: '0%' } },
      contacts: { create: 'auto', fields: { title: 'clear' } },
    });

    const hash = await expectHeld(site, 'blank', 6);
    const approve = await site.call('approve', hash, '--json');

    expect(approve.exit).toBe(0);
    expect([...site.itGlue.data.contacts.values()].every(({ title }) => title === null)).toBe(true);
  });

  it.concurrent('E4 keeps values under the policy "merge" when the directory has none any more', async () => {
    await using site = await syncedSite();
    site.setPeople(crowd(6));

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(0);
    expect(syncOf(sync).applied).toEqual([]);
    expect([...site.itGlue.data.contacts.values()].every(({ title }) => title === 'Fitter')).toBe(true);
  });

  it.concurrent('A3 holds a mass push', async () => {
    await using site = await syncedSite({ psa: { push: 'off' } });
    site.configure({ limits: { ...limits, push: narrow } });
    await site.call('sync');
    // Every contact that is not in the PSA is updated: P4 asks for all of them.
    for (const contact of site.itGlue.data.contacts.values()) site.itGlue.data.updateContact(contact.id, { lastName: 'Renamed' });

    await expectHeld(site, 'push', 6);

    expect(site.bms.data.contacts.size).toBe(1);
  });

  it.concurrent('A3 holds matches that change their contact', async () => {
    await using site = await syncedSite();
    site.configure({ limits: { ...limits, update: { floor: 20, share: '0%' } } });
    const others = Array.from({ length: 3 }, (_, index) => addContact(site, `other${index}`));
    for (const [index, other] of others.entries()) {
      const match = await site.call('contacts', 'match', `p${index}`, other.id);
      expect(match.exit, match.stderr).toBe(0);
    }

    const hash = await expectHeld(site, 'rematch', 3);
    const approve = await site.call('approve', hash, '--json');

    expect(approve.exit).toBe(0);
  });

  it.concurrent('A3 keeps a held plan out of the way of a rejection, and holds the same again', async () => {
    await using site = await syncedSite();
    site.setPeople(crowd(6, () => ({ title: 'Master Fitter' })));
    const hash = await expectHeld(site, 'update', 6);

    const reject = await site.call('reject', hash);
    const status = statusOf(await site.call('status', '--json'));

    expect(reject.exit).toBe(0);
    expect(status.held).toEqual([]);
    expect(await expectHeld(site, 'update', 6)).toBe(hash);
  });

  it.concurrent('A3 lets the rest of an approved plan through without a new hold, when some of it failed', async () => {
    await using site = await syncedSite();
    site.setPeople(crowd(6, () => ({ title: 'Master Fitter' })));
    const hash = await expectHeld(site, 'update', 6);
    // Four of six updates meet a fault.
    site.itGlue.faults.add({ kind: 'server-error', match: { method: 'PATCH', path: /^\/contacts\// }, nth: 2, times: 4 });

    const approve = await site.call('approve', hash, '--json');
    const next = await site.call('sync', '--json');

    expect(approve.exit).toBe(3);
    expect(syncOf(approve).failed).toHaveLength(4);
    expect(next.exit, next.stdout).toBe(0);
    expect(syncOf(next).applied.filter(({ kind }) => kind === 'update')).toHaveLength(4);
    expect([...site.itGlue.data.contacts.values()].every(({ title }) => title === 'Master Fitter')).toBe(true);
  });

  it.concurrent('A3 holds new work that comes on top of the rest of an approved plan', async () => {
    await using site = await syncedSite();
    site.setPeople(crowd(6, () => ({ title: 'Master Fitter' })));
    const hash = await expectHeld(site, 'update', 6);
    site.itGlue.faults.add({ kind: 'server-error', match: { method: 'PATCH', path: /^\/contacts\// }, times: 6 });
    await site.call('approve', hash);
    site.setPeople(crowd(6, () => ({ title: 'Site Manager' })));

    await expectHeld(site, 'update', 6);

    expect(contactWith(site, 'p0@acme.test').title).toBe('Fitter');
  });
});
