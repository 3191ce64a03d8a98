import type { Writable } from 'node:stream';
import type { ServiceManager } from './service-manager.ts';

/** A third of the minute after which the host ends a silent service. */
const signOfLifeEveryMs = 20_000;

/** Whether the Windows service host started this process: it reads standard output, which carries nothing but its lines then. */
export function isHosted(environment: Readonly<Record<string, string | undefined>>): boolean {
  return environment['ROLLCALL_HOST'] === '1';
}

/** Tells the host by lines of standard output, named as in sd_notify(3): `READY=1`, `STOPPING=1`, `WATCHDOG=1`, `STATUS=text`, `EXTEND_TIMEOUT_USEC=n`. */
export function createHostManager({
  stdout,
  everyMs = signOfLifeEveryMs,
}: {
  readonly stdout: Writable;
  readonly everyMs?: number;
}): ServiceManager {
  const tell = (line: string): void => void stdout.write(`${line}\n`);
  const timer = setInterval(() => tell('WATCHDOG=1'), everyMs).unref();
  return {
    ready: () => tell('READY=1'),
    reloading: () => undefined,
    stopping: () => tell('STOPPING=1'),
    status: (text) => tell(statusLine(text)),
    extend: (ms) => tell(`EXTEND_TIMEOUT_USEC=${Math.round(ms * 1_000)}`),
    close: () => clearInterval(timer),
  };
}

/** Text of more lines would be other messages. */
export function statusLine(text: string): string {
  return `STATUS=${text.replaceAll(/[\r\n]+/g, ' ')}`;
}
