import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../agent/http/http-client.ts';
import { createRateBudget, type RateLimit } from '../../../agent/http/rate-budget.ts';
import { openSpentBudgets } from '../../../agent/http/spent-budgets.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { answer, startScriptedServer } from './scripted-server.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const start = Date.UTC(2026, 0, 5, 8);
const bucket = 'Kaseya BMS: GET /v2/crm/contacts/search';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-budgets-'));
  path = join(folder, 'rate-budgets.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that begins now; its own clock starts at nothing. */
function startProcess(at: number, limits: readonly RateLimit[]) {
  const clock = createFakeClock(at);
  const problems: unknown[] = [];
  const spent = openSpentBudgets({ path, clock, onProblem: (error) => problems.push(error) });
  const budget = createRateBudget(limits, clock);
  spent.attach(bucket, budget);
  return {
    clock,
    problems,
    spent,
    /** Sends so many requests; the moments when each was let go. */
    send: async (count: number): Promise<readonly number[]> => {
      const grants: number[] = [];
      for (let index = 0; index < count; index += 1) {
        await budget.take();
        spent.note(bucket);
        grants.push(clock.now());
      }
      return grants;
    },
  };
}

/** How long a process has waited. */
function waited({ waits }: FakeClock): number {
  return waits.reduce((sum, ms) => sum + ms, 0);
}

const five: readonly RateLimit[] = [{ requests: 5, windowMs: hourMs }];

describe('budgets that outlive a process', () => {
  it('let the next process send what is left of the hour', async () => {
    const first = startProcess(start, five);
    await first.send(3);
    await first.spent.save();

    const second = startProcess(start + 10 * minuteMs, five);
    await second.send(2);
    expect(waited(second.clock)).toBe(0);
    await second.send(1);

    expect(second.clock.now()).toBeGreaterThanOrEqual(start + hourMs);
    expect(second.clock.now()).toBeLessThanOrEqual(start + hourMs + minuteMs);
  });

  it('never let more through in any hour than the limit, however many processes there are and when they begin', async () => {
    const step = fc.record({ pauseMs: fc.nat({ max: 20 * minuteMs }), count: fc.integer({ min: 1, max: 7 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        rmSync(path, { force: true });
        const grants: number[] = [];
        let now = start;
        for (const { pauseMs, count } of steps) {
          const process = startProcess(now + pauseMs, five);
          grants.push(...(await process.send(count)));
          await process.spent.save();
          now = process.clock.now();
        }
        for (const from of grants) expect(grants.filter((at) => at >= from && at < from + hourMs).length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 60 },
    );
  });

  it('are shared by two processes at once as soon as both have saved', async () => {
    const [one, other] = [startProcess(start, five), startProcess(start, five)];
    await one.send(3);
    await one.spent.save();
    await other.send(1);
    await other.spent.save();

    await other.send(1);
    expect(waited(other.clock)).toBe(0);
    await other.send(1);
    expect(waited(other.clock)).toBeGreaterThanOrEqual(hourMs);

    await one.send(1);
    await one.spent.save();
    const third = startProcess(start + 2 * minuteMs, five);
    await third.send(1);
    expect(waited(third.clock)).toBeGreaterThan(0);
  });

  it('do not touch limits of less than a minute', async () => {
    const limits = [{ requests: 2, windowMs: 1_000 }];
    const first = startProcess(start, limits);
    await first.send(30);
    await first.spent.save();

    const second = startProcess(first.clock.now(), limits);
    await second.send(2);

    expect(waited(second.clock)).toBe(0);
  });

  it('are saved every half a minute without being asked', async () => {
    const { clock, send, spent } = startProcess(start, [{ requests: 100, windowMs: hourMs }]);
    await send(1);
    expect(existsSync(path)).toBe(false);
    await clock.wait(31_000);
    await send(1);
    await spent.save();

    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1, buckets: { [bucket]: { [start / minuteMs]: 2 } } });
    const before = readFileSync(path, 'utf8');
    await send(1);
    await clock.wait(31_000);
    expect(readFileSync(path, 'utf8')).toBe(before);
    await send(1);
    await expect.poll(() => readFileSync(path, 'utf8')).not.toBe(before);
  });

  it('hold nothing that is older than any window, and are for this account alone', async () => {
    const first = startProcess(start, five);
    await first.send(3);
    await first.spent.save();
    const second = startProcess(start + 2 * hourMs, five);
    await second.send(1);
    await second.spent.save();

    expect(readdirSync(folder)).toEqual(['rate-budgets.json']);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1, buckets: { [bucket]: { [(start + 2 * hourMs) / minuteMs]: 1 } } });
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('are bounded, whatever buckets there are', async () => {
    const { spent } = startProcess(start, five);
    for (let index = 0; index < 1_000; index += 1) spent.note(`bucket ${index}`);
    await spent.save();

    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')).buckets)).toHaveLength(300);
  });

  it('save nothing when nothing was sent, nor where there is no folder', async () => {
    const idle = startProcess(start, five);
    await idle.spent.save();
    expect(existsSync(path)).toBe(false);

    rmSync(folder, { recursive: true });
    const { send, spent, problems } = startProcess(start, five);
    await send(1);
    await spent.save();
    expect([existsSync(folder), problems]).toEqual([false, []]);
  });
});

describe('a file that is not as it should be', () => {
  const minute = start / minuteMs;

  it.each([
    ['nothing', ''],
    ['no JSON', '{"version":1,'],
    ['a list', '[]'],
    ['another version', JSON.stringify({ version: 2, buckets: { [bucket]: { [minute]: 5 } } })],
    ['counts that are no numbers', JSON.stringify({ version: 1, buckets: { [bucket]: { [minute]: 'many' } } })],
    ['counts below zero', JSON.stringify({ version: 1, buckets: { [bucket]: { [minute]: -5 } } })],
    ['counts beyond all measure', JSON.stringify({ version: 1, buckets: { [bucket]: { [minute]: 1e12 } } })],
    ['minutes that are none', JSON.stringify({ version: 1, buckets: { [bucket]: { noon: 5 } } })],
    ['a name that means something', `{"version":1,"buckets":{"__proto__":{"${minute}":5}}}`],
    ['more than is read', JSON.stringify({ version: 1, buckets: { [bucket]: { [minute]: 5 } } }) + ' '.repeat(3_000_000)],
  ])('with %s does no harm, and is replaced', async (_, content) => {
    writeFileSync(path, content);
    const { clock, send, spent, problems } = startProcess(start, five);
    await send(5);
    await spent.save();

    expect([waited(clock), problems]).toEqual([0, []]);
    expect(JSON.parse(readFileSync(path, 'utf8')).buckets).toMatchObject({ [bucket]: { [minute]: 5 } });
  });

  it('with the greatest counts is read in no time and no memory', async () => {
    const counts = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [minute - index, 1_000_000]));
    writeFileSync(path, JSON.stringify({ version: 1, buckets: { [bucket]: counts } }));
    const { clock, send } = startProcess(start, five);
    await send(1);

    expect(waited(clock)).toBeLessThanOrEqual(hourMs + minuteMs);
  });

  it('a link is not followed, a folder is told', async () => {
    const elsewhere = join(folder, 'elsewhere.json');
    writeFileSync(elsewhere, 'precious');
    symlinkSync(elsewhere, path);
    const linked = startProcess(start, five);
    await linked.send(1);
    await linked.spent.save();
    expect([readFileSync(elsewhere, 'utf8'), linked.problems]).toEqual(['precious', []]);

    rmSync(path);
    mkdirSync(join(path, 'full'), { recursive: true });
    const blocked = startProcess(start, five);
    await blocked.send(1);
    await blocked.spent.save();
    expect(blocked.problems).toHaveLength(1);
    chmodSync(path, 0o700);
  });
});

