import { refusalWords } from '../../../core/active-directory/bind-sub-codes.ts';
import type { RefusedSignIn } from '../../../core/collect/sign-in-patience.ts';
import type { Moment } from '../../../core/model/time.ts';
import { type Finding, spanText } from './problem.ts';

const signInCodes: readonly string[] = ['DIRECTORY_BIND_REJECTED', 'DIRECTORY_BIND_WAITING'];
/** The sub-codes of a password that has to be another one; all others are about the account. */
const passwordSubCodes: readonly string[] = ['52e', '532', '773'];

/** Whether a read or a run ended so because the directory refused the sign-in: then, or the time before. */
export function isRefusedSignIn(code: string | null): boolean {
  return code !== null && signInCodes.includes(code);
}

/**
 * The one problem of a directory that refuses the sign-in, in the same words whether the latest read tried it or waited: its code, and
 * so who was told of it, stays the same until the account is accepted.
 */
export function refusedFinding(directory: string, { since, refusedAt, times, subCode, notBefore }: RefusedSignIn, now: Moment): Finding {
  const tried = times === 1 ? 'once' : `${times} times, the last time ${spanText(now - refusedAt)} ago`;
  const next = notBefore > now ? `the first run after ${utcText(notBefore)}` : 'the next run';
  const message =
    `Directory ${directory} refuses the sign-in since ${utcText(since)}: ${refusalWords(subCode)}. ` +
    `It was tried ${tried}; ${next} tries it again.`;
  const isPassword = subCode === null || passwordSubCodes.includes(subCode);
  const hint = isPassword
    ? 'Store the right password ("rollcall secret set"): the next run tries it. "rollcall scan" tries at once.'
    : 'Correct the account in the directory; "rollcall scan" then tries it at once.';
  return { code: 'DIRECTORY_BIND_REJECTED', severity: 'failed', message, hint, since, place: { directory } };
}

/** `2026-11-22 06:30 UTC`. */
function utcText(moment: Moment): string {
  return `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
