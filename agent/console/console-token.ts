import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** 32 random bytes as base64url. */
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/**
 * The console's token, made once and kept in `console-token` of the state directory for this account alone. Throws what the file
 * system throws, and an `Error` when the file holds something else than a token: nobody is let in by half a file.
 */
export async function consoleToken(stateDirectory: string): Promise<string> {
  const path = join(stateDirectory, 'console-token');
  const token = randomBytes(32).toString('base64url');
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${token}\n`);
      await file.sync();
    } catch (error) {
      // A full disk: half a token would be refused for ever.
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return token;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const kept = (await readFile(path, 'utf8')).trim();
  if (!tokenShape.test(kept)) throw new Error(`${path} holds no token: delete it, and a new one is made`);
  return kept;
}

/** Compares in a time that tells nothing about how much of it was right. */
export function isToken(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
