import { closest, distance } from 'fastest-levenshtein';
import { RollcallError } from '../../../core/errors.ts';

/** Where the key of a vault was made; what a person needs to know to find it again. */
export interface KeyOrigin {
  readonly id: string;
  /** `file`: `vault.key` beside the vault; `dpapi`: the same, wrapped by Windows; `credential`: a credential of systemd. */
  readonly kept: 'file' | 'dpapi' | 'credential';
  readonly host: string;
  readonly folder: string;
  /** RFC 3339 UTC. */
  readonly madeAt: string;
}

/** `VAULT_SECRET_NOT_FOUND`, with the name that was probably meant. */
export function secretNotFound(name: string, names: readonly string[], file: string): RollcallError {
  const near = nearName(name, names);
  const there = near === null ? listed(names) : `Did you mean "${near}"?`;
  return new RollcallError('VAULT_SECRET_NOT_FOUND', `The vault ${file} has no secret "${name}". ${there}`, { place: { file, name } });
}

/** `VAULT_SECRET_NOT_FOUND` when there is no vault at all. */
export function vaultNotFound(name: string, file: string, keyFile: string | null): RollcallError {
  const key = keyFile === null ? '' : ` Its key ${keyFile} is there: if the vault was moved, bring vault.json along.`;
  return new RollcallError('VAULT_SECRET_NOT_FOUND', `There is no secret "${name}": there is no vault at ${file} yet.${key}`, {
    place: { file, name },
  });
}

/** `VAULT_KEY_MISSING`: the vault is there, its key is not. */
export function keyMissing(file: string, keyFile: string, origin: KeyOrigin, names: readonly string[]): RollcallError {
  return new RollcallError('VAULT_KEY_MISSING', `The key of the vault ${file} is missing: ${wanted(keyFile, origin)} ${holds(names)}`, {
    place: { file, keyFile, key: origin.id },
  });
}

/** `VAULT_KEY_WRONG`: there is a key, but of another vault. */
export function keyOfAnother(
  file: string,
  found: { readonly path: string; readonly ids: readonly string[] },
  keyFile: string,
  origin: KeyOrigin,
): RollcallError {
  return new RollcallError(
    'VAULT_KEY_WRONG',
    `The key in ${found.path} (${found.ids.join(', ')}) belongs to another vault than ${file}: ${wanted(keyFile, origin)}`,
    { place: { file, keyFile: found.path, key: origin.id } },
  );
}

/** `VAULT_KEY_WRONG`: Windows wrapped it on another machine. */
export function keyOfAnotherMachine(keyFile: string, host: string, origin: KeyOrigin | null): RollcallError {
  const where = origin === null ? 'another machine' : `the machine ${origin.host}`;
  return new RollcallError(
    'VAULT_KEY_WRONG',
    `The key in ${keyFile} was protected by Windows (DPAPI) on ${where} and cannot be opened on ${host}: ` +
      'a vault of Windows does not move with its files. Set the secrets again here.',
    { place: { keyFile, key: origin?.id ?? null } },
  );
}

/** `VAULT_CORRUPT`: a file is not as rollcall wrote it. */
export function corrupt(file: string, what: string): RollcallError {
  return new RollcallError('VAULT_CORRUPT', `${file} is not as rollcall wrote it: ${what}.`, { place: { file } });
}

/** `VAULT_UNUSABLE`: permissions, disk, lock. `what` completes the sentence. */
export function unusable(file: string, what: string, cause?: unknown): RollcallError {
  return new RollcallError('VAULT_UNUSABLE', `The vault cannot be used: ${what}.`, {
    place: { file },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Anything that the file system threw, in words. */
export function asVaultError(error: unknown, file: string, doing: string): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (error instanceof RollcallError || code === undefined) {
    return error;
  }
  const words: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the quota of the disk is used up',
    EROFS: 'the disk is read-only',
    EACCES: 'this account may not',
    EPERM: 'this account may not',
  };
  const why = words[code];
  return unusable(file, `${doing} ${file} failed (${why === undefined ? code : `${why}, ${code}`})`, error);
}

function wanted(keyFile: string, origin: KeyOrigin): string {
  const made = `made on ${origin.host} in ${origin.folder} on ${origin.madeAt.slice(0, 10)}`;
  if (origin.kept === 'credential') {
    return (
      `it needs the key ${origin.id}, which is the systemd credential "rollcall-vault-key" (${made}). ` +
      'Outside the service name its folder: CREDENTIALS_DIRECTORY=FOLDER.'
    );
  }
  if (origin.kept === 'dpapi') {
    return `it needs the key ${origin.id} in ${keyFile}, which only the machine that made it can open (${made}).`;
  }
  return `it needs the key ${origin.id} in ${keyFile} (${made}). Bring vault.key from there.`;
}

function holds(names: readonly string[]): string {
  return names.length === 0 ? 'The vault is empty.' : `It holds: ${shortList(names)}.`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'It is empty.' : `It has: ${shortList(names)}.`;
}

function shortList(names: readonly string[]): string {
  const most = 20;
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

function nearName(name: string, names: readonly string[]): string | null {
  if (names.length === 0) {
    return null;
  }
  const near = closest(
    name.toLowerCase(),
    names.map((other) => other.toLowerCase()),
  );
  const found = names.find((other) => other.toLowerCase() === near);
  return found !== undefined && distance(name.toLowerCase(), near) <= Math.max(2, Math.floor(near.length * 0.4)) ? found : null;
}
