import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createSecretReader, sourceOf } from '../../../agent/init/secret-sources.ts';
import { Redacted, reveal } from '../../../agent/secrets/redacted.ts';
import { Redactor } from '../../../agent/telemetry/redactor.ts';

function reader(stdin: string, environment: Record<string, string> = {}, redactor = new Redactor()) {
  return createSecretReader({
    stdin: Readable.from([Buffer.from(stdin)]),
    environment,
    vault: () => ({ get: (name) => new Redacted(`vault ${name}`) }),
    redactor,
    signal: new AbortController().signal,
  });
}

const stdin = { kind: 'stdin' } as const;

describe('secrets of an unattended run', () => {
  it('come from a variable, the vault, or one object on standard input that is read once', async () => {
    const redactor = new Redactor();
    const secrets = reader('{"bindPassword":"one","itglueKey":"two"}', { KEY: 'three' }, redactor);

    expect(reveal(await secrets.read(stdin, '--x', 'bindPassword'))).toBe('one');
    expect(reveal(await secrets.read(stdin, '--x', 'itglueKey'))).toBe('two');
    expect(reveal(await secrets.read({ kind: 'env', reference: 'env:KEY' }, '--x', 'psaPassword'))).toBe('three');
    expect(reveal(await secrets.read({ kind: 'vault', reference: 'vault:corp' }, '--x', 'psaPassword'))).toBe('vault corp');
    expect(redactor.text('one-two-three is not a secret, three is')).not.toContain('three');
  });

  it.each([
    ['no JSON', 'canary-secret', 'USAGE'],
    ['no object', '["canary-secret"]', 'USAGE'],
    ['a member that is not known', '{"canary-secret":"x"}', 'USAGE'],
    ['a member that is no text', '{"bindPassword":{"canary-secret":1}}', 'USAGE'],
    ['more than a secret could be', `{"bindPassword":"${'canary-secret'.repeat(9_000)}"}`, 'USAGE'],
    ['without the member', '{"itglueKey":"canary-secret"}', 'SECRET_NOT_SET'],
    ['an empty member', '{"bindPassword":" "}', 'SECRET_EMPTY'],
    ['nothing at all', '', 'USAGE'],
  ])('refuses standard input with %s, and repeats none of it', async (_what, text, code) => {
    const failure: unknown = await reader(text)
      .read(stdin, '--bind-password-from', 'bindPassword')
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ code });
    expect(String(failure)).not.toContain('canary-secret');
  });

  it('stops waiting for standard input when it is told to', async () => {
    const stop = new AbortController();
    const secrets = createSecretReader({
      stdin: new Readable({ read: () => undefined }),
      environment: {},
      vault: () => ({ get: () => new Redacted('') }),
      redactor: new Redactor(),
      signal: stop.signal,
    });
    const read = secrets.read(stdin, '--x', 'bindPassword');
    stop.abort();

    await expect(read).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it.each([
    ['env:NAME', 'env'],
    ['file:a b.txt', 'file'],
    ['vault:corp', 'vault'],
    ['stdin', 'stdin'],
    ['env:no-name', null],
    ['plain', null],
    ['vault:', null],
    ['', null],
  ])('understands the source %j as %s', (text, kind) => {
    expect(sourceOf(text)?.kind ?? null).toBe(kind);
  });
});
