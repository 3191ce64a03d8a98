import { RollcallError } from '../../../../core/errors.ts';
import type { DirectoryExamination, DomainFacts, Look, NameFacts } from '../../../../core/ports/directory-examination.ts';
import { ok } from '../../../../core/result.ts';
import { type ActiveDirectoryConfig, type DirectoryDeadlines, defaultDeadlines, type ServerAddress } from '../config.ts';
import { findDomainControllers, resolverOf, serviceName } from '../discovery/find-domain-controllers.ts';
import type { OpenOptions } from '../open-socket.ts';
import { SignInGate } from '../sign-in/sign-in-gate.ts';
import { SignInQueue } from '../sign-in/sign-in-queue.ts';
import { readTlsTrust } from '../tls-trust.ts';
import { examineDomain } from './examine-domain.ts';
import { examineServer, letsIn, type ServerToExamine } from './examine-server.ts';
import { look } from './look.ts';

/** Shorter than a read's: somebody waits. `readMs` is for all of it. */
const patience: DirectoryDeadlines = { connectMs: 5_000, handshakeMs: 8_000, requestMs: 15_000, idleMs: 15_000, readMs: 50_000 };
/** More servers than this are not looked at one by one. */
const mostServers = 16;

/**
 * Looks at a directory from outside to inside: names, ways, certificates, then, where `signIn` allows it, the domain. Whoever knows that
 * the password is refused says `signIn: false`: each further try would count towards a lockout. Throws what the configuration is wrong
 * in, and `INTERRUPTED`.
 */
export async function examineDirectory(
  config: ActiveDirectoryConfig,
  { signIn }: { readonly signIn: boolean },
): Promise<DirectoryExamination> {
  const trust = config.trust ?? (await readTlsTrust(config.tls, config.name));
  using ending = endingOf(config);
  const open: Omit<OpenOptions, 'address'> = { directory: config.name, trust, deadlines: deadlinesOf(config), ending: ending.signal };
  const [names, addresses] = await Promise.all([lookUpNames(config), addressesOf(config)]);
  const gate = new SignInGate(config);
  // One server's yes says nothing about a password that was changed a moment ago: all others at once might say no.
  const queue = new SignInQueue(gate, config.name);
  const all = addresses
    .slice(0, mostServers)
    .map((address): ServerToExamine => ({ config, address, open, gate: queue.at(address.url), signIn }));
  const servers = await Promise.all(all.map(examineServer));
  const first = all[servers.findIndex(letsIn)];
  const domain: Look<DomainFacts | null> = first === undefined ? ok(null) : await look(() => examineDomain({ ...first, gate }));
  return { names, servers, domain: domain.ok ? domain.value : null };
}

function deadlinesOf(config: ActiveDirectoryConfig): DirectoryDeadlines {
  const wanted = { ...defaultDeadlines, ...config.deadlines };
  return {
    connectMs: Math.min(wanted.connectMs, patience.connectMs),
    handshakeMs: Math.min(wanted.handshakeMs, patience.handshakeMs),
    requestMs: Math.min(wanted.requestMs, patience.requestMs),
    idleMs: Math.min(wanted.idleMs, patience.idleMs),
    readMs: Math.min(wanted.readMs, patience.readMs),
  };
}

/** Ends all looks together: when they were stopped, and when their time is up. */
function endingOf(config: ActiveDirectoryConfig): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const place = { directory: config.name };
  const { readMs } = deadlinesOf(config);
  function interrupt(): void {
    controller.abort(new RollcallError('INTERRUPTED', `looking at the directory "${config.name}" was stopped`, { place }));
  }
  const timer = setTimeout(() => {
    const message = `directory "${config.name}" was not looked at to the end within ${readMs / 1000} seconds`;
    controller.abort(new RollcallError('DIRECTORY_TIMEOUT', message, { place }));
  }, readMs);
  config.signal?.addEventListener('abort', interrupt);
  if (config.signal?.aborted === true) interrupt();
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      config.signal?.removeEventListener('abort', interrupt);
    },
  };
}

async function addressesOf(config: ActiveDirectoryConfig): Promise<readonly ServerAddress[]> {
  try {
    const { controllers } = await findDomainControllers(config, { value: null });
    return controllers.map(({ address }) => address);
  } catch (error) {
    // The look-up of names tells it.
    if (error instanceof RollcallError && error.code === 'DIRECTORY_DISCOVERY') return [];
    throw error;
  }
}

async function lookUpNames(config: ActiveDirectoryConfig): Promise<NameFacts | null> {
  const domain = config.domain.trim().replace(/\.$/, '').toLowerCase();
  if (domain === '') return null;
  const resolver = resolverOf(config);
  const asked = serviceName(domain);
  const found = await look(async () => {
    const { records, absent } = await resolver.lookUpService(asked);
    if (absent === null) return records.map(({ name, port }) => `${name}:${port}`);
    throw new RollcallError('DIRECTORY_DISCOVERY', absent, { place: { directory: config.name, domain } });
  });
  return { domain, nameServers: resolver.asked, asked, found };
}
