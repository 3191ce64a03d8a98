import { closeSync, openSync, readSync } from 'node:fs';
import { RollcallError } from '../../core/errors.ts';
import { Redacted } from './redacted.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type ReadFile = (path: string) => string;

const largestSecretBytes = 64 * 1024;

/**
 * Turns a reference of the configuration (`env:NAME`, `file:PATH`, `vault:NAME`) into the secret. `setting` names where the
 * reference stands, for messages. One line end at the end of a file or variable is not part of the secret.
 * Throws `SECRET_NOT_SET`, `SECRET_EMPTY`, `SECRET_UNSUPPORTED`; no message repeats a value.
 */
export function resolveSecret(reference: string, setting: string, environment: Environment, readFile: ReadFile = readSecretFile): Redacted {
  const separator = reference.indexOf(':');
  const kind = reference.slice(0, separator);
  const name = reference.slice(separator + 1);
  if (separator > 0 && kind === 'env') {
    return proven(environment[name], `${setting} refers to the environment variable ${name}`, { setting, variable: name });
  }
  if (separator > 0 && kind === 'file') {
    return proven(readNamedFile(name, setting, readFile), `${setting} refers to the file ${name}`, { setting, file: name });
  }
  if (separator > 0 && kind === 'vault') {
    throw new RollcallError('SECRET_UNSUPPORTED', `${setting} refers to the vault, which this version does not have.`, {
      place: { setting },
    });
  }
  throw new RollcallError('CONFIG_PLAIN_SECRET', `${setting} is not a reference to a secret.`, { place: { setting } });
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
