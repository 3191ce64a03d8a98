/** One request and what became of it. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The route's pattern; empty when there is none. */
  readonly route: string;
  /** `null`: no answer was sent. */
  readonly status: number | null;
  readonly committed: boolean;
  /** The sandbox's rules said no; may come with status 200 (BMS). */
  readonly refused: boolean;
  readonly fault: string | null;
  /** What was ignored without a word. */
  readonly dropped: readonly string[];
  readonly body: string;
}

/** Sums over all requests since the start or the last reset. */
export interface SandboxCounts {
  requests: number;
  /** Requests that changed nothing and were answered, faults and refusals left out. */
  reads: number;
  /** Requests that were carried out, whatever became of the answer. */
  writes: number;
  /** Requests to which the sandbox's rules said no, faults left out. */
  refused: number;
  rateLimited: number;
  /** Attributes, filters and the like that the vendor ignores without a word. */
  droppedSilently: number;
  faulted: number;
  /** Writes by method and route, for example `POST /contacts`. */
  writesByRoute: Record<string, number>;
}

export class RequestLog {
  readonly requests: LoggedRequest[] = [];
  readonly counts: SandboxCounts = emptyCounts();

  add(entry: LoggedRequest): void {
    this.requests.push(entry);
    const { counts } = this;
    counts.requests += 1;
    if (entry.fault !== null) {
      counts.faulted += 1;
    }
    if (entry.committed) {
      counts.writes += 1;
      const key = `${entry.method} ${entry.route}`;
      counts.writesByRoute[key] = (counts.writesByRoute[key] ?? 0) + 1;
    } else if (entry.refused) {
      counts.refused += 1;
      counts.rateLimited += entry.status === 429 ? 1 : 0;
    } else if (entry.fault === null) {
      counts.reads += 1;
    }
    counts.droppedSilently += entry.refused ? 0 : entry.dropped.length;
  }

  reset(): void {
    this.requests.length = 0;
    Object.assign(this.counts, emptyCounts());
  }
}

function emptyCounts(): SandboxCounts {
  return { requests: 0, reads: 0, writes: 0, refused: 0, rateLimited: 0, droppedSilently: 0, faulted: 0, writesByRoute: {} };
}
