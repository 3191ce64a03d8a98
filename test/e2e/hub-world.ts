import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { ContactRow, ContactsDocument } from '../../agent/cli/documents.ts';
import type { HubInviteDocument } from '../../agent/cli/documents-hub.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import type { LdifPerson } from './ldif-people.ts';
import { type RunningService, startService } from './running-service.ts';
import { type Finished, type Site, startSite } from './site.ts';

/** What a collector has no use for: its hub decides. */
const leftToTheHub = { itglue: undefined, contacts: undefined, limits: undefined, psa: undefined };

export interface HubWorldOptions {
  /** Organizations besides 4711, by id and name. */
  readonly organizations?: Readonly<Record<string, string>>;
  readonly sections?: Readonly<Record<string, unknown>>;
}

/** One collector: a machine of its own with its own state, which has joined the hub. */
export interface JoinedCollector {
  readonly site: Site;
  readonly name: string;
  start(): Promise<RunningService>;
}

/** A hub that reads nothing itself, over TLS with a pinned key, and the collectors that have joined it. All are real processes. */
export interface HubWorld extends AsyncDisposable {
  readonly site: Site;
  startHub(): Promise<RunningService>;
  /** Invites at the running hub, and joins by the code. */
  join(name: string, options?: JoinOptions): Promise<JoinedCollector>;
  /** A command at the hub that has to succeed. */
  atHub(...words: readonly string[]): Promise<Finished>;
  /** The contact-matching table of an organization. */
  table(organization: string, ...more: readonly string[]): Promise<readonly ContactRow[]>;
  /** Asks again and again until the hub shows it so. */
  until<Value>(what: string, look: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value>;
}

interface JoinOptions {
  readonly organization?: string;
  readonly subnet?: string;
  readonly people?: readonly LdifPerson[];
  /** In place of the LDIF export with these people. */
  readonly directories?: readonly object[];
}

const patienceMs = 90_000;

export async function startHubWorld(options: HubWorldOptions = {}): Promise<HubWorld> {
  const certificates = makeTestCertificates();
  const port = await freePort();
  const site = await startSite();
  const more = options.organizations ?? {};
  for (const [id, name] of Object.entries(more)) {
    site.itGlue.data.addOrganization({ id, name, typeName: 'Customer', statusName: 'Active' });
  }
  const files = { certFile: join(site.folder, 'hub.pem'), keyFile: join(site.folder, 'hub.key') };
  copyFileSync(certificates.good.certFile, files.certFile);
  copyFileSync(certificates.good.keyFile, files.keyFile);
  site.configure({
    collector: { name: 'hub', organization: site.organization },
    directories: [],
    psa: { type: 'none' },
    organizations: Object.fromEntries([site.organization, ...Object.keys(more)].map((id) => [id, {}])),
    hub: { listen: `127.0.0.1:${port}`, ...files },
    ...options.sections,
  });
  const sites: Site[] = [site];

  const world: HubWorld = {
    site,
    async startHub() {
      const service = await startService(site);
      await service.logged('The hub listens');
      return service;
    },
    async join(name, { organization = site.organization, subnet = '10.1.0.0/24', people = [], directories } = {}) {
      const invite = await world.atHub('hub', 'invite', '--organization', organization, '--subnet', subnet, '--name', name, '--json');
      const sections = { ...leftToTheHub, collector: { name, organization }, ...(directories === undefined ? {} : { directories }) };
      const collector = await startSite({ people, sections });
      sites.push(collector);
      const joined = await collector.run('enroll', '--code', (invite.json as HubInviteDocument).code);
      if (joined.exit !== 0) throw new Error(`"${name}" could not join: ${joined.stderr}`);
      return { site: collector, name, start: () => startService(collector) };
    },
    async atHub(...words) {
      const ended = await site.run(...words);
      if (ended.exit !== 0) throw new Error(`"${words.join(' ')}" ended with ${ended.exit}: ${ended.stdout} ${ended.stderr}`);
      return ended;
    },
    async table(of, ...words) {
      const { json } = await world.atHub('contacts', 'list', '--organization', of, ...words, '--json');
      return (json as ContactsDocument).contacts;
    },
    async until(what, look, isSo) {
      const deadline = performance.now() + patienceMs;
      for (;;) {
        const value = await look();
        if (isSo(value)) return value;
        if (performance.now() > deadline) throw new Error(`Never came: ${what}. Last: ${JSON.stringify(value)}`);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const each of sites) await each[Symbol.asyncDispose]();
      certificates.remove();
    },
  };
  return world;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
