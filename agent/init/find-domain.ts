import { isIP } from 'node:net';
import type { ServiceRecord } from '../directory/active-directory/discovery/domain-resolver.ts';
import { isHostOf, serviceName } from '../directory/active-directory/discovery/find-domain-controllers.ts';
import { hostOf } from '../directory/active-directory/discovery/order-servers.ts';

/** Asks the domain name system; nothing found is an empty list, an answer that never comes is thrown (`DIRECTORY_DISCOVERY`). */
export interface ServiceResolver {
  resolveService(name: string): Promise<readonly ServiceRecord[]>;
}

/** What this machine says about the domain it may belong to. */
export interface MachineNames {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of /etc/resolv.conf; `null` where there is none. */
  readonly resolverFile: string | null;
  /** The machine's name, with its domain or without. */
  readonly hostName: string;
}

export interface FoundDomain {
  readonly domain: string;
  /** Names of the domain controllers, in the order to try them. */
  readonly controllers: readonly string[];
}

const mostControllers = 8;

/** Domains that this machine may belong to, likeliest first, each once. */
export function guessDomains({ environment, resolverFile, hostName }: MachineNames): readonly string[] {
  const searched = (resolverFile ?? '').split('\n').flatMap((line) => {
    const [keyword = '', ...names] = line.trim().split(/\s+/);
    return keyword === 'search' || keyword === 'domain' ? names : [];
  });
  const own = hostName.includes('.') ? [hostName.slice(hostName.indexOf('.') + 1)] : [];
  const names = [environment['USERDNSDOMAIN'] ?? '', ...searched, ...own].map((name) => name.trim().replace(/\.$/, '').toLowerCase());
  return [...new Set(names)].filter((name) => name.includes('.') && isIP(name) === 0);
}

/** The domain's controllers below it by `_ldap._tcp.dc._msdcs.DOMAIN` (MS-ADTS 6.3.6.1); empty when it is no domain. */
export async function findControllers(domain: string, resolver: ServiceResolver): Promise<readonly string[]> {
  const records = await resolver.resolveService(serviceName(domain));
  const ordered = records.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight || a.name.localeCompare(b.name));
  const hosts = ordered.flatMap(({ name }) => hostOf(name) ?? []).filter((host) => isHostOf(domain.toLowerCase(), host));
  return [...new Set(hosts)].slice(0, mostControllers);
}

/** Those of the guessed domains that have domain controllers. A name server that does not answer ends the guessing. */
export async function findDomains(names: MachineNames, resolver: ServiceResolver): Promise<readonly FoundDomain[]> {
  const found = await Promise.all(
    guessDomains(names).map(async (domain) => {
      const controllers = await findControllers(domain, resolver).catch(() => []);
      return controllers.length === 0 ? [] : [{ domain, controllers }];
    }),
  );
  return found.flat();
}
