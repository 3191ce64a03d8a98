import type { Moment } from './time.ts';

/**
 * What looking for a user that a read did not bring has shown (C10):
 * - `deleted`: a tombstone with its id
 * - `out-of-scope`: it exists, and the configured scope does not take it in
 * - `not-found`: the directory says that there is no such object, while its parent and others stay readable
 * - `unproven`: nothing that anything could be concluded from
 */
export interface AbsenceEvidence {
  readonly immutableId: string;
  readonly found: 'deleted' | 'out-of-scope' | 'not-found' | 'unproven';
  /** In words, for people: what was seen, where. */
  readonly why: string;
}

/** What is known of a user that the latest complete read did not bring. */
export interface Absence {
  readonly grade: 'absent' | 'missing' | 'gone' | 'out';
  /** When it was first missed; for `gone`, when its tombstone was first seen; for `out`, when it was first seen out of scope. */
  readonly since: Moment;
  /** Complete full reads since then that did not bring it, the first one included. */
  readonly fullReads: number;
  /** When what the grade says was last found to be so; for `gone`, when its tombstone was last seen. */
  readonly checkedAt: Moment;
  readonly why: string;
}

/** A user that the store knows and a running read has not brought. */
export interface Absentee {
  readonly immutableId: string;
  /** Where it was last seen. */
  readonly dn: string;
  /** For people. */
  readonly name: string;
  /** `null`: it was in the latest complete read. */
  readonly absence: Absence | null;
}
