import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import type {
  DirectoryCheck,
  DirectoryRead,
  DirectorySource,
  LogonSurvey,
  ReadHandler,
  ReadRequest,
  SourceMemory,
} from '../../../core/ports/directory-source.ts';
import { type LdapFilter, parseFilter } from '../filter/parse-filter.ts';
import { type Checkpoint, parseCheckpoint } from './changes/checkpoint.ts';
import { hindrance } from './changes/hindrance.ts';
import { readChanges } from './changes/read-changes.ts';
import { checkServer } from './check-server.ts';
import { type ActiveDirectoryConfig, type DirectoryDeadlines, defaultDeadlines, type ServerAddress } from './config.ts';
import { addressOf, resolverOf, withLookup } from './discovery/find-domain-controllers.ts';
import { passingMemory } from './discovery/remembered.ts';
import { ServerPool } from './discovery/server-pool.ts';
import { examineDirectory } from './examine/examine-directory.ts';
import { hasScope } from './has-scope.ts';
import { type ControllerReach, surveyDeadlines, surveyLogons } from './logons/survey-logons.ts';
import { readUsers } from './read-users.ts';
import { DirectorySession } from './session.ts';
import { SignInGate } from './sign-in/sign-in-gate.ts';
import { SignInQueue } from './sign-in/sign-in-queue.ts';
import { readTlsTrust, type TlsTrust } from './tls-trust.ts';

/** Another server may do better. Everything else would fail there too, and a wrong password would count towards a lockout. */
const otherServerMayHelp: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'DIRECTORY_UNREACHABLE',
  'DIRECTORY_TIMEOUT',
  'DIRECTORY_TLS_UNTRUSTED',
  'DIRECTORY_TLS_NAME_MISMATCH',
  'DIRECTORY_TLS_EXPIRED',
  'DIRECTORY_TLS_PIN_MISMATCH',
  'DIRECTORY_TLS_FAILED',
  'DIRECTORY_PROTOCOL',
  'DIRECTORY_INCOMPLETE',
]);

/** The caller's own failure while it stored a page: not the server's, and no reason to ask another one. */
class SinkFailure extends Error {}

type Attempt<Value> = (session: DirectorySession) => Promise<Value>;

/**
 * Makes the source that reads one Active Directory over LDAP. Nothing is opened or checked before `check` or `read`; each of them
 * opens a connection of its own and closes it.
 */
export function createActiveDirectorySource(config: ActiveDirectoryConfig): DirectorySource {
  return {
    name: config.name,
    type: 'active-directory',
    check: () => checkDirectory(config),
    read: (handler, request) => readDirectory(config, handler, request),
    hasScope: (scopeKey) => hasScope(config, scopeKey),
    examine: (options) => examineDirectory(config, options),
    ...(asksAllControllers(config) ? { surveyLogons: (request) => surveyDirectory(config, request) } : {}),
  };
}

async function checkDirectory(config: ActiveDirectoryConfig): Promise<DirectoryCheck> {
  operatorFilter(config);
  return await withDirectorySession(config, (session) => checkServer(session, config));
}

/** Signs in at the first server that takes part, carries `attempt` out once and closes again. Throws as `check` does. */
export async function withDirectorySession<Value>(
  config: ActiveDirectoryConfig,
  attempt: Attempt<Value>,
  memory: SourceMemory = passingMemory(),
): Promise<Value> {
  const around = { memory, gate: new SignInGate(config), beforeNext: async () => {}, preferred: null };
  async function confirmed(session: DirectorySession): Promise<Value> {
    await session.confirm();
    return await attempt(session);
  }
  return await tryServers(config, confirmed, around);
}

async function readDirectory(config: ActiveDirectoryConfig, handler: ReadHandler, request: ReadRequest): Promise<DirectoryRead> {
  const filter = operatorFilter(config);
  let handedOver = false;
  async function onPage(entries: readonly DirectoryEntry[]): Promise<void> {
    handedOver = true;
    await guarded(() => handler.onPage(entries));
  }
  async function beforeNextServer(): Promise<void> {
    if (handedOver) await guarded(() => handler.onRestart());
    handedOver = false;
  }
  const onAbsentees = handler.onAbsentees === undefined ? undefined : () => guarded(async () => (await handler.onAbsentees?.()) ?? []);
  const read = { config, filter, onPage, onAbsentees };
  const plan = planRead(config, filter, request);
  const around = {
    memory: request.memory,
    gate: new SignInGate(config, request),
    beforeNext: beforeNextServer,
    preferred: plan.checkpoint?.cookies === null ? plan.checkpoint.server : null,
  };
  async function attempt(session: DirectorySession): Promise<DirectoryRead> {
    let { because } = plan;
    if (plan.checkpoint !== null) {
      const outcome = await readChanges(session, { ...read, checkpoint: plan.checkpoint, recheck: request.recheck });
      if ('read' in outcome) return outcome.read;
      because = outcome.full;
    }
    await session.confirm();
    return await readUsers(session, { ...read, because, now: Date.now() });
  }
  return await tryServers(config, attempt, around);
}

function asksAllControllers({ lastLogon, schema = 'active-directory' }: ActiveDirectoryConfig): boolean {
  return lastLogon === 'all-dcs' && schema === 'active-directory';
}

