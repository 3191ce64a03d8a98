import { execFile } from 'node:child_process';
import type { Logger } from '../telemetry/logger.ts';
import type { ServiceManager } from './service-manager.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Send = (words: readonly string[]) => Promise<void>;

/**
 * Tells systemd by its own `systemd-notify` (the unit needs `NotifyAccess=all`): Node has no datagram sockets of the local kind. With
 * `WatchdogSec` set it pings at a third of that time: a thread that does not turn sends nothing.
 */
export function createSystemd(options: {
  readonly environment: Environment;
  readonly logger: Logger;
  readonly send?: Send;
}): ServiceManager {
  const { environment, logger } = options;
  if ((environment['NOTIFY_SOCKET'] ?? '') === '') return silent;
  const send = options.send ?? systemdNotify;
  let isBroken = false;
  let told: Promise<void> = Promise.resolve();
  // One after the other: a "ready" that overtakes its "reloading" would leave the unit reloading.
  const tell = (...words: readonly string[]): void => {
    told = told
      .then(() => send(words))
      .catch((error: unknown) => {
        if (isBroken) return;
        isBroken = true;
        logger.warn('systemd could not be told', { code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' });
      });
  };
  const every = pingEveryMs(environment);
  const timer = every === null ? null : setInterval(() => tell('WATCHDOG=1'), every).unref();
  return {
    ready: () => tell('--ready', `--pid=${process.pid}`),
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => tell('STOPPING=1'),
    status: (text) => tell(`--status=${text}`),
    extend: (ms) => tell(`EXTEND_TIMEOUT_USEC=${ms * 1_000}`),
    close() {
      if (timer !== null) clearInterval(timer);
    },
  };
}

const nothing = (): void => undefined;
const silent: ServiceManager = {
  ready: nothing,
  reloading: nothing,
  stopping: nothing,
  status: nothing,
  extend: nothing,
  close: nothing,
};

/** A third of the time after which systemd ends a silent service; `null`: it does not watch this process. */
function pingEveryMs(environment: Environment): number | null {
  const microseconds = Number(environment['WATCHDOG_USEC'] ?? '');
  const pid = environment['WATCHDOG_PID'];
  if (!Number.isFinite(microseconds) || microseconds <= 0 || (pid !== undefined && pid !== String(process.pid))) return null;
  return Math.max(10, microseconds / 3_000);
}

function systemdNotify(words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('systemd-notify', words, { timeout: 5_000 }, (error) => (error === null ? resolve() : reject(error)));
  });
}
