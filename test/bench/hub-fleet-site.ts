import { type ChildProcess, fork } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { type HttpNetwork, plainNetwork } from '../../agent/http/network.ts';
import { type Site, startSite } from '../e2e/site.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { type PostgresServer, rolePassword, startPostgres } from '../integration/postgres.ts';
import type { HubAnswer, HubFacts, HubQuestion } from './hub-fleet-service.ts';

const program = fileURLToPath(new URL('hub-fleet-service.ts', import.meta.url));

/** A hub as a process of its own, with HTTPS, over a store of its own. */
export interface FleetHub extends AsyncDisposable {
  readonly url: string;
  readonly network: HttpNetwork;
  /** The process of the hub; that of its jobs is its child. */
  readonly pid: number;
  /** PostgreSQL's; `null`: the store is a file. */
  readonly databasePid: number | null;
  ask(question: HubQuestion): Promise<HubAnswer>;
  facts(): Promise<HubFacts>;
  /** Size of the store, in bytes. */
  storeBytes(): Promise<number>;
}

export async function startFleetHub(kind: 'SQLite' | 'PostgreSQL', organizations: readonly string[]): Promise<FleetHub> {
  const certificates = makeTestCertificates();
  const site = await startSite();
  for (const id of organizations)
    site.itGlue.data.addOrganization({ id, name: `Customer ${id}`, typeName: 'Customer', statusName: 'Active' });
  const server = kind === 'PostgreSQL' ? await startPostgres({ durable: true }) : null;
  const database = server === null ? null : await server.createStore();
  const port = await freePort();
  const files = { certFile: join(site.folder, 'hub.pem'), keyFile: join(site.folder, 'hub.key') };
  copyFileSync(certificates.good.certFile, files.certFile);
  copyFileSync(certificates.good.keyFile, files.keyFile);
  site.configure({
    collector: { name: 'hub', organization: site.organization },
    directories: [],
    psa: { type: 'none' },
    // What a sync costs without the requests for each single contact, which IT Glue bounds.
    contacts: { create: 'off', overlay: 'none' },
    organizations: Object.fromEntries([site.organization, ...organizations].map((id) => [id, {}])),
    hub: { listen: `127.0.0.1:${port}`, ...files },
    ...(database === null
      ? {}
      : { store: { url: `postgres://rollcall@127.0.0.1:${database.port}/${database.database}`, password: 'env:STORE_PASSWORD' } }),
  });
  const child = await started(site);
  const pin = new X509Certificate(certificates.good.cert).publicKey.export({ type: 'spki', format: 'der' });
  const ask = (question: HubQuestion): Promise<HubAnswer> => {
    const told = answerOf(child);
    child.send(question);
    return told;
  };
  return {
    url: `https://127.0.0.1:${port}`,
    network: { ...plainNetwork(), pinnedKeySha256: createHash('sha256').update(pin).digest('hex') },
    pid: child.pid ?? 0,
    databasePid: server === null ? null : postmasterOf(server),
    ask,
    async facts() {
      const { facts } = await ask({ kind: 'facts' });
      if (facts === undefined) throw new Error('The hub told no facts.');
      return facts;
    },
    async storeBytes() {
      if (server !== null && database !== null) {
        const rows = await server.administer<{ bytes: string }>(`select pg_database_size('${database.database}')::text as bytes`);
        return Number(rows[0]?.bytes ?? 0);
      }
      // Not of the files: what was written last stands in a second one for a while.
      using store = new DatabaseSync(join(site.folder, 'state', 'rollcall.db'), { readOnly: true });
      return Number(store.prepare('select page_count * page_size as bytes from pragma_page_count, pragma_page_size').get()?.['bytes'] ?? 0);
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.send({ kind: 'close' } satisfies HubQuestion);
      await ended;
      await server?.stop();
      await site[Symbol.asyncDispose]();
      certificates.remove();
    },
  };
}

async function started(site: Site): Promise<ChildProcess> {
  const child = fork(program, [join(site.folder, 'config.json'), join(site.folder, 'state')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...site.environment, STORE_PASSWORD: rolePassword },
  });
  await answerOf(child);
  return child;
}

function answerOf(child: ChildProcess): Promise<HubAnswer> {
  return new Promise((resolve, reject) => {
    const end = (code: number | null): void => reject(new Error(`The hub ended (${code}).`));
    child.once('exit', end);
    child.once('message', (message) => {
      child.removeListener('exit', end);
      resolve(message as HubAnswer);
    });
  });
}

function postmasterOf({ folder }: PostgresServer): number {
  return Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
