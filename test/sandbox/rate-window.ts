/** A sliding window of requests: how many went through in the last `windowMs`, per key. */
export class RateWindow {
  readonly #passed = new Map<string, number[]>();

  /** Seconds until the next request of this key may pass; 0 when this one does, and is counted. */
  pass(key: string, limits: { readonly requests: number; readonly windowMs: number }, now: number): number {
    if (limits.requests === Number.POSITIVE_INFINITY) {
      return 0;
    }
    const passed = (this.#passed.get(key) ?? []).filter((at) => at > now - limits.windowMs);
    this.#passed.set(key, passed);
    if (passed.length < limits.requests) {
      passed.push(now);
      return 0;
    }
    const oldest = passed[0] ?? now;
    return Math.max(1, Math.ceil((oldest + limits.windowMs - now) / 1000));
  }
}
