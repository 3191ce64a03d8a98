import type { Answer, Application, SandboxRequest } from '../exchange.ts';
import { Faults } from '../faults.ts';
import { RateWindow } from '../rate-window.ts';
import type { LoggedRequest, SandboxCounts } from '../request-log.ts';
import { RequestLog } from '../request-log.ts';
import { startServer } from '../sandbox-server.ts';
import type { Hold, WriteHook } from '../write-watch.ts';
import { WriteWatch } from '../write-watch.ts';
import { BmsData } from './data.ts';
import type { Tenant } from './envelope.ts';
import { failureAnswer } from './envelope.ts';
import { findRoute, openRoutes } from './routes.ts';
import { bearer, refusedSignIn, tokenRefused } from './security.ts';
import type { BmsSwitches } from './switches.ts';
import { defaultBmsSwitches } from './switches.ts';

const hourMs = 3_600_000;

export interface BmsSandboxOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** The user that signs in; an Api Employee. */
  readonly userName?: string;
  readonly password?: string;
  readonly tenant?: string;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly clock?: () => number;
  readonly switches?: Partial<BmsSwitches>;
  readonly onRequest?: WriteHook;
}

export interface BmsSandbox {
  /** What `psa.baseUrl` is set to; paths start with `/v2/`. */
  readonly url: string;
  readonly credentials: { readonly userName: string; readonly password: string; readonly tenant: string };
  readonly data: BmsData;
  readonly requests: readonly LoggedRequest[];
  readonly counts: Readonly<SandboxCounts>;
  readonly faults: Faults;
  /** Set its members at any time. */
  readonly switches: BmsSwitches;
  /** Calls a hook around each write, before and after it is carried out; the returned function takes it away. */
  onRequest(hook: WriteHook): () => void;
  /** Parks the nth write from now on. */
  holdAtWrite(nth: number, when: 'before' | 'after'): Hold;
  /** Moves the sandbox's clock: tokens expire, limits recover. */
  advance(ms: number): void;
  /** Ends all tokens. */
  expireTokens(): void;
  /** Empties log and counts. */
  resetCounts(): void;
  stop(): Promise<void>;
}

/** Starts a stand-in for Kaseya BMS on 127.0.0.1. */
export async function startBmsSandbox(options: BmsSandboxOptions = {}): Promise<BmsSandbox> {
  let offset = 0;
  const now = (): number => (options.clock ?? Date.now)() + offset;
  const data = new BmsData(now);
  const credentials = {
    userName: options.userName ?? 'api@msp.example.test',
    password: options.password ?? 'sandbox-password',
    tenant: options.tenant ?? 'Sandbox MSP',
  };
  data.addUser(credentials);
  const switches: BmsSwitches = { ...defaultBmsSwitches(), ...options.switches };
  const tenant: Tenant = { data, switches, now };
  const faults = new Faults();
  const log = new RequestLog();
  const watch = new WriteWatch();
  if (options.onRequest !== undefined) {
    watch.onRequest(options.onRequest);
  }
  const advance = (ms: number): void => {
    offset += ms;
  };
  const expireTokens = (): void => endTokens(tenant);

  const control = {
    state: () => Object.fromEntries(Object.entries(data)),
    changes: {
      addAccount: data.addAccount.bind(data),
      addLocation: data.addLocation.bind(data),
      addContact: data.addContact.bind(data),
      updateContact: data.updateContact.bind(data),
      deleteContact: data.deleteContact.bind(data),
      addEmailType: data.addEmailType.bind(data),
      addPhoneType: data.addPhoneType.bind(data),
      addUser: data.addUser.bind(data),
      linkItGlueContact: data.linkItGlueContact.bind(data),
      expireTokens,
    },
    switches,
    advance,
    hold: null,
  };
  const server = await startServer({ application: makeApplication(tenant), faults, log, watch, control }, options.port ?? 0);

  return {
    url: server.url,
    credentials,
    data,
    requests: log.requests,
    counts: log.counts,
    faults,
    switches,
    onRequest: (hook) => watch.onRequest(hook),
    holdAtWrite: (nth, when) => watch.holdAtWrite(nth, when),
    advance,
    expireTokens,
    resetCounts: () => log.reset(),
    stop: () => server.stop(),
  };
}

function makeApplication(tenant: Tenant): Application {
  const rate = new RateWindow();
  const { switches } = tenant;
  return {
    contentType: 'application/json; charset=utf-8',
    admit(request) {
      const found = findRoute(request.method, request.path);
      if (found === null) {
        return { status: 404 };
      }
      const endpoint = `${found.route.method} ${found.route.pattern}`;
      if (rate.pass(endpoint, { requests: switches.hourlyLimit, windowMs: hourMs }, tenant.now()) > 0) {
        return overLimit(tenant);
      }
      return openRoutes.includes(found.route.pattern) || bearer(tenant, request) !== null ? null : tokenRefused();
    },
    prepare(handling) {
      const found = findRoute(handling.request.method, handling.request.path);
      if (found === null) {
        return { status: 404 };
      }
      handling.route = found.route.pattern;
      return found.route.handle(tenant, handling, found.parameters);
    },
    faultAnswer: (kind, request) => faultAnswer(tenant, kind, request),
    drift(change, request) {
      drift(tenant, change, Number(request.query.get('Filter.AccountId') ?? request.query.get('Filter.AccountIds') ?? 0));
    },
  };
}

function faultAnswer(tenant: Tenant, kind: string, request: SandboxRequest): Answer | null {
  switch (kind) {
    case 'success-false':
      return failureAnswer(tenant, 200, 500, { message: 'An error has occurred' });
    case 'bad-request':
      return failureAnswer(tenant, 400, 400, { message: 'The request is not valid' });
    case 'timeout-body':
      return failureAnswer(tenant, 200, 504, { message: 'The operation has timed out' });
    case 'token-expired':
      endTokens(tenant);
      return openRoutes.includes(request.path.toLowerCase()) ? null : tokenRefused();
    case 'unauthorized':
      return tokenRefused();
    case 'sign-in-refused':
      return refusedSignIn(tenant, 'Invalid user name, password or company').answer;
    case 'hourly-limit':
      return overLimit(tenant);
    default:
      return null;
  }
}

function overLimit(tenant: Tenant): Answer {
  const { overLimit: how, retryAfter } = tenant.switches;
  const answer = failureAnswer(tenant, how === 'in-200' ? 200 : 429, 429, { message: 'API call limit of this endpoint exceeded' });
  return retryAfter === null || how === 'in-200' ? answer : { ...answer, headers: { 'retry-after': String(retryAfter) } };
}

function endTokens(tenant: Tenant): void {
  for (const token of tenant.data.tokens) {
    token.accessTokenExpiresAt = 0;
  }
}

/** Somebody else creates or deletes a contact between two pages; the one with the lowest id, so that later pages shift. */
function drift(tenant: Tenant, change: 'create' | 'delete', accountId: number): void {
  const { data } = tenant;
  const contacts = [...data.contacts.values()].filter((contact) => accountId === 0 || contact.accountId === accountId);
  const [first] = contacts.sort((one, other) => one.id - other.id);
  if (first === undefined) {
    return;
  }
  if (change === 'delete') {
    data.deleteContact(first.id);
  } else {
    data.addContact({ accountId: first.accountId, locationId: first.locationId, firstName: 'Aaron', lastName: 'Aardvark' });
  }
}
