import type { SourceReads } from '../../../core/ports/store.ts';
import type { HeartbeatRequest } from '../../hub/protocol/messages.ts';
import type { Services } from '../services.ts';
import { statusOf } from '../status.ts';
import { unsentSince } from './send-directories.ts';

const mostProblems = 100;

/** What a heartbeat tells of this collector's work; the service's own thread knows the rest. */
export type CollectorFacts = Pick<HeartbeatRequest, 'directories' | 'problems'>;

/** From the store and the status, without asking anybody. */
export async function collectorFacts(services: Services): Promise<CollectorFacts> {
  const { hub } = services;
  const [organization] = services.organizations;
  const store = await services.readableStore();
  if (hub === null || organization === undefined || store === null) return { directories: [], problems: [] };
  const reads = await store.listReads(organization);
  const collectorId = await hub.identity().then(
    ({ collector }) => collector,
    () => '',
  );
  const directories: CollectorFacts['directories'] = [];
  for (const { name, type } of services.config.directories) {
    const own = reads.find(({ latest }) => latest.directory === name && latest.collector === services.collector);
    const key = { organization, collector: services.collector, directory: name };
    directories.push({ name, type, ...readFacts(own), unsentSince: await unsentSince(store, key, collectorId) });
  }
  const { problems } = await statusOf(services, services.organizations);
  return {
    directories,
    problems: problems
      .slice(0, mostProblems)
      .map(({ code, severity, since }) => ({ code, severity, since: since === null ? null : Date.parse(since) })),
  };
}

function readFacts(
  own: SourceReads | undefined,
): Pick<CollectorFacts['directories'][number], 'family' | 'lastReadAt' | 'lastFullAt' | 'error' | 'seesDeleted'> {
  const { latest, latestComplete, latestFull } = own ?? { latest: null, latestComplete: null, latestFull: null };
  return {
    family: latestComplete?.proof?.family ?? null,
    lastReadAt: latestComplete?.finishedAt ?? null,
    lastFullAt: latestFull?.finishedAt ?? null,
    seesDeleted: (latestComplete?.proof?.tombstones ?? latestFull?.proof?.tombstones) === 'visible',
    error: latest?.outcome === 'failed' || latest?.outcome === 'incomplete' ? latest.error : null,
  };
}
