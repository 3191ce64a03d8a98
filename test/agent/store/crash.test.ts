import { readdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { acme, readOnce, sampleEntry, sampleUser, sampleUserState, seen } from '../../contract/store.samples.ts';
import { kill, someMoment, useTemporaryStore } from './temporary-store.ts';

describe('a process that is killed', () => {
  const place = useTemporaryStore();

  async function crash(action: string): Promise<void> {
    const { process } = await place.start(action);
    await kill(process);
  }

  it('A2 leaves its intent behind, and its run as interrupted', async () => {
    await crash('intent');
    const store = await place.open();

    const [run] = await store.listRuns({ limit: 1 });

    expect(run).toMatchObject({ outcome: 'interrupted', finishedAt: someMoment, error: { code: 'INTERRUPTED' } });
    expect(await store.openIntents(acme)).toMatchObject([{ run: run?.id, state: 'intended', user: sampleUser('a') }]);
  });

  it('A2 leaves a result behind with all that was remembered', async () => {
    await crash('result');
    const store = await place.open();

    expect(await store.openIntents(acme)).toEqual([]);
    expect(await store.userStates(acme)).toEqual([sampleUserState('a')]);
  });

  it.each(['half-read', 'landing'])('C1 leaves nothing visible of a read in progress (%s)', async (action) => {
    const before = await place.open();
    const read = await readOnce(before, [sampleEntry('a')], 100);
    await before.close();
    await crash(action);
    expect(await readdir(place.folder)).toContain('rollcall.db.staging');

    const store = await place.open();

    const visible = await seen(store);
    const [reads] = await store.listReads(acme);
    // A fast machine may have landed the whole read before the kill: all or nothing.
    expect([1, 20_001]).toContain(visible.length);
    if (visible.length === 1) {
      expect(visible).toEqual([[sampleUser('a'), 'hq', 'Engineer', read, 101]]);
      expect(reads?.latest).toMatchObject({ outcome: 'failed', error: 'INTERRUPTED', finishedAt: someMoment });
      expect(reads?.latestComplete?.id).toBe(read);
    }
    const staging = new DatabaseSync(`${place.path}.staging`, { readOnly: true });
    expect(staging.prepare('select count(*) as rows from entry').get()).toEqual({ rows: 0 });
    staging.close();
    await store.close();
    expect(await readdir(place.folder)).not.toContain('rollcall.db.staging');
  });

  it('shows to readers what was committed before, while it is not yet settled by a writer', async () => {
    await crash('half-read');
    const reader = await place.open({ mode: 'read' });

    expect((await reader.listReads(acme))[0]?.latest.outcome).toBe('running');
    expect(await seen(reader)).toEqual([]);
  });
});

describe('a large directory', () => {
  const place = useTemporaryStore();

  it('passes through in a memory that does not grow with it', { timeout: 120_000 }, async () => {
    // 100,000 entries are some 90 MB of text: a heap of 40 MB holds no fraction worth the name.
    const { output } = await place.start('many', ['--max-old-space-size=40']);

    expect(output).toBe('100000 sightings, ready\n');
  });
});
