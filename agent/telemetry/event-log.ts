import { execFile } from 'node:child_process';
import { win32 } from 'node:path';
import { errorTable } from '../../core/error-table.ts';
import { isLogMessage } from './log-messages.ts';

/** Windows' event log, for what an administrator looks for there: start, stop and errors. No method throws. */
export interface EventLog {
  started(version: string): void;
  stopped(): void;
  /** `message` is one of the program's own texts; of the data only the error's code is told. */
  error(message: string, data: Readonly<Record<string, unknown>>): void;
  /** Resolves when what was to be told is told, or after three seconds. */
  close(): Promise<void>;
}

/** Runs a program to its end; rejects when it failed. */
export type RunProgram = (file: string, words: readonly string[]) => Promise<void>;

/** Ids of the events, fixed: monitors filter by them. eventcreate.exe takes 1 to 1000. */
const eventIds = { started: 100, stopped: 101, error: 200 } as const;

const hourMs = 3_600_000;
const mostErrorsAnHour = 20;
const mostWaiting = 8;
const closeDeadlineMs = 3_000;
const nothing = (): void => undefined;

/**
 * Tells Windows by its own eventcreate.exe (source "rollcall", log Application), one event after the other, at most twenty errors
 * an hour and each text once an hour. It registers the source when it is used first, which needs an administrator's rights. Written
 * by its documentation; not tried on a Windows.
 */
export function createEventLog(settings: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly run?: RunProgram;
  readonly now?: () => number;
}): EventLog {
  const { environment, run = runHidden, now = Date.now } = settings;
  const program = win32.join(environment['SystemRoot'] ?? String.raw`C:\Windows`, 'System32', 'eventcreate.exe');
  const told = new Map<string, number>();
  let waiting = 0;
  let left = 0;
  let work: Promise<void> = Promise.resolve();

  function tell(kind: 'INFORMATION' | 'ERROR', id: number, text: string): void {
    if (waiting >= mostWaiting) {
      left += 1;
      return;
    }
    waiting += 1;
    work = work
      .then(() => run(program, ['/L', 'APPLICATION', '/T', kind, '/SO', 'rollcall', '/ID', String(id), '/D', text]))
      .catch(() => undefined)
      .finally(() => {
        waiting -= 1;
      });
  }

  // The service host tells when the program starts and stops, by the same ids.
  const isHosted = environment['ROLLCALL_HOST'] === '1';
  return {
    started: isHosted ? nothing : (version) => tell('INFORMATION', eventIds.started, `rollcall ${version} started.`),
    stopped: isHosted ? nothing : () => tell('INFORMATION', eventIds.stopped, 'rollcall stopped.'),
    error(message, data) {
      const code = codeIn(data);
      const what = `${isLogMessage(message) ? message : 'An error occurred'}${code === null ? '' : ` (${code})`}`;
      const at = now();
      for (const [text, moment] of told) if (Math.abs(at - moment) >= hourMs) told.delete(text);
      if (told.has(what) || told.size >= mostErrorsAnHour) {
        left += 1;
        return;
      }
      told.set(what, at);
      const rest = left === 0 ? '' : ` ${left} further events were left out here since the last one.`;
      left = 0;
      tell('ERROR', eventIds.error, `${what}.${rest} See "rollcall status" and the log of rollcall.`);
    },
    async close() {
      const deadline = Promise.withResolvers<void>();
      const timer = setTimeout(deadline.resolve, closeDeadlineMs);
      await Promise.race([work, deadline.promise]);
      clearTimeout(timer);
    },
  };
}

/** The code of the error among the facts; only codes of the table are passed on. */
function codeIn(data: Readonly<Record<string, unknown>>): string | null {
  const { error } = data;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : data['code'];
  return typeof code === 'string' && Object.hasOwn(errorTable, code) ? code : null;
}

function runHidden(file: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(file, [...words], { windowsHide: true, timeout: 10_000 }, (error) => (error === null ? resolve() : reject(error)));
  });
}
