import process from 'node:process';
import { postgresMissing } from '../integration/postgres.ts';
import { chooseAddresses } from './hub-fleet-addresses.ts';
import { SimulatedCollector, type Traffic } from './hub-fleet-collectors.ts';
import { forgetPeaks, usageOf } from './hub-fleet-process.ts';
import type { HubFacts } from './hub-fleet-service.ts';
import { type FleetHub, startFleetHub } from './hub-fleet-site.ts';

const users = Number(process.env['USERS'] ?? '2000');
const many = Number(process.env['COLLECTORS'] ?? '200');
const organizationsOfMany = Number(process.env['ORGANIZATIONS'] ?? String(Math.ceil(many / 4)));
/** `STORES=PostgreSQL` measures one of both. */
const kinds = (['SQLite', 'PostgreSQL'] as const).filter((kind) => (process.env['STORES'] ?? kind).includes(kind));
const few = 2;
const fewRounds = 5;
const syncsMeasured = 3;
/** Targets of this product's measures. */
const mostTimesOfFew = 1.5;
const mostOfFull = 0.02;

/**
 * A hub with a fleet: a cycle in which every collector sends everything at the same moment, by few and by many of them; a cycle in which
 * nothing is new; and what a sync of an organization takes, apart, for it waits for IT Glue.
 */
