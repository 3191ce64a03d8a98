import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crowd, documentOf, person, statusOf, syncOf } from './people.ts';
import { duplicates, type Site, startSite, writes } from './site.ts';

/** Starts a sync and parks it at its nth write to IT Glue; `release` lets it go on. */
async function parkedSync(site: Site, nth: number) {
  const hold = site.itGlue.holdAtWrite(nth, 'before');
  const running = site.start('sync', '--json');
  await hold.parked;
  return { ...running, release: () => hold.release() };
}

describe('the process', () => {
  it.concurrent('S2 a second process that would write ends at once with STORE_LOCKED; reading goes on', async () => {
    await using site = await startSite({ people: crowd(3) });
    const first = await parkedSync(site, 2);

    const second = await site.run('sync', '--json');
    const status = await site.run('status', '--json');
    first.release();
    const ended = await first.ended;

    expect(second.exit).toBe(1);
    expect(documentOf(second)).toMatchObject({
      error: { code: 'STORE_LOCKED', message: expect.stringContaining('rollcall sync') as unknown },
    });
    expect(statusOf(status).organizations).toHaveLength(1);
    expect(ended.exit, ended.stdout).toBe(0);
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent.each(['SIGINT', 'SIGTERM'] as const)(
    '%s in mid-run ends with 130 in a consistent state; the next sync goes on',
    async (signal) => {
      await using site = await startSite({ people: crowd(12) });
      const running = await parkedSync(site, 3);

      running.child.kill(signal);
      running.release();
      const ended = await running.ended;
      const status = await site.call('status', '--json');
      const before = site.itGlue.data.contacts.size;
      const next = await site.call('sync', '--json');

      expect(ended.exit, ended.stdout + ended.stderr).toBe(130);
      expect(ended.json).toMatchObject({ formatVersion: 1 });
      expect(before).toBeLessThan(12);
      expect(status.exit).toBe(6);
      expect(statusOf(status).problems.map(({ code }) => code)).toEqual(['INTERRUPTED']);
      expect(next.exit, next.stdout).toBe(0);
      expect(site.itGlue.data.contacts.size).toBe(12);
      expect(duplicates(site)).toEqual([]);
    },
  );

  it.concurrent('A3 the rest of an interrupted run goes through without a new hold', async () => {
    await using site = await startSite({ people: crowd(6), sections: { limits: { firstRun: 'hold' } } });
    const { hash } = syncOf(await site.call('plan', '--json'));
    const hold = site.itGlue.holdAtWrite(3, 'before');
    const { child, ended } = site.start('approve', hash ?? '', '--json');
    await hold.parked;
    child.kill('SIGKILL');
    await ended;
    hold.release('drop');

    const next = await site.call('sync', '--json');

    expect(next.exit, next.stdout).toBe(0);
    expect(site.itGlue.data.contacts.size).toBe(6);
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent('is not held up by a reader that went away', async () => {
    await using site = await startSite({ people: crowd(2) });
    const { child, ended } = site.start('sync');
    child.stdout?.destroy();

    const { exit, stderr } = await ended;

    expect(exit).toBe(0);
    expect(stderr).not.toContain('EPIPE');
    expect(site.itGlue.data.contacts.size).toBe(2);
  });

  it.concurrent('says which state directory it cannot use, and does nothing', async () => {
    await using site = await startSite({ people: [person('anna')] });

    const sync = await site.run('sync', '--state', join(site.folder, 'config.json', 'state'), '--json');

    expect(sync.exit).toBe(1);
    expect(documentOf(sync)).toMatchObject({
      error: { code: 'STORE_UNUSABLE', message: expect.stringContaining('config.json') as unknown },
    });
    expect(writes(site)).toBe(0);
  });

  it.concurrent('says which configuration file is not there, with exit 2', async () => {
    await using site = await startSite();

    const plan = await site.run('plan', '--config', join(site.folder, 'absent.json'), '--json');

    expect(plan.exit).toBe(2);
    expect(documentOf(plan)).toMatchObject({ error: { code: 'CONFIG_NOT_FOUND', place: { file: join(site.folder, 'absent.json') } } });
  });
});

describe('several organizations', () => {
  function directories(other: string) {
    return {
      directories: [
        { name: 'corp', type: 'ldif', file: 'users.ldif' },
        { name: 'branch', type: 'ldif', file: 'users.ldif', organization: other },
      ],
    };
  }

  it.concurrent('are synced one by one, with one document each', async () => {
    await using site = await startSite({ people: crowd(2), sections: { ...directories('4999'), psa: { type: 'none' } } });
    site.itGlue.data.addOrganization({ id: '4999', name: 'Branch Office' });

    const sync = await site.call('sync', '--json');
    const one = await site.call('plan', '--organization', '4999', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(documentOf(sync)).toMatchObject({
      formatVersion: 1,
      organizations: [
        { organization: '4711', held: null },
        { organization: '4999', held: null },
      ],
    });
    expect(site.itGlue.data.contactsOf('4711')).toHaveLength(2);
    expect(site.itGlue.data.contactsOf('4999')).toHaveLength(2);
    expect(documentOf(one)).toMatchObject({ organization: '4999' });
  });

  it.concurrent('the failure of one is in its document, the others go on, and the exit is 3', async () => {
    await using site = await startSite({ people: crowd(2), sections: { ...directories('4998'), psa: { type: 'none' } } });

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(3);
    expect(documentOf(sync)).toMatchObject({
      organizations: [
        { organization: '4711', error: null },
        { organization: '4998', error: { code: 'ITGLUE_ORGANIZATION_NOT_FOUND' }, applied: [] },
      ],
    });
    expect(site.itGlue.data.contacts.size).toBe(2);
  });
});
