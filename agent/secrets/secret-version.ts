import { statSync } from 'node:fs';
import type { Vault } from './vault/open-vault.ts';

/**
 * A text that changes when the secret of a reference may have changed: a vault's secret when it is set, a file when it is written.
 * Environment variables stay as they are while a process runs. It is made of times and names alone, so it says nothing about the
 * secret, not even its length, and may be stored.
 */
export function secretVersion(reference: string, vault: () => Pick<Vault, 'list'>): string {
  const separator = reference.indexOf(':');
  const kind = reference.slice(0, separator);
  const name = reference.slice(separator + 1);
  if (kind === 'vault') {
    const known = vault()
      .list()
      .find((entry) => entry.name === name);
    return `${reference} set ${known?.setAt ?? 'never'}`;
  }
  if (kind === 'file') return `${reference} written ${writtenAt(name)}`;
  return reference;
}

/** The inode tells a file that was put in place of another one with the same time. */
function writtenAt(path: string): string {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  return facts === undefined ? 'never' : `${facts.mtimeNs} ${facts.ino}`;
}
