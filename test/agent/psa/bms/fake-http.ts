import type { HttpClient, HttpRequest, HttpResult } from '../../../../agent/http/http-client.ts';

/** A request as tests look at it. */
interface SeenRequest extends HttpRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | null;
  readonly form: URLSearchParams;
  readonly json: unknown;
}

export type Handler = (request: SeenRequest, seen: readonly SeenRequest[]) => HttpResult | Promise<HttpResult>;

export interface FakeHttp extends HttpClient {
  readonly seen: readonly SeenRequest[];
  /** `METHOD /path` of each request, sign-ins left out. */
  readonly calls: readonly string[];
}

/** An HTTP client without a network: every request goes to the handler. Sign-ins are answered unless the handler names them. */
export function createFakeHttp(handler: Handler): FakeHttp {
  const seen: SeenRequest[] = [];
  return {
    seen,
    get calls() {
      return seen.filter((request) => !request.path.startsWith('/v2/security/')).map((request) => `${request.method} ${request.path}`);
    },
    async send(request) {
      const url = new URL(request.url);
      const look = {
        ...request,
        path: url.pathname,
        query: url.searchParams,
        token: request.headers?.['authorization']?.replace('Bearer ', '') ?? null,
        form: new URLSearchParams(request.body),
        json: request.headers?.['content-type']?.includes('json') === true ? JSON.parse(request.body ?? 'null') : null,
      };
      seen.push(look);
      return handler(look, seen);
    },
    counts: { reads: 0, writes: 0, retries: 0, bytesReceived: 0 },
    close: () => Promise.resolve(),
  };
}

/** An answer with this body; text is sent as it is. */
export function answer(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): HttpResult {
  return { kind: 'answer', status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** A successful envelope. */
export function done(result: unknown, totalRecords?: number): HttpResult {
  return answer({ success: true, error: null, result, ...(totalRecords === undefined ? {} : { totalRecords }) });
}

/** A refusal inside 200. */
export function failed(message: string, code = 0): HttpResult {
  return answer({ success: false, error: { code, message, details: null, stackStrace: null, subErrors: null }, result: null });
}

/** A sign-in's answer: token number `n`, good until the moment `expires`. */
export function tokens(n: number, expires: number): HttpResult {
  return done({
    accessToken: `access-${n}`,
    refreshToken: `refresh-${n}`,
    accessTokenExpireOn: new Date(expires).toISOString(),
    refreshTokenExpireOn: new Date(expires + 3_600_000).toISOString(),
  });
}
