/** What a store, or a backup of it, tells of itself. */
export interface StoreMarks {
  /** The last migration that was carried out. */
  readonly layout: number;
  /** What every work with a store adds to: numbers and last ids of runs, journal and decisions; `null`: it cannot be told. */
  readonly activity: string | null;
  /** The name of the backup that was made before its last migration; `null`: it does not say. */
  readonly backup: string | null;
}

export type PutBackVerdict = 'put back' | 'look further' | 'not needed' | 'no backup' | 'worked with' | 'cannot be proven';

/**
 * Whether a store that a later release has migrated may give way to a backup (`null`: it names none that is there). Only to the one that
 * it names itself, and only when nothing was done with it since: whatever was written outside has a row in the journal before.
 * `look further`: the backup is of a later layout too, and names one of its own.
 */
export function judgePutBack(store: StoreMarks, backup: StoreMarks | null, known: number): PutBackVerdict {
  if (store.layout <= known) return 'not needed';
  if (backup === null) return 'no backup';
  if (store.activity === null || backup.activity === null) return 'cannot be proven';
  if (store.activity !== backup.activity) return 'worked with';
  return backup.layout > known ? 'look further' : 'put back';
}
