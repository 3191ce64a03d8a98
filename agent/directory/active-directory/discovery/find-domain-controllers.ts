import { RollcallError } from '../../../../core/errors.ts';
import type { SourceMemory } from '../../../../core/ports/directory-source.ts';
import { type ActiveDirectoryConfig, isLoopback, readAddress, readAddresses, type ServerAddress } from '../config.ts';
import { createDomainResolver, type DomainResolver, type ServiceAnswer } from './domain-resolver.ts';
import { type FoundServer, orderServers } from './order-servers.ts';
import { type RememberedSite, readRemembered } from './remembered.ts';
import { isResting, longestRestConfiguredMs, longestRestFoundMs, type ServerHealth } from './server-health.ts';

/** A domain controller that may be asked. */
interface DomainController {
  readonly host: string;
  /** As it is shown and remembered: `ldaps://dc1.corp.example.com`. */
  readonly url: string;
  readonly address: ServerAddress;
  /** 0 for one that the configuration names. */
  readonly priority: number;
  readonly weight: number;
  /** DNS names it for the collector's own site. */
  readonly fromSite: boolean;
  /** The collector's own site when it is of it, else `null`: DNS does not tell the others' sites. */
  readonly site: string | null;
  /** It failed lately and is tried after the others. */
  readonly isResting: boolean;
}

export interface FoundControllers {
  readonly by: 'configuration' | 'dns';
  /** In the order to try them; never empty. */
  readonly controllers: readonly DomainController[];
  /** The collector's site as it was last worked out; `null`: not yet. */
  readonly site: RememberedSite | null;
  /** Look-ups that failed although others brought controllers, in words. */
  readonly problems: readonly string[];
}

/** What chance, clock and outside world are; tests hand in others. */
export interface DiscoveryEdges {
  readonly now?: () => number;
  /** From 0 up to 1. */
  readonly random?: () => number;
  readonly resolver?: DomainResolver;
}

/**
 * Finds the servers of a directory in the order to try them: those that the configuration names, as they are named, else by DNS
 * those of the collector's own site, then the domain's. Servers that failed lately come after the others. Throws
 * `DIRECTORY_DISCOVERY` when DNS tells none, and what `readAddresses` throws.
 */
export async function findDomainControllers(
  config: ActiveDirectoryConfig,
  memory: Pick<SourceMemory, 'value'>,
  edges: DiscoveryEdges = {},
): Promise<FoundControllers> {
  const { now = Date.now, random = Math.random } = edges;
  const configured = readAddresses(config);
  const resolver = edges.resolver ?? resolverOf(config);
  const { health, lastServer, site } = readRemembered(memory);
  if (configured.length > 0) {
    const servers = configured.map((address) => ({
      address: withLookup(address, config, resolver),
      priority: 0,
      weight: 0,
      fromSite: false,
    }));
    const controllers = restingLast(servers, health, { now: now(), longestMs: longestRestConfiguredMs, site: null });
    return { by: 'configuration', controllers, site, problems: [] };
  }
  const { found, problems } = await lookUp(config, resolver, { site: site?.name ?? null, random });
  const servers = found.map(({ name, ...rest }) => ({ ...rest, address: addressOf({ name, ...rest }, config, resolver) }));
  const controllers = restingLast(servers, health, { now: now(), longestMs: longestRestFoundMs, site: site?.name ?? null });
  return { by: 'dns', controllers: lastOneFirst(controllers, lastServer), site, problems };
}

/** The resolver that a directory's configuration asks for. */
export function resolverOf({ dnsServers = [], signal }: Pick<ActiveDirectoryConfig, 'dnsServers' | 'signal'>): DomainResolver {
  return createDomainResolver({ dnsServers, signal });
}

/** The SRV name of a domain's controllers, or of those of one site (MS-ADTS 6.3.6.1). */
export function serviceName(domain: string, site: string | null = null): string {
  return site === null ? `_ldap._tcp.dc._msdcs.${domain}` : `_ldap._tcp.${site}._sites.dc._msdcs.${domain}`;
}

/** A site may be named as no DNS label can be; its controllers are then among the domain's only. */
function isSiteLabel(site: string): boolean {
  return /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(site);
}

