import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.ts';
import type { AuthenticodeSettings } from './settings.ts';

/** What Windows shows beside the name of who signed. */
const description = 'rollcall';

/**
 * Signs an executable or an MSI in its place by osslsigncode. A password goes by a file that only this account can read, since others
 * see the words of a command. Rejects, and leaves the file as it was, when it cannot be signed.
 */
export async function signAuthenticode(
  file: string,
  settings: AuthenticodeSettings,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-sign-'));
  try {
    const signed = `${file}.signed`;
    await rm(signed, { force: true });
    const words = ['sign', '-h', 'sha256', '-n', description, '-certs', pathOf(settings.certificate), ...keyWords(settings)];
    const password = await passwordFile(settings.password, folder, environment);
    const timestamp = settings.timestampUrl === undefined ? [] : ['-ts', settings.timestampUrl];
    await run('osslsigncode', [...words, ...(password === null ? [] : ['-readpass', password]), ...timestamp, '-in', file, '-out', signed]);
    await rename(signed, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function keyWords({ key, pkcs11Module }: AuthenticodeSettings): readonly string[] {
  if (key.startsWith('file:')) return ['-key', pathOf(key)];
  return [...(pkcs11Module === undefined ? [] : ['-pkcs11module', pkcs11Module]), '-key', key];
}

async function passwordFile(
  reference: string | undefined,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  if (reference === undefined) return null;
  if (reference.startsWith('file:')) return pathOf(reference);
  const name = reference.slice('env:'.length);
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name}, which the password stands in, is not set.`);
  const file = join(folder, 'password');
  await writeFile(file, value, { mode: 0o600 });
  return file;
}

function pathOf(reference: string): string {
  return reference.slice('file:'.length);
}
