import { readdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import {
  acme,
  landOnce,
  readOnce,
  sampleAbsence,
  sampleEntry,
  sampleLanding,
  sampleProof,
  sampleUser,
  sampleUserState,
  seen,
  sightingsOf,
} from '../../contract/store.samples.ts';
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

  it('C9 lands changes, absences and checkpoint together or not at all', async () => {
    const before = await place.open();
    await landOnce(before, [sampleEntry('a')], 100, { checkpoint: { cookie: 'old' } });
    await before.close();
    await crash('landing-changes');

    const store = await place.open();

    const visible = await sightingsOf(store);
    const landed = visible.length > 1;
    expect(visible).toHaveLength(landed ? 20_001 : 1);
    const absence = visible.find(({ entry }) => entry.immutableId === 'a')?.absence;
    expect(absence).toEqual(landed ? sampleAbsence('gone') : null);
    expect(await store.checkpoint({ organization: acme, collector: 'hq', directory: 'corp' })).toEqual({ cookie: landed ? 'new' : 'old' });
  });

  it('shows to readers what was committed before, while it is not yet settled by a writer', async () => {
    await crash('half-read');
    const reader = await place.open({ mode: 'read' });

    expect((await reader.listReads(acme))[0]?.latest.outcome).toBe('running');
    expect(await seen(reader)).toEqual([]);
  });
});

describe('a landing that fails in the middle', () => {
  const place = useTemporaryStore();

  it.each(['entry', 'absence', 'source'])('C9 leaves all as it was, and can be tried again (%s)', async (where) => {
    const source = { organization: acme, collector: 'hq', directory: 'corp' };
    const before = await place.open();
    await landOnce(
      before,
      ['a', 'b'].map((id) => sampleEntry(id)),
      100,
      { checkpoint: { cookie: 'old' } },
    );
    const expected = [await sightingsOf(before), (await before.listReads(acme))[0]?.latestComplete];
    await before.close();
    const moment = {
      entry: "insert on sighting when new.user_id like '%/c'",
      absence: 'update of absence on sighting when new.absence is not null',
      source: 'update of checkpoint on source',
    }[where];
    change(`create trigger failure before ${moment} begin select raise(abort, 'The disk is on fire.'); end;`);
    const store = await place.open();
    const sink = await store.beginRead({ ...source, sourceType: 'active-directory', at: 200 });
    await sink.add([sampleEntry('b', 'Manager'), sampleEntry('c')]);
    const landing = sampleLanding(sampleProof(2, { kind: 'changes' }), {
      checkpoint: { cookie: 'new' },
      absences: new Map([['a', sampleAbsence('gone')]]),
    });

    await expect(sink.complete(landing, 300)).rejects.toThrow('The disk is on fire.');

    expect([await sightingsOf(store), (await store.listReads(acme))[0]?.latestComplete]).toEqual(expected);
    expect(await store.checkpoint(source)).toEqual({ cookie: 'old' });
    change('drop trigger failure');
    const { id } = await sink.complete(landing, 400);
    expect((await sightingsOf(store)).map(({ read, entry, absence }) => [entry.person.title, read.id === id, absence?.grade])).toEqual([
      ['Engineer', false, 'gone'],
      ['Manager', true, undefined],
      ['Engineer', true, undefined],
    ]);
  });

  function change(sql: string): void {
    const raw = new DatabaseSync(place.path);
    raw.exec(sql);
    raw.close();
  }
});

describe('a large directory', () => {
  const place = useTemporaryStore();

  it('passes through in a memory that does not grow with it', { timeout: 120_000 }, async () => {
    // 100,000 entries are some 90 MB of text: a heap of 40 MB holds no fraction worth the name.
    const { output } = await place.start('many', ['--max-old-space-size=40']);

    expect(output).toBe('100000 sightings, ready\n');
  });
});
