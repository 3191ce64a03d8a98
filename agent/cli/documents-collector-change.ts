/** What becomes of what a collector saw (D5). */
export interface CollectorChangeDocument {
  readonly formatVersion: 1;
  readonly organization: string;
  readonly action: 'delete' | 'restore' | 'replace';
  readonly collector: string;
  /** Who takes its place; `null` but for `replace`. */
  readonly replacement: string | null;
  /** `false`: only looked at, or declined. */
  readonly applied: boolean;
  /** Of the journal; `null` when nothing was done. */
  readonly run: string | null;
  /** With `delete`: what goes. */
  readonly impact: {
    readonly directories: readonly string[];
    readonly users: number;
    /** Nobody else has seen them: they go, with their matches. */
    readonly onlyHere: number;
    readonly matchesLost: number;
    readonly names: readonly string[];
  } | null;
  /** With `delete`: until then `restore` brings everything back; RFC 3339 UTC. */
  readonly restorableUntil: string | null;
}
