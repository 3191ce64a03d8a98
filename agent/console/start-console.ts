import type { FastifyInstance } from 'fastify';
import { RollcallError } from '../../core/errors.ts';
import type { ServiceProblem } from '../service/service-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ConsoleSource } from './console-facts.ts';
import { isLoopback, readListenAddress } from './listen-address.ts';
import { RunTally } from './run-tally.ts';

const minuteMs = 60_000;

export interface StartConsoleOptions extends Pick<ConsoleSource, 'facts' | 'summary'>, Partial<Omit<ConsoleSource, 'facts' | 'summary'>> {
  /** `127.0.0.1:7420`. */
  readonly listen: string;
  readonly stateDirectory: string;
  readonly logger: Logger;
  readonly retryMs?: number;
  readonly now?: () => number;
}

export interface RunningConsole {
  /** That it does not listen, and why. */
  problems(): readonly ServiceProblem[];
  /** Where it listens: `http://127.0.0.1:7420`; `null` while it does not. */
  address(): string | null;
  close(): Promise<void>;
}

/** Listens as soon as it can; while it cannot, tries again every minute and says so. Never throws. */
export function startConsole(options: StartConsoleOptions): RunningConsole {
  const { retryMs = minuteMs, now = Date.now } = options;
  let app: FastifyInstance | null = null;
  let problem: ServiceProblem | null = null;
  let retry: NodeJS.Timeout | null = null;
  let closed = false;

  async function attempt(): Promise<void> {
    try {
      const opened = await open(options);
      if (closed) {
        await opened.close();
        return;
      }
      app = opened;
      if (problem !== null) options.logger.info('The console listens after all', { listen: options.listen });
      problem = null;
    } catch (error) {
      if (problem === null) options.logger.warn('The console cannot listen', { listen: options.listen, reason: reasonOf(error) });
      problem = problemOf(error, options.listen, problem?.since ?? new Date(now()).toISOString());
      if (!closed) retry = setTimeout(again, retryMs).unref();
    }
  }
  function again(): void {
    running = attempt();
  }
  let running = attempt();

  return {
    problems: () => (problem === null ? [] : [problem]),
    address: () => addressOf(app),
    async close() {
      closed = true;
      if (retry !== null) clearTimeout(retry);
      await running;
      await app?.close();
      app = null;
    },
  };
}

async function open(options: StartConsoleOptions): Promise<FastifyInstance> {
  const { host, port } = readListenAddress(options.listen);
  const { consoleToken } = await import('./console-token.ts');
  const token = await consoleToken(options.stateDirectory);
  // Loaded only where the console is not switched off: a web server takes memory.
  const { buildConsole } = await import('./build-console.ts');
  const app = buildConsole({
    facts: options.facts,
    summary: options.summary,
    ready: options.ready ?? (() => true),
    tally: options.tally ?? new RunTally(),
    hub: options.hub ?? (() => null),
    losses: options.losses ?? (() => ({ logLines: 0, notifications: 0 })),
    token,
    loopbackOnly: isLoopback(host),
    onFault: (error) => options.logger.error('The console failed to answer', { reason: error.message }),
  });
  try {
    await app.listen({ host, port });
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

function addressOf(app: FastifyInstance | null): string | null {
  const address = app?.server.address() ?? null;
  if (address === null || typeof address === 'string') return null;
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

function problemOf(error: unknown, listen: string, since: string | null): ServiceProblem {
  const { code, message, hint, place } = new RollcallError(
    'CONSOLE_UNAVAILABLE',
    `The console cannot listen on ${listen}: ${reasonOf(error)}.`,
    {
      place: { listen },
    },
  );
  return { code, message, hint, place, severity: 'degraded', since };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there ("ss -ltnp", or "netstat -ano" on Windows, tells which)',
    EADDRNOTAVAIL: 'this machine has no such address',
    EACCES: 'this account may not use the port, or not write its token into the state directory',
    ENOTFOUND: 'the name does not exist',
  };
  return words[code] ?? (error instanceof Error ? error.message : 'for an unknown reason');
}