/** Signs in at the first server that takes part, and asks it and all others of its domain. */
async function surveyDirectory(config: ActiveDirectoryConfig, request: Pick<ReadRequest, 'attended' | 'memory'>): Promise<LogonSurvey> {
  const bounded = { ...config, deadlines: surveyDeadlines(config.deadlines) };
  const gate = new SignInGate(config, request);
  const queue = new SignInQueue(gate, config.name);
  const trust = config.trust ?? (await readTlsTrust(config.tls, config.name));
  const resolver = resolverOf(config);
  const reach: ControllerReach = {
    configured: (address, attempt) =>
      tryServer(bounded, { address: withLookup(address, config, resolver), trust, gate: queue.at(address.url) }, attempt),
    named: async (host, attempt) => {
      const address = addressOf({ name: host, port: 0 }, config, resolver);
      // The name in the configuration is that of the servers it names.
      await tryServer(bounded, { address, trust: { ...trust, serverName: '' }, gate: queue.at(address.url) }, attempt);
    },
  };
  const around = { memory: request.memory, gate, beforeNext: async () => {}, preferred: null };
  return await tryServers({ ...bounded, trust }, (session) => surveyLogons(session, config, reach), around);
}

/** Whether only what changed can be asked for, and if not, why not; `because` is `null` when nothing else was wanted. */
function planRead(
  config: ActiveDirectoryConfig,
  filter: LdapFilter | null,
  request: ReadRequest,
): { readonly checkpoint: Checkpoint | null; readonly because: string | null } {
  const isPossible = config.delta === true && (config.schema ?? 'active-directory') === 'active-directory';
  if (request.full || !isPossible) return { checkpoint: null, because: request.fullBecause };
  const checkpoint = request.checkpoint === null ? null : parseCheckpoint(request.checkpoint);
  if (checkpoint === null) return { checkpoint, because: 'there is nothing yet to go on from' };
  const because = hindrance({ config, filter, checkpoint, now: Date.now() });
  return because === null ? { checkpoint, because } : { checkpoint: null, because };
}

async function guarded<Value>(call: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (cause) {
    throw new SinkFailure('the page could not be stored', { cause });
  }
}

function operatorFilter(config: ActiveDirectoryConfig): LdapFilter | null {
  if (config.filter.trim() === '') return null;
  const parsed = parseFilter(config.filter);
  if (parsed.ok) return parsed.value;
  const place = { directory: config.name, filter: config.filter };
  throw new RollcallError('DIRECTORY_FILTER_INVALID', `directory "${config.name}": the filter is wrong: ${parsed.error}`, { place });
}

interface Around {
  readonly memory: SourceMemory;
  readonly gate: SignInGate;
  /** Awaited before another server is tried because one failed. */
  readonly beforeNext: () => Promise<void>;
  /** The server to begin with, if it is one of those found. */
  readonly preferred: string | null;
}

async function tryServers<Value>(config: ActiveDirectoryConfig, attempt: Attempt<Value>, around: Around): Promise<Value> {
  const pool = await ServerPool.open(config, around.memory);
  if (around.preferred !== null) pool.prefer(around.preferred);
  const trust = config.trust ?? (await readTlsTrust(config.tls, config.name));
  const failures: RollcallError[] = [];
  for (let address = pool.next(); address !== null; address = pool.next()) {
    const server = address;
    try {
      if (failures.length > 0) await around.beforeNext();
      const outcome = await tryServer(config, { address: server, trust, gate: around.gate }, async (session) =>
        (await pool.shouldMove(session, server)) ? null : { value: await attempt(session) },
      );
      if (outcome === null) continue;
      await pool.succeeded(server);
      return outcome.value;
    } catch (error) {
      if (error instanceof SinkFailure) throw error.cause;
      if (!(error instanceof RollcallError) || !otherServerMayHelp.has(error.code)) throw error;
      await pool.failed(server);
      failures.push(error);
    }
  }
  throw summarize(failures);
}

async function tryServer<Value>(
  config: ActiveDirectoryConfig,
  { address, trust, gate }: { readonly address: ServerAddress; readonly trust: TlsTrust; readonly gate: Pick<SignInGate, 'signIn'> },
  attempt: Attempt<Value>,
): Promise<Value> {
  const deadlines: DirectoryDeadlines = { ...defaultDeadlines, ...config.deadlines };
  const place = { directory: config.name, server: address.url };
  const ending = new AbortController();
  function interrupt(): void {
    ending.abort(new RollcallError('INTERRUPTED', `reading the directory "${config.name}" was stopped`, { place }));
  }
  const timer = setTimeout(() => {
    const message = `${address.url} (directory "${config.name}") was not read within ${deadlines.readMs / 1000} seconds`;
    ending.abort(new RollcallError('DIRECTORY_TIMEOUT', message, { place }));
  }, deadlines.readMs);
  config.signal?.addEventListener('abort', interrupt);
  if (config.signal?.aborted === true) interrupt();
  try {
    const { bindDn, password } = config;
    const options = { directory: config.name, address, trust, deadlines, bindDn, password, ending: ending.signal };
    await using session = await gate.signIn(() => DirectorySession.bind(options));
    return await attempt(session);
  } finally {
    clearTimeout(timer);
    config.signal?.removeEventListener('abort', interrupt);
  }
}

/** One server: its error. Several: what each said; the code is that of the first one that got further than connecting. */
function summarize(failures: readonly RollcallError[]): RollcallError {
  const [first] = failures;
  if (first === undefined) throw new Error('no server was tried');
  if (failures.length === 1) return first;
  const main = failures.find((failure) => failure.code !== 'DIRECTORY_UNREACHABLE') ?? first;
  const message = failures.map((failure) => failure.message).join('; ');
  return new RollcallError(main.code, message, { place: main.place, cause: new AggregateError(failures) });
}
