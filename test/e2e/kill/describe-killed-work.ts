import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duplicates, type Finished, type Site, type Started, writes } from '../site.ts';
import { killAtWrite, type Place, placesOf } from './kill-at-write.ts';

/** Work that is killed at each of its outside writes; it can be done again and again at one site, which saves a first sync each time. */
export interface KilledWork {
  readonly name: string;
  /** Outside writes of one round. */
  readonly total: number;
  /** How many of them may be sent once more, because they say the same again. */
  readonly again?: number;
  /** A site in step. */
  readonly open: () => Promise<WorkSite>;
}

interface WorkSite extends AsyncDisposable {
  readonly site: Site;
  /** Makes the changes that the round is to carry; no two rounds make the same. */
  readonly prepare: (round: number) => Promise<Round> | Round;
}

interface Round {
  readonly start: () => Started;
  /** What is done after the kill; all of it must end well. */
  readonly next: (place: Place) => Promise<readonly Finished[]>;
  /** Holds both sides to what must be there then. */
  readonly expectDone: () => void;
}

interface Outcome {
  readonly reached: boolean;
  readonly next: readonly Finished[];
  readonly written: number;
  readonly last: Finished;
  readonly lastWritten: number;
}

/** Sites at once. */
const lanes = 3;

/** Kills the process of the work at each of its outside writes, before and after it is carried out. */
export function describeKilledWork(work: KilledWork): void {
  const places = placesOf(work.total);

  describe(`A2 killed at an outside write: ${work.name}`, () => {
    const outcomes = new Map<string, Promise<Outcome>>();

    beforeAll(() => {
      const queue = places.map((place) => {
        const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
        promise.catch(() => undefined);
        outcomes.set(keyOf(place), promise);
        return { place, resolve, reject };
      });
      for (let lane = 0; lane < lanes; lane += 1) void playLane(work, queue);
    });

    it.each(places)('A2 $when the answer of write $nth: then no duplicate, nothing missing, nothing twice', async (place) => {
      const outcome = await outcomes.get(keyOf(place));

      expect(outcome?.reached, 'it came so far').toBe(true);
      for (const { exit, stdout } of outcome?.next ?? []) expect(exit, stdout).toBe(0);
      expect(outcome?.written, 'all was written').toBeGreaterThanOrEqual(work.total);
      expect(outcome?.written, 'nothing was written twice').toBeLessThanOrEqual(work.total + (work.again ?? 0));
      expect(outcome?.last.exit).toBe(0);
      expect(outcome?.lastWritten, 'A6 a further sync writes nothing').toBe(0);
    });

    afterAll(async () => {
      await Promise.allSettled(outcomes.values());
    });
  });
}

function keyOf({ nth, when }: Place): string {
  return `${when} ${nth}`;
}

type Queue = { readonly place: Place; readonly resolve: (outcome: Outcome) => void; readonly reject: (reason: unknown) => void }[];

/** One place after another at one site; after a failure at a new one, so that it is nobody else's. */
async function playLane(work: KilledWork, queue: Queue): Promise<void> {
  let at: WorkSite | null = null;
  for (let next = queue.shift(), round = 1; next !== undefined; next = queue.shift(), round += 1) {
    try {
      at ??= await work.open();
      next.resolve(await play(at, next.place, round));
    } catch (error) {
      next.reject(error);
      await at?.[Symbol.asyncDispose]();
      at = null;
    }
  }
  await at?.[Symbol.asyncDispose]();
}

async function play({ site, prepare }: WorkSite, place: Place, number: number): Promise<Outcome> {
  const round = await prepare(number);
  const before = writes(site);
  const reached = await killAtWrite(site, place, round.start);
  const next = await round.next(place);
  const done = writes(site);
  round.expectDone();
  expect(duplicates(site)).toEqual([]);
  const last = await site.call('sync', '--json');
  return { reached, next, written: done - before, last, lastWritten: writes(site) - done };
}
