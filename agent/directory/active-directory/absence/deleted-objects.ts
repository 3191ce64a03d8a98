import type { Control } from 'ldapts';
import { canonicalDn, createSubtreeTest } from '../../../../core/active-directory/distinguished-name.ts';
import type { ReadProof } from '../../../../core/ports/directory-source.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import { controlNames, showDeleted } from '../controls.ts';
import { decodeEntry, firstText } from '../entry-decoder.ts';
import { resultCodes } from '../ldap-error.ts';
import { searchPages } from '../paged-search.ts';
import { anything, type DirectorySession } from '../session.ts';
import type { VendorSchema } from '../vendor-schema.ts';

const pageSize = 1000;
/** Deleted containers whose way up is followed; a chain of deleted parents is no longer than a tree is deep. */
const mostSteps = 64;

/** The control that shows deleted objects; none where the server knows none. */
export function showDeletedWhere(schema: VendorSchema, supportedControls: ReadonlySet<string>): readonly Control[] {
  const knows = supportedControls.has(controlNames.showDeleted) || supportedControls.has(controlNames.showRecycled);
  return schema.identity === null && knows ? [showDeleted(supportedControls)] : [];
}

interface DeletedWords {
  readonly schema: VendorSchema;
  readonly root: { readonly defaultBase: string | null; readonly supportedControls: ReadonlySet<string> };
}

/**
 * Tells whether the account may see deleted objects: it can read their container. A server may show the container's bare name to
 * everybody, so one of its attributes must be there.
 */
export async function tombstonesVisible(
  session: DirectorySession,
  { schema, root }: DeletedWords,
): Promise<NonNullable<ReadProof['tombstones']>> {
  const controls = showDeletedWhere(schema, root.supportedControls);
  if (controls.length === 0 || root.defaultBase === null) return 'hidden';
  let isReadable = false;
  const result = await session.search(
    { base: deletedObjectsOf(root.defaultBase), scope: 'base', filter: anything, attributes: ['objectClass', 'isDeleted'], controls },
    {
      onEntry: (reader) => {
        isReadable ||= firstText(decodeEntry(reader), 'objectClass') !== null;
      },
    },
  );
  return result.code === resultCodes.success && isReadable ? 'visible' : 'hidden';
}

/**
 * Counts the deleted organizational units and containers that were below the bases, whenever that was: the difference between two
 * reads accounts for containers that the later one does not see (C1). `null`: it could not be counted.
 */
export async function countDeletedContainers(
  session: DirectorySession,
  words: DeletedWords & { readonly bases: readonly string[]; readonly containers: LdapFilter },
): Promise<number | null> {
  const { root, bases, containers } = words;
  const controls = showDeletedWhere(words.schema, root.supportedControls);
  if (controls.length === 0 || root.defaultBase === null) return null;
  /** The place of each by its own name, which for one in a deleted container is that container's new name. */
  const places = new Map<string, string>();
  const filter: LdapFilter = { kind: 'and', parts: [{ kind: 'equal', attribute: 'isDeleted', value: 'TRUE' }, containers] };
  const base = deletedObjectsOf(root.defaultBase);
  const gap = await searchPages(
    session,
    { base, filter, attributes: ['lastKnownParent'], pageSize, what: 'the deleted containers', controls },
    {
      onEntry: (reader) => {
        const entry = decodeEntry(reader);
        const parent = firstText(entry, 'lastKnownParent');
        if (parent !== null) places.set(keyOf(entry.dn), parent);
      },
    },
  );
  if (gap !== null) return null;
  const isBelow = bases.map(createSubtreeTest);
  let count = 0;
  for (const place of places.values()) if (isBelow.some((test) => test(lastLivingPlace(place, places)))) count += 1;
  return count;
}

function lastLivingPlace(place: string, places: ReadonlyMap<string, string>): string {
  let living = place;
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const above = places.get(keyOf(living));
    if (above === undefined) return living;
    living = above;
  }
  return living;
}

function deletedObjectsOf(root: string): string {
  return `CN=Deleted Objects,${root}`;
}

function keyOf(dn: string): string {
  return canonicalDn(dn) ?? dn;
}
