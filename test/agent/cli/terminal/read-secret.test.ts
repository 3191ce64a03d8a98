import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readSecret } from '../../../../agent/cli/terminal/read-secret.ts';
import { reveal } from '../../../../agent/secrets/redacted.ts';

const canary = 'Canary-Pa55-phrase';

interface Terminal {
  readonly question: Parameters<typeof readSecret>[0];
  readonly modes: readonly boolean[];
  readonly shown: () => string;
  readonly stop: () => void;
  /** Types what stands for one key press or one paste, when the question with this number is asked. */
  type(...keys: readonly string[]): void;
}

function terminal(): Terminal {
  const modes: boolean[] = [];
  let shown = '';
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => {
      // What is typed before would be shown by the terminal.
      if (mode) expect(shown).toBe('');
      modes.push(mode);
    },
  });
  const stderr = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        shown += String(chunk);
        done();
      },
    }),
    { isTTY: true },
  );
  const stopped = new AbortController();
  return {
    question: { stdin, stderr, signal: stopped.signal, what: 'Secret "corp"' },
    modes,
    shown: () => shown,
    stop: () => stopped.abort(),
    type: (...keys) => {
      for (const key of keys) stdin.write(key);
    },
  };
}

function piped(text: string | Buffer): Parameters<typeof readSecret>[0] {
  const stdin = Object.assign(new PassThrough(), { isTTY: false });
  stdin.end(text);
  return { stdin, stderr: new PassThrough(), signal: new AbortController().signal, what: 'Secret "corp"' };
}

describe('a secret typed at a terminal', () => {
  it.each([
    ['key by key', [...Array.from(canary), '\r', ...Array.from(canary), '\r']],
    ['pasted with its line ends', [`${canary}\r${canary}\r`]],
    ['pasted with line ends of Windows', [`${canary}\r\n`, `${canary}\r\n`]],
    ['with mistakes taken back', ['xy\u007F\b', canary, '\r', 'wrong\u0015', canary, '\n']],
    ['with arrow keys', [`\u001B[A\u001BOC${canary}\u001B[1;5D`, '\r', canary, '\r']],
  ])('is taken %s, and not shown', async (_how, keys) => {
    const at = terminal();
    at.type(...keys);

    expect(reveal(await readSecret(at.question))).toBe(canary);

    expect(at.shown()).toBe('Secret "corp" (not shown): \nOnce more: \n');
    expect(at.modes).toEqual([true, false]);
  });

  it('is taken with letters of several bytes that arrive in parts', async () => {
    const at = terminal();
    const bytes = Buffer.from('pässwörd€\r');
    for (const byte of Buffer.concat([bytes, bytes])) (at.question.stdin as unknown as PassThrough).write(Buffer.of(byte));

    expect(reveal(await readSecret(at.question))).toBe('pässwörd€');
  });

  it('that is not the same twice is refused', async () => {
    const at = terminal();
    at.type(`${canary}\r`, 'other\r');

    await expect(readSecret(at.question)).rejects.toMatchObject({ code: 'USAGE', message: expect.not.stringContaining(canary) });
  });

  it('that is empty is refused at once', async () => {
    const at = terminal();
    at.type('\r');

    await expect(readSecret(at.question)).rejects.toMatchObject({ code: 'SECRET_EMPTY' });
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('is given up by %s, and the terminal is as before', async (_how, key) => {
    const at = terminal();
    at.type('half', key);

    await expect(readSecret(at.question)).rejects.toMatchObject({ code: 'INTERRUPTED' });

    expect(at.modes).toEqual([true, false]);
    expect(at.question.stdin.listenerCount('data')).toBe(0);
  });

  it('is given up by a signal and by a terminal that goes away', async () => {
    const stopped = terminal();
    const asked = readSecret(stopped.question);
    stopped.stop();
    await expect(asked).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(stopped.modes).toEqual([true, false]);

    const gone = terminal();
    (gone.question.stdin as unknown as PassThrough).end();
    await expect(readSecret(gone.question)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(gone.modes).toEqual([true, false]);
  });
});

describe('a secret on standard input', () => {
  it.each([
    ['as it is', canary],
    ['without its line end', `${canary}\n`],
    ['without a line end and the mark of Windows', `\uFEFF${canary}\r\n`],
  ])('is taken %s', async (_how, text) => {
    expect(reveal(await readSecret(piped(text)))).toBe(canary);
  });

  it.each([
    ['nothing', '', 'SECRET_EMPTY', /empty/],
    ['blanks', ' \n', 'SECRET_EMPTY', /empty/],
    ['two lines', `${canary}\n${canary}\n`, 'USAGE', /one line/],
    ['other bytes than text', Buffer.from([0xff, 0xfe, 0x41]), 'USAGE', /UTF-8/],
    ['far too much', 'x'.repeat(70_000), 'USAGE', /too long/],
  ])('is refused when it is %s', async (_what, text, code, words) => {
    await expect(readSecret(piped(text))).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  });

  it('ends with a signal while nothing comes', async () => {
    const stopped = new AbortController();
    const asked = readSecret({ ...piped(''), stdin: new PassThrough(), signal: stopped.signal });
    stopped.abort();

    await expect(asked).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
