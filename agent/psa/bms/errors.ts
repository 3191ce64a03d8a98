import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import { isRecord, parseJson } from '../json.ts';
import { withoutSent } from '../redaction.ts';
import { envelopeSchema, problemSchema } from './schema.ts';

/**
 * What a failure means.
 * - `unauthorized`: the token is not accepted; nothing was carried out
 * - `forbidden`: the user lacks the right; nothing was carried out
 * - `limited`: too many requests; nothing was carried out
 * - `missing`: there is no such record
 * - `refused`: the API said no to this request
 * - `fault`: the server failed, and may have done so half-way
 */
type FailureClass = 'unauthorized' | 'forbidden' | 'limited' | 'missing' | 'refused' | 'fault';

export interface BmsResult {
  readonly kind: 'result';
  readonly value: unknown;
  /** `totalRecords` of a paged list. */
  readonly total: number | null;
}

export interface BmsFailure {
  readonly kind: 'failure';
  readonly class: FailureClass;
  readonly status: number;
  /** The server's words, not yet redacted. */
  readonly message: string;
}

/** An answer that is none of the API's: not JSON, or cut off. */
interface BmsGarbled {
  readonly kind: 'garbled';
  readonly status: number;
  readonly message: string;
}

interface BmsLost {
  readonly kind: 'lost';
  readonly message: string;
}

export type BmsReply = BmsResult | BmsFailure | BmsGarbled | BmsLost;

/**
 * Reads an answer: the envelope (`success: false` inside 200 too), a bare object, ASP.NET's problem document, or text. What was `sent` is
 * left out of a refusal's words.
 */
export function readAnswer(status: number, text: string, sent: readonly string[] = []): BmsReply {
  const failureFor = (code: number | null, message: string): BmsFailure => toFailure(status, code, { message, sent });
  if (status === 204) return { kind: 'result', value: null, total: null };
  const json = parseJson(text);
  const succeeded = status >= 200 && status < 300;
  if (json === undefined) {
    if (succeeded) return { kind: 'garbled', status, message: `the answer is not JSON${describePage(text)}` };
    // A page in place of "no such record" comes from something in between, which knows nothing of records.
    const isElsewhere = isPage(text) && (status === 404 || status === 405);
    return isElsewhere ? { kind: 'garbled', status, message: `status ${status} with a web page` } : failureFor(null, describeText(text));
  }

  if (!isEnvelope(json)) {
    return succeeded ? { kind: 'result', value: json, total: null } : failureFor(null, describeProblem(json));
  }
  const envelope = envelopeSchema.safeParse(json).data;
  if (envelope === undefined) {
    const message = 'the envelope of the answer is not what it should be';
    return succeeded ? { kind: 'garbled', status, message } : failureFor(null, message);
  }
  if (succeeded && envelope.success !== false) {
    return { kind: 'result', value: envelope.result ?? null, total: envelope.totalRecords ?? null };
  }
  const error = envelope.error ?? null;
  const words = [error?.message, error?.details, ...(error?.subErrors ?? [])].filter(isWord);
  return failureFor(error?.code ?? null, words.length === 0 ? 'no reason given' : words.join('; '));
}

/** The API never redirects: it is another server that does. */
export function isRedirect(reply: BmsFailure): boolean {
  return reply.status >= 300 && reply.status < 400;
}

/** What was asked, for messages. */
interface Asked {
  readonly productName: string;
  /** In words, without personal data: `creating a contact`. */
  readonly what: string;
  readonly redact: (text: string) => string;
}

/** Turns a failed read into the error that is thrown. */
export function readError({ productName, what, redact }: Asked, reply: Exclude<BmsReply, BmsResult>): RollcallError {
  if (reply.kind === 'failure' && !isRedirect(reply)) {
    return new RollcallError(readCodes[reply.class], `${productName} ${readVerbs[reply.class]} (${what}): ${redact(reply.message)}.`, {
      place: { system: productName, status: reply.status },
    });
  }
  return new RollcallError('PSA_ANSWER_INVALID', `${productName} gave no usable answer (${what}): ${redact(reply.message)}.`, {
    place: { system: productName },
  });
}

/**
 * Turns a failed write into its outcome: refused only where the API plainly said no, unknown where it may have been carried out.
 * Refused credentials and the rate limit concern the whole run and are thrown; nothing was carried out then.
 */
