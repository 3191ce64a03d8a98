import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Joining, Registry } from '../../agent/hub/registry/registry.ts';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import { openPostgresRegistry, readPostgresRegistry } from '../../agent/store/registry/postgres-registry.ts';
import { startLine } from './cut-line.ts';
import { openTestStore, type PostgresServer, rolePassword, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

const part = partFor('a registry of collectors that several hubs share', 'postgres');
const now = 1_800_000_000_000;
const day = 86_400_000;
const operator = 'account root';
const patience = { timeout: 20_000 } as const;

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  let place: DatabasePlace;
  let one: Registry;
  let two: Registry;
  const opened: Registry[] = [];

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    place = await server.createDatabase();
    [one, two] = [await open(), await open()];
  });
  afterEach(async () => {
    for (const registry of opened.splice(0)) await registry.close();
  });

  async function open(at = place): Promise<Registry> {
    const registry = await openPostgresRegistry({ place: at, password: rolePassword, command: 'rollcall run' });
    opened.push(registry);
    return registry;
  }

  function hub(index: number): Registry {
    return index % 2 === 0 ? one : two;
  }

  function machine(secret: string, name = 'acme-hq'): Joining {
    return { secret, name, version: '0.1.0', platform: 'linux', subnets: [], location: 'Head Office' };
  }

  async function invited(at: Registry = one): Promise<string> {
    const invitation = { organization: '4711', subnets: ['10.20.0.0/16'], name: null, expiresAt: now + day };
    return (await at.invite(invitation, operator, now)).secret;
  }

  async function joined(name = 'acme-hq') {
    return one.join(machine(await invited(), name), now);
  }

  function refusals(tries: readonly PromiseSettledResult<unknown>[]): readonly unknown[] {
    return tries.flatMap((each) => (each.status === 'rejected' ? [(each.reason as { readonly code: unknown }).code] : []));
  }

  /** Ends those of the hubs, not the administrator's. */
  async function endSessions(): Promise<void> {
    await server.administer(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${place.database}' and usename = 'rollcall'`,
    );
  }

  it('H4 a collector that joined at one hub is known at the other with the next request, and listed there', async () => {
    const secret = await invited(one);
    const { collector, key } = await two.join(machine(secret), now);

    expect(await one.authenticate(key, now)).toMatchObject({ id: collector.id, organization: '4711' });
    expect(await one.collectors(null)).toEqual(await two.collectors(null));
    expect(await one.openInvitations(null, now)).toEqual([]);
  });

  it('H4 a revocation at one hub takes effect at the other with the next request', async () => {
    const { collector, key } = await joined();
    expect(await two.authenticate(key, now)).toMatchObject({ id: collector.id });

    await one.revoke(collector.id, operator, now);

    await expect(two.authenticate(key, now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_REVOKED' });
  });

  it('H3 H4 lets exactly one in of those that come to several hubs with one invitation at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const secret = await invited();
      const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `${letter}-${round}`);

      const tries = await Promise.allSettled(names.map((name, index) => hub(index).join(machine(secret, name), now)));

      expect(refusals(tries)).toEqual(Array.from({ length: 5 }, () => 'HUB_INVITATION_INVALID'));
    }
    expect(await one.collectors(null)).toHaveLength(10);
  });

  it('H3 H4 gives a name once when several join under it at the same moment, and uses no other invitation up', async () => {
    for (let round = 0; round < 10; round += 1) {
      const secrets = [await invited(), await invited(), await invited(), await invited()];

      const tries = await Promise.allSettled(secrets.map((secret, index) => hub(index).join(machine(secret, `hq-${round}`), now)));

      expect(refusals(tries)).toEqual(['HUB_NAME_TAKEN', 'HUB_NAME_TAKEN', 'HUB_NAME_TAKEN']);
      expect(await one.openInvitations(null, now)).toHaveLength(3 * (round + 1));
    }
  });

  it('D5 H4 lets one machine go on under the name of a revoked one when several want to', async () => {
    const old = await joined();
    await one.revoke(old.collector.id, operator, now);
    const secrets = [await invited(), await invited(), await invited(), await invited()];

    const tries = await Promise.allSettled(secrets.map((secret, index) => hub(index).join(machine(secret), now)));

    expect(refusals(tries)).toEqual(['HUB_NAME_TAKEN', 'HUB_NAME_TAKEN', 'HUB_NAME_TAKEN']);
    expect(await two.collectors(null)).toMatchObject([{ name: 'acme-hq', revokedAt: null }]);
  });

  it('D5 H4 brings a deleted collector back or lets another one in under its name, never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { collector } = await joined(`hq-${round}`);
      await one.remove(collector.id, operator, now);
      const secret = await invited();

      const tries = await Promise.allSettled([
        one.join(machine(secret, `hq-${round}`), now),
        two.bringBack('4711', `hq-${round}`, operator, now),
      ]);

      const [refused] = refusals(tries);
      const listed = (await two.collectors(null)).filter(({ name }) => name === `hq-${round}`);
      expect(['HUB_NAME_TAKEN', undefined]).toContain(refused);
      expect(listed).toMatchObject([{ revokedAt: refused === undefined ? null : now }]);
    }
  });

  it('H3 H4 leaves two keys valid at most, however many are asked for at once', async () => {
    const { collector, key } = await joined();
    await one.authenticate(key, now);

    const made = await Promise.all(Array.from({ length: 6 }, (_, index) => hub(index).rotateKey(collector.id, now)));
    const uses = await Promise.allSettled(made.map((each) => two.authenticate(each, now)));

    expect(refusals(uses)).toEqual(Array.from({ length: 5 }, () => 'HUB_KEY_REJECTED'));
    await expect(one.authenticate(key, now)).rejects.toMatchObject({ code: 'HUB_KEY_REJECTED' });
  });

  it('H3 H4 leaves a revoked collector no key, whatever it asks for meanwhile', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { collector, key } = await joined(`hq-${round}`);
      await one.authenticate(key, now);
      const fresh = await one.rotateKey(collector.id, now);

      const tries = await Promise.allSettled([
        two.authenticate(fresh, now),
        one.revoke(collector.id, operator, now),
        two.rotateKey(collector.id, now),
        one.authenticate(key, now),
        two.revoke(collector.id, operator, now),
      ]);

      expect(refusals(tries).filter((code) => !/^HUB_(?:COLLECTOR_(?:REVOKED|UNKNOWN)|KEY_REJECTED)$/.test(String(code)))).toEqual([]);
      expect((await two.collectors(null)).find(({ id }) => id === collector.id)).toMatchObject({ revokedAt: now, keyMadeAt: null });
      expect((await two.audit(100)).filter(({ what, collectorId }) => what === 'revoke' && collectorId === collector.id)).toHaveLength(1);
    }
  });

  it('forgets what is old from several hubs at once, and keeps the rest', async () => {
    const { collector, key } = await joined();
    for (let times = 0; times < 5; times += 1) await one.authenticate(await one.rotateKey(collector.id, now), now);

    await Promise.all([one, two, one, two].map((registry) => registry.prune(now + 2 * day)));

    expect(await two.audit(10)).toEqual([]);
    await expect(two.authenticate(key, now)).rejects.toMatchObject({ code: 'HUB_KEY_REJECTED' });
    expect(await two.collectors(null)).toHaveLength(1);
  });

  it('H4 goes on with the next call when its sessions were ended', async () => {
    const { collector, key } = await joined();
    await Promise.all(Array.from({ length: 6 }, () => two.authenticate(key, now)));

    await endSessions();

    await vi.waitFor(() => two.authenticate(key, now), patience);
    await one.revoke(collector.id, operator, now);
    await expect(two.authenticate(key, now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_REVOKED' });
  });

  it('H3 H4 uses no invitation up when the session is ended in the middle, and tells it by the code of the store', async () => {
    const secret = await invited();
    const blocked = await server.withSession(place, async (query) => {
      await query('begin');
      await query('lock table rollcall_hub.collector in share mode');
      const coming = one.join(machine(secret), now).then(
        () => 'joined',
        (error: unknown) => (error as { readonly code: string }).code,
      );
      await vi.waitFor(async () => {
        const waiting = await query(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`);
        expect(waiting).toHaveLength(1);
      }, patience);
      await endSessions();
      return coming;
    });

    expect(blocked).toBe('STORE_UNREACHABLE');
    expect(await two.collectors(null)).toEqual([]);
    expect(await one.join(machine(secret), now)).toMatchObject({ collector: { name: 'acme-hq' } });
  });

  it('H4 tells that the database is away, and goes on by itself when it is back', async () => {
    const { key } = await joined();
    await using line = await startLine(server.port);
    const far = await open({ ...place, port: line.port });
    await far.authenticate(key, now);

    line.cut();
    await expect(far.authenticate(key, now)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    line.mend();

    expect(await far.authenticate(key, now)).toMatchObject({ organization: '4711' });
  });

  it('makes its tables once when several hubs open an empty database at the same time, beside a store', async () => {
    const empty = await server.createDatabase();
    const [store] = await Promise.all([openTestStore(empty), ...Array.from({ length: 4 }, () => open(empty))]);
    await store.close();

    const rows = await server.administer("select 1 from pg_tables where schemaname = 'rollcall_hub'", empty);

    expect(rows).toHaveLength(5);
    await (await openTestStore(empty)).close();
  });

  it('is read beside the hubs, and where there is none nothing is made', async () => {
    await joined();
    const access = { password: rolePassword, command: 'rollcall status' };
    const empty = await server.createDatabase();
    const names = (at: DatabasePlace) =>
      readPostgresRegistry({ place: at, ...access }, async (registry) => (await registry.collectors(null)).map(({ name }) => name));

    expect(await names(place)).toEqual(['acme-hq']);
    expect(await names(empty)).toBeNull();
    expect(await server.administer("select 1 from pg_namespace where nspname = 'rollcall_hub'", empty)).toEqual([]);
  });

  it('is refused when its schema is of another program, of a later layout, or not to be made', async () => {
    const at = await server.createDatabase();
    await server.administer('create schema rollcall_hub authorization rollcall; create table rollcall_hub.other (x integer)', at);
    await expect(open(at)).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });

    await server.administer("update rollcall_hub.property set value = '99' where name = 'layout'", place);
    await expect(open()).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });

    const poor = await server.createDatabase();
    await server.administer(`alter database ${poor.database} owner to admin`);
    await expect(open(poor)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});
