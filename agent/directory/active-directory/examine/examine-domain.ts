import { type ErrorCode, RollcallError } from '../../../../core/errors.ts';
import type { DomainFacts, ForestFacts, Look } from '../../../../core/ports/directory-examination.ts';
import type { ActiveDirectoryConfig } from '../config.ts';
import { readForest } from '../discovery/read-forest.ts';
import { readOwnAddresses } from '../discovery/server-pool.ts';
import { readRootEntry } from '../root-entry.ts';
import { DirectorySession, type SessionOptions } from '../session.ts';
import { vendorSchemas } from '../vendor-schema.ts';
import type { ServerToExamine } from './examine-server.ts';
import { look } from './look.ts';
import { readAccount } from './read-account.ts';
import { readChangesMethod } from './read-changes-method.ts';
import { readDeleted } from './read-deleted.ts';
import { readPolicy } from './read-policy.ts';
import { sampleUsers } from './sample-users.ts';

/** After these a session is dead; the next look gets one of its own. */
const endsSession: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['DIRECTORY_UNREACHABLE', 'DIRECTORY_TIMEOUT', 'DIRECTORY_PROTOCOL']);

/**
 * Looks at a domain through a server that lets rollcall in, one look after the other. A look that ends its session does not end the
 * others. `null`: the server has no domain. Throws `INTERRUPTED`, and what reading the root throws.
 */
export async function examineDomain({ config, address, open, gate }: ServerToExamine): Promise<DomainFacts | null> {
  await using sessions = new Sessions({ ...open, address, bindDn: config.bindDn, password: config.password }, gate);
  const schema = vendorSchemas[config.schema ?? 'active-directory'];
  const root = await sessions.use((session) => readRootEntry(session, schema, config.domain));
  const { defaultBase: base, configurationBase: configuration } = root;
  if (base === null || configuration === null || !schema.hasForest) return null;
  const lookWith = <Value>(work: (session: DirectorySession) => Promise<Value>): Promise<Look<Value>> => look(() => sessions.use(work));
  const account = await lookWith((session) => readAccount(session, config.bindDn, base));
  const ownDn = account.ok ? account.value.dn : null;
  return {
    server: address.url,
    base,
    account,
    users: await lookWith((session) => sampleUsers(session, config, { base, ownDn })),
    policy: await lookWith((session) => readPolicy(session, base)),
    deleted: await lookWith((session) => readDeleted(session, { base, configuration, schema, root })),
    changes: await lookWith((session) => readChangesMethod(session, config, { base, root })),
    forest: await lookWith((session) => forestFacts(session, config, root.domain)),
  };
}

async function forestFacts(session: DirectorySession, config: ActiveDirectoryConfig, domain: string | null): Promise<ForestFacts> {
  const forest = await readForest(session);
  const { subnets: configured = [] } = config;
  if (forest === null) {
    throw new RollcallError('DIRECTORY_PROTOCOL', `${session.server} (directory "${config.name}") names no sites`, {
      place: { directory: config.name, server: session.server },
    });
  }
  return {
    places: configured.length > 0 ? configured : readOwnAddresses(),
    configured: configured.length > 0,
    sites: forest.sites,
    subnets: forest.subnets,
    controllers: forest.controllers.filter((controller) => controller.domain === domain).map(({ host, site }) => ({ host, site })),
    gap: forest.gap,
  };
}

/** One session at a time with one server, opened when it is needed. */
class Sessions implements AsyncDisposable {
  private readonly options: SessionOptions;
  private readonly gate: ServerToExamine['gate'];
  private current: DirectorySession | null = null;

  constructor(options: SessionOptions, gate: ServerToExamine['gate']) {
    this.options = options;
    this.gate = gate;
  }

  async use<Value>(work: (session: DirectorySession) => Promise<Value>): Promise<Value> {
    this.current ??= await this.gate.signIn(() => DirectorySession.open(this.options));
    try {
      return await work(this.current);
    } catch (error) {
      if (error instanceof RollcallError && endsSession.has(error.code)) await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { current } = this;
    this.current = null;
    await current?.[Symbol.asyncDispose]();
  }
}
