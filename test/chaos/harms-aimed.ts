import type { Machine } from './machine.ts';
import { type Harm, lasting, type Moment, type Scene } from './moment.ts';

/** The spots where most can go wrong: the intent is committed; the vendor has the request; the vendor has carried it out. */
type Spot = 'intent' | 'request' | 'effect';

const patienceMs = 20_000;
const changeEveryMs = 1_000;
const answeredMs = 300;
const spotWords: Readonly<Record<Spot, string>> = {
  intent: 'as an intent is committed',
  request: 'as a request reaches the vendor',
  effect: 'as the vendor has carried a request out',
};

/** Strikes within the event itself, so that nothing else happens before; resolves with whether there was one. */
function strikeAt(spot: Spot, machine: Machine, { world, load }: Scene, strike: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (hasStruck: boolean): void => {
      forget();
      clearTimeout(timer);
      clearInterval(changes);
      if (hasStruck) strike();
      resolve(hasStruck);
    };
    const forget =
      spot === 'intent'
        ? world.history.onTold(({ table, source }) => {
            if (table === 'journal' && world.hubAt(source) === machine) finish(true);
          })
        : world.vendors.onWrite(({ when, hub, organization }) => {
            if (hub === machine.name && organization !== null && when === (spot === 'request' ? 'before' : 'after')) finish(true);
          });
    const timer = setTimeout(() => finish(false), patienceMs);
    const changes = setInterval(() => load.change(), changeEveryMs);
  });
}

interface Strike extends Pick<Moment, 'what' | 'ms'> {
  readonly strike: () => void;
  readonly end: () => void;
}

function aimed(spot: Spot, weight: number, make: (machine: Machine, scene: Scene) => Strike): Harm {
  return {
    weight,
    make(scene) {
      const machine = scene.random.of(scene.world.hubs);
      const { what, ms, strike, end } = make(machine, scene);
      return { what: `${what} ${spotWords[spot]}`, whom: machine.name, ms, begin: () => strikeAt(spot, machine, scene, strike), end };
    },
  };
}

/** The cable goes while a request is under way: what the vendor did not get lies in the sender's buffers until it is mended. */
function cutAll(weight: number): Harm {
  const harm = aimed('intent', weight, (machine, scene) => ({
    what: 'cut from everything',
    ms: lasting('long', scene),
    strike() {
      machine.place.cut('cloud');
      // By then the question whether it may send has been answered.
      setTimeout(() => {
        machine.place.cut('database');
        machine.place.cut('front');
      }, answeredMs);
    },
    end() {
      for (const link of ['cloud', 'database', 'front'] as const) machine.place.mend(link);
    },
  }));
  return {
    weight,
    make(scene) {
      const moment = harm.make(scene);
      return {
        ...moment,
        begin() {
          scene.load.burst();
          return moment.begin();
        },
      };
    },
  };
}

function pauseJobs(spot: Spot, length: 'short' | 'long', weight: number): Harm {
  return aimed(spot, weight, (machine, scene) => ({
    what: 'pause of the process of the jobs',
    ms: lasting(length, scene),
    strike: () => machine.pause(machine.pids.workers),
    end: () => machine.resume(),
  }));
}

function pauseAll(spot: Spot, length: 'short' | 'long', weight: number): Harm {
  return aimed(spot, weight, (machine, scene) => ({
    what: 'pause of service and jobs',
    ms: lasting(length, scene),
    strike() {
      const { service, workers } = machine.pids;
      machine.pause([...workers, ...(service === null ? [] : [service])]);
    },
    end: () => machine.resume(),
  }));
}

function killJobs(spot: Spot, weight: number): Harm {
  return aimed(spot, weight, (machine) => ({
    what: 'kill -9 of the process of the jobs',
    ms: 0,
    strike: () => machine.kill(machine.pids.workers),
    end: () => undefined,
  }));
}

function cutDatabase(spot: Spot, length: 'short' | 'long', weight: number): Harm {
  return aimed(spot, weight, (machine, scene) => ({
    what: 'cut from the database',
    ms: lasting(length, scene),
    strike: () => machine.place.cut('database'),
    end: () => machine.place.mend('database'),
  }));
}

export const aimedHarms: readonly Harm[] = [
  pauseJobs('intent', 'short', 3),
  pauseJobs('intent', 'long', 4),
  pauseAll('intent', 'long', 3),
  pauseJobs('request', 'short', 2),
  pauseJobs('request', 'long', 3),
  pauseAll('effect', 'long', 2),
  killJobs('intent', 4),
  killJobs('request', 3),
  killJobs('effect', 4),
  cutAll(4),
  cutDatabase('intent', 'short', 2),
  cutDatabase('intent', 'long', 2),
  cutDatabase('effect', 'long', 2),
];
