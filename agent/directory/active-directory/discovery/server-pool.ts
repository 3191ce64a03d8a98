import { networkInterfaces } from 'node:os';
import { decideSite } from '../../../../core/active-directory/sites.ts';
import { type ErrorCode, RollcallError } from '../../../../core/errors.ts';
import type { SourceMemory } from '../../../../core/ports/directory-source.ts';
import type { ActiveDirectoryConfig, ServerAddress } from '../config.ts';
import type { DirectorySession } from '../session.ts';
import { type DiscoveryEdges, type FoundControllers, findDomainControllers } from './find-domain-controllers.ts';
import { readForest } from './read-forest.ts';
import { type RememberedSite, readRemembered, remember } from './remembered.ts';
import { withFailure, withoutFailures } from './server-health.ts';

export interface PoolEdges extends DiscoveryEdges {
  /** The machine's own addresses; for a collector without subnets. */
  readonly ownAddresses?: () => readonly string[];
}

/** How long the collector's site is taken as it was worked out. */
const siteFreshMs = 24 * 60 * 60_000;
const mostPlaces = 64;
/** After these the session is dead: it cannot be told by what. */
const endsSession: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['DIRECTORY_UNREACHABLE', 'DIRECTORY_TIMEOUT', 'DIRECTORY_PROTOCOL']);

/**
 * The servers of one attempt at a directory, to be tried in turn, and what is remembered of them. What is remembered decides only
 * about the order: every server gets its turn.
 */
export class ServerPool {
  private readonly config: ActiveDirectoryConfig;
  private readonly memory: SourceMemory;
  private readonly edges: PoolEdges;
  private readonly by: FoundControllers['by'];
  private queue: readonly ServerAddress[];
  private readonly failedUrls = new Set<string>();
  /** Whether the site is known, or was asked for once. */
  private isSiteSettled: boolean;

  private constructor(config: ActiveDirectoryConfig, found: FoundControllers, memory: SourceMemory, edges: PoolEdges) {
    this.config = config;
    this.memory = memory;
    this.edges = edges;
    this.by = found.by;
    this.queue = found.controllers.map(({ address }) => address);
    this.isSiteSettled = found.by === 'configuration' || this.isFresh(found.site);
  }

  /** Finds the servers. Throws as `findDomainControllers` does. */
  static async open(config: ActiveDirectoryConfig, memory: SourceMemory, edges: PoolEdges = {}): Promise<ServerPool> {
    return new ServerPool(config, await findDomainControllers(config, memory, edges), memory, edges);
  }

  /** Puts a server first, if it is one of those that are left: what it told before can be built on at it alone. */
  prefer(url: string): void {
    this.queue = [...this.queue.filter((server) => server.url === url), ...this.queue.filter((server) => server.url !== url)];
  }

  /** The next one to try; `null`: all were. */
  next(): ServerAddress | null {
    const [address, ...rest] = this.queue;
    this.queue = rest;
    return address ?? null;
  }

  /** To be told when a server failed in a way in which another one may not. */
  async failed({ url }: ServerAddress): Promise<void> {
    this.failedUrls.add(url);
    await remember(this.memory, { health: withFailure(readRemembered(this.memory).health, url, this.now()) });
  }

  /** To be told when a server did what it was asked. */
  async succeeded({ url }: ServerAddress): Promise<void> {
    const { health, lastServer } = readRemembered(this.memory);
    const hadFailed = health[url] !== undefined;
    const isOther = this.by === 'dns' && lastServer !== url;
    if (!hadFailed && !isOther) return;
    await remember(this.memory, {
      ...(hadFailed ? { health: withoutFailures(health, url) } : {}),
      ...(isOther ? { lastServer: url } : {}),
    });
  }

  /**
   * Works out the collector's site where that is not known, once, and tells whether to go on at `next()` instead of this server,
   * which has done nothing yet: because that one is of the collector's site and this one is not, or because the asking ended the
   * session. That the site cannot be told is no failure.
   */
  async shouldMove(session: DirectorySession, address: ServerAddress): Promise<boolean> {
    if (this.isSiteSettled) return false;
    this.isSiteSettled = true;
    // To nobody a server shows no sites, which would be remembered.
    await session.confirm();
    try {
      if (await this.isAtHome(session)) return false;
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code === 'INTERRUPTED') throw error;
      await this.keepSite(null, `the sites of the forest could not be read: ${error.message}`);
      if (!endsSession.has(error.code)) return false;
      this.queue = [address, ...this.queue];
      return true;
    }
    return await this.goHome(address);
  }

  /** Works out and keeps the collector's site; tells whether the server is of it, or there is none to go to. */
  private async isAtHome(session: DirectorySession): Promise<boolean> {
    const forest = await readForest(session);
    if (forest === null) {
      await this.keepSite(null, `${session.server} has no configuration partition, so no sites`);
      return true;
    }
    const { site, why } = decideSite(this.places(), forest.subnets);
    await this.keepSite(site, forest.gap === null ? why : `${why} (${forest.gap})`);
    return site === null || forest.serverSite?.toLowerCase() === site.toLowerCase();
  }

  /** Puts the servers of the collector's site first, if there is one that works and this is none of them. */
  private async goHome(current: ServerAddress): Promise<boolean> {
    const found = await this.findAgain();
    const left = found.filter(({ url }) => !this.failedUrls.has(url));
    if (left[0]?.fromSite !== true || left.some(({ url, fromSite }) => fromSite && url === current.url)) return false;
    this.queue = left.map(({ address }) => address);
    return true;
  }

  /** Name servers that fall silent now leave the read where it is. */
  private async findAgain(): Promise<FoundControllers['controllers']> {
    try {
      return (await findDomainControllers(this.config, this.memory, this.edges)).controllers;
    } catch (error) {
      if (error instanceof RollcallError && error.code === 'DIRECTORY_DISCOVERY') return [];
      throw error;
    }
  }

  private isFresh(site: RememberedSite | null): boolean {
    if (site === null || site.places !== this.placesText()) return false;
    const age = this.now() - site.at;
    return age >= 0 && age < siteFreshMs;
  }

  private keepSite(name: string | null, why: string): Promise<void> {
    return remember(this.memory, { site: { name, at: this.now(), why, places: this.placesText() } });
  }

  private places(): readonly string[] {
    const { subnets = [] } = this.config;
    return subnets.length > 0 ? subnets : (this.edges.ownAddresses ?? readOwnAddresses)();
  }

  private placesText(): string {
    return this.places().slice(0, mostPlaces).join(' ');
  }

  private now(): number {
    return (this.edges.now ?? Date.now)();
  }
}

/** The addresses of this machine's network cards. */
export function readOwnAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((cards) =>
    (cards ?? []).flatMap(({ internal, address }) => (internal ? [] : [address])),
  );
}
