import { appendFile, copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.ts';
import type { GpgSettings } from './settings.ts';

/**
 * Puts the maker's signature into a Debian package: a member `_gpgorigin`, over all other members one after the other, which
 * debsig-verify looks at. (debsigs would sign by SHA-1, which is refused, and with another key when the one that is named is missing.)
 */
export async function signDeb(file: string, { fingerprint, home }: GpgSettings): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-sign-'));
  try {
    const members = (await run('ar', ['t', file])).split('\n').filter((name) => name !== '' && !name.startsWith('_gpg'));
    await run('ar', ['x', file, ...members], { cwd: folder });
    const whole = join(folder, 'whole');
    for (const member of members) await appendFile(whole, await readFile(join(folder, member)));
    const signature = join(folder, '_gpgorigin');
    await run('gpg', [...signWords(fingerprint), '--output', signature, '--detach-sign', whole], ring(home));
    // The package stays whole when this is interrupted.
    await copyFile(file, `${file}.signed`);
    await run('ar', ['r', `${file}.signed`, signature]);
    await rename(`${file}.signed`, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts a signature into an RPM package by rpmsign. */
export async function signRpm(file: string, { fingerprint, home }: GpgSettings): Promise<void> {
  await run('rpmsign', ['--addsign', '--define', `_gpg_name ${fingerprint}`, '--define', '__gpg /usr/bin/gpg', file], ring(home));
}

/** Writes the signature of a file beside it, as text, with `.asc` at the end of its name. */
export async function signBeside(file: string, { fingerprint, home }: GpgSettings): Promise<void> {
  await run('gpg', [...signWords(fingerprint), '--armor', '--output', `${file}.asc`, '--detach-sign', file], ring(home));
}

/** With this key and no other. */
function signWords(fingerprint: string): readonly string[] {
  return ['--batch', '--yes', '--digest-algo', 'SHA512', '--local-user', fingerprint];
}

function ring(home: string | undefined): { readonly environment: Readonly<Record<string, string>> } {
  return { environment: home === undefined ? {} : { GNUPGHOME: home } };
}