async function lookUp(
  config: ActiveDirectoryConfig,
  resolver: DomainResolver,
  { site, random }: { readonly site: string | null; readonly random: () => number },
): Promise<{ readonly found: readonly FoundServer[]; readonly problems: readonly string[] }> {
  const place = { directory: config.name, domain: config.domain };
  const domain = config.domain.trim().replace(/\.$/, '').toLowerCase();
  if (domain === '') {
    throw new RollcallError('DIRECTORY_DISCOVERY', `directory "${config.name}": neither "servers" nor a "domain" to find them by`, {
      place,
    });
  }
  const names = [...(site !== null && isSiteLabel(site) ? [serviceName(domain, site)] : []), serviceName(domain)];
  const answers = await Promise.all(names.map((name) => outcomeOf(resolver, name)));
  const forDomain = answers.at(-1)?.records ?? [];
  const forSite = answers.length > 1 ? (answers[0]?.records ?? []) : [];
  const ordered = orderServers({ site: forSite, domain: forDomain }, random);
  const found = ordered.filter(({ name }) => trustsAnyName(config) || isHostOf(domain, name));
  const problems = [
    ...answers.flatMap(({ problem }) => problem ?? []),
    ...strangerWords(ordered.length - found.length, names, { domain, resolver }),
  ];
  if (found.length > 0) return { found, problems };
  const isRefused = ordered.length === 0 && (forDomain.length > 0 || forSite.length > 0);
  const none = isRefused ? [`asking ${resolver.asked} for ${names.at(-1)} (SRV): what they name is no host`] : [];
  const said = [...problems, ...answers.flatMap(({ absent }) => (absent === null ? [] : [absent])), ...none];
  throw new RollcallError('DIRECTORY_DISCOVERY', `directory "${config.name}": no domain controller was found: ${said.join('; ')}`, {
    place,
  });
}

/** Tells whether a host is named as one of the domain; any name may be in a DNS answer that is false. */
export function isHostOf(domain: string, host: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/**
 * Whether a certificate proves more than that its owner owns its name. The public authorities among the usual roots give one to whoever
 * owns any name at all; a CA, a certificate or a name of the operator's choice is another thing.
 */
function trustsAnyName({ tls }: ActiveDirectoryConfig): boolean {
  return tls.caFile !== '' || tls.pinSha256.trim() !== '' || tls.serverName !== '';
}

function strangerWords(
  count: number,
  names: readonly string[],
  { domain, resolver }: { readonly domain: string; readonly resolver: DomainResolver },
): readonly string[] {
  if (count === 0) return [];
  const what = `asking ${resolver.asked} for ${names.at(-1)} (SRV)`;
  return [`${what}: ${count} of the hosts it names are not below ${domain} and are not asked: list them as "servers", or set tls.caFile`];
}

interface Outcome extends Pick<ServiceAnswer, 'records' | 'absent'> {
  readonly problem: string | null;
}

/** A look-up that fails leaves the other one; an interruption ends both. */
async function outcomeOf(resolver: DomainResolver, name: string): Promise<Outcome> {
  try {
    const { records, absent } = await resolver.lookUpService(name);
    const words = absent === null ? null : `asking ${resolver.asked} for ${name} (SRV): ${absent}`;
    return { records, absent: words, problem: null };
  } catch (error) {
    if (!(error instanceof RollcallError) || error.code !== 'DIRECTORY_DISCOVERY') throw error;
    return { records: [], absent: null, problem: error.message };
  }
}

/** LDAPS has a port of its own that no SRV record tells; with StartTLS the record's counts, save one of the global catalog. */
export function addressOf(
  { name, port }: Pick<FoundServer, 'name' | 'port'>,
  config: ActiveDirectoryConfig,
  resolver: DomainResolver,
): ServerAddress {
  const usual = port === 0 || port === 389 || port === 3268 || port === 3269;
  const url = config.tls.mode === 'ldaps' ? `ldaps://${name}` : `ldap://${name}${usual ? '' : `:${port}`}`;
  return withLookup(readAddress(url, config), config, resolver);
}

/** Whoever names name servers does so because the machine's own do not know the domain. */
export function withLookup(address: ServerAddress, { dnsServers = [] }: ActiveDirectoryConfig, resolver: DomainResolver): ServerAddress {
  if (dnsServers.length === 0 || isLoopback(address.host)) return address;
  return { ...address, lookup: (host) => resolver.lookUpAddresses(host) };
}

type Server = Pick<DomainController, 'address' | 'priority' | 'weight' | 'fromSite'>;

/**
 * Puts servers that failed lately behind the others, configured ones too: their order says whom the operator prefers, not that
 * each run should first wait for a server that is switched off.
 */
function restingLast(
  servers: readonly Server[],
  health: ServerHealth,
  { now, longestMs, site }: { readonly now: number; readonly longestMs: number; readonly site: string | null },
): readonly DomainController[] {
  const all = servers.map((server) => ({
    ...server,
    host: server.address.host,
    url: server.address.url,
    site: server.fromSite ? site : null,
    isResting: isResting(health, server.address.url, { now, longestMs }),
  }));
  return [...all.filter((server) => !server.isResting), ...all.filter((server) => server.isResting)];
}

/**
 * Puts the server that was read last first among its equals: what changed since then can be known at the same controller only
 * (uSNChanged), and a lot drawn at each read would make most reads whole.
 */
function lastOneFirst(controllers: readonly DomainController[], lastServer: string | null): readonly DomainController[] {
  const [first] = controllers;
  const last = controllers.find(({ url }) => url === lastServer);
  if (first === undefined || last === undefined) return controllers;
  const isEqual = last.isResting === first.isResting && last.fromSite === first.fromSite && last.priority === first.priority;
  return isEqual ? [last, ...controllers.filter((controller) => controller !== last)] : controllers;
}
