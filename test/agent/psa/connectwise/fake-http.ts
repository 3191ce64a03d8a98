import type { HttpClient, HttpRequest, HttpResult } from '../../../../agent/http/http-client.ts';

/** A request as tests look at it. */
interface SeenRequest extends HttpRequest {
  /** Below `apis/3.0`, else the whole path. */
  readonly path: string;
  /** `v2026_1`; `null` for `companyinfo`. */
  readonly codebase: string | null;
  readonly query: URLSearchParams;
  readonly json: unknown;
}

export type Handler = (request: SeenRequest, seen: readonly SeenRequest[]) => HttpResult | Promise<HttpResult>;

export interface FakeHttp extends HttpClient {
  readonly seen: readonly SeenRequest[];
  /** `METHOD /path` of each request. */
  readonly calls: readonly string[];
}

/** An HTTP client without a network: every request goes to the handler. */
export function createFakeHttp(handler: Handler): FakeHttp {
  const seen: SeenRequest[] = [];
  return {
    seen,
    get calls() {
      return seen.map((request) => `${request.method} ${request.path}`);
    },
    async send(request) {
      const url = new URL(request.url);
      const [, codebase = null, below] = /^\/([^/]+)\/apis\/3\.0(\/.*)$/.exec(url.pathname) ?? [];
      const json: unknown = request.body === undefined ? null : JSON.parse(request.body);
      const look = { ...request, path: below ?? url.pathname, codebase, query: url.searchParams, json };
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

/** A refusal as the API words it. */
export function refusal(status: number, code: string, message: string, errors?: readonly unknown[]): HttpResult {
  return answer({ code, message, ...(errors === undefined ? {} : { errors }) }, status);
}
