import type { LdapFilter } from '../../filter/parse-filter.ts';
import { dirSync } from '../controls.ts';
import { describeResult, resultCodes } from '../ldap-error.ts';
import type { DirectorySession } from '../session.ts';
import { type ChangedObject, decodeChangedObject } from './changed-object.ts';

export interface ChangesWords {
  /** The root of the domain: DirSync knows no other base. */
  readonly base: string;
  readonly filter: LdapFilter;
  readonly attributes: readonly string[];
}

/** What came, with the mark to go on from; or why nothing can be concluded from it, in words. */
export type ChangesFound =
  | { readonly ok: true; readonly objects: readonly ChangedObject[]; readonly cookie: Buffer }
  | { readonly ok: false; readonly because: string };

/** More changed objects than this at once are no reason to go on listing them. */
export const mostChangedObjects = 20_000;
/** Nor are more bytes: some thousand for each of them. */
const mostChangedBytes = 64 * 1024 * 1024;
/** Answers without an object, one after the other, after which the server is taken to be going round in circles. */
const mostBarrenAnswers = 1000;

/**
 * Asks by DirSync for what changed since the cookie was given, to the answer that says that there is no more. A server that refuses
 * the control or the cookie is no failure: the answer says so.
 */
export async function searchDirSync(session: Pick<DirectorySession, 'search'>, words: ChangesWords, since: Buffer): Promise<ChangesFound> {
  const { base, filter, attributes } = words;
  const objects: ChangedObject[] = [];
  let cookie = since;
  let bytes = 0;
  let isTooMuch = false;
  let barren = 0;
  for (;;) {
    const before = objects.length;
    const result = await session.search(
      { base, scope: 'sub', filter, attributes, controls: [dirSync(cookie)] },
      {
        // A server may put everything into one answer.
        onEntry: (reader) => {
          bytes += reader.end - reader.position;
          isTooMuch ||= objects.length >= mostChangedObjects || bytes > mostChangedBytes;
          if (!isTooMuch) objects.push(decodeChangedObject(reader));
        },
      },
    );
    if (result.code !== resultCodes.success) return { ok: false, because: `DirSync was refused: ${describeResult(result)}` };
    if (isTooMuch) return { ok: false, because: 'more has changed than is worth listing' };
    if (result.dirSync === null) return { ok: false, because: 'the server answered DirSync without its mark' };
    if (result.dirSync.cookie.length === 0) return { ok: false, because: 'the server answered DirSync with an empty mark' };
    cookie = result.dirSync.cookie;
    if (!result.dirSync.more) return { ok: true, objects, cookie };
    barren = objects.length > before ? 0 : barren + 1;
    if (barren >= mostBarrenAnswers)
      return { ok: false, because: `the server sent ${barren} answers to DirSync with nothing in them, and no end` };
  }
}
