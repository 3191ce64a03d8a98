import { canonicalDn, dnsNameOf, parseDn } from '../../../../core/active-directory/distinguished-name.ts';
import type { ForestSubnet } from '../../../../core/active-directory/sites.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import { decodeEntry, firstText, type LdapEntry } from '../entry-decoder.ts';
import { searchPages } from '../paged-search.ts';
import type { DirectorySession } from '../session.ts';
import { hostOf } from './order-servers.ts';

/** A domain controller as the forest itself lists it, whatever DNS says. */
interface ForestController {
  readonly host: string;
  readonly site: string;
  /** Its domain's DNS name; `null` when it is not told. */
  readonly domain: string | null;
}

/** Sites, subnets and domain controllers of a forest, from its configuration partition, which every account may read. */
export interface Forest {
  readonly sites: readonly string[];
  readonly subnets: readonly ForestSubnet[];
  readonly controllers: readonly ForestController[];
  /** The site of the server that was asked; `null` when it does not tell. */
  readonly serverSite: string | null;
  /** Why this may not be all; `null`: it is. */
  readonly gap: string | null;
}

const classes = ['site', 'subnet', 'server', 'nTDSDSA'] as const;
const wanted: LdapFilter = { kind: 'or', parts: classes.map((value) => ({ kind: 'equal', attribute: 'objectClass', value })) };
const attributes = ['objectClass', 'cn', 'siteObject', 'dNSHostName', 'serverReference'];
const pageSize = 1000;
const mostObjects = 50_000;

/** Reads them in one search. `null` when the server has no configuration partition: it is no Active Directory. Throws as a search does. */
export async function readForest(session: DirectorySession): Promise<Forest | null> {
  const root = await session.readOne('', ['configurationNamingContext', 'serverName'], 'the root entry');
  const configuration = firstText(root, 'configurationNamingContext');
  if (configuration === null || configuration === '') return null;
  const objects = new ForestObjects();
  const words = { base: `CN=Sites,${configuration}`, filter: wanted, attributes, pageSize, what: 'the sites of the forest' };
  const gap = await searchPages(session, words, { onEntry: (reader) => objects.add(decodeEntry(reader)) });
  return {
    ...objects.summary(),
    serverSite: siteOfServer(firstText(root, 'serverName')),
    gap: gap ?? (objects.isFull ? `the forest has more than ${mostObjects} subnets, sites and servers: the rest was left out` : null),
  };
}

/** The site in the DN of a server object, or of its settings: `CN=NTDS Settings,CN=DC1,CN=Servers,CN=Berlin,CN=Sites,…`. */
export function siteOfServer(dn: string | null): string | null {
  const parsed = parseDn(dn ?? '');
  if (!parsed.ok) return null;
  const names = parsed.value.map((rdn) => rdn[0]?.value ?? '');
  const servers = names.findIndex((name) => name.toLowerCase() === 'servers');
  return (servers === 1 || servers === 2) && names[servers + 2]?.toLowerCase() === 'sites' ? (names[servers + 1] ?? null) : null;
}

class ForestObjects {
  private readonly sites: string[] = [];
  private readonly subnets: ForestSubnet[] = [];
  private readonly servers: { readonly dn: string | null; readonly controller: ForestController }[] = [];
  /** Server objects outlive the controller; only one with settings for replication is one. */
  private readonly alive = new Set<string>();
  private count = 0;

  get isFull(): boolean {
    return this.count > mostObjects;
  }

  add(entry: LdapEntry): void {
    this.count += 1;
    if (this.isFull) return;
    const kinds = new Set(entry.attributes.get('objectclass')?.map((value) => value.toString('utf8').toLowerCase()));
    const name = firstText(entry, 'cn');
    if (kinds.has('ntdsdsa')) this.alive.add((canonicalDn(entry.dn) ?? '').replace(/^(?:[^,\\]|\\.)*,/, ''));
    else if (kinds.has('server')) this.addServer(entry);
    else if (name !== null && kinds.has('subnet')) this.subnets.push({ name, site: leafOf(firstText(entry, 'siteObject')) });
    else if (name !== null && kinds.has('site')) this.sites.push(name);
  }

  summary(): Pick<Forest, 'sites' | 'subnets' | 'controllers'> {
    const controllers = this.servers.flatMap(({ dn, controller }) => (dn !== null && this.alive.has(dn) ? [controller] : []));
    return {
      sites: this.sites.toSorted((a, b) => a.localeCompare(b)),
      subnets: this.subnets.toSorted((a, b) => a.name.localeCompare(b.name)),
      controllers: controllers.toSorted((a, b) => a.host.localeCompare(b.host)),
    };
  }

  private addServer(entry: LdapEntry): void {
    const host = hostOf(firstText(entry, 'dNSHostName') ?? '');
    const site = siteOfServer(entry.dn);
    if (host === null || site === null) return;
    this.servers.push({
      dn: canonicalDn(entry.dn),
      controller: { host, site, domain: dnsNameOf(firstText(entry, 'serverReference') ?? '') },
    });
  }
}

function leafOf(dn: string | null): string | null {
  const parsed = parseDn(dn ?? '');
  return parsed.ok ? (parsed.value[0]?.[0]?.value ?? null) : null;
}
