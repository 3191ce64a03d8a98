/** One HTTP exchange as an adapter asks for it. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Absolute address. Credentials never stand in it. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Names the rate budget's bucket; requests of one bucket share it. Defaults to the origin. */
  readonly budget?: string;
  /**
   * `read`: may be repeated. `write`: sent at most once; when the answer is lost the result is `lost`.
   * A POST that only asks (a sign-in, a search) may be a `read`.
   */
  readonly intent: 'read' | 'write';
}

export type HttpResult =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string }
  /** The request may have reached the server, and no usable answer came (time-out, reset, oversized body). Only for writes. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Counts for bench, status and the sandbox's sums. */
export interface HttpCounts {
  readonly reads: number;
  readonly writes: number;
  readonly retries: number;
  readonly bytesReceived: number;
}

/**
 * The one way out by HTTP. Keeps the rate budget, retries reads (429 with and without Retry-After, 5xx, broken connections) with
 * growing pauses, bounds the size of an answer and the time of every step, verifies TLS. A 429 to a write was not carried
 * out and is waited for and sent again within the same bound.
 * Throws `RollcallError` with the codes its maker was given when nothing can be had: address unreachable (connection never made),
 * reads that failed to the end. An answer with an error status that is not retryable is an `answer`.
 */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResult>;
  readonly counts: HttpCounts;
  close(): Promise<void>;
}