export function writeOutcome(asked: Asked, reply: Exclude<BmsReply, BmsResult>): Exclude<WriteOutcome<never>, { kind: 'done' }> {
  const reason = `${asked.productName} (${asked.what}): ${asked.redact(reply.message)}`;
  if (reply.kind !== 'failure' || reply.class === 'fault') return { kind: 'unknown', code: 'PSA_ANSWER_LOST', reason };
  if (reply.class === 'unauthorized' || reply.class === 'limited') throw readError(asked, reply);
  return reply.class === 'forbidden' ? { ...refused(reason), code: 'PSA_PERMISSION_MISSING' } : refused(reason);
}

/** A record that the PSA refused, or that rollcall does not send because the PSA cannot take it. */
export function refused(reason: string): Extract<WriteOutcome<never>, { kind: 'refused' }> {
  return { kind: 'refused', code: 'PSA_REFUSED', reason, synced: false };
}

const readCodes: Readonly<Record<FailureClass, ErrorCode>> = {
  unauthorized: 'PSA_CREDENTIALS_REJECTED',
  forbidden: 'PSA_PERMISSION_MISSING',
  limited: 'PSA_RATE_LIMITED',
  missing: 'PSA_REFUSED',
  refused: 'PSA_REFUSED',
  fault: 'PSA_SERVER_ERROR',
};

const readVerbs: Readonly<Record<FailureClass, string>> = {
  unauthorized: 'does not accept the sign-in',
  forbidden: 'does not give this user the right',
  limited: 'refuses for too many requests',
  missing: 'has no such record',
  refused: 'refused the request',
  fault: 'had a fault',
};

// The API documents no codes. The texts decide only where being wrong costs nothing: a fault taken for a refusal would be a
// create that is repeated without a look, so doubtful words count as a fault.
const limitWords = /too many requests|rate.?limit|(api|request|call)s? (limit|quota)|throttl/i;
const tokenWords = /\btoken\b.*\b(expired|invalid)|\bunauthori[sz]ed\b/i;
const missingWords = /\bnot (be )?found\b|\bdoes(n't| not) exist\b/i;
const faultWords = /internal (server )?error|unexpected error|timed? ?-?out|unavailable|deadlock/i;

function toFailure(
  status: number,
  code: number | null,
  { message: said, sent }: { readonly message: string; readonly sent: readonly string[] },
): BmsFailure {
  const message = withoutSent(said, sent);
  // A fault is the careful reading, so all of the words count for it.
  const isFault = faultWords.test(said.slice(0, 2_000));
  return { kind: 'failure', class: classify(status, code, { message, isFault }), status, message };
}

function classify(
  status: number,
  code: number | null,
  { message, isFault }: { readonly message: string; readonly isFault: boolean },
): FailureClass {
  const telling = status >= 300 ? status : (code ?? 0);
  if (telling === 401) return 'unauthorized';
  if (telling === 429) return 'limited';
  // Whatever a failing server says: a limit in its words does not prove that nothing was carried out.
  if (telling >= 500 || telling === 408 || (status >= 300 && status < 400)) return 'fault';
  if (limitWords.test(message)) return 'limited';
  if (telling === 403) return 'forbidden';
  if (telling === 404) return 'missing';
  if (status < 300 && tokenWords.test(message)) return 'unauthorized';
  if (isFault) return 'fault';
  return missingWords.test(message) ? 'missing' : 'refused';
}

function isEnvelope(json: unknown): boolean {
  return isRecord(json) && Object.keys(json).some((key) => /^(success|result)$/i.test(key));
}

function describeProblem(json: unknown): string {
  const problem = problemSchema.safeParse(json).data;
  const details = Object.entries(problem?.errors ?? {}).map(([field, reasons]) => `${field}: ${reasons.join(' ')}`);
  const words = [problem?.title, problem?.detail, problem?.message, ...details].filter(isWord);
  if (words.length > 0) return words.join('; ');
  return typeof json === 'string' && json.trim() !== '' ? json : 'no reason given';
}

function describeText(text: string): string {
  if (text.trim() === '') return 'it is empty';
  return isPage(text) ? 'a web page' : text.slice(0, 2_000);
}

/** Of an answer to a request that succeeded no word is told: records stand in it. */
function describePage(text: string): string {
  if (text.trim() === '') return ': it is empty';
  return isPage(text) ? ': a web page' : '';
}

function isPage(text: string): boolean {
  return /^\s*<(!doctype|html|\?xml)/i.test(text);
}

function isWord(value: string | null | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
