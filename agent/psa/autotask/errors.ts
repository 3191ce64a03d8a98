import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import { isRecord, parseJson } from '../json.ts';
import { withoutSent } from '../redaction.ts';
import { productName } from './products.ts';

/**
 * What a failure means.
 * - `unauthorized`: user, secret or integration code are not accepted, or the zone is another one; nothing was carried out
 * - `forbidden`: the API user lacks the right; nothing was carried out
 * - `threads`: too many requests at once; nothing was carried out
 * - `limited`: too many requests in this hour; nothing was carried out
 * - `missing`: there is no such record
 * - `refused`: the API said no to this request
 * - `fault`: the server failed, and may have done so half-way
 */
type FailureClass = 'unauthorized' | 'forbidden' | 'threads' | 'limited' | 'missing' | 'refused' | 'fault';

export interface AutotaskResult {
  readonly kind: 'result';
  readonly value: unknown;
}

interface AutotaskFailure {
  readonly kind: 'failure';
  readonly class: FailureClass;
  readonly status: number;
  /** The server's words, not yet redacted. */
  readonly message: string;
}

/** An answer that is none of the API's: not JSON, cut off, or a redirect. */
interface AutotaskGarbled {
  readonly kind: 'garbled';
  readonly status: number;
  readonly message: string;
}

interface AutotaskLost {
  readonly kind: 'lost';
  readonly message: string;
}

export type AutotaskReply = AutotaskResult | AutotaskFailure | AutotaskGarbled | AutotaskLost;

/**
 * Reads an answer. Autotask refuses by status 500 with a list of texts, so it is the text that tells what a 500 means: without what was
 * `sent`, which it may repeat.
 */
export function readAnswer(status: number, text: string, sent: readonly string[] = []): AutotaskReply {
  const json = parseJson(text);
  if (status >= 200 && status < 300) {
    if (isRecord(json)) return { kind: 'result', value: json };
    return { kind: 'garbled', status, message: `the answer is no JSON object${describePage(text)}` };
  }
  if (status >= 300 && status < 400) return { kind: 'garbled', status, message: `status ${status}, a redirect` };
  const said = errorWords(json);
  const words = said === null ? null : withoutSent(said, sent);
  // A page in place of "no such record" comes from something in between, which knows nothing of records.
  if (words === null && isPage(text) && (status === 404 || status === 405)) {
    return { kind: 'garbled', status, message: `status ${status} with a web page` };
  }
  // A fault is the careful reading, so all of the words count for it.
  const isFault = said !== null && faultWords.test(said.slice(0, 2_000));
  return { kind: 'failure', class: classify(status, words, isFault), status, message: words ?? describeText(text) };
}

// The API has no codes. Where being wrong costs nothing, the words decide; a fault that is taken for a refusal would be a create that is
// done again without a look, so doubtful words count as a fault.
const threadWords = /thread threshold|itgenatr005/i;
const limitWords = /too many requests|\bthreshold of [\d,.]+ requests|exceeded the (request |api )*threshold|request(s)? (limit|quota)/i;
const permissionWords =
  /adequate permissions?|(do|does) not have (the )?(permission|access|right)|not authorized|insufficient (permission|access)/i;
const missingWords = /no matching records?/i;
const faultWords =
  /time-?out|timed out|deadlock|unexpected error|internal (server )?error|\berror (has )?occurred|exception|object reference|unavailable|try again|\bconnection\b|\bsql\b|underlying provider|unable to process/i;

function classify(status: number, words: string | null, isFault: boolean): FailureClass {
  if (status === 401) return 'unauthorized';
  if (words !== null && threadWords.test(words)) return 'threads';
  if (status === 429 || (words !== null && limitWords.test(words))) return 'limited';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 408 || status > 500) return 'fault';
  if (words === null) return status === 500 ? 'fault' : 'refused';
  if (permissionWords.test(words)) return 'forbidden';
  if (missingWords.test(words)) return 'missing';
  return isFault ? 'fault' : 'refused';
}

/** `{"errors": ["text"]}`, or the `{"Message": "text"}` of the web server before the API; `null`: no words at all. */
function errorWords(json: unknown): string | null {
  if (!isRecord(json)) return null;
  const errors = json['errors'];
  const words = (Array.isArray(errors) ? errors : [json['Message'] ?? json['message']]).filter(
    (word): word is string => typeof word === 'string' && word.trim() !== '',
  );
  return words.length === 0 ? null : words.join('; ');
}

/** What was asked, for messages. */
export interface Asked {
  /** In words, without personal data: `creating a contact`. */
  readonly what: string;
  readonly redact: (text: string) => string;
}

const readCodes: Readonly<Record<FailureClass, ErrorCode>> = {
  unauthorized: 'PSA_CREDENTIALS_REJECTED',
  forbidden: 'PSA_PERMISSION_MISSING',
  threads: 'PSA_RATE_LIMITED',
  limited: 'PSA_RATE_LIMITED',
  missing: 'PSA_REFUSED',
  refused: 'PSA_REFUSED',
  fault: 'PSA_SERVER_ERROR',
};

const readVerbs: Readonly<Record<FailureClass, string>> = {
  unauthorized: 'does not accept the API user, its secret or the integration code',
  forbidden: 'does not give the API user the right',
  threads: 'refuses for too many requests at once',
  limited: 'refuses for too many requests in this hour',
  missing: 'has no such record',
  refused: 'refused the request',
  fault: 'had a fault',
};

/** Turns a failed request into the error that is thrown. */
export function readError({ what, redact }: Asked, reply: Exclude<AutotaskReply, AutotaskResult>): RollcallError {
  if (reply.kind === 'failure') {
    return new RollcallError(readCodes[reply.class], `${productName} ${readVerbs[reply.class]} (${what}): ${redact(reply.message)}.`, {
      place: { system: productName, status: reply.status },
    });
  }
  return new RollcallError('PSA_ANSWER_INVALID', `${productName} gave no usable answer (${what}): ${redact(reply.message)}.`, {
    place: { system: productName },
  });
}

const concernsTheRun: ReadonlySet<FailureClass> = new Set(['unauthorized', 'forbidden', 'threads', 'limited']);

/**
 * Turns a failed write into its outcome: refused only where the API plainly said no, unknown where it may have been carried out.
 * Refused credentials, a missing right and the limits concern the whole run and are thrown; nothing was carried out then.
 */
export function writeOutcome(asked: Asked, reply: Exclude<AutotaskReply, AutotaskResult>): Exclude<WriteOutcome<never>, { kind: 'done' }> {
  const reason = `${productName} (${asked.what}): ${asked.redact(reply.message)}`;
  if (reply.kind !== 'failure' || reply.class === 'fault') return { kind: 'unknown', code: 'PSA_ANSWER_LOST', reason };
  if (concernsTheRun.has(reply.class)) throw readError(asked, reply);
  return { kind: 'refused', code: 'PSA_REFUSED', reason, synced: false };
}

/** A record that rollcall does not send because Autotask cannot take it. */
export function refused(what: string, reason: string): Extract<WriteOutcome<never>, { kind: 'refused' }> {
  return { kind: 'refused', code: 'PSA_REFUSED', reason: `${productName} (${what}): ${reason}`, synced: false };
}

/** A write of which nobody can say what became of it. */
export function unclear(what: string, reason: string): Extract<WriteOutcome<never>, { kind: 'unknown' }> {
  return { kind: 'unknown', code: 'PSA_ANSWER_LOST', reason: `${productName} (${what}): ${reason}` };
}

function describeText(text: string): string {
  if (text.trim() === '') return 'no reason given';
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
