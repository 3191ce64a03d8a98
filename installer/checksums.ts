import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The text of `SHA256SUMS` for files of a folder, as `sha256sum --check` reads it. */
export async function checksumsOf(folder: string, files: readonly string[]): Promise<string> {
  const lines = await Promise.all(
    [...files].sort().map(async (file) => {
      const digest = createHash('sha256').update(await readFile(join(folder, file)));
      return `${digest.digest('hex')}  ${file}\n`;
    }),
  );
  return lines.join('');
}
