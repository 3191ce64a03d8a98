import { copyFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Migration, migrations } from '../../../agent/store/migrations/migrations.ts';
import { type PutBackOptions, putStoreBack } from '../../../agent/store/sqlite/put-back.ts';
import type { Store } from '../../../core/ports/store.ts';
import type { PutBackVerdict } from '../../../core/upgrade/store-put-back.ts';
import { acme, readOnce, sampleEntry, sampleIntent, sightingsOf } from '../../contract/store.samples.ts';
import { someMoment, useTemporaryStore } from './temporary-store.ts';

const place = useTemporaryStore();
const known = migrations.length;

function step(id: number): Migration {
  return {
    id,
    name: `later-${id}`,
    async up(db) {
      await db.schema.alterTable('run').addColumn(`later_${id}`, 'text').execute();
    },
  };
}

const oneLater = [...migrations, step(known + 1)];
const twoLater = [...oneLater, step(known + 2)];

describe('a store that a refused release has migrated', () => {
  beforeEach(async () => {
    const store = await place.open();
    await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 100);
    await aWrite(store);
    await store.close();
  });

  /** A run with a write outside, as the journal has it before the write is sent. */
  async function aWrite(store: Store): Promise<void> {
    const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
    await store.recordIntent(sampleIntent(run), 2);
  }

  /** Opens and closes it as a later release does. */
  async function migrated(steps: readonly Migration[], work: (store: Store) => Promise<void> = () => Promise.resolve()): Promise<void> {
    const store = await place.open({ migrations: steps, version: '0.2.0' });
    await work(store);
    await store.close();
  }

  function putBack(change: Partial<PutBackOptions> = {}): Promise<PutBackVerdict> {
    return putStoreBack({
      path: place.path,
      now: () => someMoment,
      command: 'rollcall run',
      isAllowed: () => Promise.resolve(true),
      ...change,
    });
  }

  async function backups(): Promise<readonly string[]> {
    return (await readdir(place.folder)).filter((name) => name.endsWith('.backup')).sort();
  }

  function layout(): number {
    const database = new DatabaseSync(place.path, { readOnly: true });
    try {
      return Number(database.prepare('select max(id) as id from migration').get()?.['id']);
    } finally {
      database.close();
    }
  }

  async function count(table: string): Promise<number> {
    const database = new DatabaseSync(place.path, { readOnly: true });
    try {
      return Number(database.prepare(`select count(*) as count from "${table}"`).get()?.['count']);
    } finally {
      database.close();
    }
  }

  it('is put back as it was: what was known, and every row of the journal', async () => {
    await migrated(oneLater);
    await expect(place.open()).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });

    expect(await putBack()).toBe('put back');

    expect(layout()).toBe(known);
    expect([await count('run'), await count('journal')]).toEqual([1, 1]);
    const store = await place.open();
    expect(await sightingsOf(store)).toHaveLength(2);
    // The backup has become the store.
    expect(await backups()).toEqual([]);
  });

  it('H1 stays when a write outside was recorded since: no row of the journal is lost', async () => {
    await migrated(oneLater, aWrite);

    expect(await putBack()).toBe('worked with');

    expect(layout()).toBe(known + 1);
    expect([await count('run'), await count('journal')]).toEqual([2, 2]);
    expect(await backups()).toHaveLength(1);
  });

  it('H1 stays when there was a run since, even one that wrote nothing', async () => {
    await migrated(oneLater, async (store) => {
      await store.startRun({ organization: acme, command: 'scan', at: 3 });
    });

    expect(await putBack()).toBe('worked with');
    expect(await count('run')).toBe(2);
  });

  it('H1 stays when its journal is not one that this release can read', async () => {
    await migrated(oneLater);
    const database = new DatabaseSync(place.path);
    database.exec('alter table journal rename to journal_of_later');
    database.close();

    expect(await putBack()).toBe('cannot be proven');
    expect(layout()).toBe(known + 1);
  });

  it('is asked about once nobody else can write to it: a command may have confirmed the release', async () => {
    await migrated(oneLater);
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<boolean>();
    const puttingBack = putBack({
      isAllowed: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    await asked.promise;
    const other = place.open({ migrations: oneLater });
    await expect(other).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    answer.resolve(false);

    expect(await puttingBack).toBe('not needed');
    expect(layout()).toBe(known + 1);
  });

  it('waits for whoever writes to it', async () => {
    const store = await place.open({ migrations: oneLater });

    await expect(putBack()).rejects.toMatchObject({ code: 'STORE_LOCKED' });

    await store.close();
  });

  it('is left alone when it was not migrated', async () => {
    expect(await putBack()).toBe('not needed');
    expect(await count('journal')).toBe(1);
  });

  it('finds the backup from before two steps that were done in two starts, within one second', async () => {
    await migrated(oneLater);
    await migrated(twoLater);
    expect(await backups()).toHaveLength(2);

    expect(await putBack()).toBe('put back');
    expect(layout()).toBe(known);
  });

  it('H1 stays when something was done between two steps', async () => {
    await migrated(oneLater, aWrite);
    await migrated(twoLater);

    expect(await putBack()).toBe('worked with');
    expect(await count('journal')).toBe(2);
  });

  it('never takes another backup than its own, though it is there and older', async () => {
    await migrated(oneLater);
    const [own = ''] = await backups();
    // Of before, by hand or by an earlier update: months of work are missing in it.
    await rename(join(place.folder, own), `${place.path}.20200101T000000Z.0.0.1.backup`);

    expect(await putBack()).toBe('no backup');
    expect(layout()).toBe(known + 1);
  });

  it.each(['../elsewhere.backup', '/etc/passwd', 'rollcall.db', 'other.db.x.backup'])(
    'takes no file for a backup that is none: %s',
    async (name) => {
      await migrated(oneLater);
      const database = new DatabaseSync(place.path);
      database.prepare("update property set value = ? where name = 'backup'").run(name);
      database.close();

      expect(await putBack()).toBe('no backup');
    },
  );

  it('keeps what it has when the backup is damaged', async () => {
    await migrated(oneLater);
    const [own = ''] = await backups();
    await writeFile(join(place.folder, own), 'no database');

    await expect(putBack()).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    expect(layout()).toBe(known + 1);
  });

  it('takes nothing of the log of the later release into the backup', async () => {
    await migrated(oneLater);
    // As a kill leaves it: the log beside the file, with steps in it that are not in the file.
    const database = new DatabaseSync(place.path);
    database.exec('pragma wal_autocheckpoint = 0; create table of_later (id integer); insert into of_later values (1)');
    for (const end of ['', '-wal']) await copyFile(`${place.path}${end}`, `${place.path}.kept${end}`);
    database.close();
    for (const end of ['', '-wal']) await rename(`${place.path}.kept${end}`, `${place.path}${end}`);
    expect((await stat(`${place.path}-wal`)).size).toBeGreaterThan(0);

    expect(await putBack()).toBe('put back');

    expect(await stat(`${place.path}-wal`).catch(() => null)).toBeNull();
    await expect(count('of_later')).rejects.toThrow('no such table');
    await (await place.open()).close();
  });

  it('is put back a moment later while somebody still reads it', async () => {
    await migrated(oneLater);
    const reader = new DatabaseSync(place.path, { readOnly: true });
    reader.prepare('select count(*) from run').get();
    await expect(putBack()).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    expect(layout()).toBe(known + 1);
    reader.close();

    expect(await putBack()).toBe('put back');
  });

  it('A2 is put back by the next start when a power cut came before the renaming, and is left alone when it came after', async () => {
    await migrated(oneLater);
    // What is done before it.
    const database = new DatabaseSync(place.path);
    database.exec('pragma journal_mode = delete');
    database.close();

    expect(await putBack()).toBe('put back');
    expect(await putBack()).toBe('not needed');
    expect([layout(), await count('journal')]).toEqual([known, 1]);
  });

  it('is gone when somebody has moved it away: nothing is made in its place', async () => {
    await migrated(oneLater);
    await rm(place.path);

    await expect(putBack()).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    expect(await stat(place.path).catch(() => null)).toBeNull();
  });
});
