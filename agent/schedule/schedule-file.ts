import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writePrivateFile } from '../files/private-file.ts';
import type { ScheduleState } from './schedule.ts';

const moment = z.number().min(0).max(8.64e15);
const slot = z.object({ expression: z.string(), timezone: z.string(), next: moment.nullable(), jitterMs: z.number() });

const fileSchema = z.object({
  formatVersion: z.literal(1),
  schedule: z.object({
    scan: slot,
    fullScan: slot,
    retry: z.object({ at: moment, attempt: z.int().min(0) }).nullable(),
    // Files of before it was kept owe nothing.
    owesFull: z.boolean().default(false),
    lastStartedAt: moment.nullable(),
    lastSuccessAt: moment.nullable(),
    // Files of before there was one.
    reconcile: z
      .object({ doneAt: moment.nullable(), triedAt: moment.nullable(), owedSince: moment.nullable() })
      .default({ doneAt: null, triedAt: null, owedSince: null }),
    seenAt: moment,
  }),
});

/** What the service remembered of its schedule; `null` when there is nothing, or nothing that can be understood. */
export async function readSchedule(path: string): Promise<ScheduleState | null> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).schedule;
  } catch {
    // Without it the first run comes at once, which does no harm.
    return null;
  }
}

/** Replaces the file as a whole. Throws what the file system throws. */
export function writeSchedule(path: string, schedule: ScheduleState): Promise<void> {
  return writePrivateFile(path, JSON.stringify({ formatVersion: 1, schedule }));
}
