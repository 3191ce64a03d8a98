import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Moment } from '../../../core/model/time.ts';
import { collectorFolder, listCollectorIds, lookInto, namesIn, outcomeFile, removeFolder } from './places.ts';
import { readSettled, readUploadFile, type SettledUpload } from './upload-file.ts';

const dayMs = 86_400_000;
/** How long an upload may take, and how long it is remembered what became of one. */
const longestReceivingMs = 7 * dayMs;
const rememberedMs = 14 * dayMs;
/** Outcomes of one collector that are remembered. */
const mostRemembered = 500;

/** Clears away halves, what was settled and still lies there, uploads that nobody goes on with, and old outcomes. `inUse` stays. */
export async function tidyInbox(root: string, inUse: ReadonlySet<string>, at: Moment): Promise<void> {
  for (const collectorId of await listCollectorIds(root)) {
    const { uploads, outcomes, rest } = await lookInto(root, collectorId);
    for (const path of rest) await rm(path, { recursive: true, force: true });
    for (const { uploadId, stage, folder } of uploads.filter((each) => !inUse.has(each.folder))) {
      const file = await readUploadFile(folder);
      const isOld = stage === 'receiving' && file !== null && at - file.receivedAt > longestReceivingMs;
      if (file === null || isOld || outcomes.includes(uploadId)) await removeFolder(folder);
      else await removeParts(folder);
    }
    await forgetOutcomes(root, collectorId, outcomes, at);
    // Refused as long as something is in it.
    await rmdir(collectorFolder(root, collectorId)).catch(() => undefined);
  }
}

async function removeParts(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (name.endsWith('.part')) await rm(join(folder, name), { force: true });
  }
}

async function forgetOutcomes(root: string, collectorId: string, outcomes: readonly string[], at: Moment): Promise<void> {
  const known: { readonly path: string; readonly settled: SettledUpload | null }[] = [];
  for (const uploadId of outcomes) {
    const path = outcomeFile(root, collectorId, uploadId);
    known.push({ path, settled: await readSettled(path) });
  }
  known.sort((left, right) => (right.settled?.at ?? 0) - (left.settled?.at ?? 0));
  for (const [index, { path, settled }] of known.entries()) {
    const isOld = settled === null || at - settled.at > rememberedMs;
    if (isOld || index >= mostRemembered) await rm(path, { force: true });
  }
}
