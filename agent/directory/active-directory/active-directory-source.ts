import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import type {
  DirectoryCheck,
  DirectoryRead,
  DirectorySource,
  ReadHandler,
  ReadRequest,
  SourceMemory,
} from '../../../core/ports/directory-source.ts';
import { type LdapFilter, parseFilter } from '../filter/parse-filter.ts';
import { checkServer } from './check-server.ts';
import { type ActiveDirectoryConfig, type DirectoryDeadlines, defaultDeadlines, type ServerAddress } from './config.ts';
import { passingMemory } from './discovery/remembered.ts';
import { ServerPool } from './discovery/server-pool.ts';
import { examineDirectory } from './examine/examine-directory.ts';
import { readUsers } from './read-users.ts';
import { DirectorySession } from './session.ts';
import { SignInGate } from './sign-in/sign-in-gate.ts';
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
    examine: (options) => examineDirectory(config, options),
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
  return await tryServers(config, attempt, { memory, gate: new SignInGate(config), beforeNext: async () => {} });
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
  const { onAbsentees } = handler;
  const read = {
    config,
    filter,
    onPage,
    onAbsentees: onAbsentees === undefined ? undefined : () => guarded(onAbsentees),
    because: request.full ? null : 'first read',
  };
  const around = { memory: request.memory, gate: new SignInGate(config, request), beforeNext: beforeNextServer };
  return await tryServers(config, (session) => readUsers(session, read), around);
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
}

async function tryServers<Value>(config: ActiveDirectoryConfig, attempt: Attempt<Value>, around: Around): Promise<Value> {
  const pool = await ServerPool.open(config, around.memory);
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
  { address, trust, gate }: { readonly address: ServerAddress; readonly trust: TlsTrust; readonly gate: SignInGate },
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
    await using session = await gate.signIn(() => DirectorySession.open(options));
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
