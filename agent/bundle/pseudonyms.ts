import { createHmac, randomBytes } from 'node:crypto';

/** What a pseudonym stands for; it is the first word of it. */
export type PseudonymKind =
  | 'user'
  | 'contact'
  | 'org'
  | 'host'
  | 'dn'
  | 'directory'
  | 'collector'
  | 'record'
  | 'account'
  | 'subnet'
  | 'path'
  | 'text';

/** 40 bits: in one bundle of twenty thousand, two of 10,000 users share a name. */
const digits = 10;

/**
 * Names that tell nothing. The key is made for one bundle and kept nowhere: the same thing has the same name within a bundle,
 * another one in the next, and nobody can work out by trying whom a name stands for.
 */
export class Pseudonyms {
  readonly #key = randomBytes(32);

  /** For example `user-7c1d20a4f9`. Upper and lower case make no difference. */
  of(kind: PseudonymKind, value: string): string {
    const same = value.trim().normalize('NFC').toLowerCase();
    return `${kind}-${createHmac('sha256', this.#key).update(`${kind}\0${same}`).digest('hex').slice(0, digits)}`;
  }
}
