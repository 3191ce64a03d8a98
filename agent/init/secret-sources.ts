import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { RollcallError } from '../../core/errors.ts';
import { Redacted } from '../secrets/redacted.ts';
import { resolveSecret } from '../secrets/resolve-secret.ts';
import type { Vault } from '../secrets/vault/open-vault.ts';
import type { Redactor } from '../telemetry/redactor.ts';

/** Where an unattended run takes a secret from; a secret is never a word of the command. */
export type SecretSource =
  | { readonly kind: 'env' | 'file' | 'vault'; readonly reference: string }
  /** A member of the one JSON object on standard input. */
  | { readonly kind: 'stdin' };

/** The members of the object on standard input. */
const stdinNames = ['bindPassword', 'itglueKey', 'psaPassword', 'psaPrivateKey', 'psaSecret', 'proxyPassword'] as const;
export type StdinName = (typeof stdinNames)[number];

const largestInput = 64 * 1024;

/** `null`: it is no source. */
export function sourceOf(text: string): SecretSource | null {
  if (text === 'stdin') return { kind: 'stdin' };
  if (/^env:[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return { kind: 'env', reference: text };
  if (/^vault:[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)) return { kind: 'vault', reference: text };
  // The configuration lies elsewhere than where the command was typed.
  return /^file:[^\s\0][^\0\r\n]*$/.test(text) ? { kind: 'file', reference: `file:${resolve(text.slice('file:'.length))}` } : null;
}

/** Takes secrets from their sources; standard input is read once, when first asked for. */
export interface SecretReader {
  read(source: SecretSource, option: string, name: StdinName): Promise<Redacted>;
}

export function createSecretReader(edge: {
  readonly stdin: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly vault: () => Pick<Vault, 'get'>;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}): SecretReader {
  let input: Promise<ReadonlyMap<string, string>> | null = null;

  async function find(source: SecretSource, option: string, name: StdinName): Promise<Redacted> {
    if (source.kind !== 'stdin') return resolveSecret(source.reference, option, edge);
    input ??= readObject(edge.stdin, edge.signal);
    const value = (await input).get(name);
    if (value === undefined) {
      throw new RollcallError('SECRET_NOT_SET', `${option} is stdin, but the object on standard input has no member "${name}".`, {
        place: { setting: option },
      });
    }
    if (value.trim() === '')
      throw new RollcallError('SECRET_EMPTY', `${option}: the member "${name}" is empty.`, { place: { setting: option } });
    return new Redacted(value);
  }

  return {
    async read(source, option, name) {
      const secret = await find(source, option, name);
      edge.redactor.register(secret);
      return secret;
    },
  };
}

async function readObject(stdin: Readable, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  let text = '';
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new RollcallError('INTERRUPTED', 'Stopped while secrets were read from standard input.'));
  signal.addEventListener('abort', stop, { once: true });
  const whole = (async () => {
    for await (const chunk of stdin) {
      text += String(chunk);
      if (text.length > largestInput) throw wrongInput(`is larger than ${largestInput} bytes`);
    }
  })();
  try {
    await Promise.race([whole, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // The text is secret, and a parser's message repeats some of it.
    throw wrongInput('is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongInput('is not a JSON object');
  const unknown = Object.keys(value).filter((key) => !stdinNames.some((name) => name === key));
  if (unknown.length > 0) throw wrongInput(`has members that are not known (known are ${stdinNames.join(', ')})`);
  const members = Object.entries(value);
  if (members.some(([, member]) => typeof member !== 'string')) throw wrongInput('has a member that is not text');
  return new Map(members as [string, string][]);
}

function wrongInput(what: string): RollcallError {
  return new RollcallError('USAGE', `Standard input ${what}: it must be like {"bindPassword": "…", "itglueKey": "…", "psaPassword": "…"}.`);
}
