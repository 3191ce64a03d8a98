import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WatchedOrganization, WatchOutcome } from '../../../agent/pipeline/watch/watch-outcome.ts';
import { Problems } from '../../../agent/service/problem.ts';
import { WatchLoop } from '../../../agent/service/watch-loop.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import { organizationId, runId } from '../../../core/model/ids.ts';

const second = 1_000;
const minute = 60 * second;
const noon = Date.UTC(2026, 10, 22, 12);
const quiet: WatchOutcome = { seenTo: { itGlue: null, psa: null }, organizations: [], error: null };

let elapsed: number;
let isFree: boolean;
/** What the next looks come to, in turn; the last one stays. */
let outcomes: readonly (WatchOutcome | RollcallError | Promise<WatchOutcome>)[];
let looks: number[];
let told: WatchedOrganization[];
let problems: Problems;
let loop: WatchLoop;

beforeEach(() => {
  elapsed = 0;
  isFree = true;
  outcomes = [quiet];
  looks = [];
  told = [];
  problems = new Problems(() => undefined);
  loop = new WatchLoop({
    collector: 'hq',
    now: () => noon + elapsed,
    elapsed: () => elapsed,
    logger: silentLogger(),
    problems,
    isFree: () => isFree,
    look() {
      looks.push(elapsed);
      const [next = quiet, ...rest] = outcomes;
      if (rest.length > 0) outcomes = rest;
      return next instanceof RollcallError ? Promise.reject(next) : Promise.resolve(next);
    },
    onSomething: (organizations) => told.push(...organizations),
  });
});

afterEach(() => loop.close());

function failing(code: ErrorCode, message = 'It does not answer.'): RollcallError {
  return new RollcallError(code, message);
}

function happened(outcome: WatchedOrganization['outcome'], code: ErrorCode | null = null): WatchOutcome {
  const error = code === null ? null : { code, message: 'No.', hint: 'Correct it.', place: {} };
  return { ...quiet, organizations: [{ organization: organizationId('4711'), run: runId('7'), outcome, error }] };
}

/** Second by second; each look is over within its second. */
async function pass(ms: number): Promise<void> {
  for (const end = elapsed + ms; elapsed < end; ) {
    elapsed += second;
    loop.tick();
    await settled();
  }
}

