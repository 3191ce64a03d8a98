import type { Moment } from '../../../core/model/time.ts';
import type { Registry } from '../../hub/registry/registry.ts';
import type { StorePlace } from '../open-configured-store.ts';
import { openRegistry } from './open-registry.ts';
import { readRegistry } from './read-registry.ts';

/** Where a registry is: a file of this machine, or the database that has the store too, where several hubs share it. */
export type RegistryPlace = StorePlace;

export interface OpenOptions {
  readonly now: () => Moment;
  /** What others see of this process, for example `rollcall hub invite`. */
  readonly command: string;
}

/** Opens the registry there, and makes it when there is none. Throws what `openRegistry` and `openPostgresRegistry` throw. */
export async function openConfiguredRegistry(place: RegistryPlace, options: OpenOptions): Promise<Registry> {
  if (place.kind === 'embedded') return openRegistry({ path: place.path, ...options });
  // Most installations have no database, and need not load the driver.
  const { openPostgresRegistry } = await import('./postgres-registry.ts');
  return openPostgresRegistry({ ...place, command: options.command });
}

/** Reads the registry there, whoever writes it meanwhile; `null`: there is none yet. */
export async function readConfiguredRegistry<Result>(
  place: RegistryPlace,
  command: string,
  read: (registry: Pick<Registry, 'collectors' | 'openInvitations'>) => Promise<Result>,
): Promise<Result | null> {
  if (place.kind === 'embedded') return readRegistry(place.path, read);
  const { readPostgresRegistry } = await import('./postgres-registry.ts');
  return readPostgresRegistry({ ...place, command }, read);
}
