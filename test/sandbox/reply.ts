import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './exchange.ts';
import type { Fault, FaultKind } from './faults.ts';

/** Sends an answer as it is. */
export function sendAnswer(response: ServerResponse, answer: Answer, contentType: string): void {
  const text = textOf(answer);
  const headers: Record<string, string> = { 'content-length': String(Buffer.byteLength(text)) };
  if (text !== '') {
    headers['content-type'] = contentType;
  }
  response.writeHead(answer.status, { ...headers, ...answer.headers });
  response.end(text);
}

/** A page as a web server or a proxy in between gives it, with text of our own. */
export function htmlPage(status: number, title: string): Answer {
  return {
    status,
    text: `<!DOCTYPE html>\n<html><head><title>${title}</title><style>body { color: #555; }</style></head><body><h1>${title}</h1></body></html>\n`,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  };
}

const replacements: Partial<Record<FaultKind, (fault: Fault) => Answer>> = {
  'rate-limited': (fault) => ({
    status: 429,
    body: { errors: [{ status: 429, title: 'Too Many Requests' }] },
    ...(fault.retryAfter === undefined ? {} : { headers: { 'retry-after': String(fault.retryAfter) } }),
  }),
  unauthorized: () => ({ status: 401, body: { errors: [{ status: 401, title: 'Unauthorized' }] } }),
  forbidden: () => ({ status: 403, body: { errors: [{ status: 403, title: 'Forbidden' }] } }),
  'bad-request': () => ({ status: 400, body: { errors: [{ status: 400, title: 'Bad Request' }] } }),
  'server-error': () => htmlPage(500, '500 Internal Server Error'),
  'bad-gateway': () => htmlPage(502, '502 Bad Gateway'),
  unavailable: (fault) => ({
    ...htmlPage(503, '503 Service Unavailable'),
    ...(fault.retryAfter === undefined
      ? {}
      : { headers: { 'content-type': 'text/html; charset=utf-8', 'retry-after': String(fault.retryAfter) } }),
  }),
  'gateway-timeout': () => htmlPage(504, '504 Gateway Time-out'),
  'not-found-html': () => htmlPage(404, 'No such page (404)'),
  redirect: (fault) => ({ status: 302, headers: { location: fault.location ?? 'http://127.0.0.1:9/elsewhere' } }),
};

/** The answer that a fault puts in the place of the real one; `null` for faults of another sort. */
export function faultAnswer(fault: Fault): Answer | null {
  return replacements[fault.kind]?.(fault) ?? null;
}

/** Sends an answer in a broken way, when the fault asks for one; else does nothing and says so. */
export async function sendBroken(response: ServerResponse, fault: Fault, answer: Answer, contentType: string): Promise<boolean> {
  if (fault.kind === 'truncated') {
    truncate(response, answer, contentType);
  } else if (fault.kind === 'oversized') {
    await flood(response, fault.sizeBytes ?? 64 * 1024 * 1024, contentType);
  } else if (fault.kind === 'not-json') {
    sendAnswer(response, { status: answer.status, text: 'OK\n' }, contentType);
  } else if (fault.kind === 'wrong-content-type') {
    sendAnswer(response, { ...answer, headers: { ...answer.headers, 'content-type': 'text/html; charset=utf-8' } }, contentType);
  } else if (fault.kind === 'html-200') {
    sendAnswer(response, htmlPage(200, 'Sign in to the network'), contentType);
  } else {
    return false;
  }
  return true;
}

function textOf(answer: Answer): string {
  if (answer.text !== undefined) {
    return answer.text;
  }
  return answer.body === undefined ? '' : JSON.stringify(answer.body);
}

function truncate(response: ServerResponse, answer: Answer, contentType: string): void {
  const bytes = Buffer.from(textOf(answer));
  response.writeHead(answer.status, { 'content-type': contentType, 'content-length': String(bytes.length) });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

async function flood(response: ServerResponse, sizeBytes: number, contentType: string): Promise<void> {
  response.writeHead(200, { 'content-type': contentType });
  const chunk = Buffer.alloc(64 * 1024, 0x20);
  const body = Readable.from(
    (function* padded() {
      yield Buffer.from('{"data":[');
      for (let sent = 0; sent < sizeBytes; sent += chunk.length) {
        yield chunk;
      }
      yield Buffer.from(']}');
    })(),
  );
  // A client that has had enough breaks the connection.
  await pipeline(body, response).catch(() => undefined);
}
