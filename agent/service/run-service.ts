import type { Readable, Writable } from 'node:stream';
import { RollcallError } from '../../core/errors.ts';
import type { Config } from '../config/schema.ts';
import { createEventLog, type EventLog } from '../telemetry/event-log.ts';
import { isJournalStream } from '../telemetry/journal.ts';
import { createLogger, type LogLevel, type RootLogger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import { UpgradeAttendant } from '../upgrade/attend-upgrade.ts';
import { version } from '../version.ts';
import { inForceAtStart, loadStartConfig } from './config-in-force.ts';
import { inTime } from './in-time.ts';
import { Service } from './service.ts';
import { takeServiceLock } from './service-lock.ts';
import { createServiceManager } from './service-manager.ts';
import { onStop, stopSignal } from './stop-requests.ts';

export interface RunServiceOptions {
  readonly configFile: string;
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
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
 * service (`SERVICE_RUNNING`), a store that cannot be had, a new release that is not well.
 */
export async function runService(options: RunServiceOptions): Promise<string> {
  const { stateDirectory, redactor } = options;
  const now = options.now ?? Date.now;
  const upgrade = await UpgradeAttendant.begin({ stateDirectory, redactor, now });
  const start = await upgrade.judged(async () => {
    const loaded = await loadStartConfig(options.configFile, stateDirectory);
    upgrade.assertTaken(loaded);
    return loaded;
  });
  const loaded = inForceAtStart(start);
  const eventLog = options.platform === 'win32' ? createEventLog({ environment: options.environment }) : null;
  const logger = serviceLogger(options, loaded.config, eventLog);
  const manager = createServiceManager({ ...options, logger });
  try {
    const lock = await upgrade.judged(() => takeServiceLock(stateDirectory, { command: 'rollcall run', now }));
    try {
      const stopped = stopSignal(options);
      let patienceMs = 0;
      try {
        patienceMs = await upgrade.stand({ ...options, loaded, logger, manager, now, stopped: stopped.signal });
      } catch (error) {
        if (stopped.signal.aborted) return String(stopped.signal.reason);
        throw error;
      } finally {
        stopped.forget();
      }
      if (stopped.signal.aborted) return String(stopped.signal.reason);
      const confirmation = Promise.withResolvers<() => Promise<void>>();
      const beforeReady = async (): Promise<void> => (await confirmation.promise)();
      const service = new Service({ ...options, start, logger, manager, now, beforeReady });
      const begin = (stopping: AbortSignal): Promise<void> =>
        upgrade.started(
          (confirm) => {
            confirmation.resolve(confirm);
            return service.start();
          },
          { patienceMs, stopped: stopping, logger },
        );
      return await serve(service, begin, upgrade, { ...options, eventLog });
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (error instanceof RollcallError) logger.error('The service ended', { code: error.code, reason: error.message });
    throw error;
  } finally {
    manager.close();
    await logger.close();
    await eventLog?.close();
  }
}

/** How long the stop after a failed start may take. */
const failedStopMs = 10_000;

/** Has the service start, work and stop; resolves with the reason of the stop. */
async function serve(
  service: Service,
  begin: (stopping: AbortSignal) => Promise<void>,
  upgrade: UpgradeAttendant,
  options: RunServiceOptions & { readonly eventLog: EventLog | null },
): Promise<string> {
  const { eventLog, signal } = options;
  const forget = listen(service, options);
  const stopping = new AbortController();
  void service.stopRequested.then(() => stopping.abort());
  const started = begin(stopping.signal);
  let hasFailed = false;
  eventLog?.started(version);
  // A start that fails is a stop with a reason of its own.
  const settled = started.then(
    () => upgrade.settle(),
    () => {
      hasFailed = true;
      service.requestStop('the start failed');
    },
  );
  if (signal.aborted) service.requestStop('a signal');
  const reason = await service.stopRequested;
  // A start that hangs may hold up its stop too.
  await (hasFailed ? inTime(service.stop(reason), failedStopMs) : service.stop(reason));
  // Not before: a SIGHUP that nobody listens to ends the process at once.
  forget();
  eventLog?.stopped();
  await started;
  await settled;
  return reason;
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
function listen(service: Service, options: RunServiceOptions): () => void {
  const { onHangUp, platform, stdin } = options;
  const forgetStops = onStop(options, (reason) => service.requestStop(reason));
  const forgetHangUp = onHangUp(() => {
    // In a window or on a terminal this signal says that it was closed; on Windows the system ends the process a few seconds later.
    if (platform === 'win32' || stdin.isTTY === true) service.requestStop('its window was closed');
    else void service.reload({ accept: false }).catch(() => undefined);
  });
  return () => {
    forgetHangUp();
    forgetStops();
  };
}
