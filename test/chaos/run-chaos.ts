import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { Deeds } from './deeds.ts';
import { Load } from './load.ts';
import { seededRandom } from './random.ts';
import { isClean, type Result } from './report.ts';
import { settle } from './settle.ts';
import { type StormOptions, storm } from './storm.ts';
import { duplicates, overlaps } from './verdict.ts';
import { startWorld } from './world.ts';

export interface ChaosOptions extends StormOptions {
  readonly hubs: 1 | 2;
  readonly customers: number;
  readonly leaseMs: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly keeps: boolean;
}

const warmUpMs = 5_000;

/** Builds a world, strikes at so many moments while it works, lets it come to rest and judges it. */
export async function runChaos(options: ChaosOptions): Promise<Result> {
  const { seed, say } = options;
  const begun = performance.now();
  // Streams of their own: how often one chooses changes nothing for the others.
  await using world = await startWorld(options);
  say(`seed ${seed}, ${world.hubs.length} hubs, ${world.collectors.length} collectors, ${world.networkKind}; ${world.folder}`);
  const load = new Load(world, seededRandom(seed + 2_000_003));
  const deeds = new Deeds(world, load, seededRandom(seed + 3_000_017));
  // Otherwise all that was started would outlive this process.
  const stop = (): void => {
    const exit = (): never => process.exit(130);
    world[Symbol.asyncDispose]().then(exit, exit);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  load.start();
  deeds.start();
  await delay(warmUpMs);
  const struck = await storm({ world, load, leaseMs: options.leaseMs }, options);
  load.stop();
  say('Nobody is hit any more; all is to come to rest.');
  const settled = await settle(world, load, deeds);
  load.end();

  const runs = await world.history.runs();
  const decisions = await world.history.decisions();
  const result: Result = {
    seed,
    hubs: world.hubs.length,
    network: world.networkKind,
    seconds: (performance.now() - begun) / 1_000,
    struck,
    runs,
    hubOf: ({ source }) => world.hubAt(source)?.name ?? source,
    writes: world.vendors.writes.length,
    creates: world.vendors.writes.filter(({ isCreate }) => isCreate).length,
    changes: load.changes,
    deeds: deeds.confirmed.length,
    edits: deeds.edits.size,
    duplicates: duplicates(world),
    overlaps: overlaps(world, world.vendors.writes, runs),
    openIntents: await world.history.openIntents(),
    settled,
    slowest: load.slowest,
  };
  process.removeListener('SIGINT', stop);
  process.removeListener('SIGTERM', stop);
  if (options.keeps || !isClean(result)) {
    world.keep();
    writeFileSync(
      join(world.folder, 'seen.json'),
      JSON.stringify({ struck, runs, writes: world.vendors.writes, deeds: deeds.deeds, decisions }, null, 1),
    );
    say(`Logs, and what was seen: ${world.folder}`);
  }
  return result;
}
