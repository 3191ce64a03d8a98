import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Migration, migrations } from '../../agent/store/migrations/migrations.ts';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import { postgresEngine } from '../../agent/store/postgres/postgres-engine.ts';
import { RollcallError } from '../../core/errors.ts';
import { contactId } from '../../core/model/ids.ts';
import { acme, readOnce, sampleContactState, sampleEntry, samplePlan, seen } from '../contract/store.samples.ts';
import { openTestStore, type PostgresServer, rolePassword, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

const part = partFor('opening a store on PostgreSQL', 'postgres');

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  async function refusal(opening: Promise<unknown>): Promise<RollcallError> {
    const error = await opening.then(
      () => null,
      (cause: unknown) => cause,
    );
    if (!(error instanceof RollcallError)) throw new Error('It was not refused.', { cause: error });
    // No secret anywhere in what may be printed or logged.
    expect(JSON.stringify([error.message, error.place, String(error.cause)])).not.toContain(rolePassword);
    return error;
  }

  it('finds no store to be read where nothing was ever stored', async () => {
    const place = await server.createDatabase();

    expect(await refusal(openTestStore(place, { mode: 'read' }))).toMatchObject({
      code: 'STORE_NOT_FOUND',
      place: { database: place.database },
    });
  });

  it('is content with a schema that the administrator made for a role without other rights', async () => {
    const place = await server.createDatabase();
    await server.administer(`alter database ${place.database} owner to admin`);
    const { code, message } = await refusal(openTestStore(place));
    expect([code, message]).toEqual(['STORE_REFUSED', expect.stringContaining('lacks a right')]);
    await server.administer('create schema rollcall authorization rollcall', place);

    const store = await openTestStore(place);
    await readOnce(store, [sampleEntry('a')], 100);

    expect(await seen(store)).toHaveLength(1);
    await store.close();
  });

  it('refuses the tables of another program, and leaves them alone', async () => {
    const place = await server.createDatabase();
    await server.administer('create schema rollcall authorization rollcall; create table rollcall.people (id int)', place);

    expect(await refusal(openTestStore(place))).toMatchObject({ code: 'STORE_UNUSABLE' });

    expect(await server.administer("select tablename from pg_tables where schemaname = 'rollcall'", place)).toEqual([
      { tablename: 'people' },
    ]);
  });

  it('takes no notice of tables in other schemas', async () => {
    const place = await server.createDatabase();
    await server.administer('create table public.migration (id text)', place);

    await (await openTestStore(place)).close();
    const store = await openTestStore(place, { mode: 'read' });

    expect(await store.listRuns({ limit: 1 })).toEqual([]);
    await store.close();
  });

  it('refuses a layout that it does not know', async () => {
    const place = await server.createStore();
    await server.administer("insert into rollcall.migration values (99, 'later', 1)", place);

    for (const mode of ['read', 'write'] as const) {
      expect(await refusal(openTestStore(place, { mode }))).toMatchObject({ code: 'STORE_TOO_NEW', place: { layout: 99 } });
    }
  });

  it('a reader brings an older layout up to date, like a writer', async () => {
    const place = await server.createStore();
    const later: Migration = { id: 90, name: 'later', up: (db) => db.schema.createTable('later').addColumn('id', 'integer').execute() };

    const store = await openTestStore(place, { mode: 'read', migrations: [...migrations, later] });
    await store.close();

    expect(await server.administer('select id from rollcall.later', place)).toEqual([]);
  });

  it('a migration that fails leaves the store as it was', async () => {
    const place = await server.createStore();
    const broken = {
      id: 90,
      name: 'broken',
      up: async (db: Parameters<(typeof migrations)[number]['up']>[0]) => {
        await db.schema.createTable('half').addColumn('id', 'integer').execute();
        await sql`select nonsense`.execute(db);
      },
    };

    expect((await refusal(openTestStore(place, { migrations: [...migrations, broken] }))).place).toMatchObject({ sqlState: '42703' });

    expect(await server.administer("select 1 from pg_tables where tablename = 'half'", place)).toEqual([]);
    await (await openTestStore(place)).close();
  });

  it('a migration that fails takes those before it back: the release before can still use the store', async () => {
    const place = await server.createStore();
    const whole: Migration = { id: 90, name: 'whole', up: (db) => db.schema.createTable('whole').addColumn('id', 'integer').execute() };
    const broken: Migration = { id: 91, name: 'broken', up: () => Promise.reject(new Error('it broke')) };

    await expect(openTestStore(place, { migrations: [...migrations, whole, broken] })).rejects.toThrow('Migration 91 (broken)');

    expect(await server.administer("select 1 from pg_tables where tablename = 'whole'", place)).toEqual([]);
    await (await openTestStore(place)).close();
  });

  it('refuses a database whose encoding cannot hold every name', async () => {
    await server.administer("create database latin owner rollcall template template0 encoding 'LATIN1' locale_provider libc locale 'C'");

    const { code, message } = await refusal(
      openTestStore({ host: '127.0.0.1', port: server.port, user: 'rollcall', database: 'latin', tls: null }),
    );

    expect([code, message]).toEqual(['STORE_UNUSABLE', expect.stringContaining('LATIN1')]);
  });

  it('a store that is opened for reading writes nothing, whoever asks', async () => {
    const place = await server.createStore();
    const engine = await postgresEngine({ place, password: rolePassword, command: 'test', readOnly: true, prepare: null });

    await expect(engine.db.deleteFrom('run').execute()).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });

    await engine.close();
  });

  it('A2 commits durably and gives nothing more time than it has, whatever is usual for the role', async () => {
    const place = await server.createStore();
    await server.administer('alter role rollcall set synchronous_commit = off; alter role rollcall set statement_timeout = 0');
    const engine = await postgresEngine({ place, password: rolePassword, command: 'rollcall test', readOnly: false, prepare: null });

    const { rows } = await sql`select current_setting('synchronous_commit') as commit, current_setting('search_path') as path,
      current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock, current_setting('application_name') as name`.execute(
      engine.db,
    );

    expect(rows).toEqual([{ commit: 'on', path: 'rollcall,pg_temp', statement: '2min', lock: '30s', name: 'rollcall test' }]);
    await engine.close();
    await server.administer('alter role rollcall reset all');
  });

  describe('TLS', () => {
    const over = (place: DatabasePlace, caFile: string | null, host = place.host): DatabasePlace => ({ ...place, host, tls: { caFile } });

    it('is used when it is asked for, with name and chain checked', async () => {
      const place = await server.createStore();
      const store = await openTestStore(over(place, server.caFile, 'localhost'));

      const rows = await server.administer<{ ssl: boolean }>(
        `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where datname = '${place.database}'`,
      );

      expect(rows).toEqual([{ ssl: true }]);
      await store.close();
      await (await openTestStore(over(place, server.caFile, '127.0.0.1'))).close();
    });

    it('is refused under another CA, and without the file of one', async () => {
      const place = await server.createStore();

      expect(await refusal(openTestStore(over(place, null)))).toMatchObject({ code: 'STORE_TLS' });
      expect(await refusal(openTestStore(over(place, '/nowhere/ca.pem')))).toMatchObject({
        code: 'STORE_TLS',
        place: { file: '/nowhere/ca.pem' },
      });
    });
  });

  describe('texts that PostgreSQL cannot hold as they are', () => {
    it('come back as they were, and in the order of SQLite', async () => {
      const place = await server.createStore();
      const store = await openTestStore(place);
      const ids = ['a\u0000', 'a\u0000b', 'a\u0001', 'a\u0001\u0001', 'a\u0002', 'aB', 'aa', 'aé', 'z\ud800', 'z\ud800x'];
      await readOnce(
        store,
        ids.toReversed().map((id) => sampleEntry(id, `title ${id}`)),
        100,
      );
      await store.saveContactStates(acme, [sampleContactState('1', { fingerprint: 'x\u0000y\ud83d\u0001' })]);

      expect((await seen(store)).map(([user, , title]) => [user.slice(user.indexOf('/') + 1), title])).toEqual(
        ids.map((id) => [id, `title ${id}`]),
      );
      expect((await store.contactStates(acme))[0]?.fingerprint).toBe('x\u0000y\ud83d\u0001');
      await readOnce(
        store,
        ids.map((id) => sampleEntry(id, `title ${id}`)),
        200,
      );
      expect(await seen(store)).toHaveLength(ids.length);
      await store.close();
    });

    it('stand in no way of what is asked of JSON beside them', async () => {
      const place = await server.createStore();
      const store = await openTestStore(place);
      const odd = 'nul \u0000 half \udc00 \\u0000 \\\\ "\\';
      const held = { code: 'PLAN_HELD', message: odd };
      await store.holdPlan({ ...samplePlan('one'), held: held as never, guards: [{ ...samplePlan('one').guards[0], note: odd } as never] });
      await readOnce(store, [sampleEntry('a', odd)], 100);
      await store.saveDecisions(acme, [{ key: 'a', decidedAt: 1, body: { psa: { state: 'held', why: odd }, conflicts: [odd, odd] } }]);

      expect(await store.heldPlanSummary(acme)).toMatchObject({ held, guards: [{ note: odd }] });
      expect(await store.organizationCounts(acme, 0)).toMatchObject({ conflicts: 2, psaHeld: 1 });
      await store.close();
    });
  });

  it('keeps ids and times as numbers, and refuses one that a number cannot hold', async () => {
    const place = await server.createStore();
    const store = await openTestStore(place);
    const run = await store.startRun({ organization: acme, command: 'sync', at: Number.MAX_SAFE_INTEGER });
    expect((await store.getRun(run))?.startedAt).toBe(Number.MAX_SAFE_INTEGER);
    expect(await store.getRun('999999999999999' as never)).toBeNull();
    await server.administer('update rollcall.run set started_at = 9007199254740993', place);

    await expect(store.getRun(run)).rejects.toMatchObject({ code: 'INTERNAL' });

    expect(contactId('9007199254740993')).toBe('9007199254740993');
    await store.close();
  });
});
