/** What is remembered of a server that failed. Times in milliseconds. */
interface Failing {
  readonly failures: number;
  readonly lastFailureAt: number;
}

/** Servers that failed when they were last tried, by address (`ldaps://dc1.corp.example.com`). Those that work are not in it. */
export type ServerHealth = Readonly<Record<string, Failing>>;

const firstRestMs = 15 * 60_000;
/** Found by DNS, one is as good as the next: a controller that was switched off is tried first once a day at most. */
export const longestRestFoundMs = 24 * 60 * 60_000;
/** Configured servers have the operator's order, which a passing failure must not undo for long. */
export const longestRestConfiguredMs = 60 * 60_000;
const mostRemembered = 64;

/** Reads what was kept; anything else than that is no memory of it. */
export function readHealth(kept: unknown): ServerHealth {
  if (typeof kept !== 'object' || kept === null) return {};
  const entries = Object.entries(kept).flatMap(([server, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null || !('failures' in value) || !('lastFailureAt' in value)) return [];
    const { failures, lastFailureAt } = value;
    const isCount = typeof failures === 'number' && Number.isSafeInteger(failures) && failures > 0;
    if (!isCount || typeof lastFailureAt !== 'number' || !Number.isFinite(lastFailureAt)) return [];
    return [[server, { failures, lastFailureAt }] as const];
  });
  return Object.fromEntries(entries.slice(0, mostRemembered));
}

/** After a failure. The servers that failed longest ago are forgotten when there are too many. */
export function withFailure(health: ServerHealth, server: string, now: number): ServerHealth {
  const failing = { failures: (health[server]?.failures ?? 0) + 1, lastFailureAt: now };
  const others = Object.entries(health).filter(([name]) => name !== server);
  const newest = others.toSorted(([, a], [, b]) => b.lastFailureAt - a.lastFailureAt).slice(0, mostRemembered - 1);
  return Object.fromEntries([...newest, [server, failing]]);
}

/** After a success. */
export function withoutFailures(health: ServerHealth, server: string): ServerHealth {
  return Object.fromEntries(Object.entries(health).filter(([name]) => name !== server));
}

/**
 * Tells whether a server is to be tried after the others: 15 minutes after its first failure, twice as long after each further one
 * in a row, up to the longest. A failure that lies in the future, by a clock that ran ahead, counts for nothing.
 */
export function isResting(
  health: ServerHealth,
  server: string,
  { now, longestMs }: { readonly now: number; readonly longestMs: number },
): boolean {
  const failing = health[server];
  if (failing === undefined || failing.lastFailureAt > now) return false;
  return now - failing.lastFailureAt < Math.min(longestMs, firstRestMs * 2 ** Math.min(30, failing.failures - 1));
}
