import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Moment } from '../../core/model/time.ts';
import { writePrivateFile } from '../files/private-file.ts';
import { releaseIn } from './release-file.ts';

/** Why a release on trial found itself unwell. */
export interface Unwell {
  readonly release: string;
  readonly code: string;
  readonly message: string;
  /** RFC 3339. */
  readonly at: string;
}

/** A release that was given up by whoever starts the service. */
interface Refused {
  readonly release: string;
  /** In a few words; `null`: none were written. */
  readonly reason: string | null;
  readonly at: Moment;
}

/** What is written down of upgrades in a state directory. Content that cannot be understood counts as none. */
export interface UpgradeFiles {
  /** The release that said last that it is well. */
  readonly confirmed: string | null;
  readonly refused: Refused | null;
  readonly unwell: Unwell | null;
}

const unwellSchema = z.object({ release: z.string(), code: z.string(), message: z.string(), at: z.iso.datetime() });
const longestFile = 64 * 1024;
const longestReason = 300;

/** `confirmed`, `tried`, `refused` and `unwell` lie there; whoever starts the service reads and writes them too. */
export function upgradeFolder(stateDirectory: string): string {
  return join(stateDirectory, 'upgrade');
}

function place(stateDirectory: string, name: 'confirmed' | 'tried' | 'refused' | 'unwell'): string {
  return join(upgradeFolder(stateDirectory), name);
}

/** Never throws. */
export async function readUpgradeFiles(stateDirectory: string): Promise<UpgradeFiles> {
  const [confirmed, refused, unwell] = await Promise.all([
    textOf(place(stateDirectory, 'confirmed')),
    refusedIn(place(stateDirectory, 'refused')),
    textOf(place(stateDirectory, 'unwell')),
  ]);
  return { confirmed: releaseIn(confirmed), refused, unwell: unwellIn(unwell) };
}

/** Writes down, safe from a power cut, that the release is well, and forgets what spoke against it or another. Throws what the file system throws. */
export async function confirmRelease(stateDirectory: string, release: string): Promise<void> {
  await makeFolder(stateDirectory);
  await writePrivateFile(place(stateDirectory, 'confirmed'), `${release}\n`);
  await keepFolder(stateDirectory);
  await forgetTrials(stateDirectory);
}

/** Forgets tries and refusals; what cannot be deleted stays, and speaks against no release that is confirmed. */
export async function forgetTrials(stateDirectory: string): Promise<void> {
  for (const name of ['tried', 'refused', 'unwell'] as const) await remove(place(stateDirectory, name));
}

/** Forgets the tries of a release that is refused: when its refusal is deleted it is tried anew. */
export function forgetTries(stateDirectory: string): Promise<void> {
  return remove(place(stateDirectory, 'tried'));
}

/** Takes one try of the release back: it came to no verdict. Never throws. */
export async function takeBackTry(stateDirectory: string, release: string): Promise<void> {
  const file = place(stateDirectory, 'tried');
  const lines = (await textOf(file)).split('\n').filter((line) => line.trim() !== '');
  const last = lines.findLastIndex((line) => line.trim() === release);
  if (last < 0) return;
  await writePrivateFile(file, lines.toSpliced(last, 1).join('\n')).catch(() => undefined);
}

/** Writes down why a release is unwell. Never throws: on a full disk the tries alone speak. */
export async function recordUnwell(stateDirectory: string, unwell: Unwell): Promise<void> {
  try {
    await makeFolder(stateDirectory);
    await writePrivateFile(place(stateDirectory, 'unwell'), JSON.stringify(unwell));
  } catch {
    // It is in the log too.
  }
}

async function makeFolder(stateDirectory: string): Promise<void> {
  await mkdir(upgradeFolder(stateDirectory), { recursive: true, mode: 0o700 });
}

/** A name is safe only when its folder is; Windows has no such call, and needs none. */
async function keepFolder(stateDirectory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(upgradeFolder(stateDirectory), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function remove(file: string): Promise<void> {
  await rm(file, { force: true, recursive: true }).catch(() => undefined);
}

async function refusedIn(file: string): Promise<Refused | null> {
  const text = await textOf(file);
  const release = releaseIn(text);
  const facts = await stat(file).catch(() => null);
  if (release === null || facts === null) return null;
  const reason = (text.split('\n')[1] ?? '').replaceAll(/\p{Cc}/gu, ' ').trim();
  return { release, reason: reason === '' ? null : reason.slice(0, longestReason), at: facts.mtimeMs };
}

function unwellIn(text: string): Unwell | null {
  try {
    return unwellSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Empty for what is no plain small file: a pipe would be waited for. */
async function textOf(file: string): Promise<string> {
  try {
    const facts = await stat(file);
    return facts.isFile() && facts.size <= longestFile ? await readFile(file, 'utf8') : '';
  } catch {
    return '';
  }
}
