import { type ErrorCode, RollcallError } from '../../../../core/errors.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import { showDeleted } from '../controls.ts';
import { searchPages } from '../paged-search.ts';
import type { DirectorySession } from '../session.ts';
import { type ChangedObject, decodeChangedObject } from './changed-object.ts';
import { type ChangesWords, mostChangedObjects } from './dir-sync-search.ts';

const pageSize = 1000;
/** The session goes on after these. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['DIRECTORY_INCOMPLETE', 'DIRECTORY_RIGHTS', 'DIRECTORY_REFERRAL']);

/**
 * Asks one server for what changed after its own number `since`, deleted objects too. The number to go on from is the one that the
 * server had committed before it was asked. A refusal is an answer; throws when the connection ends, or the server is busy.
 */
export async function searchByUsn(
  session: DirectorySession,
  words: ChangesWords & { readonly supportedControls: ReadonlySet<string>; readonly what: string },
  since: bigint,
): Promise<{ readonly ok: true; readonly objects: readonly ChangedObject[] } | { readonly ok: false; readonly because: string }> {
  const changed: LdapFilter = { kind: 'atLeast', attribute: 'uSNChanged', value: String(since + 1n) };
  const objects: ChangedObject[] = [];
  const { base, filter, attributes, supportedControls, what } = words;
  const asked = {
    base,
    filter: { kind: 'and', parts: [changed, filter] },
    attributes: [...attributes, 'uSNCreated'],
    pageSize,
    what,
    controls: [showDeleted(supportedControls)],
  } as const;
  const gap = await searchPages(session, asked, {
    onEntry: (reader) => {
      if (objects.length <= mostChangedObjects) objects.push(decodeChangedObject(reader));
    },
  }).catch(refusalOf);
  if (gap !== null) return { ok: false, because: gap };
  if (objects.length > mostChangedObjects) return { ok: false, because: 'more has changed than is worth listing' };
  return { ok: true, objects };
}

function refusalOf(error: unknown): string {
  if (error instanceof RollcallError && refusals.has(error.code)) return error.message;
  throw error;
}
