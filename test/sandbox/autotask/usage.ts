const windowMs = 60 * 60_000;

/** Requests of the last 60 minutes, of all integrations together. */
export class Usage {
  readonly #clock: () => number;
  #entries: { readonly at: number; requests: number }[] = [];
  #sum = 0;
  /** Until when the tenant is suspended. */
  suspendedUntil = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  add(requests: number): void {
    const at = this.#clock();
    const last = this.#entries.at(-1);
    if (last?.at === at) {
      last.requests += requests;
    } else {
      this.#entries.push({ at, requests });
    }
    this.#sum += requests;
  }

  get count(): number {
    const start = this.#clock() - windowMs;
    const kept = this.#entries.findIndex((entry) => entry.at > start);
    const gone = this.#entries.splice(0, kept < 0 ? this.#entries.length : kept);
    this.#sum -= gone.reduce((sum, entry) => sum + entry.requests, 0);
    return this.#sum;
  }
}
