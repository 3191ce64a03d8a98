import { chmod, copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../../core/errors.ts';
import { acme, readOnce, sampleEntry, sampleUserState, seen } from '../../contract/store.samples.ts';
import { kill, useTemporaryStore } from './temporary-store.ts';

const place = useTemporaryStore();

async function failure(work: Promise<unknown>): Promise<RollcallError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RollcallError);
  return error as RollcallError;
}

/** A store with content, closed. */
async function filledStore(): Promise<void> {
  const store = await place.open();
  await readOnce(
    store,
    Array.from({ length: 500 }, (_, index) => sampleEntry(`user-${index}`)),
    100,
  );
  await store.close();
}

describe('opening the store', () => {
  it.skipIf(process.platform === 'win32')('makes directory and files for this account alone', async () => {
    const path = join(place.folder, 'state', 'deep', 'rollcall.db');
    await place.open({ path });

    expect((await stat(join(place.folder, 'state'))).mode & 0o777).toBe(0o700);
    for (const name of await readdir(join(place.folder, 'state', 'deep'))) {
      expect([name, (await stat(join(place.folder, 'state', 'deep', name))).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  it('STORE_NOT_FOUND: has nothing to read before the first scan, and makes nothing', async () => {
    const error = await failure(place.open({ mode: 'read' }));

    expect(error.code).toBe('STORE_NOT_FOUND');
    expect(error.hint).toContain('rollcall scan');
    expect(await readdir(place.folder)).toEqual([]);
  });

  it('STORE_NOT_FOUND: takes a file that nothing was written to as no store', async () => {
    await writeFile(place.path, '');

    expect((await failure(place.open({ mode: 'read' }))).code).toBe('STORE_NOT_FOUND');
    await place.open();
  });

  it('lets readers in while a writer runs, who see what is committed', async () => {
    const writer = await place.open();
    const reader = await place.open({ mode: 'read' });
    await writer.saveUserStates(acme, [sampleUserState('a')]);
    await readOnce(writer, [sampleEntry('a')], 1);

    expect(await reader.userStates(acme)).toEqual([sampleUserState('a')]);
    expect(await seen(reader)).toHaveLength(1);
  });

  it('refuses to write when it was opened for reading', async () => {
    await filledStore();
    const reader = await place.open({ mode: 'read' });

    await expect(reader.saveUserStates(acme, [sampleUserState('a')])).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(reader.startRun({ organization: acme, command: 'sync', at: 1 })).rejects.toMatchObject({ code: 'INTERNAL' });
    const source = { organization: acme, collector: 'hq', directory: 'corp' };
    const survey = { asked: [], failed: [], exact: true, logons: new Map([['a', 1]]) };
    await expect(reader.keepSourceMemory(source, {})).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(reader.saveLogons(source, survey, 1)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await reader.sourceMemory(source)).toBeNull();
  });

  it('can be closed twice', async () => {
    const store = await place.open();
    await store.close();
    await store.close();
    await place.open();
  });
});

describe('the writer lock', () => {
  it('STORE_LOCKED: names the process that writes', async () => {
    const { process: other } = await place.start('hold');

    const error = await failure(place.open());

    expect(error.code).toBe('STORE_LOCKED');
    expect(error.message).toContain(`"rollcall sync" (process ${other.pid} on `);
    expect(error.message).toContain('since 2027-01-15T08:00:00.000Z');
    expect(error.place).toMatchObject({ file: place.path, pid: other.pid });
  });

  it('is not kept by a process that was killed', async () => {
    const { process: other } = await place.start('hold');
    await kill(other);

    const store = await place.open();
    await store.startRun({ organization: acme, command: 'sync', at: 1 });
  });

  it('is given back by close, and kept when a second opening failed', async () => {
    const first = await place.open({ command: 'rollcall run' });
    expect((await failure(place.open())).message).toContain('rollcall run');
    await expect(place.start('hold')).rejects.toThrow('STORE_LOCKED');
    await first.close();

    await place.open();
  });

  it('holds without the note that names its holder', async () => {
    await place.open();
    await writeFile(`${place.path}.lock.json`, 'half a no');

    expect((await failure(place.open())).message).toContain('Another rollcall process');
  });
});

describe('a store that cannot be used', () => {
  it('STORE_UNUSABLE: a file that is no database is left as it is', async () => {
    await writeFile(place.path, 'a letter to the printer, and more than one page of it\n'.repeat(100));
    const before = await readFile(place.path);

    for (const mode of ['write', 'read'] as const) {
      const error = await failure(place.open({ mode }));
      expect([error.code, error.place.file]).toEqual(['STORE_UNUSABLE', place.path]);
      expect(error.message).toContain('not a database');
    }
    expect(await readFile(place.path)).toEqual(before);
  });

  it("STORE_UNUSABLE: another program's database is left as it is", async () => {
    const raw = new DatabaseSync(place.path);
    raw.exec('create table invoice (id integer primary key)');
    raw.close();
    const before = await readFile(place.path);

    for (const mode of ['write', 'read'] as const) {
      const error = await failure(place.open({ mode }));
      expect([error.code, error.message]).toEqual(['STORE_UNUSABLE', expect.stringContaining('another program')]);
    }
    expect(await readFile(place.path)).toEqual(before);
  });

  it('STORE_UNUSABLE: a path through a file, or to a directory', async () => {
    await writeFile(join(place.folder, 'file'), '');
    await mkdir(join(place.folder, 'directory'));

    for (const mode of ['write', 'read'] as const) {
      expect((await failure(place.open({ mode, path: join(place.folder, 'file', 'rollcall.db') }))).code).toBe('STORE_UNUSABLE');
      expect((await failure(place.open({ mode, path: join(place.folder, 'directory') }))).code).toBe('STORE_UNUSABLE');
    }
  });

  it.skipIf(process.platform === 'win32')('STORE_UNUSABLE: a directory without the right to write', async () => {
    await filledStore();
    await chmod(place.folder, 0o555);

    const errors = await asOrdinaryAccount(async () => [
      await failure(place.open({ path: join(place.folder, 'new', 'rollcall.db') })),
      await failure(place.open()),
    ]);

    await chmod(place.folder, 0o755);
    expect(errors.map(({ code }) => code)).toEqual(['STORE_UNUSABLE', 'STORE_UNUSABLE']);
    expect(errors[0]?.message).toContain('access was denied');
  });

  it('STORE_TOO_NEW: a layout that a newer program made', async () => {
    await filledStore();
    const raw = new DatabaseSync(place.path);
    raw.exec("insert into migration values (999, 'from-the-future', 1)");
    raw.close();

    for (const mode of ['write', 'read'] as const) {
      const error = await failure(place.open({ mode }));
      expect([error.code, error.place.layout]).toEqual(['STORE_TOO_NEW', 999]);
    }
  });
});

describe('a damaged store', () => {
  /** Turns over every byte of a page of sightings, which opening the store has no other reason to look at. */
  async function flipBytes(path: string): Promise<void> {
    const content = await readFile(path);
    const page = Math.floor(content.indexOf('alias-user-250@') / 4_096);
    await writeFile(
      path,
      content.map((byte, index) => (Math.floor(index / 4_096) === page ? ~byte & 0xff : byte)),
    );
  }

  it('STORE_CORRUPT: is found at start, and the newest backup is named', async () => {
    await filledStore();
    for (const time of ['20260101T000000Z', '20260301T000000Z', '20260201T000000Z']) {
      await copyFile(place.path, `${place.path}.${time}.0.1.0.backup`);
    }
    await flipBytes(place.path);

    for (const mode of ['write', 'read'] as const) {
      const error = await failure(place.open({ mode }));
      expect(error.code).toBe('STORE_CORRUPT');
      expect(error.message).toContain(`${place.path}.20260301T000000Z.0.1.0.backup`);
      expect(error.message).toContain('-wal');
    }
  });

  it('STORE_CORRUPT: says so when there is no backup', async () => {
    await filledStore();
    await flipBytes(place.path);

    expect(await failure(place.open())).toMatchObject({ code: 'STORE_CORRUPT', message: expect.stringContaining('There is no backup') });
  });

  it('STORE_CORRUPT: a store that lost its end', async () => {
    await filledStore();
    await truncate(place.path, 20_000);

    expect((await failure(place.open())).code).toBe('STORE_CORRUPT');
  });

  it('STORE_CORRUPT: a store that lost its head, when it once was backed up', async () => {
    await filledStore();
    await copyFile(place.path, `${place.path}.20260101T000000Z.0.1.0.backup`);
    const content = await readFile(place.path);
    await writeFile(place.path, content.fill(0x20, 0, 100));

    expect((await failure(place.open())).code).toBe('STORE_CORRUPT');
  });

  it('STORE_CORRUPT: text in it that is not JSON any more', async () => {
    await filledStore();
    const raw = new DatabaseSync(place.path);
    raw.exec("update sighting set entry = substr(entry, 2) where user_id like '%/user-7'");
    raw.close();
    const store = await place.open();

    expect(await failure(seen(store))).toMatchObject({ code: 'STORE_CORRUPT', place: { column: 'sighting.entry' } });
  });
});

/** Root may write anywhere, so as root the work is done as the account "nobody". */
async function asOrdinaryAccount<Value>(work: () => Promise<Value>): Promise<Value> {
  if (process.geteuid?.() !== 0) {
    return work();
  }
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
