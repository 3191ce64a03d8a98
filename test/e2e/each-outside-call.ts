import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../sandbox/faults.ts';
import { contents, openFirstSync } from './first-sync.ts';
import { syncOf } from './people.ts';
import { duplicates, type Finished, type Site, writes } from './site.ts';

/** At least as many as a first sync sends; a test holds them to that. */
const calls = { itGlue: 12, bms: 36 } as const;

type System = keyof typeof calls;

export interface FailingCall {
  readonly name: string;
  /** The fault for the nth request of a sync. */
  readonly fault: (nth: number) => Fault;
  readonly exits: readonly number[];
}

interface Outcome {
  readonly faulted: Finished;
  readonly hits: number;
  readonly written: number;
  readonly healed: Finished;
  readonly contents: unknown;
  readonly duplicates: readonly string[];
  readonly last: Finished;
  readonly lastWrites: number;
}

const scenariosAtOnce = 16;

/** Fails each outside call of a first sync once, in the given way, and holds the next sync to A2: all there, nothing twice. */
export function describeEachOutsideCall(way: FailingCall): void {
  const cases = (Object.keys(calls) as System[]).flatMap((system) =>
    Array.from({ length: calls[system] }, (_, index) => ({ system, nth: index + 1 })),
  );

  describe(`A2 ${way.name}`, () => {
    let expected: unknown;
    const sent = { itGlue: 0, bms: 0 };
    const outcomes = new Map<string, Promise<Outcome>>();

    beforeAll(async () => {
      await using site = await openFirstSync();
      const sync = await site.call('sync', '--json');
      expect(sync.exit, sync.stdout).toBe(0);
      expected = contents(site);
      for (const system of ['itGlue', 'bms'] as const) sent[system] = site[system].requests.length;
      // They mostly wait for the rate budget: several at once, started before the first is asked for.
      const queue = cases.map(({ system, nth }) => {
        const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
        promise.catch(() => undefined);
        outcomes.set(`${system} ${nth}`, promise);
        return () => play(system, way.fault(nth)).then(resolve, reject);
      });
      for (let worker = 0; worker < scenariosAtOnce; worker += 1) void work(queue);
    });

    it('fails every outside call there is', () => {
      for (const system of ['itGlue', 'bms'] as const) {
        expect(sent[system]).toBeLessThanOrEqual(calls[system]);
        expect(sent[system]).toBeGreaterThan(calls[system] / 2);
      }
    });

    it.each(cases)('A2 call $nth of $system: after the next sync no duplicate and nothing missing', async ({ system, nth }) => {
      const outcome = await outcomes.get(`${system} ${nth}`);

      if (nth <= sent[system]) expect(outcome?.hits, 'the fault was met').toBeGreaterThan(0);
      expect(way.exits, outcome?.faulted.stdout).toContain(outcome?.faulted.exit);
      if (outcome?.faulted.exit === 1) {
        expect(outcome.faulted.json).toMatchObject({ error: { code: expect.stringMatching(/^(ITGLUE|PSA)_/) as unknown } });
        expect(outcome.written, 'nothing is written after a read that failed').toBe(0);
      }
      if (outcome?.faulted.exit === 3) {
        expect(syncOf(outcome.faulted).failed).not.toEqual([]);
      }
      expect(outcome?.healed.exit, outcome?.healed.stdout).toBe(0);
      expect(outcome?.duplicates).toEqual([]);
      expect(outcome?.contents).toEqual(expected);
      expect(outcome?.last.exit).toBe(0);
      expect(outcome?.lastWrites, 'A6 a further sync writes nothing').toBe(0);
    });

    afterAll(async () => {
      await Promise.allSettled(outcomes.values());
    });
  });
}

async function work(queue: (() => Promise<void>)[]): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next();
}

async function play(system: System, fault: Fault): Promise<Outcome> {
  await using site = await openFirstSync();
  const remove = site[system].faults.add(fault);
  const faulted = await site.call('sync', '--json');
  remove();
  const hits = site[system].counts.faulted;
  const written = writes(site);
  const healed = await site.call('sync', '--json');
  const after = writes(site);
  const last = await site.call('sync', '--json');
  return { ...endOf(site), faulted, hits, written, healed, last, lastWrites: writes(site) - after };
}

function endOf(site: Site): Pick<Outcome, 'contents' | 'duplicates'> {
  return { contents: contents(site), duplicates: duplicates(site) };
}
