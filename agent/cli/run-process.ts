import process from 'node:process';
import { guardProcess } from '../secrets/guard-process.ts';
import { versionText } from '../version.ts';
import type { ExitCode } from './exit-codes.ts';
import type { OpenOperations } from './operations.ts';
import { runProgram } from './run-program.ts';

/**
 * Runs the program on this process and returns its exit code when everything is written. The first SIGINT or SIGTERM asks the
 * command to stop; the second one calls `exit` at once.
 */
export async function runProcess(openOperations: OpenOperations, exit: (code: ExitCode) => void): Promise<ExitCode> {
  guardProcess();
  const stop = new AbortController();
  // SIGBREAK is Windows' Ctrl-Break, and what some service managers stop with.
  for (const name of process.platform === 'win32' ? (['SIGINT', 'SIGTERM', 'SIGBREAK'] as const) : (['SIGINT', 'SIGTERM'] as const)) {
    const others = process.listeners(name);
    process.on(name, () => {
      if (stop.signal.aborted) {
        exit(130);
      }
      stop.abort();
    });
    // A library below conf listens too and sends each signal again, which would look like the second one. It goes when the own listener
    // is there: with none at all for a moment, a signal that is on its way would be lost.
    for (const other of others) process.off(name, other);
  }
  process.on('uncaughtException', (error) => {
    // The message may carry anything: only what kind of error it was is told.
    process.stderr.write(`Error  Something unforeseen happened (${error.name}).\n code  INTERNAL\n`);
    exit(1);
  });
  const code = await runProgram({
    words: process.argv.slice(2),
    environment: process.env,
    platform: process.platform,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    version: versionText(),
    signal: stop.signal,
    openOperations,
    onHangUp(listener) {
      process.on('SIGHUP', listener);
      return () => process.off('SIGHUP', listener);
    },
  });
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  return code;
}

/** Resolves when what was written is out, or when nobody reads any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // After an EPIPE the process's streams are not destroyed, and what is written to them waits for ever.
    if (stream.destroyed || stream.writableEnded || stream.errored !== null) {
      resolve();
      return;
    }
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
