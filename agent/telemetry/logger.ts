import { Writable } from 'node:stream';
import { createLogger as createWinston, format, transports } from 'winston';
import { errorTable } from '../../core/error-table.ts';
import type { ServiceProblem } from '../service/service-facts.ts';
import type { EventLog } from './event-log.ts';
import { journalPriority } from './journal.ts';
import type { Gap } from './line-queue.ts';
import type { Redactor } from './redactor.ts';
import { RotatingFile } from './rotating-file.ts';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Facts beside a message. Above `debug` no personal data but ids: that is the caller's duty, the redactor is the second net. */
type LogData = Readonly<Record<string, unknown>>;

/**
 * One event a line: a message that is always the same text, and the facts beside it. No method ever throws; what cannot be
 * written is lost.
 */
export interface Logger {
  error(message: string, data?: LogData): void;
  warn(message: string, data?: LogData): void;
  info(message: string, data?: LogData): void;
  debug(message: string, data?: LogData): void;
  /** A logger that adds these facts to each event. */
  child(data: LogData): Logger;
  /** Resolves when all is handed to the stream and written to the files, or after one second. The stream stays open. */
  close(): Promise<void>;
}

/** The process's own logger, on which the others stand. */
export interface RootLogger extends Logger {
  /** From now on, for its children too. */
  setLevel(level: LogLevel): void;
  /** What is wrong with the log itself; empty when all is well. */
  problems(): readonly ServiceProblem[];
}

