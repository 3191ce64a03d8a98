import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isResting,
  longestRestConfiguredMs,
  longestRestFoundMs,
  readHealth,
  type ServerHealth,
  withFailure,
  withoutFailures,
} from '../../../../../agent/directory/active-directory/discovery/server-health.ts';

const server = 'ldaps://dc1.corp.example.test';
const minute = 60_000;
const start = Date.UTC(2026, 10, 22);

function failed(times: number): ServerHealth {
  return Array.from({ length: times }).reduce<ServerHealth>((health) => withFailure(health, server, start), {});
}

describe('servers that failed', () => {
  it.each([
    [1, 15],
    [2, 30],
    [3, 60],
    [5, 240],
    [50, 24 * 60],
  ])('rest after %i failures in a row for %i minutes', (times, minutes) => {
    const health = failed(times);

    expect(isResting(health, server, { now: start + minutes * minute - 1, longestMs: longestRestFoundMs })).toBe(true);
    expect(isResting(health, server, { now: start + minutes * minute, longestMs: longestRestFoundMs })).toBe(false);
  });

  it('rest for an hour at most when the configuration names them', () => {
    expect(isResting(failed(9), server, { now: start + 60 * minute, longestMs: longestRestConfiguredMs })).toBe(false);
  });

  it('are as good as new after a success', () => {
    const health = withoutFailures(failed(9), server);

    expect(health).toEqual({});
    expect(isResting(health, server, { now: start, longestMs: longestRestFoundMs })).toBe(false);
  });

  it('do not rest for a failure of a clock that ran ahead', () => {
    expect(isResting(failed(9), server, { now: start - 1, longestMs: longestRestFoundMs })).toBe(false);
  });

  it('are remembered up to 64, the newest', () => {
    const health = Array.from({ length: 200 }, (_, index) => index).reduce<ServerHealth>(
      (known, index) => withFailure(known, `ldaps://dc${index}`, start + index),
      {},
    );

    expect(Object.keys(health)).toHaveLength(64);
    expect(health['ldaps://dc199']).toEqual({ failures: 1, lastFailureAt: start + 199 });
    expect(health['ldaps://dc135']).toBeUndefined();
  });

  it('come back as they were kept', () => {
    const health = withFailure(failed(3), 'ldaps://dc2', start + 1);

    expect(readHealth(JSON.parse(JSON.stringify(health)))).toEqual(health);
  });

  it('are forgotten when what was kept is something else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (kept) => {
        for (const { failures, lastFailureAt } of Object.values(readHealth(kept))) {
          expect(failures).toBeGreaterThan(0);
          expect(Number.isFinite(lastFailureAt)).toBe(true);
        }
      }),
    );
    expect(readHealth({ [server]: { failures: 0, lastFailureAt: 1 }, other: { failures: 1, lastFailureAt: 'now' } })).toEqual({});
  });
});
