import { PassThrough } from 'node:stream';
import type ora from 'ora';
import { describe, expect, it } from 'vitest';
import { createProgress } from '../../../../agent/cli/terminal/progress.ts';

describe('P5 progress on a terminal', () => {
  it.each([
    ['nothing yet of the pace at the beginning', 20_000, 24, ''],
    ['nothing yet of the pace in the first seconds', 4_000, 100, ''],
    ['how many a minute, and what time is left', 60_000, 90, ' · 90 a minute, 10 min 7 s left'],
    ['no time left at the end', 60_000, 1_000, ''],
  ])('P5 tells %s', (_what, ms, done, expected) => {
    let now = 0;
    const spin = { text: '', start: () => spin, succeed: () => spin, fail: () => spin };
    const progress = createProgress({
      stream: new PassThrough(),
      spinner: (() => spin) as unknown as typeof ora,
      quiet: false,
      now: () => now,
    });
    const task = progress.start('Pushing contacts to Autotask');
    now = ms;

    task.update(done, 1_000);

    expect(spin.text).toBe(`Pushing contacts to Autotask ${done.toLocaleString('en-US')} of 1,000${expected}`);
  });
});
