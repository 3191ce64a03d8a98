import { describe, expect, it } from 'vitest';
import { ApplyReport, attempt, type Target } from '../../../agent/pipeline/apply-report.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { Change } from '../../../core/model/plan.ts';

const change = { id: 'update:1', kind: 'update', system: 'it-glue' } as Change;

/** Carries out one change after the other, each failing with its code or not at all; says how many were tried. */
async function tried(codes: readonly (ErrorCode | null)[]): Promise<number> {
  const report = new ApplyReport();
  const target: Target = { closed: null, outages: 0 };
  let count = 0;
  for (const code of codes) {
    await attempt(report, target, change, () => {
      count += 1;
      return code === null ? Promise.resolve() : Promise.reject(new RollcallError(code, 'no'));
    });
  }
  return count;
}

describe('a target that is out of order', () => {
  it.each([
    ['is left alone after five failures of its own in a row', ['ITGLUE_SERVER_ERROR', 'ITGLUE_ANSWER_LOST'], 10, 5],
    ['is left alone at once when it cannot be reached', ['ITGLUE_UNREACHABLE'], 10, 1],
    ['A4 is gone on with when single records are refused', ['ITGLUE_REFUSED'], 10, 10],
    ['A4 is gone on with when it works in between', ['ITGLUE_SERVER_ERROR', 'ITGLUE_SERVER_ERROR', null], 12, 12],
  ] as const)('%s', async (_words, pattern, changes, wanted) => {
    const codes = Array.from({ length: changes }, (_, index) => pattern[index % pattern.length] ?? null);
    expect(await tried(codes)).toBe(wanted);
  });
});
