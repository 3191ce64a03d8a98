import type { Application } from '../exchange.ts';
import { Faults } from '../faults.ts';
import type { LoggedRequest, SandboxCounts } from '../request-log.ts';
import { RequestLog } from '../request-log.ts';
import type { RunningServer, ServerParts } from '../sandbox-server.ts';
import { startServer } from '../sandbox-server.ts';
import type { Hold, WriteHook } from '../write-watch.ts';
import { WriteWatch } from '../write-watch.ts';
import type { Observed, Place } from './admission.ts';
import { makeApplication } from './application.ts';
import { AutotaskData } from './data.ts';
import type { AutotaskCredentials, Tenant } from './envelope.ts';
import type { StrayCredentials } from './records.ts';
import type { AutotaskSwitches } from './switches.ts';
import { defaultAutotaskSwitches } from './switches.ts';
import { Threads } from './threads.ts';

export interface AutotaskSandboxOptions {
  /** Of the zone look-up. Default: a free one. The zone has a free one always. */
  readonly port?: number;
  /** The API-only user. */
  readonly userName?: string;
  readonly secret?: string;
  /** The tracking identifier. */
  readonly integrationCode?: string;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly clock?: () => number;
  readonly switches?: Partial<AutotaskSwitches>;
  readonly onRequest?: WriteHook;
}

export interface AutotaskSandbox {
  /** What `psa.baseUrl` is set to: the host of the zone look-up. It has no data; paths start with `/ATServicesRest/`. */
  readonly url: string;
  /** `http://HOST:PORT` of the zone in which the tenant is now. */
  readonly zoneUrl: string;
  /** A server that is not Autotask; see the switch `nextPage`. */
  readonly foreignUrl: string;
  readonly credentials: AutotaskCredentials;
  readonly data: AutotaskData;
  /** Of all servers. */
  readonly requests: readonly LoggedRequest[];
  readonly counts: Readonly<SandboxCounts>;
  readonly faults: Faults;
  /** Set its members at any time. */
  readonly switches: AutotaskSwitches;
  /** Credentials that went anywhere but to the zone; kept for good. */
  readonly strayCredentials: readonly StrayCredentials[];
  /** Requests that the vendor would have slowed down because the tenant was half used; since the start or the last reset. */
  readonly slowed: number;
  /** The most requests at once of one tracking identifier and endpoint; since the start or the last reset. */
  readonly mostThreads: number;
  /** Calls a hook around each write, before and after it is carried out; the returned function takes it away. */
  onRequest(hook: WriteHook): () => void;
  /** Parks the nth write from now on. */
  holdAtWrite(nth: number, when: 'before' | 'after'): Hold;
  /** Moves the sandbox's clock: limits recover. */
  advance(ms: number): void;
  /** Moves the tenant to a new zone, on a new port; the old one answers 401 from now on. */
  moveZone(): Promise<void>;
  /** Takes threads of an endpoint (`Contacts`) with the same tracking identifier; the returned function gives them back. */
  occupyThreads(endpoint: string, threads: number): () => void;
  /** Empties log and counts. */
  resetCounts(): void;
  stop(): Promise<void>;
}

/** Starts a stand-in for Autotask PSA on 127.0.0.1: the zone look-up, a zone on an origin of its own, and a foreign server. */
export async function startAutotaskSandbox(options: AutotaskSandboxOptions = {}): Promise<AutotaskSandbox> {
  let offset = 0;
  const now = (): number => (options.clock ?? Date.now)() + offset;
  const data = new AutotaskData(now);
  const credentials: AutotaskCredentials = {
    userName: options.userName ?? 'api-user@msp.example.test',
    secret: options.secret ?? 'sandbox-secret',
    integrationCode: options.integrationCode ?? 'SANDBOXTRACKINGID',
  };
  const switches: AutotaskSwitches = { ...defaultAutotaskSwitches(), ...options.switches };
  const servers: RunningServer[] = [];
  const urls = { lookUp: '', zone: '', foreign: '' };
  const tenant: Tenant = { data, switches, credentials, now, zoneOrigin: () => urls.zone, foreignOrigin: () => urls.foreign };
  const threads = new Threads(switches);
  const faults = new Faults();
  const log = new RequestLog();
  const watch = new WriteWatch();
  if (options.onRequest !== undefined) {
    watch.onRequest(options.onRequest);
  }
  const observed: Observed = { threads, slowed: 0, strayCredentials: [] };
  const advance = (ms: number): void => {
    offset += ms;
  };
  let zone: Place = { kind: 'zone' };

  const control: ServerParts['control'] = {
    state: () => ({ ...Object.fromEntries(Object.entries(data)), usage: data.usage.count, strayCredentials: observed.strayCredentials }),
    changes: {
      addCompany: data.addCompany.bind(data),
      updateCompany: data.updateCompany.bind(data),
      deleteCompany: data.deleteCompany.bind(data),
      addLocation: data.addLocation.bind(data),
      updateLocation: data.updateLocation.bind(data),
      addContact: data.addContact.bind(data),
      updateContact: data.updateContact.bind(data),
      deleteContact: data.deleteContact.bind(data),
      mergeContacts: data.mergeContacts.bind(data),
      otherUse: data.otherUse.bind(data),
    },
    switches,
    advance,
    hold: null,
  };
  const open = async (place: Place, port = 0): Promise<string> => {
    const application: Application = makeApplication(tenant, place, observed);
    const server = await startServer({ application, faults, log, watch, control }, port);
    servers.push(server);
    return server.url;
  };
  const moveZone = async (): Promise<void> => {
    const next: Place = { kind: 'zone' };
    urls.zone = await open(next);
    zone.kind = 'old-zone';
    zone = next;
  };

  urls.lookUp = await open({ kind: 'look-up' }, options.port ?? 0);
  urls.zone = await open(zone);
  urls.foreign = await open({ kind: 'foreign' });

  return {
    url: urls.lookUp,
    get zoneUrl() {
      return urls.zone;
    },
    foreignUrl: urls.foreign,
    credentials,
    data,
    requests: log.requests,
    counts: log.counts,
    faults,
    switches,
    strayCredentials: observed.strayCredentials,
    get slowed() {
      return observed.slowed;
    },
    get mostThreads() {
      return threads.most;
    },
    onRequest: (hook) => watch.onRequest(hook),
    holdAtWrite: (nth, when) => watch.holdAtWrite(nth, when),
    advance,
    moveZone,
    occupyThreads: (endpoint, count) => threads.occupy(credentials.integrationCode, endpoint, count),
    resetCounts: () => {
      log.reset();
      observed.slowed = 0;
      threads.most = 0;
    },
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
