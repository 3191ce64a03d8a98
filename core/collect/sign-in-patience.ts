import type { JsonObject } from '../model/json.ts';
import type { Moment } from '../model/time.ts';

/** Who would sign in. */
export interface SignInAccount {
  readonly bindDn: string;
  /** Changes when the stored password may have changed; says nothing about it. */
  readonly passwordVersion: string;
}

/** A sign-in that the directory refused, as the source remembers it until one is accepted. */
export interface RefusedSignIn extends SignInAccount {
  /** The first refusal since the account was last accepted. */
  readonly since: Moment;
  /** The latest one. */
  readonly refusedAt: Moment;
  readonly times: number;
  /** Active Directory's reason; `null`: the server told none. */
  readonly subCode: string | null;
  /** Nothing signs in by itself before, unless the password may have changed. */
  readonly notBefore: Moment;
  /** How often in a row it was tried by itself before its time, because the password might have changed. */
  readonly early: number;
}

/** Whether to sign in now; `early`: before its time, because the password may have changed. */
export type SignInVerdict =
  | { readonly wait: false; readonly early: boolean }
  | { readonly wait: true; readonly until: Moment; readonly refused: RefusedSignIn };

const minuteMs = 60_000;

/**
 * How long one source waits after its first refusal, its second one and so on; the last pause stays.
 *
 * Why this locks nobody out: Active Directory counts wrong passwords that follow one another within the observation window (30 minutes
 * by default, 10 to 15 in the usual baselines) and locks at the threshold (10 in the baselines; 3 is the strictest in common use; 0, the
 * default of a new domain, never). A source leaves at least 30 minutes between two tries of the same password, so alone it never makes
 * the count 2. Later pauses are 4 hours: n sources with one account, spread over time, try each 240/n minutes, which is further apart
 * than the window up to n = 7. Should all of n sources try in the same minute, the count is n once in 4 hours: a threshold of 10 takes
 * nine of them. In a week one source makes at most 4 + (168 h - 3.5 h) / 4 h = 45 wrong sign-ins, however often it is run.
 */
const pausesMs = [30, 60, 120, 240].map((minutes) => minutes * minuteMs);
const longestPauseMs = 240 * minuteMs;

/**
 * How often a changed password is tried before the waiting time is over. What stores secrets may write the same one again every few
 * minutes, which looks like a change; three typing errors of a person are let pass.
 */
const mostEarlyTries = 3;

/**
 * Whether to sign in now. `attended`: a person waits for it. A clock that was set back (`refusedAt` lies ahead) makes nobody wait for
 * times that come twice; one that ran ahead costs one try.
 */
export function maySignIn(
  refused: RefusedSignIn | null,
  account: SignInAccount & { readonly attended: boolean },
  now: Moment,
): SignInVerdict {
  if (refused === null || account.attended || account.bindDn !== refused.bindDn) return { wait: false, early: false };
  // Whatever was stored: no pause is longer than the longest.
  const until = Math.min(refused.notBefore, refused.refusedAt + longestPauseMs);
  if (now >= until || now < refused.refusedAt) return { wait: false, early: false };
  const mayHaveChanged = account.passwordVersion !== refused.passwordVersion;
  return mayHaveChanged && refused.early < mostEarlyTries ? { wait: false, early: true } : { wait: true, until, refused };
}

/** What to remember after a refusal. The pause grows until the account is accepted, whatever passwords are tried meanwhile. */
export function afterRefusal(
  before: RefusedSignIn | null,
  refusal: SignInAccount & { readonly subCode: string | null; readonly early: boolean },
  now: Moment,
): RefusedSignIn {
  const known = before?.bindDn === refusal.bindDn ? before : null;
  const times = (known?.times ?? 0) + 1;
  return {
    bindDn: refusal.bindDn,
    passwordVersion: refusal.passwordVersion,
    subCode: refusal.subCode,
    since: Math.min(known?.since ?? now, now),
    refusedAt: now,
    times,
    notBefore: now + (pausesMs[times - 1] ?? longestPauseMs),
    early: refusal.early ? (known?.early ?? 0) + 1 : 0,
  };
}

const memoryKey = 'signIn';

/** The refusal that a source remembers; `null`: none, or nothing that could be one. */
export function refusedSignIn(memory: JsonObject | null): RefusedSignIn | null {
  const value = memory?.[memoryKey];
  if (typeof value !== 'object' || value === null) return null;
  const { since, refusedAt, times, subCode, notBefore, early, bindDn, passwordVersion } = value as Readonly<Record<string, unknown>>;
  const isWhole = [since, refusedAt, times, notBefore, early].every((number) => typeof number === 'number' && Number.isFinite(number));
  const isNamed = typeof bindDn === 'string' && typeof passwordVersion === 'string' && (subCode === null || typeof subCode === 'string');
  return isWhole && isNamed ? (value as RefusedSignIn) : null;
}

/** The memory with this refusal, or with none. */
export function withRefusedSignIn(memory: JsonObject | null, refused: RefusedSignIn | null): JsonObject {
  const { [memoryKey]: _before, ...others } = memory ?? {};
  return refused === null ? others : { ...others, [memoryKey]: refused };
}
