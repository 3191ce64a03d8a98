import { isRecord, parseJson } from './json.ts';

/** An answer as a test looks at it. */
export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `null` when it is not JSON. */
  readonly json: unknown;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is when text or bytes. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Sends one request, without retry and without following redirects. Rejects when the connection breaks. */
export async function call(method: string, url: string, options: CallOptions = {}): Promise<Called> {
  const { body, headers = {}, signal } = options;
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as NonNullable<RequestInit['body']> }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/** Walks into a JSON value: `dig(json, 'data', 0, 'attributes')`; `undefined` where there is nothing. */
export function dig(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (Array.isArray(found) && typeof step === 'number') {
      found = found[step];
    } else if (isRecord(found)) {
      found = found[String(step)];
    } else {
      return undefined;
    }
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
