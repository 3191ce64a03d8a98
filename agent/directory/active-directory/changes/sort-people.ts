import type { AbsenceEvidence } from '../../../../core/model/absence.ts';
import type { ChangedObject } from './changed-object.ts';

/** What is to be done about users that changed. */
export interface SortedPeople {
  /** By id, of those who were deleted. */
  readonly evidence: Map<string, AbsenceEvidence>;
  /** Ids of all others. */
  readonly wanted: Set<string>;
}

/** Sorts users that a server names as changed. One that it names twice was changed again while it told: the later word counts. */
export function sortPeople(people: readonly ChangedObject[]): SortedPeople {
  const evidence = new Map<string, AbsenceEvidence>();
  const wanted = new Set<string>();
  for (const { id, isDeleted, lastParent } of people) {
    // An object without an id is none that the store could know.
    if (id === null) continue;
    if (isDeleted) {
      wanted.delete(id);
      evidence.set(id, { immutableId: id, found: 'deleted', why: deletedWords(lastParent) });
    } else {
      evidence.delete(id);
      wanted.add(id);
    }
  }
  return { evidence, wanted };
}

function deletedWords(lastParent: string | null): string {
  return lastParent === null ? 'it was deleted' : `it was deleted from ${lastParent}`;
}
