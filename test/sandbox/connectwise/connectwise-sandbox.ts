import type { Answer, Application, Prepared, SandboxRequest } from '../exchange.ts';
import { isCommit, Refusal } from '../exchange.ts';
import { Faults } from '../faults.ts';
import { RateWindow } from '../rate-window.ts';
import { htmlPage } from '../reply.ts';
import type { LoggedRequest, SandboxCounts } from '../request-log.ts';
import { RequestLog } from '../request-log.ts';
import { startServer } from '../sandbox-server.ts';
import type { Hold, WriteHook } from '../write-watch.ts';
import { WriteWatch } from '../write-watch.ts';
import type { ConnectWiseCredentials, Tenant } from './answers.ts';
import { errorAnswer, invalidAnswer } from './answers.ts';
import { ConnectWiseData } from './data.ts';
import { answerRoute } from './routes.ts';
import { apiPath, checkVersion, companyInfo, isSignedIn, signInRefused } from './sign-in.ts';
import type { ConnectWiseSwitches } from './switches.ts';
import { defaultConnectWiseSwitches } from './switches.ts';

const infoPath = '/login/companyinfo/';

export interface ConnectWiseSandboxOptions {
  /** Default: a free one. */
  readonly port?: number;
  readonly credentials?: Partial<ConnectWiseCredentials>;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly clock?: () => number;
  readonly switches?: Partial<ConnectWiseSwitches>;
  readonly onRequest?: WriteHook;
}

export interface ConnectWiseSandbox {
  /** What `psa.baseUrl` is set to; `/login/companyinfo/ID` is below it, and so is `/v4_6_release/apis/3.0`. */
  readonly url: string;
  readonly credentials: ConnectWiseCredentials;
  readonly data: ConnectWiseData;
  readonly requests: readonly LoggedRequest[];
  readonly counts: Readonly<SandboxCounts>;
  readonly faults: Faults;
  /** Set its members at any time. */
  readonly switches: ConnectWiseSwitches;
  /** Calls a hook around each write, before and after it is carried out; the returned function takes it away. */
  onRequest(hook: WriteHook): () => void;
  /** Parks the nth write from now on. */
  holdAtWrite(nth: number, when: 'before' | 'after'): Hold;
  /** Moves the sandbox's clock: limits recover. */
  advance(ms: number): void;
  /** Empties log and counts. */
  resetCounts(): void;
  stop(): Promise<void>;
}

