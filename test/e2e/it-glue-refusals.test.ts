import { describe, expect, it } from 'vitest';
import type { Fault } from '../sandbox/faults.ts';
import { contents, openFirstSync } from './first-sync.ts';
import { crowd, documentOf, person, syncOf } from './people.ts';
import { duplicates, startSite, writes } from './site.ts';

const contactList = { method: 'GET', path: /^\/contacts\?/ };

describe('IT Glue that refuses', () => {
  it.concurrent.each([
    ['a wrong key', 'ITG.00000000000000000000000000000000'],
    ['a key of another region', 'ITG.fedcba9876543210fedcba9876543210'],
  ])('fails with exit 1 and says to check key and region for %s', async (_name, key) => {
    await using site = await startSite({ people: [person('anna')] });
    site.environment['TEST_ITGLUE_KEY'] = key;

    const sync = await site.call('sync', '--json');
    const spoken = await site.call('sync');
    const validate = await site.call('validate', '--json');

    expect(sync.exit).toBe(1);
    expect(documentOf(sync)).toMatchObject({ formatVersion: 1, error: { code: 'ITGLUE_KEY_REJECTED' } });
    expect(spoken.stderr).toContain('ITGLUE_KEY_REJECTED');
    expect(spoken.stderr).toContain('region');
    expect(`${sync.stdout}${spoken.stdout}${spoken.stderr}${validate.stdout}`).not.toContain(key);
    expect(validate.exit).toBe(1);
    expect(writes(site)).toBe(0);
  });

  it.concurrent('fails with exit 2 when the variable of the key is not set', async () => {
    await using site = await startSite({ people: [person('anna')] });
    site.environment['TEST_ITGLUE_KEY'] = undefined;

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(2);
    expect(documentOf(sync)).toMatchObject({ error: { code: 'SECRET_NOT_SET' } });
    expect(site.itGlue.counts.requests).toBe(0);
  });

  it.concurrent('fails with exit 1 for an organization that does not exist', async () => {
    await using site = await startSite({ people: [person('anna')] });
    site.configure({ collector: { name: 'hq', organization: '999999' } });

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(1);
    expect(documentOf(sync)).toMatchObject({ error: { code: 'ITGLUE_ORGANIZATION_NOT_FOUND' } });
    expect(writes(site)).toBe(0);
  });

  it.concurrent('C11 creates nothing from a list whose filter was ignored', async () => {
    await using site = await openFirstSync();
    const other = site.itGlue.data.addOrganization({ id: '4999', name: 'Other Customer' });
    site.itGlue.data.addContact({ organizationId: other.id, firstName: 'Olga', emails: [{ value: 'olga@other.test' }] });
    site.itGlue.faults.add({ kind: 'filter-ignored', match: contactList, times: Number.POSITIVE_INFINITY });

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(1);
    expect(documentOf(sync)).toMatchObject({ error: { code: 'ITGLUE_FILTER_IGNORED' } });
    expect(writes(site)).toBe(0);
  });

  const lies: readonly Fault[] = [
    { kind: 'wrong-total', match: contactList, times: Number.POSITIVE_INFINITY },
    { kind: 'duplicate-id', match: contactList, times: Number.POSITIVE_INFINITY },
  ];
  it.concurrent.each(lies)('C11 creates nothing from a list that does not add up ($kind)', async (fault) => {
    await using site = await openFirstSync();
    const remove = site.itGlue.faults.add(fault);

    const sync = await site.call('sync', '--json');
    const written = writes(site);
    remove();
    const healed = await site.call('sync', '--json');

    expect(sync.exit).toBe(1);
    expect(documentOf(sync)).toMatchObject({ error: { code: 'ITGLUE_UNSTABLE_LIST' } });
    expect(written).toBe(0);
    expect(healed.exit).toBe(0);
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent.each(['drift-create', 'drift-delete'] as const)(
    'C11 reads a list again that changed between two pages (%s), and duplicates nobody',
    async (kind) => {
      await using site = await startSite({ people: crowd(3), bigIds: true });
      // More than one page: the one that would be matched stands on the second.
      for (let index = 0; index < 520; index += 1) {
        site.itGlue.data.addContact({ organizationId: site.organization, firstName: `F${index}`, lastName: `L${index}` });
      }
      site.itGlue.data.addContact({
        organizationId: site.organization,
        firstName: 'P1',
        lastName: 'Kesten1',
        emails: [{ value: 'p1@acme.test' }],
      });
      site.itGlue.faults.add({ kind, match: contactList });

      const sync = await site.call('sync', '--json');

      expect(sync.exit, sync.stdout).toBe(0);
      expect(syncOf(sync).applied.filter((item) => item.kind === 'create')).toHaveLength(2);
      expect(duplicates(site)).toEqual([]);
    },
  );

  it.concurrent('does not take the HTML page of a proxy for an answer', async () => {
    await using site = await openFirstSync();
    const remove = site.itGlue.faults.add({ kind: 'html-200', times: Number.POSITIVE_INFINITY });

    const sync = await site.call('sync', '--json');
    const written = writes(site);
    remove();

    expect(sync.exit).toBe(1);
    expect(documentOf(sync)).toMatchObject({ error: { code: 'ITGLUE_ANSWER_INVALID' } });
    expect(written).toBe(0);
  });

  it.concurrent('A4 reports a record that IT Glue refuses with exit 3, applies the rest and tries it again', async () => {
    await using site = await openFirstSync();
    const remove = site.itGlue.faults.add({
      kind: 'bad-request',
      match: (request) => request.method === 'POST' && request.path === '/contacts',
    });

    const sync = await site.call('sync', '--json');
    remove();
    const status = await site.call('status', '--json');
    const next = await site.call('sync', '--json');

    expect(sync.exit).toBe(3);
    const { failed, applied } = syncOf(sync);
    expect(failed.find(({ kind }) => kind === 'create')).toMatchObject({ code: 'ITGLUE_REFUSED', retryable: true, label: 'Anna Kesten' });
    expect(failed.filter(({ kind }) => kind !== 'create').every(({ code }) => code === 'DEPENDENCY_FAILED')).toBe(true);
    expect(applied.filter(({ kind }) => kind === 'update')).toHaveLength(2);
    expect(status.exit).toBe(6);
    expect(next.exit, next.stdout).toBe(0);
    expect(site.itGlue.data.contacts.size).toBe(4);
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent('A2 settles a create whose answer said 500 though it was carried out, when a person looks meanwhile', async () => {
    await using site = await openFirstSync();
    const expected = await (async () => {
      await using other = await openFirstSync();
      await other.call('sync');
      return contents(other);
    })();
    site.itGlue.faults.add({ kind: 'gateway-timeout', match: { method: 'POST', path: /^\/contacts$/ }, commit: true });

    const sync = await site.call('sync', '--json');
    const status = await site.call('status', '--json');
    const plan = await site.call('plan', '--json');
    const next = await site.call('sync', '--json');

    expect(sync.exit).toBe(3);
    expect(syncOf(sync).failed.find(({ kind }) => kind === 'create')).toMatchObject({ code: 'ITGLUE_ANSWER_LOST', retryable: true });
    expect(status.stdout).toContain('ITGLUE_ANSWER_LOST');
    expect(plan.exit, 'a plan settles by looking').toBe(0);
    expect(next.exit, next.stdout).toBe(0);
    expect(contents(site)).toEqual(expected);
  });

  it.concurrent('E7 falls back to one asset at a time when IT Glue refuses the bulk', async () => {
    await using site = await startSite({ people: crowd(4) });
    site.itGlue.switches.bulkMaximum = 1;

    const sync = await site.call('sync', '--json');
    const before = writes(site);
    const next = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(site.itGlue.data.assets.size).toBe(4);
    expect(next.exit).toBe(0);
    expect(writes(site)).toBe(before);
  });
});
