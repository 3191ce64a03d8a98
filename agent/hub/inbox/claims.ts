import { appendFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Grows by a byte with each claim. It lies beside the pages, and goes with them. */
const fileName = 'claims';

/** Counts a claim of the upload in the folder; says how many there were before. */
export async function countClaim(folder: string): Promise<number> {
  const path = join(folder, fileName);
  try {
    await appendFile(path, '.', { mode: 0o600 });
    return (await stat(path)).size - 1;
  } catch {
    // What lands makes room on a full disk: that it cannot be counted is no reason not to try.
    return 0;
  }
}

export async function forgetClaims(folder: string): Promise<void> {
  await rm(join(folder, fileName), { force: true });
}
