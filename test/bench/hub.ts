import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { systemClock } from '../../agent/http/http-clock.ts';
import { plainNetwork } from '../../agent/http/network.ts';
import { createHubLink } from '../../agent/hub/client/hub-link.ts';
import { sendSource } from '../../agent/hub/client/send-source.ts';
import { openInbox } from '../../agent/hub/inbox/open-inbox.ts';
import { pagesOf } from '../../agent/hub/inbox/read-pages.ts';
import { HubTally } from '../../agent/hub/server/hub-tally.ts';
import { startHub } from '../../agent/hub/server/start-hub.ts';
import { landUpload } from '../../agent/pipeline/land/land-upload.ts';
import { Redacted } from '../../agent/secrets/redacted.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { openRegistry } from '../../agent/store/registry/open-registry.ts';
import { silentLogger } from '../../agent/telemetry/logger.ts';
import { organizationId } from '../../core/model/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import { landOnce, sampleEntry } from '../contract/store.samples.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { openTestStore, type PostgresServer, postgresMissing, rolePassword, startPostgres } from '../integration/postgres.ts';
import { ingestFloor } from './hub-floor.ts';

const users = 20_000;
const rowsAtOnce = 128;
const runs = 3;
const organization = organizationId('4711');
const key = { organization, collector: 'branch', directory: 'corp' } as const;
/** Target of this product's measures: how many times as long as a plain insert of the same rows. */
const mostTimes = 3;

/** Where uploads land, and how long it takes to put the same rows there by plain statements. */
interface Target {
  readonly name: string;
  openStore(): Promise<Store>;
  insertPlainly(rows: readonly Row[]): Promise<number>;
  close(): Promise<void>;
}

type Row = readonly [organization: string, user: string, entry: string];

/** A collector's whole state over HTTPS into the hub's store, against a batched insert of the same rows into the same database. */
export async function benchHub(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-hub-'));
  const targets = [sqliteTarget(folder), ...(postgresMissing() === null ? [await postgresTarget()] : [])];
  if (targets.length === 1) process.stdout.write(`SKIPPED: PostgreSQL: ${postgresMissing() ?? ''}\n`);
  const entries = Array.from({ length: users }, (_, index) => sampleEntry(`user-${String(index).padStart(6, '0')}`));
  const rows = entries.map((entry): Row => [organization, `ad:corp.example.test/${entry.immutableId}`, JSON.stringify(entry)]);
  process.stdout.write(
    `${users.toLocaleString('en')} users, ${(rows.reduce((sum, [, , text]) => sum + text.length, 0) / 2 ** 20).toFixed(1)} MiB of JSON:\n`,
  );
  const source = await openStore({ path: join(folder, 'collector.db'), mode: 'write', now: Date.now, version: '0' });
  await landOnce(source, entries, Date.now() - 1_000, { source: key });
  const floor = Math.min(...(await times(() => ingestFloor(source, key))));
  process.stdout.write(`  packed, sent, unpacked and parsed alone, with nothing proven or stored: ${Math.round(floor)} ms\n`);
  for (const target of targets) {
    const plain = Math.min(...(await times(() => target.insertPlainly(rows))));
    const costs: Ingest[] = [];
    for (let run = 0; run < runs; run += 1) costs.push(await ingest(folder, source, target, run));
    const best = costs.reduce((left, right) => (left.landedMs < right.landedMs ? left : right));
    const verdict = best.landedMs / plain <= mostTimes ? 'within' : 'MISSED';
    process.stdout.write(
      `  ${target.name}: sent and landed in ${Math.round(best.landedMs)} ms (sent and durable after ${Math.round(best.sentMs)} ms), ` +
        `plain insert ${Math.round(plain)} ms: ${(best.landedMs / plain).toFixed(2)} times (target ${mostTimes}: ${verdict}; ` +
        `no hub could do with less than ${((floor + plain) / plain).toFixed(2)}); ` +
        `${(best.bytes / 2 ** 20).toFixed(1)} MiB on the wire, ${best.requests} requests, ` +
        `${Math.round(users / (best.landedMs / 1000)).toLocaleString('en')} users a second, ` +
        `memory grew by ${best.grewMiB.toFixed(0)} MiB\n`,
    );
    await target.close();
  }
  await source.close();
  await rm(folder, { recursive: true, force: true });
}

interface Ingest {
  readonly sentMs: number;
  readonly landedMs: number;
  readonly bytes: number;
  readonly requests: number;
  readonly grewMiB: number;
}

