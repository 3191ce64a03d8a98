import type { Writable } from 'node:stream';
import type ora from 'ora';
import type { Progress, ProgressTask } from '../operations.ts';
import { formatCount, formatDuration } from './format.ts';
import { printable } from './text-width.ts';

export interface ProgressOptions {
  readonly stream: Writable;
  /** On a terminal; `null`: one line at the end of each task. Handed in, because most runs have no terminal and need not load it. */
  readonly spinner: typeof ora | null;
  /** With `--json` nothing is shown. */
  readonly quiet: boolean;
  /** The spinner is coloured; default: it is. */
  readonly colour?: boolean;
  readonly now?: () => number;
}

const silentTask: ProgressTask = { update: () => undefined, done: () => undefined, fail: () => undefined };

/** Shows long work on standard error: a spinner on a terminal, a line a task elsewhere. */
export function createProgress(options: ProgressOptions): Progress {
  if (options.quiet) {
    return { start: () => silentTask };
  }
  const now = options.now ?? Date.now;
  const { spinner } = options;
  return { start: (label) => (spinner === null ? lines(label, options, now) : spinning(spinner, label, options, now)) };
}

function spinning(spinner: typeof ora, label: string, options: ProgressOptions, now: () => number): ProgressTask {
  const startedAt = now();
  // Standard input stays with the program: the spinner must not swallow an answer or a signal.
  const spin = spinner({
    text: printable(label),
    stream: options.stream,
    discardStdin: false,
    color: options.colour === false ? false : 'cyan',
  }).start();
  return {
    update(done, total) {
      spin.text = printable(`${label} ${amount(done, total)}${pace(done, total, () => now() - startedAt)}`);
    },
    done(text) {
      spin.succeed(`${printable(text ?? label)} ${took(now() - startedAt)}`);
    },
    fail(text) {
      spin.fail(printable(text ?? label));
    },
  };
}

function lines(label: string, options: ProgressOptions, now: () => number): ProgressTask {
  const startedAt = now();
  const write = (text: string): void => {
    options.stream.write(`${printable(text)}\n`);
  };
  write(`${label} …`);
  return {
    update: () => undefined,
    done: (text) => write(`${text ?? label} ${took(now() - startedAt)}`),
    fail: (text) => write(`${text ?? label}: failed`),
  };
}

function amount(done: number, total: number | null): string {
  return total === null ? formatCount(done) : `${formatCount(done)} of ${formatCount(total)}`;
}

/** Before this much time, or so many, a rate would only jump about. */
const settledMs = 5_000;
const settledCount = 25;

/** ` · 84 a minute, 3 min left`; empty as long as it cannot be told. */
function pace(done: number, total: number | null, elapsed: () => number): string {
  if (total === null || done < settledCount || done >= total) return '';
  const ms = elapsed();
  if (ms < settledMs) return '';
  const rate = Math.round((done / ms) * 60_000);
  const left = Math.ceil(((total - done) * ms) / done / 1_000) * 1_000;
  return ` · ${formatCount(rate)} a minute, ${formatDuration(left)} left`;
}

function took(ms: number): string {
  return `(${formatDuration(ms)})`;
}
