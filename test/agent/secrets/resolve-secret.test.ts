import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Redacted, reveal } from '../../../agent/secrets/redacted.ts';
import { resolveSecret, type SecretSources } from '../../../agent/secrets/resolve-secret.ts';
import { RollcallError } from '../../../core/errors.ts';

const canary = 'Canary-Pa55-phrase';

/** The environment, and a vault that holds one secret. */
function sources(environment: Readonly<Record<string, string>> = {}): SecretSources {
  return {
    environment,
    vault: () => ({
      get: (name) => {
        if (name === 'corp') return new Redacted(canary);
        throw new RollcallError('VAULT_SECRET_NOT_FOUND', `The vault has no secret "${name}".`, { place: { file: 'vault.json' } });
      },
    }),
  };
}

function refusal(act: () => unknown): RollcallError {
  try {
    act();
  } catch (error) {
    if (error instanceof RollcallError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('secret references', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('read an environment variable', () => {
    expect(reveal(resolveSecret('env:CORP', 'directories[0].password', sources({ CORP: canary })))).toBe(canary);
  });

  it('read the vault, and ask for it only then', () => {
    expect(reveal(resolveSecret('vault:corp', 'directories[0].password', sources()))).toBe(canary);
    const none = { environment: { CORP: canary }, vault: () => expect.unreachable() };
    expect(reveal(resolveSecret('env:CORP', 'directories[0].password', none))).toBe(canary);
  });

  it.each([
    ['as it is', canary, canary],
    ['without one line end', `${canary}\n`, canary],
    ['without one line end of Windows', `${canary}\r\n`, canary],
    ['without a byte order mark', `\uFEFF${canary}`, canary],
    ['with the blanks around it', ` ${canary} \n`, ` ${canary} `],
    ['with colons and umlauts', 'ä:b:c\n', 'ä:b:c'],
  ])('read a file %s', (_how, content, expected) => {
    const file = join(folder, 'secret');
    writeFileSync(file, content);

    expect(reveal(resolveSecret(`file:${file}`, 'itglue.apiKey', sources()))).toBe(expected);
  });

  it.each([
    ['a variable that is not set', 'env:NOWHERE', {}, 'SECRET_NOT_SET', /itglue.apiKey .*variable NOWHERE, which is not set/],
    ['an empty variable', 'env:EMPTY', { EMPTY: '' }, 'SECRET_EMPTY', /EMPTY, which is empty/],
    ['a blank variable', 'env:BLANK', { BLANK: ' \n' }, 'SECRET_EMPTY', /BLANK, which is empty/],
    ['a variable of two lines', 'env:TWO', { TWO: `${canary}\n${canary}` }, 'SECRET_NOT_SET', /one line/],
    ['a file that is not there', 'file:/nowhere/at/all', {}, 'SECRET_NOT_SET', /\/nowhere\/at\/all.*ENOENT/],
    [
      'a name that the vault does not have',
      'vault:itglue',
      {},
      'VAULT_SECRET_NOT_FOUND',
      /^itglue\.apiKey refers to vault:itglue\. The vault has no secret "itglue"\.$/,
    ],
    ['a plain value', canary, {}, 'CONFIG_PLAIN_SECRET', /not a reference/],
    ['an unknown notation', `pass:${canary}`, {}, 'CONFIG_PLAIN_SECRET', /not a reference/],
  ])('refuse %s', (...[, reference, environment, code, words]) => {
    const error = refusal(() => resolveSecret(reference, 'itglue.apiKey', sources(environment)));

    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect(`${error.message} ${JSON.stringify(error.place)}`).not.toContain('Canary');
  });

  it('refuse a file that is too large to be a secret', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, 'x'.repeat(70_000));

    expect(refusal(() => resolveSecret(`file:${file}`, 'itglue.apiKey', sources())).message).toMatch(/larger than/);
  });

  it('refuse a folder', () => {
    expect(refusal(() => resolveSecret(`file:${folder}`, 'itglue.apiKey', sources())).code).toBe('SECRET_NOT_SET');
  });
});

describe('Redacted', () => {
  const secret = new Redacted(canary);
  // What a careless caller makes of it.
  const asText = secret as unknown as string;
  const asObject = secret as unknown as Record<string, unknown>;

  it.each([
    ['a string', String(secret)],
    ['a template', `value ${asText}`],
    ['a list', [secret].join(',')],
    ['JSON', JSON.stringify({ secret, list: [secret] })],
    ['the inspector', inspect({ secret }, { depth: 9, showHidden: true })],
    ['an error', inspect(new Error('x', { cause: { secret } }))],
    ['its keys', JSON.stringify(Object.entries(secret))],
    ['a copy', JSON.stringify(structuredClone({ ...asObject }))],
  ])('does not show itself in %s', (_where, text) => {
    expect(text).not.toContain('Canary');
  });

  it('says that it is redacted', () => {
    expect(`value ${asText}`).toBe('value <redacted>');
    expect(JSON.stringify(secret)).toBe('"<redacted>"');
    expect(inspect(secret)).toBe('<redacted>');
  });

  it('opens by reveal', () => {
    expect(reveal(secret)).toBe(canary);
  });
});
