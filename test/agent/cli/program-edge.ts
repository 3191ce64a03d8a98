import { PassThrough, Writable } from 'node:stream';
import type { Operations, OperationsContext } from '../../../agent/cli/operations.ts';
import { type ProcessEdge, runProgram } from '../../../agent/cli/run-program.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import { type Call, fakeOperations } from './fake-operations.ts';

export const canary = 'Canary-Pa55-phrase';

export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly Call[];
  readonly opened: OperationsContext | null;
}

export interface EdgeSettings {
  readonly operations?: Partial<Operations>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard output and standard error are a terminal of this width. */
  readonly columns?: number;
  /** Typed by a person at a terminal. */
  readonly typed?: string;
  readonly signal?: AbortSignal;
  readonly open?: ProcessEdge['openOperations'];
}

function output(
  columns: number | undefined,
): Writable & { readonly text: () => string; readonly isTTY: boolean; readonly columns?: number } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { text: () => text, isTTY: columns !== undefined, ...(columns === undefined ? {} : { columns }) });
}

/** Runs the program within this process, over fake operations. */
export async function runHere(words: readonly string[], settings: EdgeSettings = {}): Promise<Outcome> {
  const operations = fakeOperations(settings.operations);
  const stdout = output(settings.columns);
  const stderr = output(settings.columns);
  const stdin = Object.assign(new PassThrough(), { isTTY: settings.typed !== undefined });
  let opened: OperationsContext | null = null;
  if (settings.typed !== undefined) {
    stdin.end(settings.typed);
  }
  const exit = await runProgram({
    words,
    environment: { TERM: 'dumb', ...settings.environment },
    platform: 'linux',
    stdin,
    stdout,
    stderr,
    version: '1.2.3',
    signal: settings.signal ?? new AbortController().signal,
    openOperations:
      settings.open ??
      ((context) => {
        opened = context;
        context.redactor.register(new Redacted(canary));
        context.logger.info('Operations were opened', { secretish: canary });
        const task = context.progress.start('Reading corp');
        task.update(1, 2);
        task.done('Read corp: 250 users');
        return Promise.resolve(operations);
      }),
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text(), calls: operations.calls, opened };
}
