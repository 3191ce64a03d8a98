import { createHash } from 'node:crypto';

/**
 * The SID of a service, S-1-5-80 and the SHA-1 of its name in capitals (UTF-16) as five numbers: the one that Windows gives to the account
 * `NT SERVICE\name`, and to the service whatever account it runs under when its SID type is "unrestricted". Known before the service is.
 */
export function serviceSid(name: string): string {
  const digest = createHash('sha1').update(Buffer.from(name.toUpperCase(), 'utf16le')).digest();
  return `S-1-5-80-${[0, 4, 8, 12, 16].map((offset) => digest.readUInt32LE(offset)).join('-')}`;
}
