import { fstatSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { RollcallError } from '../../core/errors.ts';
import type { Config } from '../config/schema.ts';
import { createEventLog, type EventLog } from '../telemetry/event-log.ts';
import { isJournalStream } from '../telemetry/journal.ts';
import { createLogger, type LogLevel, type RootLogger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import { version } from '../version.ts';
import { inForceAtStart, loadStartConfig } from './config-in-force.ts';
import { Service } from './service.ts';
import { takeServiceLock } from './service-lock.ts';

export interface RunServiceOptions {
  readonly configFile: string;
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly redactor: Redactor;
  /** Aborted by SIGINT, SIGTERM, SIGBREAK. */
  readonly signal: AbortSignal;
  /** `--log-level`; `null`: the configuration's. */
  readonly logLevel: LogLevel | null;
  /** Told when the process gets SIGHUP; gives back how to listen no more. */
  readonly onHangUp: (listener: () => void) => () => void;
  readonly now?: () => number;
}

/**
 * Runs the service until it is asked to stop; resolves with the reason. Throws what ends a start: no usable configuration, another
 * service (`SERVICE_RUNNING`), a store that cannot be had.
 */
export async function runService(options: RunServiceOptions): Promise<string> {
  const { stateDirectory, signal } = options;
  const now = options.now ?? Date.now;
  const start = await loadStartConfig(options.configFile, stateDirectory);
  const { config } = inForceAtStart(start);
  const eventLog = options.platform === 'win32' ? createEventLog({ environment: options.environment }) : null;
  const logger = serviceLogger(options, config, eventLog);
  try {
    const lock = await takeServiceLock(stateDirectory, { command: 'rollcall run', now });
    try {
      const service = new Service({ ...options, start, logger, now });
      const forget = listen(service, options);
      const started = service.start();
      eventLog?.started(version);
      // A start that fails is a stop with a reason of its own.
      started.catch(() => service.requestStop('the start failed'));
      if (signal.aborted) service.requestStop('a signal');
      const reason = await service.stopRequested;
      await service.stop(reason);
      // Not before: a SIGHUP that nobody listens to ends the process at once.
      forget();
      eventLog?.stopped();
      await started;
      return reason;
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (error instanceof RollcallError) logger.error('The service ended', { code: error.code, reason: error.message });
    throw error;
  } finally {
    await logger.close();
    await eventLog?.close();
  }
}

function serviceLogger(
  { logLevel, stderr, redactor, environment }: RunServiceOptions,
  { log }: Config,
  eventLog: EventLog | null,
): RootLogger {
  return createLogger({
    level: logLevel ?? log.level,
    json: stderr.isTTY !== true,
    stream: stderr,
    redactor,
    eventLog,
    journal: isJournalStream(stderr, environment),
    files: log.directory === '' ? null : { directory: log.directory, maxBytes: log.maxSizeMb * 1024 * 1024, count: log.files },
  });
}

/** Everything that asks a service to stop or to look at its file; gives back how to listen no more. */
function listen(service: Service, { signal, stdin, onHangUp, platform }: RunServiceOptions): () => void {
  const onSignal = (): void => service.requestStop('a signal');
  const onEnd = (): void => service.requestStop('standard input was closed');
  const forgetHangUp = onHangUp(() => {
    // In a window or on a terminal this signal says that it was closed; on Windows the system ends the process a few seconds later.
    if (platform === 'win32' || stdin.isTTY === true) service.requestStop('its window was closed');
    else void service.reload({ accept: false }).catch(() => undefined);
  });
  signal.addEventListener('abort', onSignal);
  const isHeld = isHeldByParent(stdin);
  if (isHeld) {
    stdin.on('end', onEnd);
    stdin.on('close', onEnd);
    stdin.resume();
  }
  return () => {
    forgetHangUp();
    signal.removeEventListener('abort', onSignal);
    if (isHeld) {
      stdin.off('end', onEnd);
      stdin.off('close', onEnd);
      stdin.pause();
    }
  };
}

/** Only a pipe says something by its end: /dev/null, a file and a terminal do not. */
function isHeldByParent(stdin: Readable & { readonly isTTY?: boolean }): boolean {
  if (stdin.isTTY === true) return false;
  try {
    const facts = fstatSync(0);
    return facts.isFIFO() || facts.isSocket();
  } catch {
    return false;
  }
}
