/** Commands and outcomes are words of this program, so there are few; whatever comes, the metrics stay small. */
const mostKinds = 64;
/** Durations kept for a scrape that may never come. */
const mostDurations = 5_000;

interface RunCount {
  readonly command: string;
  readonly outcome: string;
  readonly count: number;
}

/** Counts the runs of this process for `/metrics`. */
export class RunTally {
  readonly #counts = new Map<string, { readonly command: string; readonly outcome: string; count: number }>();
  #durations: { readonly command: string; readonly seconds: number }[] = [];

  /** `ms`: how long it took; `null`: it took part of something that has no length of its own. */
  ended(command: string, outcome: string, ms: number | null): void {
    const key = JSON.stringify([command, outcome]);
    const known = this.#counts.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#counts.size < mostKinds) this.#counts.set(key, { command, outcome, count: 1 });
    else return;
    if (ms === null) return;
    if (this.#durations.length === mostDurations) this.#durations.shift();
    this.#durations.push({ command, seconds: ms / 1_000 });
  }

  counts(): readonly RunCount[] {
    return [...this.#counts.values()];
  }

  /** Durations since this was last called. */
  takeDurations(): readonly { readonly command: string; readonly seconds: number }[] {
    const taken = this.#durations;
    this.#durations = [];
    return taken;
  }
}
