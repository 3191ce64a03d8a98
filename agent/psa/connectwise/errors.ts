import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import { isRecord, parseJson } from '../json.ts';
import { withoutSent } from '../redaction.ts';
import { connectWiseName, connectWiseVersion } from './product.ts';
import { errorSchema } from './schema.ts';

/**
 * What a failure means.
 * - `unauthorized`, `forbidden`: keys, client id or security role; nothing was carried out
 * - `missing`: there is no such record
 * - `elsewhere`: there is no such address: another codebase, another server, or (the vendor's own note) wrong keys
 * - `version`: the version that the Accept header asks for is refused
 * - `refused`: the API said no to this request
 * - `fault`: the server failed, and may have done so half-way
 */
type FailureClass = 'unauthorized' | 'forbidden' | 'missing' | 'elsewhere' | 'version' | 'refused' | 'fault';

export interface ConnectWiseResult {
  readonly kind: 'result';
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

interface ConnectWiseFailure {
  readonly kind: 'failure';
  readonly class: FailureClass;
  readonly status: number;
  /** The server's words, not yet redacted. */
  readonly message: string;
}

/** An answer that is none of the API's: not JSON, a web page, a redirect. */
interface ConnectWiseGarbled {
  readonly kind: 'garbled';
  readonly status: number;
  readonly message: string;
}

interface ConnectWiseLost {
  readonly kind: 'lost';
  readonly message: string;
}

export type ConnectWiseFault = ConnectWiseFailure | ConnectWiseGarbled | ConnectWiseLost;
export type ConnectWiseReply = ConnectWiseResult | ConnectWiseFault;

/** Reads an answer. Errors come with a code, a message and, field by field, `errors`; what was `sent` is left out of their words. */
export function readAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
  sent: readonly string[] = [],
): ConnectWiseReply {
  if (status >= 300 && status < 400) return { kind: 'garbled', status, message: `status ${status}: it redirects` };
  const isPage = /^\s*<(!doctype|html|\?xml)/i.test(text);
  if (status >= 400) {
    // A page in place of "no" comes from something in front of the API, which knows nothing of records and rights.
    if (isPage && status === 404) return failure('elsewhere', status, `status ${status} with a web page`);
    if (isPage && status < 500) return { kind: 'garbled', status, message: `status ${status} with a web page` };
    return readFailure(status, isPage ? 'a web page' : text, sent);
  }
  if (status === 204) return { kind: 'result', value: null, headers };
  const value = parseJson(text);
  if (value !== undefined) return { kind: 'result', value, headers };
  return { kind: 'garbled', status, message: text.trim() === '' ? 'the answer is empty' : 'the answer is not JSON' };
}

/** Turns a failed read into the error that is thrown. `redact` takes secrets and personal data out of the server's words. */
export function readError(what: string, reply: ConnectWiseFault, redact: (text: string) => string): RollcallError {
  if (reply.kind !== 'failure') {
    return new RollcallError('PSA_ANSWER_INVALID', `${connectWiseName} gave no usable answer (${what}): ${redact(reply.message)}.`, {
      place: { system: connectWiseName },
    });
  }
  const words = `${connectWiseName} ${verbs[reply.class]} (${what}): ${redact(reply.message)}.`;
  return new RollcallError(codes[reply.class], words, { place: { system: connectWiseName, status: reply.status } });
}

/**
 * Turns a failed write into its outcome: refused only where the API plainly said no, unknown where it may have been carried out.
 * Refused keys and a refused version concern the whole run and are thrown; nothing was carried out then.
 */
export function writeOutcome(
  what: string,
  reply: ConnectWiseFault,
  redact: (text: string) => string,
): Exclude<WriteOutcome<never>, { kind: 'done' }> {
  if (reply.kind === 'failure' && (reply.class === 'unauthorized' || reply.class === 'version')) throw readError(what, reply, redact);
  const isClear = reply.kind === 'failure' && (['missing', 'refused', 'forbidden'] as readonly string[]).includes(reply.class);
  if (!isClear) return unclear(what, redact(reply.message));
  const no = refused(what, redact(reply.message));
  return reply.class === 'forbidden' ? { ...no, code: 'PSA_PERMISSION_MISSING' } : no;
}

/** A record that the PSA refused, or that rollcall does not send because the PSA cannot take it. */
export function refused(what: string, reason: string): Extract<WriteOutcome<never>, { kind: 'refused' }> {
  return { kind: 'refused', code: 'PSA_REFUSED', reason: `${connectWiseName} (${what}): ${reason}`, synced: false };
}

/** It may have been carried out, or was so in part. */
export function unclear(what: string, reason: string): Extract<WriteOutcome<never>, { kind: 'unknown' }> {
  return { kind: 'unknown', code: 'PSA_ANSWER_LOST', reason: `${connectWiseName} (${what}): ${reason}` };
}

/** An answer that does not fit what was asked. */
export function invalidAnswer(message: string, place: Readonly<Record<string, string>> = {}): RollcallError {
  return new RollcallError('PSA_ANSWER_INVALID', `${connectWiseName} ${message}`, { place: { system: connectWiseName, ...place } });
}

const codes: Readonly<Record<FailureClass, ErrorCode>> = {
  unauthorized: 'PSA_CREDENTIALS_REJECTED',
  forbidden: 'PSA_PERMISSION_MISSING',
  missing: 'PSA_REFUSED',
  elsewhere: 'PSA_ANSWER_INVALID',
  version: 'PSA_ANSWER_INVALID',
  refused: 'PSA_REFUSED',
  fault: 'PSA_SERVER_ERROR',
};

const verbs: Readonly<Record<FailureClass, string>> = {
  unauthorized: 'does not accept company, keys or client id',
  forbidden: 'does not give the API member the right: its security role lacks it',
  missing: 'has no such record',
  elsewhere: 'has no such address',
  version: `does not take version ${connectWiseVersion} of its API, which rollcall asks for; it needs to be as new as that`,
  refused: 'refused the request',
  fault: 'had a fault',
};

function failure(class_: FailureClass, status: number, message: string): ConnectWiseFailure {
  return { kind: 'failure', class: class_, status, message };
}

function readFailure(status: number, text: string, sent: readonly string[]): ConnectWiseFailure {
  const json = parseJson(text);
  const error = isRecord(json) ? errorSchema.safeParse(json).data : undefined;
  const details = (error?.errors ?? []).map((item) => item.message ?? item.code ?? '');
  const words = [error?.message ?? '', ...details].map((word) => word.trim()).filter((word) => word !== '');
  const plain = json === undefined && text.trim() !== '' ? text : 'no reason given';
  const message = withoutSent(words.length > 0 ? words.join('; ') : plain, sent);
  return failure(classify(status, error?.code ?? '', message), status, message);
}

/** Unknown members are refused with the same advice about the Accept header as a version that is not known. */
const versionWords = /accept header|\bversion\b.*\bnot supported/i;
const memberWords = /could not (find member|convert)|target location|unexpected character|is expected|operation '/i;

function classify(status: number, code: string, message: string): FailureClass {
  // 401 as `UserNotAuthenticated` is seen with code `ConnectWiseApi`.
  if (status === 401 || /^(unauthorized|usernotauthenticated)$/i.test(code)) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return code === 'NotFound' ? 'missing' : 'elsewhere';
  if (status >= 500 || status === 408) return 'fault';
  return status === 400 && versionWords.test(message) && !memberWords.test(message) ? 'version' : 'refused';
}