async function ingest(folder: string, source: Store, target: Target, run: number): Promise<Ingest> {
  const certificates = makeTestCertificates();
  const state = join(folder, `${target.name}-${run}`);
  const store = await target.openStore();
  const inbox = await openInbox(join(state, 'inbox'));
  const registry = await openRegistry({ path: join(folder, `hub-${target.name}-${run}.sqlite`), now: Date.now, command: 'bench' });
  const { secret } = await registry.invite(
    { organization, subnets: ['10.0.0.0/8'], name: null, expiresAt: Date.now() + 60_000 },
    'account bench',
    Date.now(),
  );
  const machine = { secret, name: key.collector, version: '0', platform: 'bench', subnets: [], location: '' };
  const { key: secretKey } = await registry.join(machine, Date.now());
  const landed = Promise.withResolvers<void>();
  let sentAt = 0;
  const tally = new HubTally();
  const hub = startHub({
    listen: '127.0.0.1:0',
    certFile: certificates.good.certFile,
    keyFile: certificates.good.keyFile,
    name: 'hub',
    version: '0',
    registry,
    inbox,
    logger: silentLogger(),
    now: Date.now,
    tally,
    onWaiting: () => {
      sentAt = performance.now();
      land(store, inbox).then(landed.resolve, landed.reject);
    },
  });
  while (hub.address() === null) await systemClock.wait(5);
  const pin = new X509Certificate(certificates.good.cert).publicKey.export({ type: 'spki', format: 'der' });
  let bytes = 0;
  let requests = 0;
  const link = createHubLink({
    url: hub.address() ?? '',
    network: { ...plainNetwork(), pinnedKeySha256: createHash('sha256').update(pin).digest('hex') },
    keys: () => [new Redacted(secretKey)],
    version: '0',
    onExchange: () => {
      requests += 1;
    },
  });
  const counted = {
    ...link,
    sendPage(id: string, page: Parameters<typeof link.sendPage>[1]) {
      bytes += page.gzip.length;
      return link.sendPage(id, page);
    },
  };
  await source.acknowledge(key, null);
  const before = process.memoryUsage.rss();
  const begun = performance.now();
  const storeId = await source.storeId();
  const sending = sendSource({ store: source, collectorId: 'bench', link: counted, storeId, clock: systemClock, patienceMs: 60_000 }, key);
  await landed.promise;
  const landedMs = performance.now() - begun;
  const grewMiB = (process.memoryUsage.rss() - before) / 2 ** 20;
  await sending;
  await link.close();
  await hub.close();
  await registry.close();
  await store.close();
  certificates.remove();
  return { sentMs: sentAt - begun, landedMs, bytes, requests, grewMiB };
}

async function land(store: Store, inbox: Awaited<ReturnType<typeof openInbox>>): Promise<void> {
  for (const found of await inbox.waiting()) {
    const upload = await inbox.claim(found);
    if (upload === null) continue;
    const outcome = await landUpload({ store, pages: pagesOf, now: Date.now }, upload);
    if (outcome.state !== 'landed') throw new Error(`The upload was refused: ${outcome.code} ${outcome.message}`);
    await inbox.settle(upload, { state: 'landed' }, Date.now());
  }
}

async function times(work: () => Promise<number>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let run = 0; run < runs; run += 1) all.push(await work());
  return all;
}

const columns = 'organization, user_id, source_id, first_seen_at, entry';
const sourceRow = "insert into source (id, organization, collector, directory) values (1, '4711', 'plain', 'corp')";

function sqliteTarget(folder: string): Target {
  let made = 0;
  return {
    name: 'SQLite',
    openStore: () => openStore({ path: join(folder, `store-${made++}.db`), mode: 'write', now: Date.now, version: '0' }),
    async insertPlainly(rows) {
      const path = join(folder, `plain-${made++}.db`);
      await (await openStore({ path, mode: 'write', now: Date.now, version: '0' })).close();
      const database = new DatabaseSync(path);
      database.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16384; ${sourceRow}`);
      const statement = (count: number): string =>
        `insert into sighting (${columns}) values ${Array.from({ length: count }, () => '(?, ?, 1, 1, ?)').join(', ')}`;
      const begun = performance.now();
      database.exec('begin');
      for (let from = 0; from < rows.length; from += rowsAtOnce) {
        const some = rows.slice(from, from + rowsAtOnce);
        database.prepare(statement(some.length)).run(...some.flat());
      }
      database.exec('commit');
      const ms = performance.now() - begun;
      database.close();
      return ms;
    },
    close: () => Promise.resolve(),
  };
}

async function postgresTarget(): Promise<Target> {
  const server: PostgresServer = await startPostgres({ durable: true });
  return {
    name: 'PostgreSQL',
    openStore: async () => openTestStore(await server.createStore()),
    async insertPlainly(rows) {
      const place = await server.createStore();
      const { host, port, user, database } = place;
      const client = new pg.Client({ host, port, user, database, password: rolePassword, options: '-c search_path=rollcall' });
      await client.connect();
      await client.query(sourceRow.replace(' values', ' overriding system value values'));
      const begun = performance.now();
      await client.query('begin');
      for (let from = 0; from < rows.length; from += rowsAtOnce) {
        const some = rows.slice(from, from + rowsAtOnce);
        const values = some.map((_, index) => `($${index * 3 + 1}, $${index * 3 + 2}, 1, 1, $${index * 3 + 3})`).join(', ');
        await client.query(`insert into sighting (${columns}) values ${values}`, some.flat());
      }
      await client.query('commit');
      const ms = performance.now() - begun;
      await client.end();
      return ms;
    },
    close: () => server.stop(),
  };
}
