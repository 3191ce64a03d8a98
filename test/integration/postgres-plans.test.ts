import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../core/ports/store.ts';
import { acme, landOnce, readOnce, sampleAbsence, sampleEntry, sampleLanding, sampleProof } from '../contract/store.samples.ts';
import { openTestStore, type PostgresServer, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

const part = partFor('landing where PostgreSQL counts nobody', 'postgres');
const key = { organization: acme, collector: 'hq', directory: 'corp' } as const;
const users = 8_000;
/** Of one step. What looks at each user once takes a tenth of it; what looks at each for each other takes twice as much, and more. */
const mostMs = 2_000;

function ids(from = 0, to = users): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index).padStart(6, '0'));
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

// A database counts its tables when it likes to. What it finds between two landings is that nobody is ever staged, and the way that it
// chooses for nobody must not be one that takes hours for many.
describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  let store: Store;
  let recount: () => Promise<unknown>;

  beforeAll(async () => {
    server = await startPostgres();
    const place = await server.createStore();
    store = await openTestStore(place);
    recount = () => server.administer('analyze', place);
    await readOnce(
      store,
      ids().map((id) => sampleEntry(id)),
      10,
    );
    await saveLogons(1, ids());
    await landOnce(store, [], 20, { proof: { kind: 'changes' }, absences: new Map(ids().map((id) => [id, sampleAbsence('missing')])) });
    await recount();
  }, 60_000);

  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  async function saveLogons(at: number, of: readonly string[]): Promise<void> {
    await store.saveLogons(key, { asked: [], failed: [], exact: true, logons: new Map(of.map((id) => [id, at])) }, at);
  }

  it('finds who is absent, lands those who are back, and marks those who went, each looked at once', async () => {
    const sink = await store.beginRead({ ...key, sourceType: 'active-directory', at: 30 });
    for (let from = 0; from < users; from += 1_000) await sink.add(ids(from, from + 1_000).map((id) => sampleEntry(id)));
    expect(await msOf(() => sink.absentees())).toBeLessThan(mostMs);
    expect(await msOf(() => sink.absentees(ids()))).toBeLessThan(mostMs);
    expect(await msOf(() => sink.newcomers(5))).toBeLessThan(mostMs);
    expect(await msOf(() => sink.complete(sampleLanding(sampleProof(users)), 31))).toBeLessThan(mostMs);
    await recount();

    const few = await store.beginRead({ ...key, sourceType: 'active-directory', at: 40 });
    await few.add([sampleEntry('000000')]);
    expect(await msOf(() => few.complete(sampleLanding(sampleProof(1)), 41))).toBeLessThan(mostMs);
    await recount();
  });

  it('lands what is told of the absent, each looked at once', async () => {
    const sink = await store.beginRead({ ...key, sourceType: 'active-directory', at: 50 });
    for (let from = 0; from < users; from += 1_000) await sink.add(ids(from, from + 1_000).map((id) => sampleEntry(id)));
    await sink.complete(sampleLanding(sampleProof(users)), 51);
    await recount();

    const told = await store.beginRead({ ...key, sourceType: 'active-directory', at: 60 });
    const absences = new Map(ids(users / 2).map((id) => [id, sampleAbsence('gone')]));
    for (let from = 0; from < users / 2; from += 1_000) await told.add(ids(from, from + 1_000).map((id) => sampleEntry(id)));
    expect(await msOf(() => told.complete(sampleLanding(sampleProof(users / 2), { absences }), 61))).toBeLessThan(mostMs);
    await recount();
  });

  it('C4 keeps a survey and marks whom it missed, each looked at once', async () => {
    expect(await msOf(() => saveLogons(2, ids(1)))).toBeLessThan(mostMs);
    await recount();
    expect(await msOf(() => saveLogons(3, ids(0, users - 1)))).toBeLessThan(mostMs);
  });
});
