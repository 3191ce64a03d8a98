import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { RollcallError } from '../../../core/errors.ts';
import { uploadLimits } from '../protocol/limits.ts';
import { type UploadPage, uploadPage } from '../protocol/uploads.ts';
import type { WaitingUpload } from './inbox.ts';
import { pageName } from './places.ts';

const unpack = promisify(gunzip);

/**
 * The pages of an upload in their order, each read, unpacked, held against its hash and validated when it is asked for: one at a time is
 * in memory. Throws `HUB_UPLOAD_INVALID` for a page that is not right, and at the end when the records are not those that the manifest counts.
 */
export async function* pagesOf({ manifest, folder }: WaitingUpload): AsyncGenerator<UploadPage> {
  const seen = { entries: 0, absences: 0, logons: 0 };
  for (const [index, sha256] of manifest.pages.entries()) {
    const page = await readPage(join(folder, pageName(index + 1)), sha256, index + 1);
    seen.entries += page.entries.length;
    seen.absences += page.absences.length;
    seen.logons += page.logons.length;
    yield page;
  }
  const { counts } = manifest;
  if (seen.entries !== counts.entries || seen.absences !== counts.absences || seen.logons !== counts.logons) {
    throw new RollcallError('HUB_UPLOAD_INVALID', 'The pages hold other numbers of records than the manifest counts.');
  }
}

async function readPage(path: string, sha256: string, number: number): Promise<UploadPage> {
  const invalid = (words: string, cause?: unknown): RollcallError =>
    new RollcallError('HUB_UPLOAD_INVALID', `Page ${number} ${words}.`, { place: { page: number }, cause });
  let text: Buffer;
  try {
    if ((await stat(path)).size > uploadLimits.pageBytes) throw invalid('is too large');
    text = await unpack(await readFile(path), { maxOutputLength: uploadLimits.pageTextBytes });
  } catch (error) {
    throw error instanceof RollcallError ? error : invalid('cannot be read', error);
  }
  if (createHash('sha256').update(text).digest('hex') !== sha256) throw invalid('is damaged');
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw invalid('is no JSON', error);
  }
  const parsed = uploadPage.safeParse(value);
  // The path of the fault, and never the value: pages are full of people.
  if (!parsed.success) throw invalid(`is not as the protocol has it (${parsed.error.issues[0]?.path.join('.') ?? ''})`);
  return parsed.data;
}
