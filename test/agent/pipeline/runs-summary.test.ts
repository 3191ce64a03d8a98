import { describe, expect, it } from 'vitest';
import { summarizeRuns } from '../../../agent/pipeline/runs-summary.ts';
import { organizationId, runId } from '../../../core/model/ids.ts';
import type { RunRecord } from '../../../core/ports/store.ts';

const organization = organizationId('4711');
const since = Date.UTC(2026, 10, 21, 9);

function run(id: number, change: Partial<RunRecord> = {}): RunRecord {
  return {
    id: runId(String(id)),
    organization,
    command: 'sync',
    startedAt: since + id * 60_000,
    finishedAt: since + id * 60_000 + 1_000,
    outcome: 'done',
    planHash: null,
    counts: {},
    error: null,
    trigger: 'schedule',
    detail: null,
    ...change,
  };
}

const unreachable = { outcome: 'failed', error: { code: 'ITGLUE_UNREACHABLE', message: 'No way.' } } as const;

function summarize(runs: readonly RunRecord[]) {
  return summarizeRuns(runs.toReversed(), { organization, organizationName: 'Acme', since, held: false });
}

describe('the summary of a night', () => {
  it('adds up what was written, and nothing that was only planned or held', () => {
    const summary = summarize([
      run(1, { counts: { create: 3, update: 10, match: 2, failed: 0 } }),
      run(2, { outcome: 'held', counts: { create: 400 } }),
      run(3, { command: 'plan', counts: { create: 400 } }),
      run(4, { command: 'approve', outcome: 'partly', counts: { update: 2, failed: 1 }, detail: { failures: { PSA_REFUSED: 1 } } }),
      run(5, { command: 'push', counts: { push: 7 } }),
      run(6, { outcome: 'interrupted', counts: { update: 1 } }),
    ]);

    expect(summary).toMatchObject({
      runs: 6,
      outcomes: { done: 1, held: 1, partly: 1, interrupted: 1 },
      written: { create: 3, update: 13, push: 7 },
      failures: { PSA_REFUSED: 1 },
    });
    expect(summary.written).not.toHaveProperty('match');
  });

  it('names what runs failed with, how often, and the newest of each', () => {
    const { errors, lastSuccessAt } = summarize([
      run(1),
      run(2, unreachable),
      run(3, unreachable),
      run(4, { ...unreachable, command: 'scan' }),
    ]);

    expect(errors).toEqual([{ code: 'ITGLUE_UNREACHABLE', count: 3, lastAt: new Date(since + 4 * 60_000).toISOString(), run: '4' }]);
    expect(lastSuccessAt).toBe(new Date(since + 60_000).toISOString());
  });

  it('takes a held sync for a success: the schedule is alive', () => {
    expect(summarize([run(1), run(2, { outcome: 'held' })]).lastSuccessAt).toBe(new Date(since + 2 * 60_000).toISOString());
  });

  it('counts edits of the configuration apart from failed runs', () => {
    const refused = run(2, { command: 'reload', outcome: 'failed', error: { code: 'CONFIG_NOT_JSON', message: 'No.' } });

    expect(summarize([run(1, { command: 'reload' }), refused])).toMatchObject({
      reloads: { accepted: 1, refused: 1 },
      errors: [],
      outcomes: {},
    });
  });

  it('says nothing of a night without runs', () => {
    expect(summarize([])).toMatchObject({ runs: 0, outcomes: {}, written: {}, failures: {}, errors: [], lastSuccessAt: null });
  });
});
