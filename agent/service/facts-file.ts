import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from '../files/private-file.ts';
import type { ServiceFacts } from './service-facts.ts';

const largestFile = 1024 * 1024;

const problem = z.looseObject({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  place: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  severity: z.enum(['degraded', 'failed']),
  since: z.string().nullable(),
});

const watch = z.object({
  lastLookAt: z.string().nullable(),
  lastGoodAt: z.string().nullable(),
  seenTo: z.object({ itGlue: z.string().nullable(), psa: z.string().nullable() }),
  nextLookAt: z.string(),
  failing: z.object({ code: z.string(), message: z.string(), since: z.string() }).nullable(),
  counts: z.object({ nothing: z.number(), something: z.number(), failed: z.number() }),
});

/** The facts as they come from a file or over the control channel. */
export const factsSchema = z.looseObject({
  pid: z.number(),
  version: z.string(),
  startedAt: z.string(),
  at: z.string(),
  configFile: z.string(),
  configLoadedAt: z.string(),
  stoppedAt: z.string().nullable(),
  schedule: z.object({ scan: z.string(), fullScan: z.string(), timezone: z.string() }),
  next: z.array(z.object({ command: z.string(), at: z.string() })),
  current: z.object({ command: z.string(), startedAt: z.string() }).nullable(),
  lastSuccessAt: z.string().nullable(),
  // Services of before there was a watch do not tell of one.
  watch: watch.nullable().default(null),
  problems: z.array(problem),
  eventLoop: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
  rssBytes: z.number(),
});

function factsFile(stateDirectory: string): string {
  return join(stateDirectory, 'service.json');
}

/** The last facts that a service wrote; `null` when there are none, or none that can be understood. */
export async function readFacts(stateDirectory: string): Promise<ServiceFacts | null> {
  try {
    const text = await readFile(factsFile(stateDirectory), 'utf8');
    const parsed = text.length > largestFile ? null : factsSchema.safeParse(JSON.parse(text));
    return parsed?.success === true ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Throws what the file system throws. */
export function writeFacts(stateDirectory: string, facts: ServiceFacts): Promise<void> {
  return writePrivateFile(factsFile(stateDirectory), JSON.stringify(facts));
}