export async function benchFleet(): Promise<void> {
  const undo = chooseAddresses();
  say(
    `${many} collectors of ${organizationsOfMany} organizations with ${users.toLocaleString('en')} users each, an address each; 30 a minute may join, so`,
  );
  say(
    'they join beside HTTP. All begin at the same moment. CPU: of the hub, its process of jobs and the database; the collectors share the machine.',
  );
  try {
    for (const kind of kinds) {
      const missing = kind === 'PostgreSQL' ? postgresMissing() : null;
      if (missing !== null) say(`SKIPPED: PostgreSQL: ${missing}`);
      else await benchOn(kind);
    }
  } finally {
    undo();
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function benchOn(kind: 'SQLite' | 'PostgreSQL'): Promise<void> {
  say(`  ${kind}:`);
  const organizations = Array.from({ length: organizationsOfMany }, (_, index) => String(10_000 + index));
  const strangers = Array.from({ length: fewRounds + 1 }, (_, index) => String(90_000 + index));
  await using hub = await startFleetHub(kind, [...organizations, ...strangers]);
  const fleet = new Fleet(hub);
  // The process of jobs is there, and what it runs is compiled.
  const warm = await fleet.add(1, strangers.slice(0, 1));
  await fleet.cycle(warm, (collector) => collector.sendAll());

  const pairs: Cycle[] = [];
  let pair: readonly SimulatedCollector[] = [];
  for (const stranger of strangers.slice(1)) {
    pair = await fleet.add(few, [stranger]);
    pairs.push(await fleet.cycle(pair, (collector) => collector.sendAll()));
  }
  const small = middle(pairs);
  tell(`${few} collectors, a full cycle`, small);
  const before = await hub.storeBytes();
  const all = await fleet.add(many, organizations);
  const full = await fleet.cycle(all, (collector) => collector.sendAll());
  tell(`${many} collectors, a full cycle`, full);
  const times = { wall: full.ms / full.users / (small.ms / small.users), cpu: full.cpu / full.users / (small.cpu / small.users) };
  say(
    `    a user costs ${times.wall.toFixed(2)} times as long as with ${few}, and ${times.cpu.toFixed(2)} times the CPU ` +
      `(target ${mostTimesOfFew}: ${Math.max(times.wall, times.cpu) <= mostTimesOfFew ? 'within' : 'MISSED'}); ` +
      `the store grew by ${Math.round(((await hub.storeBytes()) - before) / full.users)} bytes a user`,
  );
  tell(`${many} collectors, everything again`, await fleet.cycle(all, (collector) => collector.sendAll()));
  const again: Cycle[] = [];
  for (let round = 0; round < fewRounds; round += 1) again.push(await fleet.cycle(pair, (collector) => collector.sendAll()));
  tell(`${few} of them, everything again`, middle(again));
  const quiets: Cycle[] = [];
  for (let round = 0; round < fewRounds; round += 1) quiets.push(await fleet.cycle(all, (collector) => collector.beat()));
  const quiet = middle(quiets);
  tell(`${many} collectors, nothing new`, quiet);
  const share = { wall: quiet.ms / full.ms, cpu: quiet.cpu / full.cpu };
  say(
    `    that is ${(share.wall * 100).toFixed(2)} % of the time and ${(share.cpu * 100).toFixed(2)} % of the CPU of a full cycle ` +
      `(target ${mostOfFull * 100} %: ${Math.max(share.wall, share.cpu) < mostOfFull ? 'within' : 'MISSED'})`,
  );
  tell(`${many} collectors, each read again and found nothing new`, await fleet.cycle(all, (collector) => collector.sendNothingNew()));
  const unsynced = await hub.storeBytes();
  const inOne = (users * many) / organizationsOfMany;
  const some = organizations.slice(0, syncsMeasured);
  for (const organization of some) {
    forgetPeaks(hub.pid);
    const { ms = 0, result = '' } = await hub.ask({ kind: 'sync', organization });
    const peak = usageOf(hub.pid).peaksMiB[1] ?? 0;
    say(
      `    a first sync of one organization with ${inOne.toLocaleString('en')} users: ${Math.round(ms)} ms (${result}), jobs at most ${peak} MiB`,
    );
  }
  const grewBy = ((await hub.storeBytes()) - unsynced) / (inOne * some.length);
  say(`    the store is ${((await hub.storeBytes()) / 2 ** 20).toFixed(0)} MiB; a synced user takes ${Math.round(grewBy)} bytes more`);
  await fleet.close();
}

/** What a cycle took. */
interface Cycle {
  readonly users: number;
  /** Until the last upload had landed, or the last answer came. */
  readonly ms: number;
  /** Seconds, of all processes of the hub with the database. */
  readonly cpu: number;
  /** Seconds, of the collectors themselves. */
  readonly ownCpu: number;
  readonly requests: number;
  readonly refusals: string;
  readonly bytes: number;
  /** Of the hub's process, and of that of its jobs. */
  readonly peaksMiB: readonly number[];
  readonly landJobs: number;
  readonly eventLoop: HubFacts['eventLoop'];
}

class Fleet {
  readonly #hub: FleetHub;
  readonly #traffic: Traffic = { requests: 0, bytes: 0 };
  readonly #collectors: SimulatedCollector[] = [];

  constructor(hub: FleetHub) {
    this.#hub = hub;
  }

  async add(count: number, organizations: readonly string[]): Promise<readonly SimulatedCollector[]> {
    const first = this.#collectors.length;
    const places = Array.from({ length: count }, (_, index) => {
      const number = first + index;
      const address = `127.1.${Math.floor(number / 250)}.${1 + (number % 250)}`;
      return { organization: organizations[index % organizations.length] ?? '', name: `collector-${number}`, address };
    });
    const { keys = [] } = await this.#hub.ask({ kind: 'join', collectors: places });
    const added = places.map(
      (place, index) => new SimulatedCollector({ ...place, key: keys[index] ?? '' }, users, this.#hub, this.#traffic),
    );
    this.#collectors.push(...added);
    return added;
  }

  async cycle(collectors: readonly SimulatedCollector[], work: (collector: SimulatedCollector) => Promise<void>): Promise<Cycle> {
    const hub = this.#hub;
    await hub.ask({ kind: 'reset' });
    forgetPeaks(hub.pid);
    const [facts, usage, traffic] = [await hub.facts(), this.#cpu(), { ...this.#traffic }];
    const own = process.cpuUsage();
    const begun = Date.now();
    await Promise.all(collectors.map(work));
    const ended = Date.now();
    const { user, system } = process.cpuUsage(own);
    const [after, used] = [await hub.facts(), this.#cpu()];
    // Collectors ask in pauses whether it has landed: the hub itself knows when.
    const ms = (after.landJobs > facts.landJobs ? after.landedAt : ended) - begun;
    if (after.failures.length > facts.failures.length) throw new Error(`The hub failed: ${after.failures.slice(-3).join('; ')}`);
    if (after.refused > facts.refused) throw new Error(`${after.refused - facts.refused} uploads were refused.`);
    return {
      users: users * collectors.length,
      ms,
      cpu: used - usage,
      ownCpu: (user + system) / 1e6,
      requests: this.#traffic.requests - traffic.requests,
      refusals: refusals(facts, after),
      bytes: this.#traffic.bytes - traffic.bytes,
      peaksMiB: usageOf(hub.pid).peaksMiB,
      landJobs: after.landJobs - facts.landJobs,
      eventLoop: after.eventLoop,
    };
  }

  async close(): Promise<void> {
    for (const collector of this.#collectors) await collector.close();
  }

  #cpu(): number {
    const { pid, databasePid } = this.#hub;
    return usageOf(pid).cpu + (databasePid === null ? 0 : usageOf(databasePid).cpu);
  }
}

function refusals(before: HubFacts, after: HubFacts): string {
  const counts = Object.entries(after.requests)
    .map(([code, count]) => [code, count - (before.requests[code] ?? 0)] as const)
    .filter(([code, count]) => code !== 'done' && count > 0);
  return counts.length === 0 ? 'none refused' : counts.map(([code, count]) => `${count} ${code}`).join(', ');
}

/** By its time. */
function middle(cycles: readonly Cycle[]): Cycle {
  const sorted = cycles.toSorted((left, right) => left.ms - right.ms);
  const found = sorted[Math.floor(sorted.length / 2)];
  if (found === undefined) throw new Error('There is no cycle.');
  return found;
}

function tell(what: string, cycle: Cycle): void {
  say(
    `    ${what}: ${(cycle.ms / 1000).toFixed(2)} s, ${perUser(cycle.ms / 1000, cycle)} us a user, ` +
      `${perUser(cycle.cpu, cycle)} us of CPU a user (and ${perUser(cycle.ownCpu, cycle)} of the collectors); ${cycle.requests.toLocaleString('en')} requests (${cycle.refusals}), ` +
      `${(cycle.bytes / 2 ** 20).toFixed(1)} MiB of pages, ${cycle.landJobs} jobs; hub at most ${cycle.peaksMiB[0] ?? 0} MiB, its jobs ${cycle.peaksMiB[1] ?? 0} MiB; ` +
      `its main thread late by p99 ${cycle.eventLoop.p99.toFixed(0)} ms, at most ${cycle.eventLoop.max.toFixed(0)} ms`,
  );
}

function perUser(seconds: number, cycle: Cycle): string {
  const micros = (seconds / cycle.users) * 1e6;
  return micros.toFixed(micros < 10 ? 1 : 0);
}
