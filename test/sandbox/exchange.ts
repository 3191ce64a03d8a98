/** One request as a sandbox sees it. */
export interface SandboxRequest {
  readonly method: string;
  /** Decoded path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a sandbox answers: `body` is sent as JSON, `text` as it is. Neither: an empty body. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A write that was checked and may be carried out. */
export interface Commit {
  commit(): Answer;
}

export type Prepared = Answer | Commit;

/** Ways in which a list may lie; asked for by a fault. */
export type ListFault = 'wrong-total' | 'duplicate-id' | 'filter-ignored';

/** What goes along with one request on its way through a sandbox. */
export interface Handling {
  readonly request: SandboxRequest;
  readonly listFaults: ReadonlySet<ListFault>;
  /** What the vendor ignores without a word, one entry each. */
  readonly dropped: string[];
  /** The route's pattern, for the log and the counts; set by the application. */
  route: string;
}

/** A vendor's cloud: what it lets in, what it checks, what it does. */
export interface Application {
  readonly contentType: string;
  /** Called first, as soon as a request is there: how long it waits, and what to call once its answer or its connection is gone. */
  arrived?(request: SandboxRequest): { readonly delayMs: number; left(): void };
  /** Key, token, rate limit. Called once for a request; `null` lets it in, `drop` breaks the connection without a word. */
  admit(request: SandboxRequest): Answer | 'drop' | null;
  /** Checks a request without effect. A read is answered; a write comes back as a `Commit`. */
  prepare(handling: Handling): Prepared;
  /** The vendor's own shape of a fault; `null` when the common one will do. */
  faultAnswer(kind: string, request: SandboxRequest): Answer | null;
  /** A change by somebody else between two pages. */
  drift(change: 'create' | 'delete', request: SandboxRequest): void;
}

/** Ends the checking of a request with an answer. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

export function isCommit(prepared: Prepared): prepared is Commit {
  return 'commit' in prepared;
}

/** Finds the route of a request; parameters are the `:name` segments. */
export function matchRoute(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) {
    return null;
  }
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith(':')) {
      if (value === '') {
        return null;
      }
      parameters[segment.slice(1)] = value;
    } else if (segment !== value) {
      return null;
    }
  }
  return parameters;
}
