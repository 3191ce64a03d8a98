import { Resolver } from 'node:dns/promises';
import { RollcallError } from '../../../../core/errors.ts';
import { querySrv, readNameServer } from './srv-query.ts';

/** One SRV record (RFC 2782). */
export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** What name servers say to a look-up: records, or in words why there are none. */
export interface ServiceAnswer {
  readonly records: readonly ServiceRecord[];
  /** `null`: there are some. */
  readonly absent: string | null;
}

/**
 * Asks the domain name system. What is not answered in time or is refused is thrown as `DIRECTORY_DISCOVERY`, which says what was
 * asked of whom and what came; `INTERRUPTED` when the signal ends it. The sender's words are never trusted: names come as they were
 * sent.
 */
export interface DomainResolver {
  /** The name servers, for people. */
  readonly asked: string;
  lookUpService(name: string): Promise<ServiceAnswer>;
  /** IPv4 before IPv6; at least one, for a name without an address is thrown too. */
  lookUpAddresses(host: string): Promise<readonly string[]>;
}

export interface ResolverOptions {
  /** `address[:port]`, asked in turn; empty: the machine's own. */
  readonly dnsServers: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for one name server, and for all of one look-up; for tests. */
  readonly answerMs?: number;
  readonly wholeMs?: number;
}

/** One name server has this long to answer. */
const defaultAnswerMs = 2_000;
const rounds = 2;
/** All of one look-up: less than a connection has, so that the cause is told rather than that time was up. */
const defaultWholeMs = 8_000;

const absentCodes: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'there is no such name (NXDOMAIN)'],
  ['ENODATA', 'there is no such record'],
]);

const failureWords: ReadonlyMap<string, string> = new Map([
  ['ETIMEOUT', 'no answer in time'],
  ['ECONNREFUSED', 'nobody listens there'],
  ['ESERVFAIL', 'the name server failed (SERVFAIL)'],
  ['EREFUSED', 'refused (REFUSED)'],
  ['ENOTIMP', 'the name server does not know this kind of question (NOTIMP)'],
  ['EFORMERR', 'the name server did not understand the question (FORMERR)'],
  ['EBADRESP', 'an answer that cannot be read'],
  ['EBADNAME', 'this is no name that can be looked up'],
  ['EBADQUERY', 'this is no name that can be looked up'],
  ['ENOSERVER', 'there is no name server to ask'],
]);

/** Makes a resolver. Throws `DIRECTORY_DISCOVERY` when a name server is no address. */
export function createDomainResolver(options: ResolverOptions): DomainResolver {
  const { dnsServers, signal, answerMs = defaultAnswerMs, wholeMs = defaultWholeMs } = options;
  const servers = makeResolver(dnsServers, answerMs).getServers();
  const asked = servers.length === 0 ? 'no name server' : `${servers.length === 1 ? 'name server' : 'name servers'} ${servers.join(', ')}`;

  /**
   * One name server after the other until one answers, for Node's own resolver stops at the first that fails; then those that were
   * silent once more. A question throws errors with the codes of `node:dns`.
   */
  async function ask<Answer>(
    what: string,
    question: (server: string, ending: AbortSignal) => Promise<Answer>,
  ): Promise<Answer | { readonly absent: string }> {
    const ending = AbortSignal.any([AbortSignal.timeout(wholeMs), ...(signal === undefined ? [] : [signal])]);
    const failures = new Map<string, string>();
    let left: readonly string[] = servers;
    for (let round = 0; round < rounds && left.length > 0; round += 1) {
      const silent: string[] = [];
      for (const server of left) {
        try {
          return await question(server, ending);
        } catch (cause) {
          if (signal?.aborted === true) throw new RollcallError('INTERRUPTED', `the look-up of ${what} was stopped`, { cause });
          const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
          const absent = absentCodes.get(code);
          if (absent !== undefined) return { absent };
          if (code === 'ETIMEOUT') silent.push(server);
          if (!ending.aborted) failures.set(server, failureWords.get(code) ?? (code === '' ? String(cause) : code));
          else if (!failures.has(server)) failures.set(server, failureWords.get('ETIMEOUT') ?? '');
        }
        if (ending.aborted) break;
      }
      left = ending.aborted ? [] : silent;
    }
    const said = [...failures].map(([server, words]) => `${server}: ${words}`).join(', ');
    throw new RollcallError('DIRECTORY_DISCOVERY', `asking ${asked} for ${what}: ${said === '' ? 'there is none to ask' : said}`);
  }

  async function byNode<Answer>(server: string, ending: AbortSignal, question: (resolver: Resolver) => Promise<Answer>): Promise<Answer> {
    const resolver = makeResolver([server], answerMs);
    function cancel(): void {
      resolver.cancel();
    }
    ending.addEventListener('abort', cancel, { once: true });
    try {
      ending.throwIfAborted();
      return await question(resolver);
    } finally {
      ending.removeEventListener('abort', cancel);
    }
  }

  return {
    asked,
    async lookUpService(name) {
      const records = await ask(`${name} (SRV)`, (server, ending) => querySrv({ server: readNameServer(server), name, answerMs, ending }));
      if ('absent' in records) return { records: [], absent: records.absent };
      return { records, absent: null };
    },
    async lookUpAddresses(host) {
      const both = await Promise.allSettled([
        ask(`${host} (A)`, (server, ending) => byNode(server, ending, (resolver) => resolver.resolve4(host))),
        ask(`${host} (AAAA)`, (server, ending) => byNode(server, ending, (resolver) => resolver.resolve6(host))),
      ]);
      const found = both.flatMap((result) => (result.status === 'fulfilled' && Array.isArray(result.value) ? result.value : []));
      if (found.length > 0) return found;
      for (const result of both) if (result.status === 'rejected') throw result.reason;
      const absent = both.flatMap((result) => (result.status === 'fulfilled' && 'absent' in result.value ? [result.value.absent] : []));
      throw new RollcallError('DIRECTORY_DISCOVERY', `asking ${asked} for the address of ${host}: ${absent[0] ?? 'there is none'}`);
    },
  };
}

/** None given: the machine's. */
function makeResolver(servers: readonly string[], answerMs: number): Resolver {
  const resolver = new Resolver({ timeout: answerMs, tries: 1, maxTimeout: answerMs });
  if (servers.length === 0) return resolver;
  try {
    resolver.setServers([...servers]);
  } catch (cause) {
    throw new RollcallError('DIRECTORY_DISCOVERY', `dnsServers: ${servers.join(', ')} are not all addresses of name servers`, { cause });
  }
  return resolver;
}