/** Where log files go: `rollcall.log`, and those set aside. */
interface LogFiles {
  /** Absolute; made when it is not there. */
  readonly directory: string;
  readonly maxBytes: number;
  /** Files in all. */
  readonly count: number;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** JSON lines; else lines for a person. */
  readonly json: boolean;
  readonly stream: Writable;
  readonly redactor: Redactor;
  /** JSON lines go into files too; only the service has them, so that two processes never share a file by chance. */
  readonly files?: LogFiles | null;
  /** The stream is read by systemd's journal: each line says how grave it is. */
  readonly journal?: boolean;
  /** Errors are told to Windows' event log too. */
  readonly eventLog?: EventLog | null;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

interface LogEvent {
  readonly level: string;
  readonly message: unknown;
  readonly time?: string;
  readonly data?: Record<string, unknown>;
}

const closeDeadlineMs = 1_000;
const levelWords: Readonly<Record<string, string>> = { error: 'ERROR', warn: 'WARN ', info: 'INFO ', debug: 'DEBUG' };

/** Builds the process's logger on winston. */
export function createLogger(options: LoggerOptions): RootLogger {
  const now = options.now ?? Date.now;
  const file =
    options.files == null ? null : new RotatingFile({ ...options.files, now, describeGap: (gap, reason) => gapLine(gap, reason, now()) });
  const redact = format((info) => {
    const debug = info.level === 'debug';
    const data = options.redactor.value(info['data'] ?? {}, { personal: debug, stacks: winston.level === 'debug' });
    return { ...info, message: options.redactor.text(String(info.message)), time: new Date(now()).toISOString(), data };
  });
  const print = format.printf(
    (info) => `${options.journal === true ? journalPriority(info.level) : ''}${options.json ? jsonLine(info) : peopleLine(info)}`,
  );
  const winston = createWinston({
    level: options.level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: redact(),
    transports: [
      new transports.Stream({ stream: options.stream, format: print }),
      ...(file === null ? [] : [new transports.Stream({ stream: streamInto(file), format: format.printf(jsonLine), eol: '\n' })]),
    ],
    exitOnError: false,
  });
  // A full disk or a closed pipe must not end the program because of a log line.
  winston.on('error', () => undefined);
  options.stream.on('error', () => undefined);

  function log(level: LogLevel, message: string, data: LogData): void {
    try {
      winston.log({ level, message, data });
      if (level === 'error') options.eventLog?.error(message, data);
    } catch {
      // Logging never throws.
    }
  }

  function build(base: LogData): Logger {
    return {
      error: (message, data) => log('error', message, { ...base, ...data }),
      warn: (message, data) => log('warn', message, { ...base, ...data }),
      info: (message, data) => log('info', message, { ...base, ...data }),
      debug: (message, data) => log('debug', message, { ...base, ...data }),
      child: (data) => build({ ...base, ...data }),
      close,
    };
  }

  async function close(): Promise<void> {
    const startedAt = performance.now();
    await finish(winston);
    await file?.close(Math.max(0, closeDeadlineMs - (performance.now() - startedAt)));
  }

  return {
    ...build({}),
    setLevel(level) {
      winston.level = level;
    },
    problems: () => (file === null ? [] : fileProblems(file)),
  };
}

/** A logger that writes nothing. */
export function silentLogger(): Logger {
  const nothing = (): void => undefined;
  const logger: Logger = {
    error: nothing,
    warn: nothing,
    info: nothing,
    debug: nothing,
    child: () => logger,
    close: () => Promise.resolve(),
  };
  return logger;
}

function jsonLine(event: LogEvent): string {
  const { time, level, message, data } = event;
  const facts = Object.entries(data ?? {}).map(([key, value]) => [['time', 'level', 'message'].includes(key) ? `${key}_` : key, value]);
  return JSON.stringify({ time, level, message, ...Object.fromEntries(facts) });
}

function peopleLine(event: LogEvent): string {
  const facts = Object.entries(event.data ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`);
  const time = new Date(event.time ?? 0).toTimeString().slice(0, 8);
  return oneLine([time, levelWords[event.level] ?? event.level, String(event.message), ...facts].join(' '));
}

/** winston is told that each line is taken at once: what waits for the disk waits in the file's own bounded queue. */
function streamInto(file: RotatingFile): Writable {
  return new Writable({
    decodeStrings: false,
    write(line, _encoding, done) {
      file.append(String(line));
      done();
    },
  });
}

function gapLine(gap: Gap, reason: string, at: number): string {
  const [time, from, to] = [at, gap.from, gap.to].map((moment) => new Date(moment).toISOString());
  return JSON.stringify({
    time,
    level: 'warn',
    message: 'Log events were lost',
    lost: gap.lost,
    from,
    to,
    because: troubleWords(reason),
    code: reason,
  });
}

function fileProblems(file: RotatingFile): readonly ServiceProblem[] {
  const { trouble, path } = file;
  if (trouble === null) return [];
  const lost = trouble.lost === 0 ? '' : ` ${trouble.lost} ${trouble.lost === 1 ? 'event was' : 'events were'} lost so far.`;
  return [
    {
      code: 'LOG_UNWRITABLE',
      message: `The log ${path} cannot be written: ${troubleWords(trouble.reason)} (${trouble.reason}).${lost}`,
      hint: errorTable.LOG_UNWRITABLE.hint,
      place: { file: path, reason: trouble.reason, lost: trouble.lost },
      severity: 'degraded',
      since: new Date(trouble.since).toISOString(),
    },
  ];
}

function troubleWords(reason: string): string {
  const words: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EDQUOT: "the account's share of the disk is used up",
    EACCES: 'the account that runs rollcall may not write there',
    EPERM: 'the account that runs rollcall may not write there',
    EROFS: 'the disk is mounted read-only',
    EIO: 'the disk is faulty',
    ENOTDIR: 'the directory is a file',
    ELOOP: 'its name is a link to something else',
    EISDIR: 'its name is that of a directory',
    EMFILE: 'too many files are open',
    ENFILE: 'too many files are open',
    ENOBUFS: 'events came faster than the disk takes them',
  };
  return words[reason] ?? 'the system does not say more';
}

/** Keeps one event on one line whatever a message contains. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replaceAll(/[\u0000-\u001F\u007F\u0085\u2028\u2029]+/g, ' ');
}

function finish(winston: ReturnType<typeof createWinston>): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(resolve, closeDeadlineMs);
    winston.once('finish', () => {
      clearTimeout(deadline);
      resolve();
    });
    winston.end();
  });
}