describe('a clock that is set back', () => {
  it('freezes nothing: what seems to be to come was spent now, and is over in an hour', async () => {
    const before = startProcess(start + 24 * hourMs, five);
    await before.send(5);
    await before.spent.save();

    const after = startProcess(start, five);
    await after.send(1);
    expect(waited(after.clock)).toBeLessThanOrEqual(hourMs + minuteMs);
    await after.spent.save();

    const later = startProcess(start + 2 * hourMs + 3 * minuteMs, five);
    await later.send(4);
    expect(waited(later.clock)).toBe(0);
  });

  it('does not move the end of the hour again with each process', async () => {
    const before = startProcess(start + 24 * hourMs, five);
    await before.send(3);
    await before.spent.save();
    for (const minutes of [0, 30]) {
      const process = startProcess(start + minutes * minuteMs, five);
      await process.send(1);
      await process.spent.save();
    }

    const later = startProcess(start + 62 * minuteMs, five);
    await later.send(3);

    expect(waited(later.clock)).toBe(0);
  });
});

it('clients of two processes keep one limit', async () => {
  await using server = await startScriptedServer(answer(200));
  const waits: number[] = [];
  for (const minutes of [0, 5, 10]) {
    const clock = createFakeClock(start + minutes * minuteMs);
    const spent = openSpentBudgets({ path, clock, onProblem: () => undefined });
    const codes = {
      unreachable: 'PSA_UNREACHABLE',
      rateLimited: 'PSA_RATE_LIMITED',
      serverError: 'PSA_SERVER_ERROR',
      answerInvalid: 'PSA_ANSWER_INVALID',
    } as const;
    const http = createHttpClient({ service: 'Vorex', codes, limits: [{ requests: 2, windowMs: hourMs }], clock, spent });
    await http.send({ method: 'GET', url: server.url, budget: 'GET /v2/crm/contacts/{id}', intent: 'read' });
    await http.close();
    await spent.save();
    waits.push(waited(clock));
  }

  expect(waits.slice(0, 2)).toEqual([0, 0]);
  expect(waits[2]).toBeGreaterThanOrEqual(50 * minuteMs);
});
