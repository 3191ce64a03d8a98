import { PassThrough, type Readable } from 'node:stream';

/** A terminal's keys for as long as a dialogue lasts. */
export interface Keyboard {
  /** For prompts: looks like a terminal, and gives what was typed ahead to the next one. */
  readonly input: Readable;
  /** While a prompt waits, Ctrl-C is its; else it ends everything. */
  prompting(active: boolean): void;
  /** Gives the keys back to the terminal. */
  release(): void;
}

const controlC = 3;
const carriageReturn = 13;

/**
 * Takes the keys from the terminal. Between two prompts and while a server is waited for nothing is shown of what is typed: it may be
 * a password. The terminal makes no signal of Ctrl-C meanwhile, so it is looked for here.
 */
export function takeKeyboard(stdin: Readable, interrupt: () => void): Keyboard {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  let isPrompting = false;

  function onData(chunk: Buffer | string): void {
    const bytes = Buffer.from(chunk);
    if (!isPrompting && bytes.includes(controlC)) interrupt();
    else for (const line of linesOf(bytes)) input.write(line);
  }
  setRawMode(stdin, true);
  stdin.on('data', onData);
  stdin.resume();
  return {
    input,
    prompting(active) {
      isPrompting = active;
    },
    release() {
      stdin.off('data', onData);
      stdin.pause();
      setRawMode(stdin, false);
    },
  };
}

/** A prompt takes what comes at once to its end; so what follows Enter comes by itself, for the next prompt. */
function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(carriageReturn); end !== -1; end = bytes.indexOf(carriageReturn, start)) {
    lines.push(bytes.subarray(start, end + 1));
    start = end + 1;
  }
  return start < bytes.length ? [...lines, bytes.subarray(start)] : lines;
}

function setRawMode(stdin: Readable, raw: boolean): void {
  if ('setRawMode' in stdin && typeof stdin.setRawMode === 'function') stdin.setRawMode(raw);
}
