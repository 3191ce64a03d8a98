import { type HeardCollector, spareFullReads } from '../../core/collectors/spare-full-reads.ts';
import type { Moment } from '../../core/model/time.ts';
import type { EnrolledCollector, KeyHolder, Registry } from './registry/registry.ts';

/** The directories whose full reads another collector of the organization does, as the latest heartbeats tell (C9). */
export async function sparedReadsOf(
  registry: Pick<Registry, 'collectors'>,
  { organization, name }: Pick<KeyHolder, 'organization' | 'name'>,
  now: Moment,
): Promise<readonly string[]> {
  const collectors = await registry.collectors(organization);
  const heard = collectors.filter(({ revokedAt }) => revokedAt === null).map(heardOf);
  return spareFullReads(heard, now).flatMap(({ collector, directory }) => (collector === name ? [directory] : []));
}

/** Its moments by the hub's clock: what its own said at the heartbeat is the moment at which that came. */
function heardOf({ name, lastContactAt, heartbeat }: EnrolledCollector): HeardCollector {
  if (heartbeat === null) return { name, heardAt: lastContactAt, directories: [] };
  const { at, facts } = heartbeat;
  return {
    name,
    heardAt: lastContactAt,
    directories: facts.directories.map((directory) => ({
      directory: directory.name,
      family: directory.family,
      lastFullAt: directory.lastFullAt === null ? null : directory.lastFullAt + at - facts.clock,
      isFailing: directory.error !== null,
      seesDeleted: directory.seesDeleted,
    })),
  };
}
