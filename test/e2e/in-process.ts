import { PassThrough, Writable } from 'node:stream';
import { runProgram } from '../../agent/cli/run-program.ts';
import { openOperations } from '../../agent/compose.ts';

function output(): Writable & { readonly text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { text: () => text });
}

/** Runs the program, with its own composition, within this process; only signals and the terminal are not real. */
export async function runInProcess(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<{ readonly exit: number; readonly stdout: string; readonly stderr: string }> {
  const stdout = output();
  const stderr = output();
  const exit = await runProgram({
    words,
    environment,
    platform: 'linux',
    stdin: Object.assign(new PassThrough(), { isTTY: false }),
    stdout,
    stderr,
    version: '0.0.0',
    signal,
    openOperations,
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
}
