import { closeSync, openSync, readSync } from 'node:fs';
import { RollcallError } from '../../core/errors.ts';
import { Redacted } from './redacted.ts';
import type { Vault } from './vault/open-vault.ts';

/** Where the kinds of references are looked up. */
export interface SecretSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asked for only when a reference names the vault. */
  readonly vault: () => Pick<Vault, 'get'>;
  /** Reads the file of a reference; another one is for tests. */
  readonly readFile?: ReadFile;
}

type ReadFile = (path: string) => string;

const largestSecretBytes = 64 * 1024;

/**
 * Turns a reference of the configuration (`env:NAME`, `file:PATH`, `vault:NAME`) into the secret. `setting` names where the
 * reference stands, for messages. One line end at the end of a file or variable is not part of the secret.
 * Throws `SECRET_NOT_SET`, `SECRET_EMPTY`, and what `Vault.get` throws; no message repeats a value.
 */
export function resolveSecret(reference: string, setting: string, sources: SecretSources): Redacted {
  const separator = reference.indexOf(':');
  const kind = reference.slice(0, separator);
  const name = reference.slice(separator + 1);
  if (separator > 0 && kind === 'env') {
    return proven(sources.environment[name], `${setting} refers to the environment variable ${name}`, { setting, variable: name });
  }
  if (separator > 0 && kind === 'file') {
    return proven(readNamedFile(name, setting, sources.readFile ?? readSecretFile), `${setting} refers to the file ${name}`, {
      setting,
      file: name,
    });
  }
  if (separator > 0 && kind === 'vault') {
    return fromVault(name, setting, sources);
  }
  throw new RollcallError('CONFIG_PLAIN_SECRET', `${setting} is not a reference to a secret.`, { place: { setting } });
}

function fromVault(name: string, setting: string, sources: SecretSources): Redacted {
  try {
    return sources.vault().get(name);
  } catch (cause) {
    if (!(cause instanceof RollcallError)) {
      throw cause;
    }
    const message = `${setting} refers to vault:${name}. ${cause.message}`;
    throw new RollcallError(cause.code, message, { place: { setting, ...cause.place }, cause });
  }
}

function readNamedFile(path: string, setting: string, readFile: ReadFile): string {
  try {
    return readFile(path);
  } catch (cause) {
    if (cause instanceof RollcallError) {
      throw cause;
    }
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new RollcallError('SECRET_NOT_SET', `${setting} refers to the file ${path}, which cannot be read (${code}).`, {
      place: { setting, file: path },
      cause,
    });
  }
}

function proven(value: string | undefined, where: string, place: Readonly<Record<string, string>>): Redacted {
  if (value === undefined) {
    throw new RollcallError('SECRET_NOT_SET', `${where}, which is not set.`, { place });
  }
  const secret = value.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
  if (secret.trim() === '') {
    throw new RollcallError('SECRET_EMPTY', `${where}, which is empty.`, { place });
  }
  if (/[\0\r\n]/.test(secret)) {
    throw new RollcallError('SECRET_NOT_SET', `${where}, which is not one line of text.`, { place });
  }
  return new Redacted(secret);
}

/** Reads at most the size a secret may have, so that a device file or a wrong path cannot fill the memory. */
function readSecretFile(path: string): string {
  const handle = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(largestSecretBytes + 1);
    let length = 0;
    for (;;) {
      const read = readSync(handle, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || length === buffer.length) {
        break;
      }
    }
    if (length > largestSecretBytes) {
      throw new RollcallError('SECRET_NOT_SET', `The file ${path} is larger than ${largestSecretBytes} bytes: it is no secret.`, {
        place: { file: path },
      });
    }
    return buffer.toString('utf8', 0, length);
  } finally {
    closeSync(handle);
  }
}
