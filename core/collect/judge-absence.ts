import type { Absence, AbsenceEvidence } from '../model/absence.ts';
import type { Moment } from '../model/time.ts';

/** Two full reads that are further apart than this did not bring a missing user (C10). */
const missingAfterMs = 24 * 3_600_000;

const nobodyLooked = 'the read did not bring it, and this directory cannot be asked what became of it';

/** When, and by what kind of read, absence is judged. */
export interface JudgedAt {
  readonly now: Moment;
  /** A complete read of everything; a read of changes proves nothing about whom it does not bring. */
  readonly fullRead: boolean;
  /** It is the first read after the account, the bases or the filter changed: absence counts from the next one on (C1). */
  readonly newScope?: boolean;
}

/**
 * Judges a user that a complete read did not bring, from what looking for it has shown (`null`: nobody looked) and from what was known
 * of its absence before (C10):
 * - a tombstone makes it `gone`, and it stays so when later looks show nothing: tombstones are dropped after some months
 * - it exists outside the scope: `out`
 * - it is `missing` only when the directory says that there is no such object, and two full reads at least 24 hours apart did not
 *   bring it
 * - all else is `absent`, from which nothing is concluded. What proves nothing makes a missing user absent again: lost rights look
 *   exactly like this
 *
 * Absence is counted from the first full read that missed the user, and anew after it was seen alive. A clock that went back makes
 * nothing older: `since` and `checkedAt` never move back, and hours that did not pass are not counted.
 */
export function judgeAbsence(known: Absence | null, evidence: AbsenceEvidence | null, at: JudgedAt): Absence {
  if (known !== null && evidence === null && !at.fullRead) return known;
  const now = Math.max(at.now, known?.checkedAt ?? at.now);
  const why = evidence?.why ?? nobodyLooked;
  switch (evidence?.found ?? 'unproven') {
    case 'deleted':
      return proven('gone', known, { at, now, why });
    case 'out-of-scope':
      return proven('out', known, { at, now, why });
    case 'not-found':
    case 'unproven':
      // What was seen last of a deleted user stays what is known of it.
      if (known?.grade === 'gone') return { ...known, fullReads: known.fullReads + counted(at) };
      return notSeen(known, { at, now, why, found: evidence?.found === 'not-found' });
  }
}

interface Judging {
  readonly at: JudgedAt;
  /** Not before what was noted earlier. */
  readonly now: Moment;
  readonly why: string;
}

/** The grade that its evidence proves by itself; one that is known keeps its beginning. */
function proven(grade: 'gone' | 'out', known: Absence | null, { at, now, why }: Judging): Absence {
  const goesOn = known?.grade === grade ? known : { since: now, fullReads: 0 };
  return { grade, since: goesOn.since, fullReads: goesOn.fullReads + counted(at), checkedAt: now, why };
}

function notSeen(known: Absence | null, { at, now, why, found: isNotFound }: Judging & { readonly found: boolean }): Absence {
  const goesOn = known !== null && known.grade !== 'out' && at.newScope !== true ? known : null;
  // The first full read that misses it starts the count: what missed it before was no full read, or of another scope.
  const since = goesOn === null || (goesOn.fullReads === 0 && counted(at) > 0) ? now : goesOn.since;
  const fullReads = (goesOn?.fullReads ?? 0) + counted(at);
  const isMissing = isNotFound && (goesOn?.grade === 'missing' || (at.fullRead && fullReads >= 2 && at.now - since >= missingAfterMs));
  return { grade: isMissing ? 'missing' : 'absent', since, fullReads, checkedAt: now, why };
}

function counted({ fullRead, newScope = false }: JudgedAt): 0 | 1 {
  return fullRead && !newScope ? 1 : 0;
}
