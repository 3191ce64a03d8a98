import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineDatabase } from '../../agent/store/postgres/examine-database.ts';
import { openTestStore, type PostgresServer, rolePassword, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

const part = partFor('examining a store on PostgreSQL', 'postgres');

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('tells server, encryption, rights, clock and who else is there', async () => {
    const place = await server.createStore();
    const store = await openTestStore(place);

    const facts = await examineDatabase({ ...place, tls: { caFile: server.caFile } }, rolePassword);

    expect(facts).toMatchObject({
      version: expect.stringMatching(/^\d\d/),
      tls: expect.stringMatching(/^TLSv1/),
      isStandby: false,
      // The server of the tests is told not to wait for the disk.
      durable: false,
      isSuperuser: false,
      closedSchemas: [],
      layout: expect.any(Number),
      sessions: 1,
    });
    expect(facts.bytes).toBeGreaterThan(100_000);
    expect(facts.clock.server).toBeGreaterThanOrEqual(facts.clock.before - 1);
    expect(facts.clock.server).toBeLessThanOrEqual(facts.clock.after + 1);
    await store.close();
  });

  it('tells that no store is there yet, that the role may not make one, and that it may do too much', async () => {
    const empty = await server.createDatabase();
    expect(await examineDatabase(empty, rolePassword)).toMatchObject({ layout: null, closedSchemas: [], tls: null, sessions: 0 });
    await server.administer(`alter database ${empty.database} owner to admin`);
    expect(await examineDatabase(empty, rolePassword)).toMatchObject({ closedSchemas: ['rollcall', 'rollcall_queue', 'rollcall_hub'] });

    expect(await examineDatabase({ ...empty, user: 'admin' }, '')).toMatchObject({ isSuperuser: true });
  });

  it('fails as opening the store does', async () => {
    await expect(examineDatabase({ ...(await server.createDatabase()), database: 'nowhere' }, rolePassword)).rejects.toMatchObject({
      code: 'STORE_REFUSED',
    });
  });
});
