import type { Moment } from '../../../core/model/time.ts';
import { formatVersion } from '../../cli/documents.ts';
import type { HubCollectorsDocument } from '../../cli/documents-hub.ts';
import { readRegistry } from '../../store/registry/read-registry.ts';
import { translateDiskError } from '../inbox/places.ts';
import { waitingIn } from '../inbox/waiting.ts';
import { inboxFolder, registryFile } from '../places.ts';
import { listCollectors } from './list-collectors.ts';

/**
 * What the hub of a state directory knows of all its collectors, read from the disk beside the service that writes it. Empty as long as
 * nobody was invited. Throws `STORE_CORRUPT`, `STORE_TOO_NEW` and `STORE_UNUSABLE`.
 */
export async function readCollectors(stateDirectory: string, now: Moment): Promise<HubCollectorsDocument> {
  const inbox = { waiting: () => waitingIn(inboxFolder(stateDirectory)) };
  try {
    const known = await readRegistry(registryFile(stateDirectory), (registry) => listCollectors(null, { registry, inbox, now }));
    return known ?? { formatVersion, collectors: [], invitations: [], uncovered: [] };
  } catch (error) {
    throw translateDiskError(error);
  }
}
