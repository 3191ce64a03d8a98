import { firstReadRequest } from '../../core/collect/first-read.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import { errorDocument } from './error-document.ts';
import type { Services } from './services.ts';

/** Whom a changed scope would take in and leave out, by directory. */
export interface ScopePreview {
  readonly directory: string;
  readonly takenIn: number;
  readonly leftOut: number;
  /** Some of them, by name. */
  readonly names: { readonly takenIn: readonly string[]; readonly leftOut: readonly string[] };
  /** Code of the reason why it could not be found out; then the counts mean nothing. */
  readonly unknown: string | null;
}

const mostNames = 20;

/** Reads the directories under their new scope, lands nothing, and compares with whom the store knows as present. */
export async function previewScope(services: Services, store: Store, directories: readonly string[]): Promise<readonly ScopePreview[]> {
  const previews: ScopePreview[] = [];
  for (const directory of directories) previews.push(await previewOne(services, store, directory));
  return previews;
}

async function previewOne(services: Services, store: Store, directory: string): Promise<ScopePreview> {
  const nothing = { directory, takenIn: 0, leftOut: 0, names: { takenIn: [], leftOut: [] } };
  try {
    const present = await Promise.all(services.organizations.map((organization) => presentIn(services, store, organization, directory)));
    const known = new Map(present.flatMap((users) => [...users]));
    const fresh = await readNow(services, directory);
    const takenIn = [...fresh].filter(([id]) => !known.has(id)).map(([, name]) => name);
    const leftOut = [...known].filter(([id]) => !fresh.has(id)).map(([, name]) => name);
    return {
      directory,
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
  const reads = await store.listReads(organization);
  const own = reads.find(({ latest }) => latest.directory === directory && latest.collector === services.collector);
  const latest = own?.latestComplete?.id;
  if (latest === undefined) return known;
  for await (const page of store.sightings(organization)) {
    for (const { collector, directory: from, read, entry } of page) {
      if (from === directory && collector === services.collector && read.id === latest) known.set(entry.immutableId, nameOf(entry.person));
    }
  }
  return known;
}

async function readNow(services: Services, directory: string): Promise<ReadonlyMap<string, string>> {
  const users = new Map<string, string>();
  for (const organization of services.organizations) {
    const found = services.directories(organization).find(({ name }) => name === directory);
    if (found?.source == null) continue;
    await found.source.read(
      {
        onPage: (entries) => {
          for (const entry of entries) users.set(entry.immutableId, nameOf(entry.person));
        },
        onRestart: () => users.clear(),
      },
      firstReadRequest,
    );
  }
  return users;
}

function nameOf(person: { readonly displayName: string | null; readonly samAccountName: string | null }): string {
  return person.displayName ?? person.samAccountName ?? '';
}
