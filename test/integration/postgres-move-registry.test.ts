import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Registry } from '../../agent/hub/registry/registry.ts';
import type { MoveResult } from '../../agent/store/move/move-content.ts';
import { moveStore, type RegistryPlaces } from '../../agent/store/move/move-store.ts';
import { openConfiguredStore, type StorePlace } from '../../agent/store/open-configured-store.ts';
import { openConfiguredRegistry, type RegistryPlace } from '../../agent/store/registry/open-configured-registry.ts';
import { readOnce, sampleEntry } from '../contract/store.samples.ts';
import { type PostgresServer, rolePassword, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

const part = partFor("moving a hub's collectors to PostgreSQL and back", 'postgres');
const now = 1_800_000_000_000;
const operator = 'account root';
const base = { now: () => now, version: '0.1.0', command: 'rollcall store move' };

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  let folder = '';
  let file: StorePlace;
  let database: StorePlace & { readonly kind: 'postgresql' };
  let hubFile: RegistryPlace & { readonly kind: 'embedded' };
  const opened: Registry[] = [];

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-move-hub-'));
    file = { kind: 'embedded', path: join(folder, 'rollcall.db') };
    hubFile = { kind: 'embedded', path: join(folder, 'hub.sqlite') };
    database = { kind: 'postgresql', place: await server.createDatabase(), password: rolePassword };
    const store = await openConfiguredStore(file, { ...base, mode: 'write' });
    await readOnce(store, [sampleEntry('a')], 100);
    await store.close();
  });
  afterEach(async () => {
    for (const registry of opened.splice(0)) await registry.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function withRegistry<Result>(place: RegistryPlace, work: (registry: Registry) => Promise<Result>): Promise<Result> {
    const registry = await openConfiguredRegistry(place, base);
    try {
      return await work(registry);
    } finally {
      await registry.close();
    }
  }

  /** Two collectors, one of them revoked, an invitation, and keys; resolves with both keys and the secret. */
  function filled(place: RegistryPlace): Promise<{ readonly key: string; readonly revoked: string; readonly secret: string }> {
    return withRegistry(place, async (registry) => {
      const [{ key, collector }, other] = [await joined(registry, 'acme-hq'), await joined(registry, 'acme-annex')];
      await registry.revoke(other.collector.id, operator, now);
      await registry.authenticate(key, now);
      const second = await registry.rotateKey(collector.id, now);
      await registry.authenticate(second, now);
      return { key: second, revoked: other.key, secret: await invited(registry) };
    });
  }

  async function invited(registry: Registry): Promise<string> {
    const invitation = { organization: '4711', subnets: ['10.20.0.0/16'], name: null, expiresAt: now + 1_000 };
    return (await registry.invite(invitation, operator, now)).secret;
  }

  async function joined(registry: Registry, name: string, given?: string) {
    const secret = given ?? (await invited(registry));
    return registry.join({ secret, name, version: '0.1.0', platform: 'linux', subnets: [], location: 'odd \u0000 \ud800 é' }, now);
  }

  function contentOf(place: RegistryPlace): Promise<unknown> {
    return withRegistry(place, async (registry) => ({
      collectors: await registry.collectors(null),
      invitations: await registry.openInvitations(null, now),
      audit: await registry.audit(99),
    }));
  }

  function move(from: StorePlace, to: StorePlace, change: Partial<Parameters<typeof moveStore>[2]> = {}): Promise<MoveResult> {
    const placeOf = (place: StorePlace): RegistryPlace => (place.kind === 'embedded' ? hubFile : place);
    const places: RegistryPlaces = { from: placeOf(from), to: placeOf(to) };
    return moveStore(from, to, { ...base, signal: new AbortController().signal, onProgress: () => undefined, ...change }, places);
  }

  it('H4 brings collectors, keys, invitations and who changed what over and back, and gives no id twice', async () => {
    const { key, revoked, secret } = await filled(hubFile);
    const before = await contentOf(hubFile);
    const back: StorePlace = { kind: 'embedded', path: join(folder, 'back.db') };

    const there = await move(file, database);
    const inDatabase = await contentOf(database);
    await withRegistry(database, async (registry) => {
      expect(await registry.authenticate(key, now)).toMatchObject({ name: 'acme-hq' });
      await expect(registry.authenticate(revoked, now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_REVOKED' });
      expect(await joined(registry, 'acme-late', secret)).toMatchObject({ collector: { name: 'acme-late' } });
    });
    const grown = await contentOf(database);
    await move(database, back);

    expect(inDatabase).toEqual(before);
    expect(await contentOf(hubFile)).toEqual(grown);
    expect(there.tables.filter(({ table }) => table.startsWith('hub.')).map(({ table, rows }) => [table, rows])).toEqual([
      ['hub.invitation', 3],
      ['hub.collector', 2],
      ['hub.collector_key', 3],
      ['hub.audit', 8],
    ]);
  });

  it('H3 closes the registry that the collectors left, there and back: what is revoked since would be valid in it', async () => {
    const { key } = await filled(hubFile);
    await move(file, database);
    await expect(contentOf(hubFile)).rejects.toMatchObject({ code: 'STORE_MOVED', message: expect.stringContaining('database') as string });
    await withRegistry(database, async (registry) => {
      for (const { id } of await registry.collectors(null)) await registry.revoke(id, operator, now);
    });

    await move(database, { kind: 'embedded', path: join(folder, 'back.db') });

    await expect(contentOf(database)).rejects.toMatchObject({
      code: 'STORE_MOVED',
      message: expect.stringContaining('hub.sqlite') as string,
    });
    await withRegistry(hubFile, async (registry) => {
      await expect(registry.authenticate(key, now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_REVOKED' });
    });
  });

  it('mixes nothing with the collectors of another hub, and leaves both as they are', async () => {
    await filled(hubFile);
    await withRegistry(database, (registry) => joined(registry, 'other'));
    const before = [await contentOf(hubFile), await contentOf(database)];

    await expect(move(file, database)).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' });

    expect([await contentOf(hubFile), await contentOf(database)]).toEqual(before);
  });

  it.each(['there', 'back'])('is refused while a hub has either registry open (%s)', async (way) => {
    await filled(hubFile);
    opened.push(await openConfiguredRegistry(way === 'there' ? database : hubFile, base));

    await expect(move(file, database)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  });

  it('lets no hub open either of them meanwhile', async () => {
    await filled(hubFile);
    const store = await openConfiguredStore(database, { ...base, mode: 'write' });
    await store.close();
    const codeOf = (place: RegistryPlace): Promise<unknown> =>
      contentOf(place).then(
        () => 'opened',
        (error: unknown) => (error as { readonly code: unknown }).code,
      );

    await server.withSession(database.place, async (query) => {
      // The move has to wait in its middle until both have been tried.
      await query('begin');
      await query('lock table rollcall.decision in access exclusive mode');
      const moving = move(file, database);
      const waiting = "select 1 from pg_locks where not granted and relation = 'rollcall.decision'::regclass";
      await expect.poll(() => server.administer(waiting, database.place), { timeout: 20_000 }).toHaveLength(1);
      expect([await codeOf(hubFile), await codeOf(database)]).toEqual(['STORE_LOCKED', 'STORE_LOCKED']);
      await query('commit');
      await moving;
    });
  });

  it.each([
    // What the move writes one after the other: the copy, the mark of the source, the end at the target.
    ['after the copy', "delete from property where name = 'moved'", true],
    ['after the source was closed', 'select 1', true],
    ['after the registry, before the end of the store', 'select 1', false],
  ])('goes on when it was ended %s', async (_when, atSource, isFilling) => {
    await filled(hubFile);
    const before = await contentOf(hubFile);
    await move(file, database);
    const source = new DatabaseSync(hubFile.path);
    source.exec(atSource);
    source.close();
    const words = `file ${hubFile.path} on ${hostname()}`;
    if (isFilling) {
      await server.administer(`insert into rollcall_hub.property (name, value) values ('moving', '${words}')`, database.place);
      await expect(contentOf(database)).rejects.toMatchObject({ code: 'STORE_MOVING' });
    }
    await server.administer('drop schema rollcall cascade', database.place);

    await move(file, database);

    expect(await contentOf(database)).toEqual(before);
    await expect(contentOf(hubFile)).rejects.toMatchObject({ code: 'STORE_MOVED' });
  });

  it('does not move collectors that were moved elsewhere before', async () => {
    await filled(hubFile);
    await move(file, database);
    const third: StorePlace = { kind: 'postgresql', place: await server.createDatabase(), password: rolePassword };

    await expect(move(file, third)).rejects.toMatchObject({ code: 'STORE_MOVED' });
  });

  it('makes no registry where there was none', async () => {
    expect((await move(file, database)).tables.filter(({ table }) => table.startsWith('hub.'))).toEqual([]);

    expect(existsSync(hubFile.path)).toBe(false);
    expect(await server.administer("select 1 from pg_namespace where nspname = 'rollcall_hub'", database.place)).toEqual([]);
  });
});
