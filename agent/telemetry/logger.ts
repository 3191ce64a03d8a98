import type { Writable } from 'node:stream';
import { createLogger as createWinston, format, transports } from 'winston';
import type { Redactor } from './redactor.ts';

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
  /** Resolves when all is handed to the stream, or after one second. The stream stays open. */
  close(): Promise<void>;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** JSON lines; else lines for a person. */
  readonly json: boolean;
  readonly stream: Writable;
  readonly redactor: Redactor;
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
export function createLogger(options: LoggerOptions): Logger {
  const now = options.now ?? Date.now;
  const redact = format((info) => {
    const debug = info.level === 'debug';
    const data = options.redactor.value(info['data'] ?? {}, { personal: debug, stacks: options.level === 'debug' });
    return { ...info, message: options.redactor.text(String(info.message)), time: new Date(now()).toISOString(), data };
  });
  const print = format.printf((info) => (options.json ? jsonLine(info) : peopleLine(info)));
  const winston = createWinston({
    level: options.level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: format.combine(redact(), print),
    transports: [new transports.Stream({ stream: options.stream })],
    exitOnError: false,
  });
  // A full disk or a closed pipe must not end the program because of a log line.
  winston.on('error', () => undefined);
  options.stream.on('error', () => undefined);

  function log(level: LogLevel, message: string, data: LogData): void {
    try {
      winston.log({ level, message, data });
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
      close: () => finish(winston),
    };
  }

  return build({});
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
