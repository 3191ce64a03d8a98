import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { Refusal } from '../protocol/messages.ts';

/** How the hub refuses: the status for the client's program, the document for its person. */
export interface Refused {
  readonly status: number;
  readonly document: Refusal;
  /** Seconds; `null`: waiting changes nothing. */
  readonly retryAfter: number | null;
  /** A fault of the hub, which it must tell its own people. */
  readonly isFault: boolean;
}

const statuses: Partial<Record<ErrorCode, number>> = {
  HUB_MESSAGE_INVALID: 400,
  HUB_UPLOAD_INVALID: 400,
  HUB_KEY_REJECTED: 401,
  HUB_COLLECTOR_REVOKED: 401,
  HUB_COLLECTOR_UNKNOWN: 401,
  HUB_INVITATION_INVALID: 403,
  HUB_UPLOAD_UNKNOWN: 404,
  HUB_NAME_TAKEN: 409,
  HUB_UPLOAD_CONFLICT: 409,
  HUB_UPLOAD_TOO_LARGE: 413,
  HUB_PROTOCOL_UNKNOWN: 426,
  HUB_BUSY: 429,
  HUB_NO_ROOM: 507,
};

const minute = 60;
/** In seconds, for what passes by itself. */
const patience: Readonly<Record<number, number>> = { 429: minute, 503: minute, 507: 10 * minute };

/** What of a failure is said to a client: nothing of the hub's files, and nothing of what it sent. */
export function refusalOf(error: unknown): Refused {
  if (error instanceof RollcallError) {
    const status = statuses[error.code];
    if (status !== undefined) {
      const after = error.place['retryAfter'];
      const wait = typeof after === 'number' ? after : (patience[status] ?? null);
      return { status, document: documentOf(error.code, error.message), retryAfter: wait, isFault: false };
    }
    if (error.code.startsWith('STORE_')) {
      const words = 'The hub cannot keep anything at the moment.';
      return { status: 503, document: documentOf('HUB_UNAVAILABLE', words), retryAfter: minute, isFault: true };
    }
  }
  const status = statusOf(error);
  if (status >= 400 && status < 500) {
    return { status, document: documentOf('HUB_MESSAGE_INVALID', wordsOf(status)), retryAfter: null, isFault: false };
  }
  return { status: 500, document: documentOf('INTERNAL', 'The hub failed to answer.'), retryAfter: null, isFault: true };
}

function documentOf(code: ErrorCode, message: string): Refusal {
  return { error: { code, message: message.slice(0, 1_000) } };
}

/** What fastify itself refuses carries a status. Its words repeat what was sent, so they are not used. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}

function wordsOf(status: number): string {
  if (status === 404) return 'The hub has no such address.';
  if (status === 413) return 'The message is too large.';
  return status === 415 ? 'The message is of a type that the hub does not take.' : 'The message is not as the protocol has it.';
}
