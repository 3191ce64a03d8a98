// node test/bench/log-soak.ts [ROTATIONS]: writes the log under load through so many rotations, and prints what grew.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLogger } from '../../agent/telemetry/logger.ts';
import { Redactor } from '../../agent/telemetry/redactor.ts';

/** What a process has open and keeps, at one moment. */
interface Footprint {
  readonly handles: number;
  readonly listeners: number;
  readonly heapMiB: number;
  readonly rssMiB: number;
}

export interface SoakFigures {
  readonly rotations: number;
  readonly events: number;
  readonly seconds: number;
  readonly files: readonly string[];
  readonly largestFile: number;
  readonly longestBlockMs: number;
  readonly problems: number;
  /** After a tenth of the rotations, when all is warm, and at the end. */
  readonly before: Footprint;
  readonly after: Footprint;
}

/** Rotates files of 16 KiB under load; a file that was begun is seen by its size. */
export async function soakLog(rotations: number): Promise<SoakFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'rollcall-soak-'));
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const maxBytes = 16 * 1024;
  const logger = createLogger({
    level: 'info',
    json: true,
    stream: sink,
    redactor: new Redactor(),
    files: { directory, maxBytes, count: 5 },
  });
  const startedAt = performance.now();
  let events = 0;
  let longestBlockMs = 0;
  let problems = 0;
  let seenRotations = 0;
  let seen = '';
  let seenSize = 0;

  /** Waits for the disk, as far as the file shows it, and counts files that were begun. */
  const look = async (): Promise<void> => {
    for (let turn = 0; turn < 10_000; turn += 1) {
      const facts = statSync(join(directory, 'rollcall.log'), { throwIfNoEntry: false });
      const identity = String(facts?.ino);
      if (facts !== undefined && (identity !== seen || facts.size !== seenSize)) {
        seenRotations += Number(facts.size < seenSize);
        seen = identity;
        seenSize = facts.size;
        return;
      }
      await nextTurn();
    }
  };

  const write = async (bytes: number): Promise<void> => {
    const padding = 'x'.repeat(100);
    for (let written = 0; written < bytes; ) {
      const at = performance.now();
      for (let burst = 0; burst < 25; burst += 1) {
        logger.child({ run: events }).info('Applied a plan', { padding, count: events });
        events += 1;
        written += 199;
      }
      longestBlockMs = Math.max(longestBlockMs, performance.now() - at);
      await look();
      problems += logger.problems().length;
    }
  };

  const until = async (wanted: number): Promise<void> => {
    for (let missing = wanted; missing > 0; missing = wanted - seenRotations) await write(maxBytes);
  };

  try {
    await until(rotations / 10);
    const before = footprint(sink);
    await until(rotations);
    const after = footprint(sink);
    await logger.close();
    const files = readdirSync(directory).sort();
    return {
      rotations: seenRotations,
      events,
      seconds: (performance.now() - startedAt) / 1_000,
      files,
      largestFile: Math.max(...files.map((name) => statSync(join(directory, name)).size)),
      longestBlockMs,
      problems,
      before,
      after,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function footprint(sink: Writable): Footprint {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    handles: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    listeners: sink.eventNames().reduce((sum, name) => sum + sink.listenerCount(name), 0),
    heapMiB: Math.round(heapUsed / 1024 / 102.4) / 10,
    rssMiB: Math.round(rss / 1024 / 102.4) / 10,
  };
}

if (import.meta.main) {
  const figures = await soakLog(Number(process.argv[2] ?? '2000'));
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}
