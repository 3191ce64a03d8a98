import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits that nobody can guess, as base64url. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** 128 bits, as hexadecimal digits. */
export function makeId(): string {
  return randomBytes(16).toString('hex');
}

/** What is kept of a secret. It needs no salt and no slowness: nobody guesses 256 random bits. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares in a time that tells nothing about how much of it was right. */
export function isHashOf(secret: string, hash: string): boolean {
  const [left, right] = [Buffer.from(hashOf(secret), 'hex'), Buffer.from(hash, 'hex')];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The key as a collector sends it. */
export function keyOf(collectorId: string, secret: string): string {
  return `rck1.${collectorId}.${secret}`;
}

/** `null`: it has not the form of a key. */
export function readKey(key: string): { readonly collectorId: string; readonly secret: string } | null {
  const match = /^rck1\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})$/.exec(key);
  const [, collectorId, secret] = match ?? [];
  return collectorId === undefined || secret === undefined ? null : { collectorId, secret };
}
