import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectToService } from '../../agent/control/control-client.ts';
import type { ServiceFacts } from '../../agent/service/service-facts.ts';
import type { Site } from './site.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fastClock = join(root, 'test', 'fixtures', 'fast-clock.ts');

export interface FastClock {
  /** What the clock says when the service starts, in milliseconds since 1970. */
  readonly origin: number;
  readonly scale: number;
  /** Intervals of a second and more are shorter by this factor; 1 when not given. */
  readonly intervals?: number;
  /** Pauses are shorter by this factor; 1 when not given. */
  readonly elapsed?: number;
  /** From this moment of its own on it goes as the real one does. */
  readonly until?: number;
  readonly offsetFile?: string;
  /** The real time at which the clock says `origin`; the start of the process when not given. */
  readonly realOrigin?: number;
}

export interface StartOptions {
  readonly clock?: FastClock;
  readonly stdio?: StdioOptions;
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** `rollcall run` as a process of its own. */
export interface RunningService extends AsyncDisposable {
  readonly child: ChildProcess;
  /** From the start of the process to the line that says it is ready, in milliseconds. */
  readonly readyMs: number;
  /** The lines of the log so far. */
  log(): readonly { readonly level: string; readonly message: string; readonly [fact: string]: unknown }[];
  /** Standard error as it is. */
  stderr(): string;
  facts(): Promise<ServiceFacts>;
  /** Asks again and again until the facts are as wanted. */
  until(what: string, isSo: (facts: ServiceFacts) => boolean): Promise<ServiceFacts>;
  /** Until the log has such a line. */
  logged(message: string, times?: number): Promise<void>;
  readonly ended: Promise<{ readonly exit: number | null; readonly signal: NodeJS.Signals | null }>;
  /** SIGTERM, and how long it took until the process was gone, in milliseconds. */
  stop(): Promise<number>;
}

const patienceMs = 60_000;

/** Starts the service of a site and waits until it is ready. */
export async function startService(site: Site, options: StartOptions = {}): Promise<RunningService> {
  const state = join(site.folder, 'state');
  const begun = performance.now();
  const clock = options.clock === undefined ? {} : { TEST_CLOCK: clockText(options.clock) };
  const preload = options.clock === undefined ? [] : ['--import', fastClock];
  const words = ['run', '--config', join(site.folder, 'config.json'), '--state', state, ...(options.words ?? [])];
  const [file, ...first] = site.program;
  const child = spawn(file, [...preload, ...first, ...words], {
    stdio: options.stdio ?? ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...site.environment, ...clock, ...options.environment },
  });
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  child.stdout?.resume();
  const ended = new Promise<{ exit: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (exit, signal) => {
      resolve({ exit, signal });
      for (const listener of listeners) listener();
    });
  });
  const log: RunningService['log'] = () => stderr.split('\n').flatMap(parsed);

  async function logged(message: string, times = 1): Promise<void> {
    const isThere = (): boolean => log().filter((line) => line.message === message).length >= times;
    await new Promise<void>((resolve, reject) => {
      const finish = (error: Error | null): void => {
        clearTimeout(timer);
        listeners.delete(look);
        if (error === null) resolve();
        else reject(error);
      };
      const look = (): void => {
        if (isThere()) finish(null);
        else if (child.exitCode !== null) finish(new Error(`The service ended before it logged "${message}":\n${stderr}`));
      };
      const timer = setTimeout(() => finish(new Error(`The service did not log "${message}" in time:\n${stderr}`)), patienceMs);
      listeners.add(look);
      look();
    });
  }

  async function facts(): Promise<ServiceFacts> {
    const channel = await connectToService(state, process.platform);
    if (channel === null) throw new Error(`No service listens for ${state}:\n${stderr}`);
    return (await channel.call('facts', {})) as ServiceFacts;
  }

  await logged('The service is ready');
  const readyMs = performance.now() - begun;
  return {
    child,
    readyMs,
    log,
    stderr: () => stderr,
    facts,
    async until(what, isSo) {
      const deadline = performance.now() + patienceMs;
      for (;;) {
        const seen = await facts();
        if (isSo(seen)) return seen;
        if (performance.now() > deadline) throw new Error(`Never came true: ${what}\n${JSON.stringify(seen, null, 2)}\n${stderr}`);
        await delay(50);
      }
    },
    logged,
    ended,
    async stop() {
      const asked = performance.now();
      child.kill('SIGTERM');
      await ended;
      return performance.now() - asked;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

function clockText(clock: FastClock): string {
  return JSON.stringify({ realOrigin: Date.now(), offsetFile: '', ...clock });
}

/** Variables that give any command the clock of a service; the clock needs its `realOrigin`. */
export function underClock(clock: FastClock & { readonly realOrigin: number }): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${fastClock}`, TEST_CLOCK: clockText(clock) };
}

function parsed(line: string): readonly { readonly level: string; readonly message: string }[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as { level: string; message: string }];
  } catch {
    return [];
  }
}
