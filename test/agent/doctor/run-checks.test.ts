import { describe, expect, it } from 'vitest';
import { ok } from '../../../agent/doctor/finding.ts';
import { type Check, runChecks } from '../../../agent/doctor/run-checks.ts';
import { RollcallError } from '../../../core/errors.ts';

const topic = { part: 'machine', subject: null, code: 'MACHINE' } as const;
const never = (): Promise<never> => new Promise<never>(() => undefined);

function check(look: Check['look'], limitMs = 5000): Check {
  return { topic, limitMs, look };
}

describe('checks', () => {
  it('stand by themselves: one that hangs or throws holds up none of the others, and the order is theirs', async () => {
    const began = performance.now();
    const findings = await runChecks(
      [
        check(never, 50),
        check(() => Promise.reject(new RollcallError('STORE_CORRUPT', 'The store is damaged.'))),
        check(() => {
          throw new TypeError('secret inside');
        }),
        check(() => [ok(topic, 'fine')]),
      ],
      new AbortController().signal,
    );

    expect(findings.map(({ state, error }) => [state, error])).toEqual([
      ['problem', null],
      ['problem', 'STORE_CORRUPT'],
      ['problem', 'INTERNAL'],
      ['ok', null],
    ]);
    expect(findings[0]?.seen).toMatch(/no result within/);
    expect(findings[1]?.remedy).toMatch(/backup/);
    expect(JSON.stringify(findings)).not.toContain('secret inside');
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it('end at once when they are stopped', async () => {
    const stop = new AbortController();
    const running = runChecks([check(never)], stop.signal);

    stop.abort();

    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('do not mind what fails after its time', async () => {
    const late = Promise.withResolvers<never>();
    const findings = await runChecks([check(() => late.promise, 10)], new AbortController().signal);
    late.reject(new Error('late'));

    expect(findings).toHaveLength(1);
  });
});
