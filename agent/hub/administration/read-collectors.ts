import type { Moment } from '../../../core/model/time.ts';
import { formatVersion } from '../../cli/documents.ts';
import type { HubCollectorsDocument } from '../../cli/documents-hub.ts';
import { translateDiskError } from '../inbox/places.ts';
import { waitingIn } from '../inbox/waiting.ts';
import { inboxFolder } from '../places.ts';
import type { Registry } from '../registry/registry.ts';
import { listCollectors } from './list-collectors.ts';

type Readable = Pick<Registry, 'collectors' | 'openInvitations'>;

/** Hands the registry to `read` for as long as that takes; `null`: there is none yet. */
export type ReadRegistry = <Result>(read: (registry: Readable) => Promise<Result>) => Promise<Result | null>;

/**
 * What a hub knows of all its collectors, read beside the service that writes it. Empty as long as nobody was invited. Throws what
 * reading the registry throws.
 */
export async function readCollectors(stateDirectory: string, now: Moment, readRegistry: ReadRegistry): Promise<HubCollectorsDocument> {
  const inbox = { waiting: () => waitingIn(inboxFolder(stateDirectory)) };
  try {
    const known = await readRegistry((registry) => listCollectors(null, { registry, inbox, now }));
    return known ?? { formatVersion, collectors: [], invitations: [], uncovered: [] };
  } catch (error) {
    throw translateDiskError(error);
  }
}
