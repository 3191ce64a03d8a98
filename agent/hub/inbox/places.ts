import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RollcallError } from '../../../core/errors.ts';

/**
 * How far an upload is shows in the name of its folder, so that each step is one `rename`, which happens whole or not at all: when the
 * process that receives and the one that lands want the same upload, one of them finds it gone.
 */
const stages = { receiving: '.receiving', waiting: '', landing: '.landing' } as const;
export type Stage = keyof typeof stages;

const idShape = '[0-9a-f]{32}';
const folderShape = new RegExp(`^(${idShape})(\\.receiving|\\.landing|)$`);
const outcomeShape = new RegExp(`^(${idShape})\\.json$`);

/** What lies in a collector's folder. */
export interface CollectorFolder {
  readonly uploads: readonly { readonly uploadId: string; readonly stage: Stage; readonly folder: string }[];
  readonly outcomes: readonly string[];
  /** Paths of what belongs to neither: half of something. */
  readonly rest: readonly string[];
}

export function collectorFolder(root: string, collectorId: string): string {
  if (!new RegExp(`^${idShape}$`).test(collectorId)) throw new RollcallError('HUB_UPLOAD_UNKNOWN', 'The hub has no such upload.');
  return join(root, collectorId);
}

/** The folder of an upload at a stage. Ids are proven here as well: they become parts of paths. */
export function uploadFolder(root: string, collectorId: string, uploadId: string, stage: Stage): string {
  if (!new RegExp(`^${idShape}$`).test(uploadId)) throw new RollcallError('HUB_UPLOAD_UNKNOWN', 'The hub has no such upload.');
  return join(collectorFolder(root, collectorId), `${uploadId}${stages[stage]}`);
}

export function outcomeFile(root: string, collectorId: string, uploadId: string): string {
  return `${uploadFolder(root, collectorId, uploadId, 'waiting')}.json`;
}

export function pageName(number: number): string {
  return `${String(number).padStart(5, '0')}.gz`;
}

/** Number of a page by the name of its file; `null`: the file is no page. */
export function pageNumber(name: string): number | null {
  const digits = /^(\d{5})\.gz$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Ids of the collectors that have sent something. */
export async function listCollectorIds(root: string): Promise<readonly string[]> {
  return (await namesIn(root)).filter((name) => new RegExp(`^${idShape}$`).test(name)).sort();
}

export async function lookInto(root: string, collectorId: string): Promise<CollectorFolder> {
  const own = collectorFolder(root, collectorId);
  const uploads: CollectorFolder['uploads'][number][] = [];
  const outcomes: string[] = [];
  const rest: string[] = [];
  for (const name of await namesIn(own)) {
    const [, uploadId, suffix] = folderShape.exec(name) ?? [];
    const settled = outcomeShape.exec(name)?.[1];
    if (uploadId !== undefined) uploads.push({ uploadId, stage: stageOf(suffix ?? ''), folder: join(own, name) });
    else if (settled !== undefined) outcomes.push(settled);
    else rest.push(join(own, name));
  }
  return { uploads, outcomes, rest };
}

function stageOf(suffix: string): Stage {
  if (suffix === stages.receiving) return 'receiving';
  return suffix === stages.landing ? 'landing' : 'waiting';
}

/** Nothing when there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Gives a file or folder its name for good: after a loss of power too. `false`: it is not there (any more). */
export async function moveDurably(from: string, to: string, parent: string): Promise<boolean> {
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  await syncFolder(parent);
  return true;
}

/** Takes a folder out of everybody's sight at once, and then away; `false`: it is not there (any more). */
export async function removeFolder(folder: string): Promise<boolean> {
  const aside = `${folder}.${randomBytes(6).toString('hex')}.dropped`;
  try {
    await rename(folder, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
  return true;
}

/** Makes the names in a folder durable. Windows has no such call and does it by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** What the file system says as an error of the hub; anything else as it is. */
export function translateDiskError(error: unknown): unknown {
  if (error instanceof RollcallError) return error;
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new RollcallError('HUB_NO_ROOM', 'The disk of the hub is full.', { cause: error });
  if (code !== null && /^E(?:ACCES|PERM|ROFS|IO|NOTDIR|ISDIR|MFILE|NFILE)$/.test(code)) {
    return new RollcallError('STORE_UNUSABLE', `The hub cannot use the folder of what collectors send (${code}).`, { cause: error });
  }
  return error;
}
