import { errorTable } from '../../../core/error-table.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import { refusal } from '../protocol/messages.ts';

/** What a status says when no hub's refusal comes with it: a proxy or another server may have answered. */
const codesByStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'HUB_KEY_REJECTED',
  413: 'HUB_UPLOAD_TOO_LARGE',
  426: 'HUB_PROTOCOL_UNKNOWN',
  429: 'HUB_BUSY',
  507: 'HUB_NO_ROOM',
};

/** An answer that is no success. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The failure that an answer tells of. Only codes of hubs are believed; how long to wait is in its place (`retryAfterMs`). */
export function refusedAs(answer: RefusedAnswer, hub: string, now: number): RollcallError {
  const told = refusal.safeParse(jsonOf(answer.text));
  const asked = retryAfterMs(answer.headers['retry-after'], now);
  const place = { hub, status: answer.status, ...(asked === null ? {} : { retryAfterMs: asked }) };
  if (told.success) {
    const { code, message } = told.data.error;
    return new RollcallError(knownHubCode(code, answer.status), `The hub ${hub} says: ${oneLine(message)}`, { place });
  }
  return new RollcallError(codeOf(answer.status), `The hub ${hub} answered ${answer.status}, without saying why in the words of a hub.`, {
    place,
  });
}

/** The code of a refusal, if this version knows it as one of a hub's. */
export function knownHubCode(code: string, status: number): ErrorCode {
  return code.startsWith('HUB_') && Object.hasOwn(errorTable, code) ? (code as ErrorCode) : codeOf(status);
}

function codeOf(status: number): ErrorCode {
  return codesByStatus[status] ?? (status >= 500 ? 'HUB_UNREACHABLE' : 'HUB_MESSAGE_INVALID');
}

/** What comes from the network does not get to move the cursor. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
