import type { HttpClock } from '../http/http-clock.ts';

/** The pause between two looks of a loop. */
export interface Sleeper {
  /** Resolves after the time (`null`: not by itself), at `wake`, or at once when `wake` was called since the last sleep. */
  sleep(ms: number | null): Promise<void>;
  wake(): void;
}

export function createSleeper(clock: Pick<HttpClock, 'wait'>): Sleeper {
  let isAwake = false;
  let rise: () => void = () => undefined;

  return {
    async sleep(ms) {
      if (!isAwake) {
        const morning = new AbortController();
        await new Promise<void>((resolve) => {
          rise = () => {
            morning.abort();
            resolve();
          };
          if (ms !== null) clock.wait(ms, morning.signal).then(resolve, () => resolve());
        });
      }
      isAwake = false;
      rise = () => undefined;
    },
    wake() {
      isAwake = true;
      rise();
    },
  };
}
