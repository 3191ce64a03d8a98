import { PassThrough, Writable } from 'node:stream';
import { runProgram } from '../../agent/cli/run-program.ts';
import { openOperations, openServiceOperations } from '../../agent/compose.ts';
import { openSharedResources } from '../../agent/compose-shared.ts';
import { loadConfig } from '../../agent/config/load-config.ts';
import type { WatchOutcome } from '../../agent/pipeline/watch/watch-outcome.ts';
import { createLogger } from '../../agent/telemetry/logger.ts';
import { Redactor } from '../../agent/telemetry/redactor.ts';

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

/** One look of two-way sync, with all that a job of the service has but its process. */
export async function lookInProcess(
  places: { readonly config: string; readonly state: string },
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<WatchOutcome> {
  const redactor = new Redactor();
  const context = {
    loaded: await loadConfig(places.config),
    stateDirectory: places.state,
    environment,
    logger: createLogger({ level: 'warn', json: true, stream: output(), redactor }),
    redactor,
    progress: { start: () => ({ update: () => undefined, done: () => undefined, fail: () => undefined }) },
    signal,
    trigger: 'watch',
  };
  const shared = openSharedResources(context);
  const operations = openServiceOperations(context, shared);
  try {
    return await operations.watch();
  } finally {
    await operations.close();
    await shared.close();
  }
}
