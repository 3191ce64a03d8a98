import type { Control } from 'ldapts';
import { parseGuid } from '../../../../core/active-directory/object-guid.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import { decodeEntry } from '../entry-decoder.ts';
import { describeResult, resultCodes } from '../ldap-error.ts';
import { mapInFlight } from '../map-in-flight.ts';
import type { DirectorySession } from '../session.ts';
import type { VendorSchema } from '../vendor-schema.ts';
import { type FoundObject, lookedAt, readFoundObject } from './found-object.ts';

const idsAtOnce = 100;

export interface ObjectsWords {
  readonly schema: VendorSchema;
  readonly bases: readonly string[];
  /** What else they must meet; `null`: nothing. */
  readonly filter: LdapFilter | null;
  readonly controls: readonly Control[];
}

/** What searching brought; who is in none of them was not found. */
export interface FoundObjects {
  readonly found: ReadonlyMap<string, FoundObject>;
  /** Ids that were not looked for to the end, with the reason in words. */
  readonly failed: ReadonlyMap<string, string>;
}

/** Searches the subtrees for objects by their ids, a hundred at a time. An answer that is a refusal is told, not thrown. */
export async function findObjects(session: DirectorySession, ids: readonly string[], words: ObjectsWords): Promise<FoundObjects> {
  const found = new Map<string, FoundObject>();
  const failed = new Map<string, string>();
  const batches: string[][] = [];
  for (let start = 0; start < ids.length; start += idsAtOnce) batches.push(ids.slice(start, start + idsAtOnce));

  await mapInFlight(batches, async (batch) => {
    const asked = new Map(batch.flatMap((id) => idFilter(id, words.schema) ?? []));
    for (const id of batch) if (!asked.has(id)) failed.set(id, 'its id is none of this directory');
    if (asked.size === 0) return;
    const anyOf: LdapFilter = { kind: 'or', parts: [...asked.values()] };
    for (const base of words.bases) {
      const result = await session.search(
        {
          base,
          scope: 'sub',
          filter: words.filter === null ? anyOf : { kind: 'and', parts: [anyOf, words.filter] },
          attributes: lookedAt(words.schema),
          controls: words.controls,
        },
        {
          onEntry: (reader) => {
            const object = readFoundObject(decodeEntry(reader), words.schema);
            if (object.immutableId === null || !asked.has(object.immutableId)) return;
            // Alive in one place is alive, whatever else answers to the id.
            if (found.get(object.immutableId)?.isDeleted !== false) found.set(object.immutableId, object);
          },
        },
      );
      if (result.code === resultCodes.success) continue;
      for (const id of asked.keys()) failed.set(id, `the search for it failed: ${describeResult(result)}`);
    }
  });
  return { found, failed };
}

function idFilter(id: string, { identity }: VendorSchema): [string, LdapFilter][] | null {
  if (identity !== null) return [[id, { kind: 'equal', attribute: identity, value: id }]];
  const bytes = parseGuid(id);
  return bytes === null ? null : [[id, { kind: 'equal', attribute: 'objectGUID', value: Buffer.from(bytes) }]];
}
