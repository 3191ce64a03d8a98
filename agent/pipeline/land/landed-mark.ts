import { z } from 'zod';
import type { JsonObject } from '../../../core/model/json.ts';

const mark = z.object({
  uploadId: z.string(),
  storeId: z.string(),
  read: z.int(),
  /** Stores of the collector before this one, the newest first: nothing is taken any more that was read by them before. */
  formerStores: z.array(z.string()),
});

/** Which state of a source the hub has: kept with the read that landed it, in one transaction. */
export type LandedMark = z.output<typeof mark>;

const formerStoresKept = 50;

/** `null`: the hub has none. */
export function readMark(checkpoint: JsonObject | null): LandedMark | null {
  const read = mark.safeParse(checkpoint);
  return read.success ? read.data : null;
}

/** The mark of the next state. */
export function nextMark(before: LandedMark | null, { uploadId, storeId, read }: Omit<LandedMark, 'formerStores'>): LandedMark {
  if (before === null) return { uploadId, storeId, read, formerStores: [] };
  const former = before.storeId === storeId ? before.formerStores : [before.storeId, ...before.formerStores];
  const others = former.filter((store) => store !== storeId);
  return { uploadId, storeId, read, formerStores: others.slice(0, formerStoresKept) };
}
