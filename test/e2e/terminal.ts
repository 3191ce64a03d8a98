import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { isOnPath } from '../integration/samba-directory.ts';

/** A program at a pseudo-terminal, and the hands of the person before it. */
export interface Terminal {
  /** All that was printed so far, colours and cursor included. */
  raw(): string;
  /** What was printed since the last key, without colours. */
  recent(): string;
  /** Waits until the text was printed since the last key. Fails with what was printed instead. */
  sees(text: string | RegExp): Promise<void>;
  press(keys: string): void;
  /** `sees`, then `press`. */
  answer(question: string | RegExp, keys: string): Promise<void>;
  readonly ended: Promise<number>;
  stop(): void;
}

export const enter = '\r';
export const down = '\u001B[B';
export const controlC = '\u0003';

const patienceMs = 15_000;

/** Why there is no pseudo-terminal here, or `null`. */
export function terminalMissing(): string | null {
  return process.platform !== 'win32' && isOnPath('python3') ? null : 'a pseudo-terminal needs python3, on Linux';
}

/** Starts it with Node, at a terminal of this size. */
export function openTerminal(
  words: readonly string[],
  options: { readonly environment: Readonly<Record<string, string | undefined>>; readonly columns?: number; readonly rows?: number },
): Terminal {
  const bridge = join(dirname(fileURLToPath(import.meta.url)), 'terminal.py');
  const size = [String(options.columns ?? 80), String(options.rows ?? 24)];
  const child = spawn('python3', [bridge, ...size, process.execPath, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color', CI: undefined, ...options.environment },
  });
  let printed = '';
  let answered = 0;
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? -1);
      for (const listener of listeners) listener();
    });
  });
  child.stdin.on('error', () => undefined);

  function recent(): string {
    // Lines are wrapped behind a bar; a sentence is one all the same.
    return stripVTControlCharacters(printed.slice(answered)).replace(/[\s│]+/g, ' ');
  }

  const terminal: Terminal = {
    raw: () => printed,
    recent,
    async sees(text) {
      const has = (): boolean => (typeof text === 'string' ? recent().includes(text) : text.test(recent()));
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = (): void => {
        if (has()) resolve();
        else if (child.exitCode !== null) reject(new Error(`ended without showing ${String(text)}; it showed:\n${recent()}`));
      };
      const timer = setTimeout(() => reject(new Error(`did not show ${String(text)}; it showed:\n${recent()}`)), patienceMs);
      listeners.add(look);
      look();
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        listeners.delete(look);
      }
    },
    press(keys) {
      answered = printed.length;
      child.stdin.write(keys);
    },
    async answer(question, keys) {
      await terminal.sees(question);
      terminal.press(keys);
    },
    ended,
    stop: () => child.kill('SIGKILL'),
  };
  return terminal;
}
