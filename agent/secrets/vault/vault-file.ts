import { z } from 'zod';
import { corrupt, type KeyOrigin, unusable } from './vault-errors.ts';
import type { SealedValue, VaultKey } from './vault-key.ts';
import { isVaultName } from './vault-name.ts';

const format = 'rollcall-vault';
const version = 1;

/** A vault holds at most so many secrets. */
export const mostEntries = 200;
/** A secret has at most so many bytes. */
export const largestSecretBytes = 16 * 1024;
/** A larger file is not read. */
export const largestVaultBytes = 8 * 1024 * 1024;

interface VaultEntry extends SealedValue {
  readonly name: string;
  /** RFC 3339 UTC. */
  readonly setAt: string;
}

/** The vault's file in memory: everything but the values in the open. Entries are in the order of their names. */
export interface VaultContent {
  readonly key: KeyOrigin;
  readonly entries: readonly VaultEntry[];
}

/** What was read, before a key proved it. */
export interface ReadVault extends VaultContent {
  readonly seal: string;
}

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);
const moment = z.iso.datetime();
const fileSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(version),
  key: z.strictObject({
    id: z.string().regex(/^[0-9a-f]{16}$/),
    kept: z.enum(['file', 'dpapi', 'credential']),
    host: z.string().max(300),
    folder: z.string().max(4_096),
    madeAt: moment,
  }),
  entries: z
    .array(
      z.strictObject({
        name: z.string().refine(isVaultName),
        setAt: moment,
        nonce: base64,
        tag: base64,
        value: base64,
      }),
    )
    .max(mostEntries),
  seal: base64,
});

/** Reads the file's text. Throws `VAULT_CORRUPT`, or `VAULT_UNUSABLE` for the file of a newer version. Nothing is proven yet. */
export function parseVault(text: string, file: string): ReadVault {
  const raw = parseJson(text, file);
  const newer = z.object({ format: z.literal(format), version: z.number().gt(version) }).safeParse(raw);
  if (newer.success) {
    throw unusable(file, `${file} was written by a newer version of rollcall; use that one`);
  }
  const parsed = fileSchema.safeParse(raw);
  if (!parsed.success) {
    throw corrupt(file, `it is not a vault (${parsed.error.issues[0]?.path.join('.') ?? ''})`.replace(' ()', ''));
  }
  const vault = parsed.data;
  // What is written has one form only: whatever else stands in the file, somebody else put there.
  if (serialise(vault, vault.seal) !== text) {
    throw corrupt(file, 'it was edited or damaged');
  }
  return vault;
}

/** Throws `VAULT_CORRUPT` when the file is not, to the letter, what was written under this key. */
export function proveVault(vault: ReadVault, key: VaultKey, file: string): void {
  if (!key.hasSealed(sealedText(vault), vault.seal)) {
    throw corrupt(file, 'it was changed or damaged (its seal is broken)');
  }
}

/** The text of the file, sealed by the key. */
export function writeVault(content: VaultContent, key: VaultKey): string {
  const entries = [...content.entries].sort((left, right) => (left.name < right.name ? -1 : 1));
  const sorted = { ...content, entries };
  return serialise(sorted, key.seal(sealedText(sorted)));
}

/** What an entry is bound to: it opens under no other name, key, time or format. */
export function entryContext(keyId: string, name: string, setAt: string): string {
  return JSON.stringify([format, version, keyId, name, setAt]);
}

function serialise(content: VaultContent, seal: string): string {
  return `${JSON.stringify({ format, version, ...inOrder(content), seal }, null, 2)}\n`;
}

function sealedText(content: VaultContent): string {
  return JSON.stringify({ format, version, ...inOrder(content) });
}

function inOrder({ key, entries }: VaultContent): VaultContent {
  return {
    key: { id: key.id, kept: key.kept, host: key.host, folder: key.folder, madeAt: key.madeAt },
    entries: entries.map(({ name, setAt, nonce, tag, value }) => ({ name, setAt, nonce, tag, value })),
  };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw corrupt(file, text.trim() === '' ? 'it is empty' : 'it is not JSON');
  }
}
