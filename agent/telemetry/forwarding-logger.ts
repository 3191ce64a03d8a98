import { type Logger, type LogLevel, logLevels } from './logger.ts';
import type { Redactor } from './redactor.ts';

type LogData = Readonly<Record<string, unknown>>;

/** A logger that hands its events on, cleaned of secrets and fit to be cloned, to a thread that writes them. */
export function forwardingLogger(options: {
  readonly level: LogLevel;
  readonly redactor: Redactor;
  readonly forward: (level: LogLevel, message: string, data: LogData) => void;
}): Logger {
  const most = logLevels.indexOf(options.level);

  function log(level: LogLevel, message: string, data: LogData): void {
    if (logLevels.indexOf(level) > most) return;
    try {
      const clean = options.redactor.value(data, { personal: level === 'debug', stacks: options.level === 'debug' });
      options.forward(level, options.redactor.text(message), clean as LogData);
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
      close: () => Promise.resolve(),
    };
  }

  return build({});
}
