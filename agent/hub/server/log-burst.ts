const minuteMs = 60_000;

/** Says whether one more may be told: so many a minute. A stranger must not fill the log. */
export class LogBurst {
  readonly #most: number;
  readonly #now: () => number;
  #minute = Number.NaN;
  #told = 0;

  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  take(): boolean {
    const minute = Math.floor(this.#now() / minuteMs);
    if (minute !== this.#minute) this.#told = 0;
    this.#minute = minute;
    this.#told += 1;
    return this.#told <= this.#most;
  }
}
