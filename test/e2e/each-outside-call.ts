import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../sandbox/faults.ts';
import { contents, openFirstSync } from './first-sync.ts';
import { syncOf } from './people.ts';
import type { SitePsaType } from './psa/site-psa.ts';
import { duplicates, type Finished, type Site, writes } from './site.ts';

type System = 'itGlue' | 'psa';

/** At least as many as a first sync sends; a test holds them to that. IT Glue's own calls are the same with every PSA. */
const callsOf: Readonly<Record<'bms' | 'connectwise' | 'autotask', Readonly<Partial<Record<System, number>>>>> = {
  bms: { itGlue: 12, psa: 36 },
  connectwise: { psa: 18 },
  autotask: { psa: 18 },
};

export interface FailingCall {
  readonly name: string;
  /** Default: BMS. */
  readonly psa?: Extract<SitePsaType, keyof typeof callsOf>;
  /** Default: all of the PSA's table. */
  readonly systems?: readonly System[];
  /** The fault for the nth request of a sync. */
  readonly fault: (nth: number, site: Site) => Fault;
  readonly exits: readonly number[];
}

interface Outcome {
  readonly faulted: Finished;
  readonly hits: number;
  /** Requests to the failing system until the fault was over: how many they are depends a little on how fast answers come. */
  readonly sent: number;
  readonly written: number;
  readonly requests: number;
  readonly healed: Finished;
  readonly contents: unknown;
  readonly duplicates: readonly string[];
  readonly last: Finished;
  readonly lastWrites: number;
}

const scenariosAtOnce = 16;
/** A fault may cost so many requests more: repeats, looks, a sign-in. */
const mostRequestsMore = 12;

/** Fails each outside call of a first sync once, in the given way, and holds the next sync to A2: all there, nothing twice. */
export function describeEachOutsideCall(way: FailingCall): void {
  const psa = way.psa ?? 'bms';
  const calls = callsOf[psa];
  const systems = way.systems ?? (Object.keys(calls) as System[]);
  const cases = systems.flatMap((system) => Array.from({ length: calls[system] ?? 0 }, (_, index) => ({ system, nth: index + 1 })));

  describe(`A2 ${psa}: ${way.name}`, () => {
    let expected: unknown;
    const sent = { itGlue: 0, psa: 0 };
    const outcomes = new Map<string, Promise<Outcome>>();

    beforeAll(async () => {
      await using site = await openFirstSync(psa);
      const sync = await site.call('sync', '--json');
      expect(sync.exit, sync.stdout).toBe(0);
      expected = contents(site);
      for (const system of ['itGlue', 'psa'] as const) sent[system] = site[system].requests.length;
      // They mostly wait for the rate budget: several at once, started before the first is asked for.
      const queue = cases.map(({ system, nth }) => {
        const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
        promise.catch(() => undefined);
        outcomes.set(`${system} ${nth}`, promise);
        return () => play(psa, system, (site) => way.fault(nth, site)).then(resolve, reject);
      });
      for (let worker = 0; worker < scenariosAtOnce; worker += 1) void work(queue);
    });

    it('fails every outside call there is', () => {
      for (const system of systems) {
        expect(sent[system]).toBeLessThanOrEqual(calls[system] ?? 0);
        expect(sent[system]).toBeGreaterThan((calls[system] ?? 0) / 2);
      }
    });

    it.each(cases)('A2 call $nth of $system: after the next sync no duplicate and nothing missing', async ({ system, nth }) => {
      const outcome = await outcomes.get(`${system} ${nth}`);

      const isMet = nth <= (outcome?.sent ?? 0);
      if (isMet) expect(outcome?.hits, 'the fault was met').toBeGreaterThan(0);
      expect(isMet ? way.exits : [0, ...way.exits], outcome?.faulted.stdout).toContain(outcome?.faulted.exit);
      if (outcome?.faulted.exit === 1) {
        expect(outcome.faulted.json).toMatchObject({ error: { code: expect.stringMatching(/^(ITGLUE|PSA)_/) as unknown } });
        expect(outcome.written, 'nothing is written after a read that failed').toBe(0);
      }
      if (outcome?.faulted.exit === 3) {
        expect(syncOf(outcome.faulted).failed).not.toEqual([]);
      }
      expect(outcome?.requests, 'no storm').toBeLessThanOrEqual(sent.itGlue + sent.psa + mostRequestsMore);
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

async function play(psa: SitePsaType, system: System, fault: (site: Site) => Fault): Promise<Outcome> {
  await using site = await openFirstSync(psa);
  const remove = site[system].faults.add(fault(site));
  const faulted = await site.call('sync', '--json');
  remove();
  const hits = site[system].counts.faulted;
  const sent = site[system].requests.length;
  const written = writes(site);
  const requests = site.itGlue.counts.requests + site.psa.counts.requests;
  const healed = await site.call('sync', '--json');
  const after = writes(site);
  const last = await site.call('sync', '--json');
  return { ...endOf(site), faulted, hits, sent, written, requests, healed, last, lastWrites: writes(site) - after };
}

function endOf(site: Site): Pick<Outcome, 'contents' | 'duplicates'> {
  return { contents: contents(site), duplicates: duplicates(site) };
}
