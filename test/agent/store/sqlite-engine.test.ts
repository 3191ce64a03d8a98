import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase, prepareForWriting, sqliteEngine } from '../../../agent/store/sqlite/sqlite-engine.ts';

describe('the connection that writes', () => {
  it('A2 flushes each commit to the disk, waits for locks, and holds references', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-store-'));
    const database = openDatabase(join(folder, 'some.db'), false);
    prepareForWriting(database);
    const engine = sqliteEngine(database, 'some.db');

    const setting = async (name: string) => Object.values((await sql`pragma ${sql.raw(name)}`.execute(engine.db)).rows[0] ?? {})[0];

    const full = 2;
    expect(await setting('journal_mode')).toBe('wal');
    expect(await setting('synchronous')).toBe(full);
    expect(await setting('fullfsync')).toBe(1);
    expect(await setting('foreign_keys')).toBe(1);
    expect(await setting('busy_timeout')).toBe(5_000);
    await engine.close();
    await rm(folder, { recursive: true });
  });
});
