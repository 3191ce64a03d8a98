import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { RollcallError } from '../../../core/errors.ts';
import { uploadLimits } from '../protocol/limits.ts';
import type { IncomingPage } from './inbox.ts';
import { codeOf, pageName } from './places.ts';

/**
 * Writes a page into the folder while its text is unpacked and hashed; it gets its name only when it is whole, right and on the disk.
 * Resolves with its size; `null`: the folder is gone. Throws `HUB_UPLOAD_INVALID` and `HUB_UPLOAD_TOO_LARGE`; nothing of it stays then.
 */
export async function receivePage(folder: string, page: IncomingPage): Promise<number | null> {
  const draft = join(folder, `${pageName(page.number)}.${randomBytes(6).toString('hex')}.part`);
  try {
    const size = await writeChecked(draft, page);
    await rename(draft, join(folder, pageName(page.number)));
    return size;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function writeChecked(path: string, { sha256, body }: IncomingPage): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  let size = 0;
  async function* stored(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > uploadLimits.pageBytes) throw tooLarge(`is larger than ${uploadLimits.pageBytes} bytes`);
      await file.appendFile(chunk);
      yield chunk;
    }
  }
  const hash = createHash('sha256');
  let unpacked = 0;
  async function counted(texts: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const text of texts) {
      unpacked += text.length;
      if (unpacked > uploadLimits.pageTextBytes) throw tooLarge(`unpacks to more than ${uploadLimits.pageTextBytes} bytes`);
      hash.update(text);
    }
  }
  try {
    await pipeline(Readable.from(body, { objectMode: false }), stored, createGunzip(), counted);
    if (hash.digest('hex') !== sha256) throw new RollcallError('HUB_UPLOAD_INVALID', 'The page is not the one that the manifest names.');
    await file.sync();
    return size;
  } catch (error) {
    throw codeOf(error)?.startsWith('Z_') === true
      ? new RollcallError('HUB_UPLOAD_INVALID', 'The page is no gzip, or not a whole one.', { cause: error })
      : error;
  } finally {
    await file.close();
  }
}

function tooLarge(words: string): RollcallError {
  return new RollcallError('HUB_UPLOAD_TOO_LARGE', `The page ${words}.`);
}