/** What has begun has ended. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function begin(): Promise<void> {
  loop.configure({ mark: 'here' });
  loop.start();
  return settled();
}

function pauses(): readonly number[] {
  return looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
}

function codes(): readonly string[] {
  return problems.list().map(({ code, severity }) => `${severity} ${code}`);
}

describe('P9 the watch of the service', () => {
  it('looks at once, and then at least once a minute', async () => {
    await begin();
    await pass(10 * minute);

    expect(looks[0]).toBe(0);
    expect(looks.length).toBeGreaterThanOrEqual(11);
    expect(Math.max(...pauses())).toBeLessThanOrEqual(minute);
    expect(Math.min(...pauses()), 'and not more often than that asks for').toBeGreaterThanOrEqual(45 * second);
  });

  it('does not look before it is started, while nothing is to be watched, and after it was closed', async () => {
    loop.configure({ mark: 'here' });
    loop.tick();
    await settled();
    expect(looks, 'the tick of a test stands for the timer').toHaveLength(1);
    loop.configure(null);
    await pass(10 * minute);
    expect(looks).toHaveLength(1);
    expect(loop.facts()).toBeNull();
    loop.configure({ mark: 'here' });
    loop.close();
    await pass(10 * minute);
    expect(looks).toHaveLength(1);
  });

  it('S2 lets everything else go first, and then does the one look that is late', async () => {
    await begin();
    isFree = false;
    await pass(10 * minute);
    expect(looks).toHaveLength(1);

    isFree = true;
    await pass(10 * second);

    expect(looks).toEqual([0, 10 * minute + second]);
    expect(codes(), 'not to look for that long is no failure').toEqual([]);
  });

  it('never begins a look while one is under way', async () => {
    const slow = Promise.withResolvers<WatchOutcome>();
    outcomes = [slow.promise, quiet];
    await begin();
    await pass(5 * minute);
    expect(looks).toHaveLength(1);

    slow.resolve(quiet);
    await settled();
    await pass(minute);

    expect(looks).toHaveLength(2);
    expect(looks[1], 'the pause begins at its end').toBeGreaterThanOrEqual(5 * minute + 45 * second);
  });

  it('waits longer and longer while looks fail, and looks each minute again after a good one', async () => {
    outcomes = [...Array.from({ length: 5 }, () => failing('PSA_UNREACHABLE')), quiet];
    await begin();
    await pass(32 * minute);

    expect(
      pauses()
        .slice(0, 5)
        .map((ms) => ms / minute),
    ).toEqual([1, 2, 4, 8, 15]);
    expect(pauses()[5]).toBeLessThanOrEqual(minute);
  });

  it.each<ErrorCode>(['PSA_CREDENTIALS_REJECTED', 'ITGLUE_KEY_REJECTED', 'SECRET_NOT_SET'])(
    'does not hammer with what a person has to mend (%s): four looks an hour',
    async (code) => {
      outcomes = [{ ...quiet, error: { code, message: 'No.', hint: 'Correct it.', place: {} } }];
      await begin();
      await pass(60 * minute);

      expect(pauses().every((ms) => ms === 15 * minute)).toBe(true);
      expect(looks).toHaveLength(5);
    },
  );

  it('tells when it has seen nothing for 10 minutes, with the reason, and takes it back after the next good look', async () => {
    outcomes = [quiet, ...Array.from({ length: 5 }, () => failing('PSA_UNREACHABLE', 'BMS does not answer.')), quiet];
    await begin();
    await pass(9 * minute);
    expect(codes()).toEqual([]);
    expect(loop.facts()?.failing).toMatchObject({ code: 'PSA_UNREACHABLE', since: new Date(noon + (looks[1] ?? 0)).toISOString() });
    await pass(2 * minute);
    expect(codes()).toEqual(['degraded PSA_WATCH_FAILING']);
    expect(problems.list()[0]).toMatchObject({
      message: expect.stringContaining('BMS does not answer.') as unknown,
      hint: failing('PSA_UNREACHABLE').hint,
      since: loop.facts()?.failing?.since,
      place: { cause: 'PSA_UNREACHABLE' },
    });

    await pass(30 * minute);

    expect(codes()).toEqual([]);
    expect(loop.facts()?.failing).toBeNull();
  });

  it('tells at once what will not pass by itself', async () => {
    outcomes = [quiet, failing('PSA_CREDENTIALS_REJECTED')];
    await begin();
    await pass(2 * minute);

    expect(codes()).toEqual(['degraded PSA_WATCH_FAILING']);
  });

  it('stays one problem when first the PSA and then IT Glue is away', async () => {
    outcomes = [failing('PSA_UNREACHABLE'), failing('PSA_UNREACHABLE'), failing('PSA_UNREACHABLE'), failing('ITGLUE_UNREACHABLE')];
    await begin();
    await pass(30 * minute);

    expect(problems.list()).toMatchObject([{ code: 'PSA_WATCH_FAILING', since: new Date(noon).toISOString() }]);
  });

  it.each([
    ['before it began', failing('INTERRUPTED')],
    ['under way', { ...quiet, error: { code: 'INTERRUPTED', message: 'Stopped.', hint: '', place: {} } }],
  ])('takes a look that was stopped %s for no failure', async (_when, outcome) => {
    outcomes = [outcome, quiet];
    await begin();
    await pass(minute);

    expect(loop.facts()).toMatchObject({ failing: null, counts: { failed: 0, nothing: 1 } });
    expect(looks).toHaveLength(2);
  });

  it('tells what happened in an organization like a run, and counts looks apart', async () => {
    outcomes = [quiet, happened('applied'), failing('PSA_UNREACHABLE'), quiet];
    await begin();
    await pass(4 * minute);

    expect(told).toMatchObject([{ organization: '4711', run: '7', outcome: 'applied' }]);
    expect(loop.facts()?.counts).toEqual({ nothing: 3, something: 1, failed: 1 });
  });

  it("tells an organization's own failure when it lasts, goes on with the others, and takes it back", async () => {
    outcomes = [...Array.from({ length: 16 }, () => happened('failed', 'PSA_COMPANY_NOT_FOUND')), quiet];
    await begin();
    await pass(9 * minute);
    expect(codes()).toEqual([]);
    expect(Math.max(...pauses()), 'the others are looked at as ever').toBeLessThanOrEqual(minute);
    await pass(90 * second);
    expect(problems.list()).toMatchObject([{ code: 'PSA_WATCH_FAILING', place: { organization: '4711', cause: 'PSA_COMPANY_NOT_FOUND' } }]);

    await pass(4 * minute);

    expect(codes()).toEqual([]);
  });

  it('S3 an edit of what is asked makes it look at once, and forgets what failed before', async () => {
    outcomes = [failing('PSA_CREDENTIALS_REJECTED'), quiet];
    await begin();
    await pass(12 * minute);
    expect(codes()).toEqual(['degraded PSA_WATCH_FAILING']);

    loop.configure({ mark: 'there' });
    expect(codes()).toEqual([]);
    await pass(second);

    expect(looks).toEqual([0, 12 * minute + second]);
    expect(loop.facts()).toMatchObject({ failing: null, lastGoodAt: new Date(noon + 12 * minute + second).toISOString() });
  });

  it('S3 an edit of anything else changes nothing', async () => {
    await begin();
    await pass(10 * second);
    loop.configure({ mark: 'here' });
    await pass(10 * second);

    expect(looks).toHaveLength(1);
  });

  it('S3 a look of before an edit says nothing about what is asked after it', async () => {
    const slow = Promise.withResolvers<WatchOutcome>();
    outcomes = [slow.promise, quiet];
    await begin();
    loop.configure({ mark: 'there' });
    slow.reject(failing('PSA_CREDENTIALS_REJECTED'));
    await settled();
    await pass(second);

    expect(looks).toHaveLength(2);
    expect(loop.facts()?.failing).toBeNull();
  });

  it('S3 a look that an edit outran does not put off the next one', async () => {
    const slow = Promise.withResolvers<WatchOutcome>();
    outcomes = [slow.promise, quiet];
    await begin();
    loop.configure({ mark: 'there' });
    slow.reject(failing('INTERRUPTED'));
    await settled();
    await pass(second);

    expect(looks).toEqual([0, second]);
  });

  it('looks at once after a sync has shown that both sides answer again', async () => {
    outcomes = [failing('PSA_CREDENTIALS_REJECTED'), quiet];
    await begin();
    await pass(minute);
    loop.hasten();
    await pass(second);

    expect(looks).toEqual([0, minute + second]);
    loop.hasten();
    await pass(second);
    expect(looks, 'nothing failed: there is no hurry').toHaveLength(2);
  });

  it('tells to which change each side was seen, and when the next look comes', async () => {
    const at = '2026-11-22T11:58:00.000Z';
    outcomes = [{ ...quiet, seenTo: { itGlue: at, psa: null } }, quiet];
    await begin();
    await pass(minute);

    expect(loop.facts()?.seenTo).toEqual({ itGlue: at, psa: null });
    const next = Date.parse(loop.facts()?.nextLookAt ?? '') - (noon + elapsed);
    expect(next).toBeGreaterThan(0);
    expect(next).toBeLessThanOrEqual(50 * second);
  });
});
