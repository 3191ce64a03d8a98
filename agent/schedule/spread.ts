import { createHash } from 'node:crypto';

/** From 0 to below 1, evenly, by the text alone: the same text gives the same number, so that many collectors do not act as one. */
export function spreadOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