/** Starts a stand-in for ConnectWise PSA on 127.0.0.1. */
export async function startConnectWiseSandbox(options: ConnectWiseSandboxOptions = {}): Promise<ConnectWiseSandbox> {
  let offset = 0;
  const now = (): number => (options.clock ?? Date.now)() + offset;
  const data = new ConnectWiseData(now);
  const credentials: ConnectWiseCredentials = {
    company: 'sandboxmsp',
    publicKey: 'SandboxPublic',
    privateKey: 'SandboxPrivate',
    clientId: '6f1c2b54-0f6e-4c1a-9d57-3f0f6c1a2b54',
    ...options.credentials,
  };
  const switches: ConnectWiseSwitches = { ...defaultConnectWiseSwitches(), ...options.switches };
  const tenant: Tenant = { data, switches, credentials, now };
  const faults = new Faults();
  const log = new RequestLog();
  const watch = new WriteWatch();
  if (options.onRequest !== undefined) {
    watch.onRequest(options.onRequest);
  }
  const advance = (ms: number): void => {
    offset += ms;
  };

  const control = {
    state: () => Object.fromEntries(Object.entries(data)),
    changes: {
      addCompany: data.addCompany.bind(data),
      updateCompany: data.updateCompany.bind(data),
      deleteCompany: data.deleteCompany.bind(data),
      addSite: data.addSite.bind(data),
      addContact: data.addContact.bind(data),
      updateContact: data.updateContact.bind(data),
      deleteContact: data.deleteContact.bind(data),
      mergeContacts: data.mergeContacts.bind(data),
      addCommunicationType: data.addCommunicationType.bind(data),
      addContactType: data.addContactType.bind(data),
      addCustomField: data.addCustomField.bind(data),
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
    resetCounts: () => log.reset(),
    stop: () => server.stop(),
  };
}

function makeApplication(tenant: Tenant): Application {
  const rate = new RateWindow();
  let answered = 0;
  const marked = (answer: Answer): Answer => {
    answered += 1;
    const headers = { 'x-cw-request-id': `sandbox-${answered}`, 'api-current-version': tenant.switches.apiVersion };
    return { ...answer, headers: { ...headers, ...answer.headers } };
  };
  return {
    contentType: 'application/json; charset=utf-8',
    admit(request) {
      const wait = rate.pass('tenant', tenant.switches.rateLimit, tenant.now());
      if (wait > 0) {
        return tooManyRequests(tenant, wait);
      }
      if (request.path.startsWith(infoPath)) {
        return null;
      }
      const path = apiPath(tenant, request.path);
      if (typeof path !== 'string') {
        return path;
      }
      return isSignedIn(tenant, request) ? null : signInRefused(tenant);
    },
    prepare(handling) {
      try {
        const prepared = prepare(tenant, handling);
        return isCommit(prepared) ? { commit: () => marked(prepared.commit()) } : marked(prepared);
      } catch (error) {
        throw error instanceof Refusal ? new Refusal(marked(error.answer)) : error;
      }
    },
    faultAnswer: (kind) => faultAnswer(tenant, kind),
    drift(change, request) {
      drift(tenant, change, request);
    },
  };
}

function prepare(tenant: Tenant, handling: Parameters<Application['prepare']>[0]): Prepared {
  const { request } = handling;
  if (request.path.startsWith(infoPath)) {
    handling.route = `${infoPath}:company`;
    return request.method === 'GET'
      ? companyInfo(tenant, request.path.slice(infoPath.length))
      : errorAnswer(405, 'MethodNotAllowed', `The requested resource does not support http method '${request.method}'.`);
  }
  const path = apiPath(tenant, request.path);
  if (typeof path !== 'string') {
    return path;
  }
  checkVersion(tenant, request, path);
  return answerRoute(tenant, handling, path);
}

function faultAnswer(tenant: Tenant, kind: string): Answer | null {
  switch (kind) {
    case 'bad-request':
      return invalidAnswer('contact', [{ code: 'InvalidField', message: 'The request is not valid.', field: 'contact' }]);
    case 'unauthorized':
    case 'sign-in-refused':
    case 'token-expired':
      return errorAnswer(401, 'Unauthorized', 'The credentials are not valid.');
    case 'forbidden':
      return errorAnswer(403, 'Forbidden', 'The security role of the API member does not allow this.');
    case 'timeout-body':
      return errorAnswer(500, 'ConnectWiseApi', 'The operation has timed out.');
    case 'hourly-limit':
      return tooManyRequests(tenant, 60);
    default:
      return null;
  }
}

function tooManyRequests(tenant: Tenant, wait: number): Answer {
  const { retryAfter, tooManyRequests: how } = tenant.switches;
  const answer =
    how === 'html' ? htmlPage(429, '429 Too Many Requests') : errorAnswer(429, 'TooManyRequests', 'The request volume exceeds the limit.');
  const seconds = retryAfter === 'real' ? wait : retryAfter;
  return seconds === null ? answer : { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } };
}

/** Somebody else creates or deletes a contact between two pages; the one with the lowest id, so that later pages shift. */
function drift(tenant: Tenant, change: 'create' | 'delete', request: SandboxRequest): void {
  const { data } = tenant;
  const company = /company\/id\s*=\s*(\d+)/.exec(request.query.get('conditions') ?? '')?.[1];
  const contacts = [...data.contacts.values()].filter((contact) => company === undefined || contact.companyId === Number(company));
  const [first] = contacts.sort((one, other) => one.id - other.id);
  if (first === undefined) {
    return;
  }
  if (change === 'delete') {
    data.deleteContact(first.id);
  } else {
    data.addContact({ companyId: first.companyId, siteId: first.siteId, firstName: 'Aaron', lastName: 'Aardvark' });
  }
}
