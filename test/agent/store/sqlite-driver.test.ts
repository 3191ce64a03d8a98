import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { chunks } from '../../../agent/store/chunks.ts';
import { nodeSqliteDialect } from '../../../agent/store/sqlite/node-sqlite-dialect.ts';

interface Tables {
  word: { id: number; text: string };
}

async function withWords(work: (db: Kysely<Tables>, raw: DatabaseSync) => Promise<void>): Promise<void> {
  const raw = new DatabaseSync(':memory:');
  const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(raw, 'memory') });
  await db.schema
    .createTable('word')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('text', 'text', (column) => column.notNull())
    .execute();
  await work(db, raw);
  await db.destroy();
  expect(raw.isOpen).toBe(false);
}

describe('the SQLite driver', () => {
  it('runs more different statements than its cache holds, over and over', () =>
    withWords(async (db) => {
      for (let round = 0; round < 3; round += 1) {
        for (let index = 0; index < 200; index += 1) {
          const { rows } = await sql<{ answer: number }>`select ${sql.raw(String(index))} as answer`.execute(db);
          expect(rows).toEqual([{ answer: index }]);
        }
      }
    }));

  it('rolls a failed transaction back, also when SQLite has done so by itself', () =>
    withWords(async (db, raw) => {
      const insert = db.transaction().execute(async (tx) => {
        await tx.insertInto('word').values({ id: 1, text: 'one' }).execute();
        await sql`insert or rollback into word values (1, 'again')`.execute(tx);
      });
      await expect(insert).rejects.toThrow('UNIQUE');

      expect(raw.isTransaction).toBe(false);
      expect(await db.selectFrom('word').selectAll().execute()).toEqual([]);
    }));

  it('STORE_UNUSABLE: says that the disk is full, keeps what was there, and goes on when there is room', () =>
    withWords(async (db, raw) => {
      await db.insertInto('word').values({ id: 1, text: 'one' }).execute();
      raw.exec('pragma max_page_count = 3');
      const large = db.insertInto('word').values({ id: 2, text: 'x'.repeat(100_000) });
      await expect(large.execute()).rejects.toMatchObject({ code: 'STORE_UNUSABLE', message: expect.stringContaining('disk is full') });

      raw.exec('pragma max_page_count = 1000');
      await large.execute();

      expect(await db.selectFrom('word').select('id').execute()).toEqual([{ id: 1 }, { id: 2 }]);
    }));

  it('gives the event loop its turns during a long transaction', () =>
    withWords(async (db) => {
      let turns = 0;
      const timer = setInterval(() => {
        turns += 1;
      }, 1);
      await db.transaction().execute(async (tx) => {
        const started = performance.now();
        while (performance.now() - started < 150) {
          await tx.selectFrom('word').selectAll().execute();
        }
      });
      clearInterval(timer);

      expect(turns).toBeGreaterThan(2);
    }));

  it('streams rows and tells how many were changed', () =>
    withWords(async (db) => {
      await db
        .insertInto('word')
        .values([
          { id: 1, text: 'one' },
          { id: 2, text: 'two' },
        ])
        .execute();
      const ids: number[] = [];
      for await (const { id } of db.selectFrom('word').select('id').orderBy('id').stream()) {
        ids.push(id);
      }
      const { numUpdatedRows } = await db.updateTable('word').set({ text: 'x' }).executeTakeFirstOrThrow();

      expect([ids, numUpdatedRows]).toEqual([[1, 2], 2n]);
    }));
});

describe('chunks', () => {
  it('cuts rows into few different lengths and loses none', () => {
    for (const length of [0, 1, 2, 3, 127, 128, 129, 500, 1_000]) {
      const rows = Array.from({ length }, (_, index) => index);
      const pieces = [...chunks(rows)];

      expect(pieces.flat()).toEqual(rows);
      expect(pieces.every((piece) => Number.isInteger(Math.log2(piece.length)) && piece.length <= 128)).toBe(true);
    }
  });
});
