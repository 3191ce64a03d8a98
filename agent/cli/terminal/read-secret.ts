import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { RollcallError } from '../../../core/errors.ts';
import { Redacted } from '../../secrets/redacted.ts';

/** Standard input, with what a terminal adds. */
type SecretInput = Readable & { readonly isTTY?: boolean; readonly setRawMode?: (mode: boolean) => unknown };

interface SecretQuestion {
  readonly stdin: SecretInput;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly signal: AbortSignal;
  /** What is asked for, for example `Secret "corp"`. */
  readonly what: string;
}

const largestInputBytes = 64 * 1024;

/**
 * Takes one line from standard input; on a terminal it is asked for twice and not shown. Throws `USAGE` (several lines, the two
 * differ, too long), `SECRET_EMPTY`, and `INTERRUPTED` for Ctrl-C. No message repeats what was read.
 */
export async function readSecret(question: SecretQuestion): Promise<Redacted> {
  const { stdin, stderr, what } = question;
  if (stdin.isTTY !== true) {
    return new Redacted(proven(withoutLineEnd(await readAll(question)), what));
  }
  if (stderr.isTTY !== true || stdin.setRawMode === undefined) {
    throw new RollcallError('USAGE', `${what} cannot be asked for here: give it on standard input, for example from a file.`);
  }
  // Before the first word of the prompt: whoever pastes at once must not see it either.
  stdin.setRawMode(true);
  try {
    const first = proven(await typedLine(question, `${what} (not shown): `), what);
    const second = await typedLine(question, 'Once more: ');
    if (first !== second) {
      throw new RollcallError('USAGE', 'The two were not the same; nothing was stored.');
    }
    return new Redacted(first);
  } finally {
    stdin.setRawMode(false);
  }
}

async function readAll({ stdin, signal, what }: SecretQuestion): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer | string): void => {
      const bytes = Buffer.from(chunk as string);
      length += bytes.length;
      chunks.push(bytes);
      if (length > largestInputBytes) finish(new RollcallError('USAGE', `${what} is too long; nothing was stored.`));
    };
    const end = (): void => finish(null);
    const stop = (): void => finish(interrupted());
    const fail = (error: Error): void => finish(error);
    function finish(error: Error | null): void {
      stdin.off('data', take).off('end', end).off('error', fail).pause();
      signal.removeEventListener('abort', stop);
      if (error === null) resolve();
      else reject(error);
    }
    signal.addEventListener('abort', stop, { once: true });
    stdin.on('data', take).on('end', end).on('error', fail);
    if (signal.aborted) stop();
  });
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.includes('\uFFFD')) {
    throw new RollcallError('USAGE', `${what} is not text in UTF-8; nothing was stored.`);
  }
  return text;
}

/** One line of a terminal that shows nothing. */
async function typedLine({ stdin, stderr, signal }: SecretQuestion, prompt: string): Promise<string> {
  stderr.write(prompt);
  try {
    return await new Promise<string>((resolve, reject) => {
      const decoder = new StringDecoder('utf8');
      let line = '';
      const take = (chunk: Buffer | string): void => {
        const typed = applied(line, typeof chunk === 'string' ? chunk : decoder.write(chunk));
        line = typed.line;
        if (typed.end === 'interrupted') finish(interrupted());
        if (typed.end !== 'entered') return;
        finish(null);
        // After finish: a stream that flows would hand it to this question again.
        if (typed.rest !== '') stdin.unshift(Buffer.from(typed.rest, 'utf8'));
      };
      const stop = (): void => finish(interrupted());
      const fail = (error: Error): void => finish(error);
      function finish(error: Error | null): void {
        stdin.off('data', take).off('end', stop).off('error', fail).pause();
        signal.removeEventListener('abort', stop);
        if (error === null) resolve(line);
        else reject(error);
      }
      signal.addEventListener('abort', stop, { once: true });
      stdin.on('data', take).on('end', stop).on('error', fail);
      stdin.resume();
      if (signal.aborted) stop();
    });
  } finally {
    stderr.write('\n');
  }
}

interface Typed {
  readonly line: string;
  readonly end: 'entered' | 'interrupted' | null;
  /** What came after the end: it belongs to the next question. */
  readonly rest: string;
}

/** What keys make of the line: Enter ends it, Backspace and Ctrl-U take back, Ctrl-C and Ctrl-D end the program. */
function applied(before: string, keys: string): Typed {
  let line = before;
  // Arrows and the like arrive as sequences; they are no part of a secret.
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const plain = keys.replaceAll(/\u001B(?:\[[0-?]*[ -/]*[@-~]|O.)/g, '');
  const characters = Array.from(plain);
  for (const [index, key] of characters.entries()) {
    if (key === '\r' || key === '\n') {
      const after = characters.slice(index + 1).join('');
      return { line, end: 'entered', rest: key === '\r' && after.startsWith('\n') ? after.slice(1) : after };
    }
    if (key === '\u0003' || key === '\u0004') {
      return { line: '', end: 'interrupted', rest: '' };
    }
    if (key === '\u007F' || key === '\b') {
      line = Array.from(line).slice(0, -1).join('');
    } else if (key === '\u0015') {
      line = '';
    } else if (key >= ' ') {
      line += key;
    }
  }
  return { line, end: null, rest: '' };
}

function withoutLineEnd(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
}

function proven(value: string, what: string): string {
  if (value.trim() === '') {
    throw new RollcallError('SECRET_EMPTY', `${what} is empty; nothing was stored.`);
  }
  if (/[\0\r\n]/.test(value)) {
    throw new RollcallError('USAGE', `${what} is not one line of text; nothing was stored.`);
  }
  return value;
}

function interrupted(): RollcallError {
  return new RollcallError('INTERRUPTED', 'The secret was not given; nothing was stored.');
}
