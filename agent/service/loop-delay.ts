import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ServiceFacts } from './service-facts.ts';

/** Measures for how long the event loop was not free. */
export interface LoopDelay {
  read(): ServiceFacts['eventLoop'];
  close(): void;
}

/** How often it looks: often enough that a block of 50 ms cannot hide, and seldom enough to cost next to nothing while idle. */
const resolutionMs = 40;

/** Begins to measure. */
export function measureLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // What is recorded is the time from one look to the next.
  const delay = (nanoseconds: number): number => Math.max(0, Math.round(nanoseconds / 10_000) / 100 - resolutionMs);
  return {
    read: () =>
      histogram.count === 0
        ? { p50: 0, p99: 0, max: 0 }
        : { p50: delay(histogram.percentile(50)), p99: delay(histogram.percentile(99)), max: delay(histogram.max) },
    close: () => void histogram.disable(),
  };
}
