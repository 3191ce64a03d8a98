import { corrupt } from './vault-errors.ts';
import { VaultKey } from './vault-key.ts';

/** One key as it stands in a file: in the open, or wrapped by Windows so that only this machine can open it. */
export type KeptKey =
  | { readonly kind: 'plain'; readonly id: string; readonly key: VaultKey }
  | { readonly kind: 'dpapi'; readonly id: string; readonly wrapped: string };

/**
 * Reads a key file: one key a line, the newest first; `#` starts a comment. A line is `v1 plain ID BASE64`, `v1 dpapi ID BASE64`, or
 * 32 bytes in base64 alone (`openssl rand -base64 32`). Throws `VAULT_CORRUPT`; no message repeats a line.
 */
export function parseKeyLines(text: string, file: string): readonly KeptKey[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => parseLine(line, number, file));
}

/** The text of a key file. */
export function writeKeyLines(keys: readonly KeptKey[]): string {
  return [
    '# The key of the vault beside it. Whoever can read both files can read the secrets.',
    '# To move or back up the vault, take vault.json and vault.key together.',
    ...keys.map((kept) => (kept.kind === 'plain' ? `v1 plain ${kept.id} ${toBase64(kept.key)}` : `v1 dpapi ${kept.id} ${kept.wrapped}`)),
    '',
  ].join('\n');
}

function parseLine(line: string, number: number, file: string): KeptKey {
  const [, kind, id, base64] = /^v1 (plain|dpapi) ([0-9a-f]{16}) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [null, 'plain', null, line];
  if (kind === 'dpapi' && id != null && base64 !== undefined) {
    return { kind, id, wrapped: base64 };
  }
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== base64) {
    throw corrupt(file, `line ${number} is not a key`);
  }
  const key = new VaultKey(bytes);
  if (id !== null && id !== key.id) {
    throw corrupt(file, `the key in line ${number} does not belong to its id`);
  }
  return { kind: 'plain', id: key.id, key };
}

function toBase64(key: VaultKey): string {
  return VaultKey.open(key).toString('base64');
}
