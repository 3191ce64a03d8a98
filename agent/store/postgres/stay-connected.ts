import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

const firstWaitMs = 100;
const longestWaitMs = 15_000;
/** Together some two minutes; after them the next call connects. */
const mostAttempts = 15;

/**
 * Makes a session that was lost anew without waiting for the next call: by it the others see that this process lives. `connect` is any
 * question. Ends with `stop`.
 */
export function stayConnected(pool: pg.Pool, connect: () => Promise<unknown>): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let attempts: Promise<void> | null = null;
  const tryAgain = async (): Promise<void> => {
    let waitMs = firstWaitMs;
    for (let attempt = 0; attempt < mostAttempts && !stopping.signal.aborted; attempt += 1) {
      await pause(waitMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      const isConnected = await connect().then(
        () => true,
        () => false,
      );
      if (isConnected) return;
      waitMs = Math.min(2 * waitMs, longestWaitMs);
    }
  };
  pool.on('remove', () => {
    if (stopping.signal.aborted) return;
    attempts ??= tryAgain().finally(() => {
      attempts = null;
    });
  });
  return {
    async stop() {
      stopping.abort();
      await attempts;
    },
  };
}
