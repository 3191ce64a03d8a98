import { setTimeout as delay } from 'node:timers/promises';
import type { Deeds } from './deeds.ts';
import type { Load } from './load.ts';
import { lookAtTables, missing } from './verdict.ts';
import type { World } from './world.ts';

export interface Settled {
  /** Until everything was in its place; when it never was, how long that was waited for. */
  readonly ms: number;
  /** What was still missing when a sync was started by hand; `null`: it took none. */
  readonly beforeNudge: readonly string[] | null;
  readonly missing: readonly string[];
}

const patienceMs = 150_000;
const nudgeMs = 75_000;
const lookEveryMs = 2_500;

/** After the storm: lets everything come to rest by itself, then by a sync that a person starts. */
export async function settle(world: World, load: Load, deeds: Deeds): Promise<Settled> {
  const begun = performance.now();
  for (const machine of [...world.hubs, ...world.collectors]) await machine.ready(90_000);
  await deeds.end();
  let beforeNudge: readonly string[] | null = null;
  for (;;) {
    for (const { name } of world.collectors) load.send(name);
    const ms = performance.now() - begun;
    const left = await lookAtTables(world).then(
      (outlook) => missing(world, deeds, outlook),
      (error: unknown) => [String(error)],
    );
    if (left.length === 0 || ms > patienceMs) return { ms, beforeNudge, missing: left };
    if (ms > nudgeMs && beforeNudge === null) {
      beforeNudge = left;
      await world.hubs[0]?.run('sync', '--no-scan', '--json');
    }
    await delay(lookEveryMs);
  }
}
