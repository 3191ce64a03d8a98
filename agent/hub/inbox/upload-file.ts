import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Moment } from '../../../core/model/time.ts';
import { makePrivateFile, writePrivateFile } from '../../files/private-file.ts';
import { type UploadManifest, uploadManifest } from '../protocol/uploads.ts';
import type { UploadOutcome, UploadOwner } from './inbox.ts';

/** What lies beside the pages of an upload. */
export interface UploadFile extends UploadOwner {
  readonly manifest: UploadManifest;
  readonly receivedAt: Moment;
}

/** What is remembered of an upload that was settled. */
export interface SettledUpload {
  readonly outcome: UploadOutcome;
  readonly directory: string;
  /** Mark of the manifest. */
  readonly mark: string;
  readonly at: Moment;
}

const uploadFile = z.object({
  organization: z.string(),
  collector: z.string(),
  collectorId: z.string(),
  manifest: uploadManifest,
  receivedAt: z.number(),
});

const settledUpload = z.object({
  outcome: z.union([
    z.object({ state: z.literal('landed') }),
    z.object({ state: z.literal('refused'), code: z.string(), message: z.string() }),
  ]),
  directory: z.string(),
  mark: z.string(),
  at: z.number(),
});

export function writeUploadFile(folder: string, upload: UploadFile): Promise<void> {
  return makePrivateFile(join(folder, 'upload.json'), JSON.stringify(upload));
}

/** `null`: there is none, or none that can be understood. */
export function readUploadFile(folder: string): Promise<UploadFile | null> {
  return readJson(join(folder, 'upload.json'), uploadFile);
}

export function writeSettled(path: string, settled: SettledUpload): Promise<void> {
  return writePrivateFile(path, JSON.stringify(settled));
}

export function readSettled(path: string): Promise<SettledUpload | null> {
  return readJson(path, settledUpload);
}

/** The same for two manifests that say the same: when they were sent does not count, for an upload may be gone on with days later. */
export function markOf({ clock: _clock, ...rest }: UploadManifest): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('base64url');
}

async function readJson<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | null> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
