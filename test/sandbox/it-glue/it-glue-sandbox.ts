import type { BmsSandbox } from '../bms/bms-sandbox.ts';
import type { Application } from '../exchange.ts';
import { Faults } from '../faults.ts';
import { RateWindow } from '../rate-window.ts';
import type { LoggedRequest, SandboxCounts } from '../request-log.ts';
import { RequestLog } from '../request-log.ts';
import { startServer } from '../sandbox-server.ts';
import type { Hold, WriteHook } from '../write-watch.ts';
import { WriteWatch } from '../write-watch.ts';
import type { Account } from './account.ts';
import type { NewAdapter } from './data.ts';
import { ItGlueData } from './data.ts';
import { compareIds } from './listing.ts';
import { pullFromPsa, pushToPsa } from './own-sync.ts';
import { bmsForOwnSync } from './own-sync-bms.ts';
import type { PsaForOwnSync } from './psa-for-own-sync.ts';
import { keyRefused, tooManyRequests } from './refusals.ts';
import { prepareItGlue } from './routes.ts';
import type { ItGlueSwitches } from './switches.ts';
import { defaultItGlueSwitches } from './switches.ts';

export interface ItGlueSandboxOptions {
  /** Default: a free one. */
  readonly port?: number;
  readonly apiKey?: string;
  /** Of the same account, so that tests can tell several clients apart. */
  readonly otherKeys?: readonly string[];
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly clock?: () => number;
  /** New ids are beyond 2^53. */
  readonly bigIds?: boolean;
  readonly switches?: Partial<ItGlueSwitches>;
  readonly onRequest?: WriteHook;
  /** The PSA that IT Glue's own sync pushes to and pulls from. */
  readonly psa?: PsaForOwnSync;
  /** The same, when it is BMS. */
  readonly bms?: BmsSandbox;
}

export interface ItGlueSandbox {
  /** What `itglue.baseUrl` is set to. */
  readonly url: string;
  readonly apiKey: string;
  /** A valid key of another region: refused here, like any wrong key. */
  readonly otherRegionKey: string;
  readonly data: ItGlueData;
  readonly requests: readonly LoggedRequest[];
  readonly counts: Readonly<SandboxCounts>;
  readonly faults: Faults;
  /** Set its members at any time. */
  readonly switches: ItGlueSwitches;
  /** Calls a hook around each write, before and after it is carried out; the returned function takes it away. */
  onRequest(hook: WriteHook): () => void;
  /** Parks the nth write from now on. */
  holdAtWrite(nth: number, when: 'before' | 'after'): Hold;
  /** Moves the sandbox's clock, which the rate limit and the times of records go by. */
  advance(ms: number): void;
  /** Empties log and counts. */
  resetCounts(): void;
  connectBms(bms: BmsSandbox): void;
  /** For instance `connectWiseForOwnSync(sandbox)`; takes the place of the one before. */
  connectPsa(psa: PsaForOwnSync): void;
  /** IT Glue's own two-way sync pushes what the API wrote while `switches.ownPush` was on; the ids of the contacts that went. */
  runOwnPush(): readonly string[];
  /** IT Glue's own sync pulls from the PSA: matches by company and exact name, the PSA wins; the ids of the contacts it touched. */
  runOwnPull(): readonly string[];
  stop(): Promise<void>;
}

/** Starts a stand-in for IT Glue on 127.0.0.1. */
export async function startItGlueSandbox(options: ItGlueSandboxOptions = {}): Promise<ItGlueSandbox> {
  const apiKey = options.apiKey ?? 'ITG.0123456789abcdef0123456789abcdef';
  let offset = 0;
  const now = (): number => (options.clock ?? Date.now)() + offset;
  const data = new ItGlueData(now, options.bigIds ?? false);
  const switches: ItGlueSwitches = { ...defaultItGlueSwitches(), ...options.switches };
  const faults = new Faults();
  const log = new RequestLog();
  const watch = new WriteWatch();
  let connected = options.psa ?? (options.bms === undefined ? null : bmsForOwnSync(options.bms));
  let url = '';
  const account: Account = { data, switches, url: () => url };
  const psa = (): PsaForOwnSync => {
    if (connected === null) {
      throw new Error('no PSA sandbox is connected');
    }
    return connected;
  };
  const runOwnPush = (): readonly string[] => pushToPsa(account, psa());
  const runOwnPull = (): readonly string[] => pullFromPsa(account, psa());
  const advance = (ms: number): void => {
    offset += ms;
  };
  if (options.onRequest !== undefined) {
    watch.onRequest(options.onRequest);
  }

  const control = {
    state: () => Object.fromEntries(Object.entries(data)),
    changes: {
      addOrganization: data.addOrganization.bind(data),
      addLocation: data.addLocation.bind(data),
      addContactType: data.addContactType.bind(data),
      addContact: data.addContact.bind(data),
      updateContact: data.updateContact.bind(data),
      moveContact: data.moveContact.bind(data),
      deleteContact: data.deleteContact.bind(data),
      linkAdapter: (recordId: string, adapter: NewAdapter) => data.linkAdapter(recordId, adapter),
      unlinkAdapter: data.unlinkAdapter.bind(data),
      runOwnPush,
      runOwnPull,
    },
    switches,
    advance,
    hold: null,
  };
  const server = await startServer(
    { application: makeApplication(account, [apiKey, ...(options.otherKeys ?? [])], now), faults, log, watch, control },
    options.port ?? 0,
  );
  url = server.url;

  return {
    url,
    apiKey,
    otherRegionKey: 'ITG.fedcba9876543210fedcba9876543210',
    data,
    requests: log.requests,
    counts: log.counts,
    faults,
    switches,
    onRequest: (hook) => watch.onRequest(hook),
    holdAtWrite: (nth, when) => watch.holdAtWrite(nth, when),
    advance,
    resetCounts: () => log.reset(),
    connectBms(sandbox) {
      connected = bmsForOwnSync(sandbox);
    },
    connectPsa(sandbox) {
      connected = sandbox;
    },
    runOwnPush,
    runOwnPull,
    stop: () => server.stop(),
  };
}

function makeApplication(account: Account, keys: readonly string[], now: () => number): Application {
  const rate = new RateWindow();
  return {
    contentType: 'application/vnd.api+json; charset=utf-8',
    admit(request) {
      const key = request.headers['x-api-key'];
      if (key === undefined || !keys.includes(key)) {
        return keyRefused();
      }
      const passes = rate.pass(key, account.switches.rateLimit, now()) === 0;
      return passes ? null : tooManyRequests(account.switches.retryAfter);
    },
    prepare: (handling) => prepareItGlue(account, handling),
    faultAnswer(kind) {
      return kind === 'timeout-body'
        ? { status: 504, body: { errors: [{ status: 504, detail: 'The request took too long to process and timed out.' }] } }
        : null;
    },
    drift(change, request) {
      drift(account, change, request.query.get('filter[organization_id]') ?? request.query.get('filter[organization-id]'));
    },
  };
}

/** Somebody else creates or deletes a contact between two pages; the one with the lowest id, so that later pages shift. */
function drift(account: Account, change: 'create' | 'delete', organizationId: string | null): void {
  const { data } = account;
  const ids = [...data.contacts.values()].filter((contact) => organizationId === null || contact.organizationId === organizationId);
  const [first] = ids.sort((one, other) => compareIds(one.id, other.id));
  if (first === undefined) {
    return;
  }
  if (change === 'delete') {
    data.deleteContact(first.id);
  } else {
    data.addContact({ organizationId: first.organizationId, firstName: 'Aaron', lastName: 'Aardvark' });
  }
}
