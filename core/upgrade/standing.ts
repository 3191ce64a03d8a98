/** What is known of the releases of a program folder when one of them is started. A release is told by its id. */
export interface ReleaseFacts {
  /** The one that runs; `null`: a checkout, or a program that nobody installed. */
  readonly own: string | null;
  /** It runs as the one that was kept beside the installed one. */
  readonly isPrevious: boolean;
  /** Another one is kept beside it. */
  readonly hasPrevious: boolean;
  /** The last one that said that it is well. */
  readonly confirmed: string | null;
  /** The one that was given up. */
  readonly refused: string | null;
}

/**
 * - `unmanaged`: no trial, and nothing is written down.
 * - `trial`: it has to find itself well before it does anything outside; else the one before it runs again.
 * - `first`: there is none to go back to: it says that it is well once it runs.
 * - `confirmed`: it was well before.
 * - `fallback`: it runs in the place of the installed one, which is refused.
 * - `overtaken`: it does so, and the refused one was confirmed meanwhile by a command: it has to make room.
 */
export type Standing = 'unmanaged' | 'trial' | 'first' | 'confirmed' | 'fallback' | 'overtaken';

/** How a release stands that is started as the service. */
export function standingOf({ own, isPrevious, hasPrevious, confirmed, refused }: ReleaseFacts): Standing {
  if (own === null) return 'unmanaged';
  if (isPrevious) return refused !== null && refused !== own && confirmed === refused ? 'overtaken' : 'fallback';
  if (confirmed === own) return 'confirmed';
  return hasPrevious ? 'trial' : 'first';
}

/** Whether a command that is about to write has to say first that its release is well: what it does outside, no older state may forget. */
export function hasToConfirm(facts: ReleaseFacts): boolean {
  return standingOf(facts) === 'trial';
}

/**
 * Whether the release that runs may put the store back to what it was before the refused one changed it. Never when the refused one was
 * confirmed: then it may have written outside.
 */
export function mayPutBack({ own, confirmed, refused }: Pick<ReleaseFacts, 'own' | 'confirmed' | 'refused'>): boolean {
  return own !== null && refused !== null && refused !== own && confirmed !== refused;
}

/** What came of a trial that did not end well: `unwell` speaks against the release, `not judged` does not, so it is tried again. */
export function judgeTrial(code: string): 'unwell' | 'not judged' {
  return notJudged.has(code) ? 'not judged' : 'unwell';
}

/** Stopped on the way, or another process of this machine was in the way. */
const notJudged: ReadonlySet<string> = new Set(['INTERRUPTED', 'SERVICE_RUNNING', 'STORE_LOCKED']);

/** What a release on trial has at least. */
export const shortestPatienceMs = 60_000;
const mebibyte = 1024 * 1024;
/** A slow disk copies, checks and migrates more than this in a second. */
const bytesPerSecond = 10 * mebibyte;

/** A database is on another machine, and nobody knows its size; one that does not answer is told at once. */
const databasePatienceMs = 600_000;

/**
 * How long a release on trial has to find itself well: a minute, longer with a store of more than 600 MB, and ten with a database
 * (`storeBytes` null).
 */
export function trialPatienceMs(storeBytes: number | null): number {
  if (storeBytes === null) return databasePatienceMs;
  return Math.max(shortestPatienceMs, Math.ceil(storeBytes / bytesPerSecond) * 1000);
}
