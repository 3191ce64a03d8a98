import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from '../../files/private-file.ts';
import { moment } from '../protocol/entries.ts';

const largestFile = 256 * 1024;
const dayMs = 86_400_000;

const schema = z.object({
  /** The hub's id of the collector that all of this is about. */
  collector: z.string(),
  lastContactAt: moment.nullable(),
  /** How far this clock is ahead of the hub's, in milliseconds. */
  clockDifferenceMs: z.number().nullable(),
  /** Directories whose full reads others do, as the hub last said (C9). */
  sparedFullReads: z.array(z.string()),
  /** Why the hub could not be talked to, and since when; `null`: the last time it could. */
  failing: z.object({ code: z.string(), message: z.string(), since: moment }).nullable(),
});

/** What the service knows of the link to the hub; kept over its restarts, and for `status`. */
export type LinkState = z.output<typeof schema>;

export function newLinkState(collector: string): LinkState {
  return { collector, lastContactAt: null, clockDifferenceMs: null, sparedFullReads: [], failing: null };
}

/** `null`: nothing that can be understood. A loss costs a full read at most. */
export async function readLinkState(stateDirectory: string): Promise<LinkState | null> {
  try {
    const text = await readFile(fileIn(stateDirectory), 'utf8');
    return text.length > largestFile ? null : (schema.safeParse(JSON.parse(text)).data ?? null);
  } catch {
    return null;
  }
}

/** Throws what the file system throws. */
export function writeLinkState(stateDirectory: string, state: LinkState): Promise<void> {
  return writePrivateFile(fileIn(stateDirectory), JSON.stringify(state));
}

/** Whose full reads others do. Who has not heard the hub for a day relies on nobody. */
export function sparedNow(state: LinkState | null, now: number): readonly string[] {
  if (state?.lastContactAt == null) return [];
  const age = now - state.lastContactAt;
  return age >= 0 && age < dayMs ? state.sparedFullReads : [];
}

function fileIn(stateDirectory: string): string {
  return join(stateDirectory, 'hub-link.json');
}
