import { describe, expect, it } from 'vitest';
import { addContact, crowd, documentOf, person, planOf, statusOf, syncOf } from './people.ts';
import { duplicates, type Site, startSite, writes } from './site.ts';

const held = { limits: { firstRun: 'hold' } };
const people = [person('anna', { title: 'Buyer' }), person('bruno', { title: 'Driver' }), person('clara', { title: 'Welder' })];

function openSite(): Promise<Site> {
  return startSite({ people, sections: held });
}

describe('A3 onboarding', () => {
  it.concurrent('A3 holds the first sync with exit 4, shows it by plan with exit 0, and writes nothing', async () => {
    await using site = await openSite();

    const plan = await site.call('plan', '--json');
    const sync = await site.call('sync', '--json');

    expect(plan.exit).toBe(0);
    expect(sync.exit).toBe(4);
    const { hash } = planOf(plan);
    expect(planOf(plan).held).toEqual({ reason: 'onboarding', hash });
    expect(planOf(plan).guards.map(({ kind }) => kind)).toEqual(['create', 'update', 'blank', 'rematch', 'deactivate', 'push']);
    expect(syncOf(sync)).toMatchObject({ held: { reason: 'onboarding', hash }, applied: [], failed: [], skipped: [] });
    expect(writes(site)).toBe(0);
  });

  it.concurrent('A3 names what is held in status, and how to let it through', async () => {
    await using site = await openSite();

    const sync = await site.call('sync');
    const status = await site.call('status', '--json');

    expect(sync.exit).toBe(4);
    const [item] = statusOf(status).held;
    expect(item).toMatchObject({ reason: 'onboarding', organization: site.organization });
    expect(`${sync.stdout}${sync.stderr}`).toContain(`rollcall approve ${item?.hash ?? 'none'}`);
    expect(status.exit).toBe(6);
  });

  it.concurrent('A3 applies a held plan that was approved by its hash, and a further sync writes nothing', async () => {
    await using site = await openSite();
    const { hash } = planOf(await site.call('plan', '--json'));

    const approve = await site.call('approve', hash, '--json');
    const after = writes(site);
    const again = await site.call('sync', '--json');

    expect(approve.exit).toBe(0);
    expect(syncOf(approve)).toMatchObject({ hash, held: null, failed: [] });
    expect(syncOf(approve).applied.filter(({ kind }) => kind === 'create')).toHaveLength(3);
    expect(site.itGlue.data.contacts.size).toBe(3);
    expect(duplicates(site)).toEqual([]);
    expect(again.exit).toBe(0);
    expect(writes(site)).toBe(after);
  });

  it.concurrent('A3 lets all held plans through at once, and finds none afterwards', async () => {
    await using site = await openSite();
    const { hash } = planOf(await site.call('plan', '--json'));

    expect((await site.call('approve', '--all', '--json')).exit).toBe(2);
    expect(writes(site)).toBe(0);
    const all = await site.call('approve', '--all', '--yes', '--json');
    expect(all.exit).toBe(0);
    expect(all.json).toMatchObject({ held: [{ hash, reason: 'onboarding' }], leftOut: [], approvals: [{ hash, error: null }] });
    expect(site.itGlue.data.contacts.size).toBe(3);
    expect((await site.call('approve', '--all')).stdout).toContain('No plan is held');
  });

  it.concurrent('A3 lets a held plan through by sync --approve as well', async () => {
    await using site = await openSite();
    const { hash } = planOf(await site.call('plan', '--json'));

    const sync = await site.call('sync', '--approve', hash, '--json');

    expect(sync.exit).toBe(0);
    expect(site.itGlue.data.contacts.size).toBe(3);
  });

  it.concurrent('A3 holds a rejected onboarding again at the next sync', async () => {
    await using site = await openSite();
    const { hash } = planOf(await site.call('plan', '--json'));

    const reject = await site.call('reject', hash, '--json');
    const approve = await site.call('approve', hash, '--json');
    const sync = await site.call('sync', '--json');

    expect(reject.exit).toBe(0);
    expect(documentOf(reject)).toMatchObject({ hash, rejected: true, organization: site.organization });
    expect(approve.exit).toBe(2);
    expect(sync.exit).toBe(4);
    expect(syncOf(sync).held).toEqual({ reason: 'onboarding', hash });
    expect(writes(site)).toBe(0);
  });

  it.concurrent('A3 refuses a hash that is not held with exit 2', async () => {
    await using site = await openSite();
    await site.call('plan');

    for (const words of [
      ['approve', 'deadbeef'],
      ['reject', 'deadbeef'],
      ['sync', '--approve', 'deadbeef'],
    ]) {
      const answer = await site.call(...words, '--json');

      expect(answer.exit, words.join(' ')).toBe(2);
      expect(documentOf(answer)).toMatchObject({ error: { code: 'PLAN_NOT_HELD' } });
    }
    expect(writes(site)).toBe(0);
  });

  it.concurrent('A3 puts a later plan in the place of the held one, whose hash is then held no longer', async () => {
    await using site = await openSite();
    const first = planOf(await site.call('plan', '--json'));
    site.setPeople([...people, person('dora')]);

    const second = planOf(await site.call('plan', '--json'));
    const old = await site.call('approve', first.hash, '--json');
    const before = writes(site);
    const newer = await site.call('approve', second.hash, '--json');

    expect(second.hash).not.toBe(first.hash);
    expect(old.exit).toBe(2);
    expect(documentOf(old)).toMatchObject({ error: { code: 'PLAN_NOT_HELD' } });
    expect(before).toBe(0);
    expect(newer.exit).toBe(0);
    expect(site.itGlue.data.contacts.size).toBe(4);
  });

  it.concurrent('A3 gives the same hash to the same plan, whatever time it is', async () => {
    await using site = await openSite();

    const one = planOf(await site.call('plan', '--json'));
    const other = planOf(await site.call('plan', '--no-scan', '--json'));

    expect(other.hash).toBe(one.hash);
  });

  it.concurrent('A3 fails only the item whose record changed since the plan and its push, with exit 3, and applies the rest', async () => {
    await using site = await openSite();
    const anna = addContact(site, 'anna');
    const bruno = addContact(site, 'bruno');
    const { hash } = planOf(await site.call('plan', '--json'));
    site.itGlue.data.updateContact(anna.id, { title: 'Head of Purchasing' });

    const approve = await site.call('approve', hash, '--json');

    expect(approve.exit).toBe(3);
    const document = syncOf(approve);
    expect(document.failed).toEqual([
      expect.objectContaining({ change: `update:${anna.id}`, code: 'RECORD_CHANGED', retryable: true, record: anna.id }),
      expect.objectContaining({ change: `push:${anna.id}`, code: 'DEPENDENCY_FAILED', retryable: true }),
    ]);
    expect(anna.title).toBe('Head of Purchasing');
    expect(bruno.title).toBe('Driver');
    expect(document.applied.map(({ change }) => change)).toContain(`update:${bruno.id}`);
    expect(site.itGlue.data.contacts.size).toBe(3);
    const next = await site.call('sync', '--json');
    expect(next.exit).toBe(0);
    expect(anna.title, 'E4 the person keeps the title').toBe('Head of Purchasing');
  });

  it.concurrent('A3 does not create a contact that somebody made since the plan', async () => {
    await using site = await openSite();
    const { hash } = planOf(await site.call('plan', '--json'));
    site.itGlue.advance(1000);
    addContact(site, 'clara');

    const approve = await site.call('approve', hash, '--json');
    const next = await site.call('sync', '--json');

    expect(approve.exit).toBe(3);
    expect(syncOf(approve).failed.map(({ code }) => code)).toContain('RECORD_CHANGED');
    expect(next.exit).toBe(0);
    expect(duplicates(site)).toEqual([]);
    expect(site.itGlue.data.contacts.size).toBe(3);
  });

  it.concurrent('A3 carries out a person decision that came after the plan, not the plan', async () => {
    await using site = await openSite();
    const { hash } = planOf(await site.call('plan', '--json'));
    await site.call('contacts', 'ignore', 'bruno');

    const approve = await site.call('approve', hash, '--json');

    expect(approve.exit).toBe(3);
    expect(new Set([...site.itGlue.data.contacts.values()].map(({ firstName }) => firstName))).toEqual(new Set(['Anna', 'Clara']));
  });
});

describe('plan --exit-code', () => {
  it.concurrent('is 5 when there are changes and 0 when there are none', async () => {
    await using site = await startSite({ people });

    const before = await site.call('plan', '--exit-code', '--json');
    await site.call('sync');
    const after = await site.call('plan', '--exit-code', '--json');

    expect(before.exit).toBe(5);
    expect(planOf(before).changes).not.toEqual([]);
    expect(after.exit).toBe(0);
    expect(planOf(after).changes).toEqual([]);
  });

  it.concurrent('A1 shows by plan what sync then does', async () => {
    await using site = await startSite({ people: crowd(6) });
    addContact(site, 'p1', { lastName: 'Kesten1' });

    const plan = planOf(await site.call('plan', '--json'));
    const before = writes(site);
    const sync = syncOf(await site.call('sync', '--json'));

    expect(before).toBe(0);
    expect(sync.hash).toBe(plan.hash);
    expect(sync.applied.map(({ change }) => change).sort()).toEqual(plan.changes.map(({ id }) => id).sort());
  });
});
