import { readdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { type Migration, migrations } from '../../../agent/store/migrations/migrations.ts';
import { acme, landOnce, readOnce, sampleEntry, sampleProof, seen, sightingsOf } from '../../contract/store.samples.ts';
import { someMoment, useTemporaryStore } from './temporary-store.ts';

const place = useTemporaryStore();
const known = migrations.length;

/** A step to come: a column more, filled from the old layout. */
function addColumn(id: number): Migration {
  return {
    id,
    name: `add-column-${id}`,
    async up(db) {
      await db.schema.alterTable('run').addColumn(`extra_${id}`, 'text').execute();
      await sql`update run set ${sql.ref(`extra_${id}`)} = command`.execute(db);
    },
  };
}

const failing: Migration = {
  id: known + 1,
  name: 'failing',
  async up(db) {
    await db.schema.alterTable('run').addColumn('half_way', 'text').execute();
    await sql`delete from sighting`.execute(db);
    throw new Error('The power of imagination failed.');
  },
};

async function filledStore(): Promise<void> {
  const store = await place.open();
  await readOnce(store, [sampleEntry('a')], 100);
  const run = await store.startRun({ organization: acme, command: 'scan', at: 1 });
  await store.finishRun(run, { outcome: 'done', planHash: null, counts: {}, error: null, at: 2 });
  await store.close();
}

async function backups(): Promise<readonly string[]> {
  return (await readdir(place.folder)).filter((name) => name.endsWith('.backup')).sort();
}

function query(path: string, text: string): unknown {
  const raw = new DatabaseSync(path, { readOnly: true });
  try {
    return raw
      .prepare(text)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    raw.close();
  }
}

describe('migrations', () => {
  it('are numbered without gaps', () => {
    expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, index) => index + 1));
  });

  it('bring an older store up to date and keep what is in it', async () => {
    await filledStore();
    const store = await place.open({ migrations: [...migrations, addColumn(known + 1), addColumn(known + 2)] });

    expect(await seen(store)).toHaveLength(1);
    await store.close();
    expect(query(place.path, `select extra_${known + 1} as one, extra_${known + 2} as two from run`)).toEqual([
      { one: 'scan', two: 'scan' },
    ]);
    expect(query(place.path, 'select max(id) as id from migration')).toEqual([{ id: known + 2 }]);
  });

  it('are carried out once', async () => {
    const steps = [...migrations, addColumn(known + 1)];
    await filledStore();
    await (await place.open({ migrations: steps })).close();
    await (await place.open({ migrations: steps })).close();

    expect(await backups()).toHaveLength(1);
  });

  it('make a backup first, named with time and the version that wrote the store, usable as it is', async () => {
    await filledStore();
    await (await place.open({ migrations: [...migrations, addColumn(known + 1)], version: '0.2.0' })).close();

    expect(await backups()).toEqual(['rollcall.db.20270115T080000Z.0.1.0.backup']);
    const restored = await place.open({ path: `${place.path}.20270115T080000Z.0.1.0.backup` });
    expect(await seen(restored)).toHaveLength(1);
  });

  it('make no backup of a new store', async () => {
    await place.open({ migrations: [...migrations, addColumn(known + 1)] });

    expect(await backups()).toEqual([]);
  });

  it('keep the newest three backups', async () => {
    await filledStore();
    const steps = [...migrations];
    for (let more = 1; more <= 5; more += 1) {
      steps.push(addColumn(known + more));
      await (await place.open({ migrations: [...steps], now: () => someMoment + more * 86_400_000, version: `0.${more}.0` })).close();
    }

    expect(await backups()).toEqual([
      'rollcall.db.20270118T080000Z.0.2.0.backup',
      'rollcall.db.20270119T080000Z.0.3.0.backup',
      'rollcall.db.20270120T080000Z.0.4.0.backup',
    ]);
  });

  it('that fail leave the store as it was and usable', async () => {
    await filledStore();

    await expect(place.open({ migrations: [...migrations, failing] })).rejects.toMatchObject({ code: 'INTERNAL' });

    const store = await place.open();
    expect(await seen(store)).toHaveLength(1);
    await store.close();
    expect(query(place.path, "select name from pragma_table_info('run') where name = 'half_way'")).toEqual([]);
    expect(await backups()).toHaveLength(1);
  });

  it('C9 take all reads of before as reads of everything, on which nothing was built', async () => {
    const earlier = await place.open({ migrations: migrations.slice(0, 3) });
    await earlier.close();
    const raw = new DatabaseSync(place.path);
    const entry = JSON.stringify({ ...sampleEntry('a'), account: { ...sampleEntry('a').account, locked: true } });
    raw.exec(`
      insert into source values (1, '${acme}', 'hq', 'corp', 8, 7, 'ad:corp.example.test'), (2, '${acme}', 'hq', 'lab', 9, null, null);
      insert into read values
        (7, 1, 'active-directory', 100, 110, 'complete', '${JSON.stringify(sampleProof(1))}', null),
        (8, 1, 'active-directory', 200, 210, 'failed', null, 'DIRECTORY_TIMEOUT'),
        (9, 2, 'active-directory', 300, 310, 'failed', null, 'DIRECTORY_TIMEOUT');
    `);
    raw.prepare("insert into sighting values (?, 'ad:corp.example.test/a', 1, null, 110, ?)").run(acme, entry);
    raw.close();

    const store = await place.open();

    const source = { organization: acme, collector: 'hq', directory: 'corp' };
    expect(
      (await store.listReads(acme)).map(({ latestComplete, latestFull, logons }) => [latestComplete?.id, latestFull?.id, logons]),
    ).toEqual([
      [7, 7, null],
      [undefined, undefined, null],
    ]);
    expect((await sightingsOf(store)).map(({ read, absence, entry: { account } }) => [read.id, absence, account.lastLogon])).toEqual([
      [7, null, 'never'],
    ]);
    expect([await store.checkpoint(source), await store.sourceMemory(source)]).toEqual([null, null]);
    expect(await store.lockedUsers(source)).toEqual(['a']);
    const changes = await landOnce(store, [sampleEntry('a')], 400, { proof: { kind: 'changes' }, checkpoint: { cookie: 'first' } });
    expect((await store.listReads(acme))[0]).toMatchObject({ latestComplete: { id: changes }, latestFull: { id: 7 } });
    expect(await store.lockedUsers(source)).toEqual([]);
  });

  it('are done by a reader too when nobody writes', async () => {
    await filledStore();
    const reader = await place.open({ mode: 'read', migrations: [...migrations, addColumn(known + 1)] });

    expect(await seen(reader)).toHaveLength(1);
    expect(query(place.path, 'select max(id) as id from migration')).toEqual([{ id: known + 1 }]);
  });
});
