import { parseGuid } from '../../../../core/active-directory/object-guid.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import type { ActiveDirectoryConfig } from '../config.ts';
import { pageSizeOf } from '../config.ts';
import { type PageSink, searchPages } from '../paged-search.ts';
import type { DirectorySession } from '../session.ts';
import { decodeChangedObject } from './changed-object.ts';

/** So many ids one filter names: servers limit the size of filters, and find them by an index. */
const idsAtOnce = 100;

/** Selects objects by their ids (objectGUID). */
function byIds(ids: readonly string[]): LdapFilter {
  const parts = ids.flatMap((id): LdapFilter[] => {
    const bytes = parseGuid(id);
    return bytes === null ? [] : [{ kind: 'equal', attribute: 'objectGUID', value: Buffer.from(bytes) }];
  });
  return { kind: 'or', parts };
}

export interface RereadWords {
  readonly config: ActiveDirectoryConfig;
  readonly bases: readonly string[];
  /** Who is read at all. */
  readonly people: LdapFilter;
  readonly attributes: readonly string[];
}

/** Reads those of the users that the scope takes in, whole. Tells why they may not all have come; `null`: they have. */
export async function rereadUsers(
  session: DirectorySession,
  { config, bases, people, attributes }: RereadWords,
  ids: readonly string[],
  sink: PageSink,
): Promise<string | null> {
  for (let start = 0; start < ids.length; start += idsAtOnce) {
    const filter: LdapFilter = { kind: 'and', parts: [people, byIds(ids.slice(start, start + idsAtOnce))] };
    for (const base of bases) {
      const words = { base, filter, attributes, pageSize: pageSizeOf(config), what: 'the users that changed' };
      const gap = await searchPages(session, words, sink);
      if (gap !== null) return gap;
    }
  }
  return null;
}

/** Where objects are now: DN by id. `filter` narrows them, `null`: whatever they are. */
export async function locateObjects(
  session: DirectorySession,
  words: { readonly bases: readonly string[]; readonly filter: LdapFilter | null; readonly ids: readonly string[] },
): Promise<{ readonly places: ReadonlyMap<string, string>; readonly gap: string | null }> {
  const { bases, filter, ids } = words;
  const places = new Map<string, string>();
  for (let start = 0; start < ids.length; start += idsAtOnce) {
    const named = byIds(ids.slice(start, start + idsAtOnce));
    const asked: LdapFilter = filter === null ? named : { kind: 'and', parts: [filter, named] };
    for (const base of bases) {
      const search = { base, filter: asked, attributes: ['objectGUID'], pageSize: idsAtOnce, what: 'users that did not come' };
      const gap = await searchPages(session, search, {
        onEntry: (reader) => {
          const { id, dn } = decodeChangedObject(reader);
          if (id !== null) places.set(id, dn);
        },
      });
      if (gap !== null) return { places, gap };
    }
  }
  return { places, gap: null };
}
