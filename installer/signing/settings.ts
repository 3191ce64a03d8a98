import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';

const keyReference = /^(?:file:.+|pkcs11:.+)$/;
const secretReference = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/;
const reference = (pattern: RegExp, forms: string) =>
  z.string().regex(pattern, { error: `only a reference may stand here (${forms}), never the key or the password itself` });

const authenticode = z.strictObject({
  /** A file with the certificate and those between it and its root (PEM). */
  certificate: reference(/^file:.+/, 'file:PATH'),
  /** A file (PEM), or a key that never leaves its token. */
  key: reference(keyReference, 'file:PATH or pkcs11:URI'),
  password: reference(secretReference, 'env:NAME or file:PATH').optional(),
  /** The library of the token. */
  pkcs11Module: z.string().min(1).optional(),
  /** RFC 3161: without the time of somebody else, signatures end with their certificate. */
  timestampUrl: z.url().optional(),
});

const gpg = z.strictObject({
  /** In full, so that no other key of the ring can be meant. */
  fingerprint: z.string().regex(/^[0-9A-F]{40}$/, { error: 'write all 40 digits of the fingerprint, in capitals and without spaces' }),
  /** A folder with a key ring; by itself, the account's own. */
  home: z.string().min(1).optional(),
});

const schema = z.strictObject({ authenticode: authenticode.optional(), gpg: gpg.optional() });

/** With what is signed: nothing in it is secret. */
export type SigningSettings = z.infer<typeof schema>;
export type AuthenticodeSettings = z.infer<typeof authenticode>;
export type GpgSettings = z.infer<typeof gpg>;

/** Reads them from a JSON file. Paths are taken from its folder. Rejects with the place of each fault, and never with a value. */
export async function readSigningSettings(file: string): Promise<SigningSettings> {
  const read = schema.safeParse(parse(file, await readFile(file, 'utf8')));
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
    throw new Error(`${file} cannot be signed with. ${faults.join('; ')}.`);
  }
  const place = (path: string): string => resolve(dirname(file), path);
  const placed = (text: string): string => (text.startsWith('file:') ? `file:${place(text.slice('file:'.length))}` : text);
  const { authenticode: windows, gpg: linux } = read.data;
  return {
    ...(windows === undefined
      ? {}
      : {
          authenticode: {
            ...windows,
            certificate: placed(windows.certificate),
            key: placed(windows.key),
            ...(windows.password === undefined ? {} : { password: placed(windows.password) }),
          },
        }),
    ...(linux === undefined ? {} : { gpg: { ...linux, ...(linux.home === undefined ? {} : { home: place(linux.home) }) } }),
  };
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What JSON.parse says repeats a part of the text.
    throw new Error(`${file} is no JSON.`);
  }
}
