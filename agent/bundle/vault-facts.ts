import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { object, oneOf, size, version } from './allow.ts';

/** How many secrets the vault holds and where its key is kept; no name and no value. `null`: there is no vault. */
export async function vaultFacts(stateDirectory: string): Promise<unknown> {
  const file = join(stateDirectory, 'vault.json');
  const facts = await stat(file).catch(() => null);
  if (facts === null) return null;
  const key = await stat(join(stateDirectory, 'vault.key')).catch(() => null);
  const text = await readFile(file, 'utf8').catch(() => '');
  return {
    bytes: facts.size,
    mode: mode(facts.mode),
    keyFile: key === null ? null : { mode: mode(key.mode) },
    content: parse(text),
  };
}

function parse(text: string): unknown {
  try {
    return object({ version, entries: size, key: object({ kept: oneOf(['file', 'dpapi', 'credential']) }) })(JSON.parse(text));
  } catch {
    return { error: 'VAULT_CORRUPT' };
  }
}

function mode(bits: number): string {
  return (bits & 0o777).toString(8).padStart(4, '0');
}
