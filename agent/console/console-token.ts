import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateFile } from '../files/private-file.ts';

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
    await makePrivateFile(path, `${token}\n`);
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
