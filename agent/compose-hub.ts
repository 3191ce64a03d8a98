import { unlockedStorePlace } from './compose-store.ts';
import type { LoadedConfig } from './config/load-config.ts';
import { registryFile } from './hub/places.ts';
import type { SecretPlaces } from './secrets/secret-sources.ts';
import { type HubParts, withHub } from './service/open-hub.ts';
import type { RegistryPlace } from './store/registry/open-configured-registry.ts';
import type { Redactor } from './telemetry/redactor.ts';

export interface HubContext extends SecretPlaces {
  readonly loaded: LoadedConfig;
  readonly redactor: Redactor;
}

/**
 * Where the registry of collectors is: with a store on PostgreSQL in the same database, else in a file of the state directory. Throws
 * when the password is a secret that is not set.
 */
export async function registryPlace(context: HubContext): Promise<RegistryPlace> {
  if (context.loaded.config.store.url === '') return { kind: 'embedded', path: registryFile(context.stateDirectory) };
  return unlockedStorePlace(context);
}

/** Opens the hub of the configuration for one piece of work of a command. */
export async function withConfiguredHub<Result>(
  context: HubContext,
  command: string,
  work: (parts: HubParts) => Promise<Result>,
): Promise<Result> {
  const { stateDirectory } = context;
  return withHub({ registry: await registryPlace(context), stateDirectory, now: Date.now, command }, work);
}
