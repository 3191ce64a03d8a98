import { describe, expect, it } from 'vitest';
import { repository } from '../../installer/repository.ts';
import { run } from '../../installer/run.ts';
import { readSourceFacts } from '../../installer/source-facts.ts';

describe('what a build says of itself', () => {
  it('has the commit and its date, not that of the build', async () => {
    const { commit, date } = await readSourceFacts({});
    const told = await run('git', ['log', '-1', '--format=%H %ct'], { cwd: repository });

    expect(`${commit} ${Date.parse(date) / 1000}`).toBe(told.trim());
  });

  it('takes the date from SOURCE_DATE_EPOCH, and refuses what is none', async () => {
    expect((await readSourceFacts({ SOURCE_DATE_EPOCH: '1780000000' })).date).toBe('2026-05-28T20:26:40Z');
    await expect(readSourceFacts({ SOURCE_DATE_EPOCH: 'today' })).rejects.toThrow('SOURCE_DATE_EPOCH');
  });
});
