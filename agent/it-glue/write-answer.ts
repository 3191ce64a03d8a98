import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import type { HttpResult } from '../http/http-client.ts';
import type { Answer } from './api.ts';
import { readErrors, saysForeignId, serverWords } from './error-words.ts';

type Refused = Extract<WriteOutcome<never>, { kind: 'refused' }>;
type Unknown = Extract<WriteOutcome<never>, { kind: 'unknown' }>;

export function refused(reason: string, synced = false): Refused {
  return { kind: 'refused', code: 'ITGLUE_REFUSED', reason, synced };
}

export function unknown(reason: string): Unknown {
  return { kind: 'unknown', code: 'ITGLUE_ANSWER_LOST', reason };
}

/**
 * Sorts the answer to a write: accepted (2xx), refused (4xx: nothing was written), or unknown (lost, 5xx, redirects, time-outs
 * that the server reports). `sent` are values to keep out of the reason.
 */
export function sortAnswer(
  result: HttpResult,
  sent: readonly string[] = [],
): { readonly kind: 'accepted'; readonly answer: Answer } | Refused | Unknown {
  if (result.kind === 'lost') {
    return unknown(result.reason);
  }
  const { status, text } = result;
  if (status >= 200 && status < 300) {
    return { kind: 'accepted', answer: result };
  }
  const words = serverWords(status, text, sent);
  if (status < 400 || status >= 500 || status === 408) {
    return unknown(`the server answered ${words}`);
  }
  if (status === 401 && saysForeignId(readErrors(text))) {
    return refused(`an id that it refers to is not of this account (${words})`);
  }
  return refused(words);
}
