import { aimedHarms } from './harms-aimed.ts';
import type { Machine } from './machine.ts';
import { type Harm, lasting, type Moment, type Scene } from './moment.ts';
import type { Link } from './network/network.ts';

type Part = 'service' | 'worker' | 'both';

function pidsOf(machine: Machine, part: Part): readonly number[] {
  const { service, workers } = machine.pids;
  const own = service === null ? [] : [service];
  return { service: own, worker: workers, both: [...own, ...workers] }[part];
}

const partWords: Readonly<Record<Part, string>> = { service: 'the service', worker: 'the process of the jobs', both: 'service and jobs' };

/** Over at once. */
function blow(what: string, whom: string, strike: () => unknown): Moment {
  return {
    what,
    whom,
    ms: 0,
    async begin() {
      await strike();
      return true;
    },
    end: () => undefined,
  };
}

function kill(choose: (scene: Scene) => Machine, part: Part, weight: number): Harm {
  return {
    weight,
    make(scene) {
      const machine = choose(scene);
      return blow(`kill -9 of ${partWords[part]}`, machine.name, () => machine.kill(pidsOf(machine, part)));
    },
  };
}

function pause(choose: (scene: Scene) => Machine, part: Part, length: 'short' | 'long', weight: number): Harm {
  return {
    weight,
    make(scene) {
      const machine = choose(scene);
      return {
        what: `pause of ${partWords[part]}`,
        whom: machine.name,
        ms: lasting(length, scene),
        begin() {
          machine.pause(pidsOf(machine, part));
          return Promise.resolve(true);
        },
        end: () => machine.resume(),
      };
    },
  };
}

function cut(choose: (scene: Scene) => Machine, links: readonly Link[], length: 'short' | 'long', weight: number): Harm {
  return {
    weight,
    make(scene) {
      const machine = choose(scene);
      return {
        what: `cut from ${links.map((link) => linkWords[link]).join(', ')}`,
        whom: machine.name,
        ms: lasting(length, scene),
        begin() {
          for (const link of links) machine.place.cut(link);
          return Promise.resolve(true);
        },
        end() {
          for (const link of links) machine.place.mend(link);
        },
      };
    },
  };
}

const linkWords: Readonly<Record<Link, string>> = { front: 'the other rollcalls', database: 'the database', cloud: 'IT Glue and PSA' };

const hub = ({ world, random }: Scene): Machine => random.of(world.hubs);
const collector = ({ world, random }: Scene): Machine => random.of(world.collectors);

function endSessions(ofAll: boolean, weight: number): Harm {
  return {
    weight,
    make(scene) {
      const { postgres, database } = scene.world;
      const machine = hub(scene);
      const whose = ofAll ? '' : ` and client_addr = '${machine.place.source('database')}'`;
      const sql = `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rollcall' and datname = '${database.database}'${whose}`;
      const what = 'its sessions ended by the database';
      return blow(what, ofAll ? 'postgresql' : machine.name, () => postgres.administer(sql).catch(() => undefined));
    },
  };
}

function restart(how: 'fast' | 'crash', weight: number): Harm {
  return {
    weight,
    make: ({ world }) => blow(how === 'fast' ? 'restart' : 'crash and restart', 'postgresql', () => world.postgres.restart(how)),
  };
}

/** All that is done, and how often. */
export const harms: readonly Harm[] = [
  kill(hub, 'service', 7),
  kill(hub, 'both', 5),
  kill(hub, 'worker', 7),
  pause(hub, 'both', 'short', 4),
  pause(hub, 'both', 'long', 5),
  pause(hub, 'worker', 'short', 4),
  pause(hub, 'worker', 'long', 4),
  pause(hub, 'service', 'short', 2),
  pause(hub, 'service', 'long', 2),
  cut(hub, ['front'], 'short', 3),
  cut(hub, ['front'], 'long', 1),
  cut(hub, ['database'], 'short', 4),
  cut(hub, ['database'], 'long', 3),
  cut(hub, ['cloud'], 'short', 3),
  cut(hub, ['cloud'], 'long', 1),
  cut(hub, ['front', 'database', 'cloud'], 'short', 2),
  cut(hub, ['front', 'database', 'cloud'], 'long', 3),
  kill(collector, 'service', 3),
  kill(collector, 'worker', 3),
  pause(collector, 'both', 'short', 3),
  cut(collector, ['front'], 'short', 4),
  cut(collector, ['front'], 'long', 1),
  endSessions(false, 5),
  endSessions(true, 2),
  restart('fast', 2),
  restart('crash', 3),
  ...aimedHarms,
];
