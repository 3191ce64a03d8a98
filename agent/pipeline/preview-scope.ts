import { firstReadRequest } from '../../core/collect/first-read.ts';
import { RollcallError } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import { personLabel } from '../../core/normalize/person-label.ts';
import type { SourceReads, Store } from '../../core/ports/store.ts';
import type { ScopePreviewDocument } from '../cli/documents-reads.ts';
import type { DirectoryToRead } from './collect.ts';
import { errorDocument } from './error-document.ts';
import type { Services } from './services.ts';

const mostNames = 20;

/**
 * Tells without reading whether the directory's configured scope is another one than that of its latest complete read. One that was
 * never read, or that cannot tell, has not changed.
 */
export async function isRescoped(
  services: Services,
  store: Store,
  { organization, directory }: { readonly organization: OrganizationId; readonly directory: DirectoryToRead },
): Promise<boolean> {
  const scopeKey = (await readsOf(services, store, organization, directory.name))?.latestComplete?.proof?.scopeKey;
  return scopeKey !== undefined && directory.source?.hasScope?.(scopeKey) === false;
}

/** Reads the directories under their new scope, lands nothing, and compares with whom the store knows as present. */
export async function previewScope(
  services: Services,
  store: Store,
  directories: readonly string[],
): Promise<readonly ScopePreviewDocument[]> {
  const previews: ScopePreviewDocument[] = [];
  for (const directory of directories) previews.push(await previewOne(services, store, directory));
  return previews;
}

async function previewOne(services: Services, store: Store, directory: string): Promise<ScopePreviewDocument> {
  const nothing = { directory, users: 0, takenIn: 0, leftOut: 0, names: { takenIn: [], leftOut: [] } };
  try {
    const present = await Promise.all(services.organizations.map((organization) => presentIn(services, store, organization, directory)));
    const known = new Map(present.flatMap((users) => [...users]));
    const fresh = await readNow(services, directory);
    const takenIn = [...fresh].filter(([id]) => !known.has(id)).map(([, name]) => name);
    const leftOut = [...known].filter(([id]) => !fresh.has(id)).map(([, name]) => name);
    return {
      directory,
      users: fresh.size,
      takenIn: takenIn.length,
      leftOut: leftOut.length,
      names: { takenIn: takenIn.sort().slice(0, mostNames), leftOut: leftOut.sort().slice(0, mostNames) },
      unknown: null,
    };
  } catch (error) {
    return { ...nothing, unknown: errorDocument(error).code };
  }
}

/** Whom the latest complete read of the directory saw: name by immutable id. */
async function presentIn(
  services: Services,
  store: Store,
  organization: OrganizationId,
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  const latest = (await readsOf(services, store, organization, directory))?.latestComplete?.id;
  if (latest === undefined) return known;
  for await (const page of store.sightings(organization)) {
    for (const { collector, directory: from, read, absence, entry } of page) {
      const isPresent = read.id === latest && absence === null;
      if (from === directory && collector === services.collector && isPresent)
        known.set(entry.immutableId, personLabel(entry.person, entry.dn));
    }
  }
  return known;
}

async function readsOf(
  services: Services,
  store: Store,
  organization: OrganizationId,
  directory: string,
): Promise<SourceReads | undefined> {
  const reads = await store.listReads(organization);
  return reads.find(({ latest }) => latest.directory === directory && latest.collector === services.collector);
}

async function readNow(services: Services, directory: string): Promise<ReadonlyMap<string, string>> {
  const users = new Map<string, string>();
  for (const organization of services.organizations) {
    const found = services.directories(organization).find(({ name }) => name === directory);
    if (found?.source == null) continue;
    const task = services.progress.start(`Reading ${directory} in its new scope`);
    try {
      const { proof } = await found.source.read(
        {
          onPage: (entries) => {
            for (const entry of entries) users.set(entry.immutableId, personLabel(entry.person, entry.dn));
            task.update(users.size, null);
          },
          onRestart: () => users.clear(),
        },
        firstReadRequest,
      );
      // Whom an unproven read lacks is not known to leave.
      if (!proof.complete) throw new RollcallError('DIRECTORY_INCOMPLETE', `The read of ${directory} is not proven complete.`);
      task.done();
    } catch (error) {
      task.fail();
      throw error;
    }
  }
  return users;
}
