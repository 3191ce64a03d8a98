import { registryFile } from '../hub/places.ts';
import type { Registry } from '../hub/registry/registry.ts';
import type { RegistryPlace } from '../store/registry/open-configured-registry.ts';
import { readRegistry } from '../store/registry/read-registry.ts';

/**
 * How many collectors a file of this machine has that the hub, with an empty registry in a database, does not know: somebody may have
 * edited `store.url` without moving the store. Never throws.
 */
export async function leftInFile(stateDirectory: string, place: RegistryPlace, registry: Pick<Registry, 'collectors'>): Promise<number> {
  if (place.kind === 'embedded') return 0;
  try {
    if ((await registry.collectors(null)).length > 0) return 0;
    const left = await readRegistry(registryFile(stateDirectory), (file) => file.collectors(null));
    return left?.length ?? 0;
  } catch {
    // One that cannot be read is no hub's any more.
    return 0;
  }
}
