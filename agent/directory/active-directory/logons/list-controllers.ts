import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import { RollcallError } from '../../../../core/errors.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import { hostOf } from '../discovery/order-servers.ts';
import { decodeEntry, firstText, type LdapEntry } from '../entry-decoder.ts';
import { searchPages } from '../paged-search.ts';
import type { RootEntry } from '../root-entry.ts';
import type { DirectorySession } from '../session.ts';

/** A domain controller that has a whole copy of the domain, writable or not, as the forest lists it. */
export interface ListedController {
  /** Canonical DN of the object that stands for its copy of the directory; its root entry names it as dsServiceName. */
  readonly service: string;
  /** Its DNS name; `null` when the forest tells none. */
  readonly host: string | null;
  /** For people. */
  readonly name: string;
}

export interface ControllerList {
  readonly controllers: readonly ListedController[];
  /** Why there may be more; `null`: these are all. */
  readonly gap: string | null;
  /** How many requests it took. */
  readonly requests: number;
}

/** Of a class of its own, which is one of these too: the settings of a read-only controller. */
const wanted: LdapFilter = {
  kind: 'or',
  parts: ['nTDSDSA', 'server'].map((value) => ({ kind: 'equal', attribute: 'objectClass', value })),
};
/** Contexts with a whole copy: writable by the old and the new attribute, and read-only; the global catalog's parts are not among them. */
const contextAttributes = ['hasMasterNCs', 'msDS-hasMasterNCs', 'msDS-hasFullReplicaNCs'] as const;
const attributes = ['objectClass', 'dNSHostName', ...contextAttributes];
const pageSize = 1000;
/** Many times what one domain may have. */
const mostObjects = 20_000;

/** Reads which controllers the domain has, read-only ones too, from the configuration partition, which every account may read. */
export async function listControllers(session: DirectorySession, root: RootEntry): Promise<ControllerList> {
  const domain = root.defaultBase === null ? null : canonicalDn(root.defaultBase);
  if (domain === null || root.configurationBase === null) {
    return { controllers: [], gap: 'the server names neither domain nor configuration', requests: 0 };
  }
  const objects = new Objects(domain);
  let requests = 0;
  const what = 'the domain controllers of the forest';
  try {
    const gap = await searchPages(
      session,
      { base: `CN=Sites,${root.configurationBase}`, filter: wanted, attributes, pageSize, what },
      {
        onEntry: (reader) => objects.add(decodeEntry(reader)),
        onPage: async () => {
          requests += 1;
          return objects.endPage();
        },
      },
    );
    const tooMany = objects.isFull ? `the forest has more than ${mostObjects} servers` : null;
    return { controllers: objects.controllers(), gap: gap ?? tooMany, requests };
  } catch (error) {
    if (!(error instanceof RollcallError) || !['DIRECTORY_BASE_NOT_FOUND', 'DIRECTORY_RIGHTS'].includes(error.code)) throw error;
    return { controllers: [], gap: error.message, requests: requests + 1 };
  }
}

class Objects {
  private readonly domain: string;
  private readonly hosts = new Map<string, string | null>();
  private readonly services = new Set<string>();
  private fresh = 0;

  constructor(domain: string) {
    this.domain = domain;
  }

  get isFull(): boolean {
    return this.hosts.size + this.services.size > mostObjects;
  }

  add(entry: LdapEntry): void {
    const dn = canonicalDn(entry.dn);
    if (dn === null || this.isFull || this.hosts.has(dn) || this.services.has(dn)) return;
    this.fresh += 1;
    const classes = entry.attributes.get('objectclass')?.map((value) => value.toString('utf8').toLowerCase()) ?? [];
    if (classes.includes('server')) this.hosts.set(dn, hostOf(firstText(entry, 'dNSHostName') ?? ''));
    else if (classes.includes('ntdsdsa') && this.holdsDomain(entry)) this.services.add(dn);
  }

  endPage(): number {
    const { fresh } = this;
    this.fresh = 0;
    return fresh;
  }

  controllers(): readonly ListedController[] {
    const all = Array.from(this.services, (service) => {
      const server = service.replace(/^(?:[^,\\]|\\.)*,/, '');
      const host = this.hosts.get(server) ?? null;
      return { service, host, name: host ?? server };
    });
    return all.toSorted((a, b) => a.name.localeCompare(b.name));
  }

  private holdsDomain({ attributes: values }: LdapEntry): boolean {
    return contextAttributes
      .flatMap((name) => values.get(name.toLowerCase()) ?? [])
      .some((context) => canonicalDn(context.toString('utf8')) === this.domain);
  }
}
