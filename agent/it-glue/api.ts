import { RollcallError } from '../../core/errors.ts';
import type { HttpClient, HttpResult } from '../http/http-client.ts';
import { readErrors, saysForeignId, saysTooLong, serverWords } from './error-words.ts';
import { tryParseJson } from './json.ts';

export type Answer = Extract<HttpResult, { kind: 'answer' }>;

export type Query = Readonly<Record<string, string>>;

/** Thrown for a page that took IT Glue too long, or failed as if it had. The reader of lists asks for a smaller one. */
export class PageTooSlow extends Error {
  readonly failure: RollcallError;

  constructor(failure: RollcallError) {
    super('IT Glue took too long for a page', { cause: failure });
    this.failure = failure;
  }
}

/** IT Glue's API: addresses, headers, and what the statuses of reads mean. Knows no resource. */
export interface ItGlueApi {
  readonly address: string;
  /** A GET; the answer has status 2xx and JSON in it. With `missing`, it may be a 404, or a 401 about the id. Throws `ITGLUE_*`. */
  read(
    path: string,
    query: Query,
    options?: { readonly missing?: 'allowed' },
  ): Promise<{ readonly answer: Answer; readonly json: unknown }>;
  /** A GET of one page of a list, sent `attempts` times at most. Throws `PageTooSlow` as well. */
  readPage(path: string, query: Query, attempts: number | undefined): Promise<{ readonly answer: Answer; readonly json: unknown }>;
  /** Sent once. Throws when it certainly was not written and no other record would fare better (key refused, no connection). */
  write(method: 'POST' | 'PATCH' | 'DELETE', path: string, body: unknown): Promise<HttpResult>;
}

export interface ItGlueApiOptions {
  readonly address: string;
  readonly apiKey: string;
  readonly http: HttpClient;
}

export function createItGlueApi(options: ItGlueApiOptions): ItGlueApi {
  const { address, http } = options;
  const apiKey = options.apiKey.trim();

  function headers(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    if (!/^[\u0021-\u007e]+$/u.test(apiKey)) {
      throw new RollcallError('ITGLUE_KEY_REJECTED', 'The IT Glue API key is empty, or holds characters that no key has.');
    }
    return { 'x-api-key': apiKey, accept: 'application/vnd.api+json', ...more };
  }

  async function get(path: string, query: Query, attempts: number | undefined): Promise<Answer> {
    const search = new URLSearchParams(query).toString();
    const result = await http.send({
      method: 'GET',
      url: `${address}${path}${search === '' ? '' : `?${search}`}`,
      headers: headers(),
      budget: 'it-glue',
      intent: 'read',
      ...(attempts === undefined ? {} : { attempts }),
    });
    if (result.kind === 'lost') {
      throw new RollcallError('ITGLUE_UNREACHABLE', `IT Glue: no answer to GET ${path}: ${result.reason}`);
    }
    return result;
  }

  async function readWhole(
    path: string,
    query: Query,
    options: { readonly attempts?: number | undefined; readonly missing?: 'allowed' | undefined },
  ) {
    // A gateway that cut the answer short, or put a page of its own in its place, does not always do it twice.
    for (let again = 1; ; again -= 1) {
      const answer = await get(path, query, options.attempts);
      if (options.missing === 'allowed' && (answer.status === 404 || isForeignId(answer))) {
        return { answer, json: tryParseJson(answer.text) };
      }
      if (answer.status < 200 || answer.status > 299) {
        throw readFailure(path, answer);
      }
      const json = tryParseJson(answer.text);
      if (json !== undefined) {
        return { answer, json };
      }
      if (again === 0) {
        throw new RollcallError('ITGLUE_ANSWER_INVALID', `IT Glue: the answer to GET ${path} is not JSON.`, { place: { path } });
      }
    }
  }

  return {
    address,
    read: (path, query, more = {}) => readWhole(path, query, { missing: more.missing }),

    async readPage(path, query, attempts) {
      try {
        return await readWhole(path, query, { attempts });
      } catch (error) {
        if (error instanceof RollcallError && error.code === 'ITGLUE_SERVER_ERROR') {
          throw new PageTooSlow(error);
        }
        throw error;
      }
    },

    async write(method, path, body) {
      const result = await http.send({
        method,
        url: `${address}${path}`,
        headers: headers({ 'content-type': 'application/vnd.api+json' }),
        body: JSON.stringify(body),
        budget: 'it-glue',
        intent: 'write',
      });
      // A wrong key is refused with 403; a 401 speaks of the key too, unless it objects to an id in the request.
      if (result.kind === 'answer' && (result.status === 403 || (result.status === 401 && !isForeignId(result)))) {
        throw keyRejected(path, result);
      }
      return result;
    },
  };
}

function isForeignId(answer: Answer): boolean {
  return answer.status === 401 && saysForeignId(readErrors(answer.text));
}

function keyRejected(path: string, answer: Answer): RollcallError {
  return new RollcallError('ITGLUE_KEY_REJECTED', `IT Glue refused the API key (${serverWords(answer.status, answer.text)}).`, {
    place: { path, status: answer.status },
  });
}

function readFailure(path: string, answer: Answer): Error {
  if (answer.status === 401 || answer.status === 403) {
    return keyRejected(path, answer);
  }
  const errors = readErrors(answer.text);
  if (saysTooLong(errors)) {
    return new RollcallError('ITGLUE_SERVER_ERROR', `IT Glue took too long for GET ${path}.`, { place: { path, status: answer.status } });
  }
  const code = errors.length === 0 || answer.status < 400 ? 'ITGLUE_ANSWER_INVALID' : 'ITGLUE_REFUSED';
  return new RollcallError(code, `IT Glue: GET ${path} answered ${serverWords(answer.status, answer.text)}.`, {
    place: { path, status: answer.status },
  });
}
