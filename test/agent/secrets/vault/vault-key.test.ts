import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryContext } from '../../../../agent/secrets/vault/vault-file.ts';
import { VaultKey } from '../../../../agent/secrets/vault/vault-key.ts';

const key = new VaultKey(Buffer.alloc(32, 1));
const text = fc.string({ unit: 'grapheme', maxLength: 80 });

describe('the key of the vault', () => {
  it('opens what it encrypted, with the same context only', () => {
    fc.assert(
      fc.property(text, text, text, (plain, context, other) => {
        const sealed = key.encrypt(plain, context);
        expect(key.decrypt(sealed, context)).toBe(plain);
        if (other !== context) expect(key.decrypt(sealed, other)).toBeNull();
      }),
    );
  });

  it('opens nothing of another key, and nothing of which a part was changed', () => {
    const sealed = key.encrypt('secret', 'context');
    const changed = (base64: string): string => `${base64.startsWith('A') ? 'B' : 'A'}${base64.slice(1)}`;

    expect(new VaultKey(Buffer.alloc(32, 2)).decrypt(sealed, 'context')).toBeNull();
    for (const part of ['nonce', 'tag', 'value'] as const) {
      expect(key.decrypt({ ...sealed, [part]: changed(sealed[part]) }, 'context')).toBeNull();
      expect(key.decrypt({ ...sealed, [part]: '' }, 'context')).toBeNull();
    }
    // A tag that is cut short would be easier to guess.
    const cut = Buffer.from(sealed.tag, 'base64').subarray(0, 4).toString('base64');
    expect(key.decrypt({ ...sealed, tag: cut }, 'context')).toBeNull();
  });

  it('never uses a nonce twice', () => {
    const nonces = Array.from({ length: 500 }, () => key.encrypt('same', 'same').nonce);

    expect(new Set(nonces).size).toBe(500);
    expect(Buffer.from(nonces[0] ?? '', 'base64')).toHaveLength(12);
  });

  it('binds an entry to its key, name and date', () => {
    const contexts = [
      entryContext('k1', 'a', 't1'),
      entryContext('k2', 'a', 't1'),
      entryContext('k1', 'b', 't1'),
      entryContext('k1', 'a', 't2'),
      entryContext('k1', 'a","t', '1'),
    ];

    expect(new Set(contexts).size).toBe(contexts.length);
  });

  it('has an id of its own that does not tell it', () => {
    expect(key.id).toBe(new VaultKey(Buffer.alloc(32, 1)).id);
    expect(key.id).not.toBe(VaultKey.create().id);
    expect(() => new VaultKey(Buffer.alloc(31))).toThrow(RangeError);
    expect(JSON.stringify(key)).toBe(`{"id":"${key.id}"}`);
  });
});
