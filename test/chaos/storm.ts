import { setTimeout as delay } from 'node:timers/promises';
import { harms } from './harms.ts';
import type { Moment, Scene } from './moment.ts';
import { seededRandom } from './random.ts';

/** What was done, and when. */
export interface Struck {
  readonly number: number;
  readonly at: number;
  readonly what: string;
  readonly whom: string;
  readonly ms: number;
  /** It waited for a write, and none came. */
  readonly isMissed: boolean;
}

export interface StormOptions {
  readonly moments: number;
  readonly seed: number;
  /** Nothing else is done than what it finds in the words of a harm; `null`: everything. */
  readonly only: RegExp | null;
  readonly say: (text: string) => void;
}

/** Up to this long a moment is waited for; a longer one goes on beside the next ones. */
const waitedMs = 7_000;

/** Strikes at so many random moments. Resolves when all is mended. */
export async function storm(scene: Omit<Scene, 'random'>, { moments, seed, only, say }: StormOptions): Promise<readonly Struck[]> {
  const { world } = scene;
  const struck: Struck[] = [];
  const lasting = new Map<string, Promise<void>>();
  for (let number = 1; number <= moments; number += 1) {
    // A stream for each: what the one before came to changes nothing for this one.
    const random = seededRandom(seed * 1_009 + number);
    let moment = nextMoment({ ...scene, random }, new Set(lasting.keys()), only);
    while (moment === null) {
      await Promise.race(lasting.values());
      moment = nextMoment({ ...scene, random }, new Set(lasting.keys()), only);
    }
    const { what, whom, ms } = moment;
    const hasStruck = await moment.begin();
    struck.push({ number, at: Date.now(), what, whom, ms, isMissed: !hasStruck });
    say(
      `${String(number).padStart(3)}  ${whom.padEnd(10)} ${what}${ms === 0 ? '' : `, ${(ms / 1_000).toFixed(1)} s`}${hasStruck ? '' : ' (no write came)'}`,
    );
    const over = hasStruck ? delay(ms).then(() => moment.end()) : Promise.resolve();
    if (ms > waitedMs)
      void lasting.set(
        whom,
        over.finally(() => lasting.delete(whom)),
      );
    else await over;
    await delay(random.between(500, 5_000));
  }
  await Promise.all(lasting.values());
  for (const machine of [...world.hubs, ...world.collectors]) machine.resume();
  return struck;
}

const mostTries = 1_000;

/** Nobody is hit twice at once, and while one hub is away for long the others are not taken away for long. `null`: not now. */
function nextMoment(scene: Scene, taken: ReadonlySet<string>, only: RegExp | null): Moment | null {
  const hubs = new Set(scene.world.hubs.map(({ name }) => name));
  const isHubAway = hubs.size > 1 && [...taken].some((name) => hubs.has(name));
  const matching = only === null ? harms : harms.filter((harm) => only.test(harm.make({ ...scene, random: seededRandom(1) }).what));
  for (let tries = 0; tries < mostTries; tries += 1) {
    const moment = scene.random.weighted(matching).make(scene);
    if (taken.has(moment.whom)) continue;
    if (isHubAway && hubs.has(moment.whom) && moment.ms > waitedMs) continue;
    return moment;
  }
  return null;
}
