import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubInviteDocument } from '../../agent/cli/documents-hub.ts';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { openTestStore, type PostgresServer, rolePassword, startPostgres } from '../integration/postgres.ts';
import { startBalancer } from './balancer.ts';
import { type History, startHistory } from './history.ts';
import { Machine } from './machine.ts';
import { startNetwork } from './network/start-network.ts';
import { Staff } from './staff.ts';
import { startVendors, type Vendors } from './vendors.ts';

const hubPort = 7_443;
/** Nothing is held: what holds plans has tests of its own. */
const floors = Object.fromEntries(['create', 'update', 'push', 'blank', 'rematch', 'deactivate'].map((kind) => [kind, { floor: 100_000 }]));

export interface WorldOptions {
  readonly hubs: 1 | 2;
  readonly customers: number;
  /** Variables that all processes of hubs see besides. */
  readonly environment: Readonly<Record<string, string>>;
  readonly say: (text: string) => void;
}

/** Hubs on one database, collectors that have joined, and the vendors' clouds; each machine stands in a place of its own. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly networkKind: string;
  readonly postgres: PostgresServer;
  readonly database: DatabasePlace;
  readonly vendors: Vendors;
  readonly history: History;
  readonly staff: Staff;
  readonly hubs: readonly Machine[];
  readonly collectors: readonly Machine[];
  /** The customer that a collector reads for. */
  customerOf(collector: Machine): string;
  /** The hub whose connections to the database come from there; `null`: none. */
  hubAt(source: string): Machine | null;
  /** Leaves the folder, with logs, where it is. */
  keep(): void;
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const { say } = options;
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-chaos-'));
  let isKept = false;
  stack.defer(() => {
    if (!isKept) rmSync(folder, { recursive: true, force: true });
  });
  const network = stack.use(startNetwork());
  const certificates = makeTestCertificates();
  stack.defer(() => certificates.remove());
  const certificate = certificates.issue('outside', ['DNS:localhost', 'IP:127.0.0.1', ...network.outsideNames]);
  const postgres = await startPostgres({ durable: true, listen: network.outsideHost, certificate });
  stack.defer(() => postgres.stop());
  const database = await postgres.createDatabase();
  // Not a copy of another one: what copied sequences have given out is not certain to outlast a crash of the server.
  await (await openTestStore(database)).close();
  const history = stack.use(await startHistory(database));
  const names = Array.from({ length: options.hubs }, (_, index) => `hub-${'ab'.charAt(index)}`);
  const vendors = stack.use(await startVendors(names, { customers: options.customers, host: network.outsideHost, certificate }));
  const balancer = stack.use(await startBalancer(network.outsideHost));

  const hubs: Machine[] = [];
  for (const name of names) hubs.push(await makeHub(name));
  for (const hub of hubs) stack.defer(() => hub.end());
  const [first] = hubs;
  if (first === undefined) throw new Error('There is no hub.');
  for (const hub of hubs) {
    hub.start();
    await hub.ready();
  }
  balancer.aim(await Promise.all(hubs.map(({ place }) => place.inward('front', hubPort))));

  const customers = new Map<string, string>();
  const folders = new Map<string, string>();
  const collectors = [
    ...vendors.customers.map(({ id }, index) => ({ name: `site-${index + 1}`, id })),
    { name: 'site-1b', id: vendors.customers[0]?.id ?? '' },
  ];
  for (const { name, id } of collectors) {
    customers.set(name, id);
    folders.set(name, join(folder, name));
  }
  const staff = new Staff(folders);
  const machines = collectors.map(({ name, id }) => makeCollector(name, id));
  for (const machine of machines) {
    stack.defer(() => machine.end());
    staff.hire(customers.get(machine.name) ?? '', machine.name);
    staff.hire(customers.get(machine.name) ?? '', machine.name);
    staff.write(machine.name);
    await enroll(machine);
    machine.start();
    await machine.ready();
  }

  const kept = stack.move();
  return {
    folder,
    networkKind: network.kind,
    postgres,
    database,
    vendors,
    history,
    staff,
    hubs,
    collectors: machines,
    customerOf: ({ name }) => customers.get(name) ?? '',
    hubAt: (source) => hubs.find(({ place }) => place.source('database') === source) ?? null,
    keep() {
      isKept = true;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };

  async function makeHub(name: string): Promise<Machine> {
    const place = network.place(name, ['front', 'database', 'cloud']);
    const own = join(folder, name);
    const { itGlueKey, userName, password } = vendors.credentials(name);
    const [data, itGlue, psa] = [
      await place.outward('database', database.port),
      await place.outward('cloud', vendors.ports.itGlue),
      await place.outward('cloud', vendors.ports.psa),
    ];
    const [one] = vendors.customers;
    const machine = new Machine({
      name,
      folder: own,
      place,
      environment: { ...options.environment, HUB_ITGLUE_KEY: itGlueKey, HUB_PSA_PASSWORD: password, HUB_STORE_PASSWORD: rolePassword },
      configuration: {
        collector: { name, organization: one?.id },
        directories: [],
        itglue: { baseUrl: `https://${itGlue.host}:${itGlue.port}`, apiKey: 'env:HUB_ITGLUE_KEY' },
        contacts: { create: 'auto' },
        limits: { firstRun: 'auto', ...floors },
        psa: {
          type: 'bms',
          baseUrl: `https://${psa.host}:${psa.port}`,
          credentials: { userName, password: 'env:HUB_PSA_PASSWORD', tenant: vendors.tenant },
          emailType: 'Work',
          phoneType: 'Work',
          settleMinutes: 0,
        },
        organizations: Object.fromEntries(vendors.customers.map(({ id }) => [id, {}])),
        proxy: { caFile: certificates.caFile },
        store: {
          url: `postgres://${database.user}@${data.host}:${data.port}/${database.database}?sslrootcert=${certificates.caFile}`,
          password: 'env:HUB_STORE_PASSWORD',
        },
        console: { listen: '' },
        hub: { listen: `${place.listenHost}:${hubPort}`, certFile: 'hub.pem', keyFile: 'hub.key' },
      },
    });
    copyFileSync(certificate.certFile, join(own, 'hub.pem'));
    copyFileSync(certificate.keyFile, join(own, 'hub.key'));
    return machine;
  }

  function makeCollector(name: string, organization: string): Machine {
    const place = network.place(name, ['front']);
    return new Machine({
      name,
      folder: folders.get(name) ?? '',
      place,
      environment: {},
      configuration: {
        collector: { name, organization },
        directories: [{ name: 'corp', type: 'ldif', file: 'users.ldif' }],
        console: { listen: '' },
      },
    });
  }

  async function enroll(machine: Machine): Promise<void> {
    const hub = await machine.place.outward('front', balancer.port);
    const subnet = `10.1.${machines.indexOf(machine)}.0/24`;
    const words = [
      '--organization',
      customers.get(machine.name) ?? '',
      '--subnet',
      subnet,
      '--name',
      machine.name,
      '--url',
      `https://${hub.host}:${hub.port}`,
    ];
    const invited = await (first as Machine).run('hub', 'invite', ...words, '--json');
    if (invited.exit !== 0) throw new Error(`No invitation: ${invited.stdout} ${invited.stderr}`);
    const { code } = JSON.parse(invited.stdout) as HubInviteDocument;
    const joined = await machine.run('enroll', '--code', code);
    if (joined.exit !== 0) throw new Error(`"${machine.name}" could not join: ${joined.stdout} ${joined.stderr}`);
    say(`${machine.name} has joined for ${customers.get(machine.name) ?? ''}`);
  }
}
