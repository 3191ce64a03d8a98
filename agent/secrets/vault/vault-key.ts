import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const keyBytes = 32;
const nonceBytes = 12;

/** A value under the key; all three in base64. */
export interface SealedValue {
  readonly nonce: string;
  readonly tag: string;
  readonly value: string;
}

/**
 * The key of a vault. Entries and the seal over the whole file are under keys of their own, derived from it. Its id is derived
 * too, so that a key can be told from another one without trying, and an id cannot lie.
 */
export class VaultKey {
  /** 16 hexadecimal digits; tells nothing of the key. */
  readonly id: string;
  readonly #bytes: Buffer;
  readonly #ofEntries: Buffer;
  readonly #ofSeal: Buffer;

  /** Throws a `RangeError` when there are not 32 bytes. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== keyBytes) {
      throw new RangeError('A key of the vault has 32 bytes.');
    }
    this.#bytes = Buffer.from(bytes);
    this.#ofEntries = derived(bytes, 'rollcall vault entries');
    this.#ofSeal = derived(bytes, 'rollcall vault seal');
    this.id = createHash('sha256').update('rollcall vault key id\0').update(bytes).digest('hex').slice(0, 16);
  }

  /** A new random key. */
  static create(): VaultKey {
    return new VaultKey(randomBytes(keyBytes));
  }

  /** The key in the open, for the file that keeps it. */
  static open(key: VaultKey): Buffer {
    return Buffer.from(key.#bytes);
  }

  /** AES-256-GCM with a random nonce; `context` is bound to it and has to be the same when it is opened. */
  encrypt(plain: string, context: string): SealedValue {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#ofEntries, nonce).setAAD(Buffer.from(context, 'utf8'));
    const value = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return { nonce: nonce.toString('base64'), tag: cipher.getAuthTag().toString('base64'), value: value.toString('base64') };
  }

  /** `null` when it was not encrypted by this key, with this context, or was changed since. */
  decrypt(sealed: SealedValue, context: string): string | null {
    const nonce = Buffer.from(sealed.nonce, 'base64');
    const tag = Buffer.from(sealed.tag, 'base64');
    if (nonce.length !== nonceBytes || tag.length !== 16) {
      return null;
    }
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#ofEntries, nonce, { authTagLength: 16 })
        .setAAD(Buffer.from(context, 'utf8'))
        .setAuthTag(tag);
      return Buffer.concat([decipher.update(Buffer.from(sealed.value, 'base64')), decipher.final()]).toString('utf8');
    } catch {
      return null;
    }
  }

  /** A seal over a text: nobody without the key can make it. */
  seal(text: string): string {
    return createHmac('sha256', this.#ofSeal).update(text, 'utf8').digest('base64');
  }

  hasSealed(text: string, seal: string): boolean {
    const wanted = Buffer.from(this.seal(text), 'utf8');
    const found = Buffer.from(seal, 'utf8');
    return wanted.length === found.length && timingSafeEqual(wanted, found);
  }
}

function derived(bytes: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', bytes, new Uint8Array(), purpose, keyBytes));
}
