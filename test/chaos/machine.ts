import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { connectToService } from '../../agent/control/control-client.ts';
import type { Place } from './network/network.ts';

const program = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'agent', 'main.ts');
/** As a service manager does. */
const restartMs = 1_000;
const commandMs = 60_000;

export interface Finished {
  /** `null`: it was killed, or took too long. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface MachineOptions {
  readonly name: string;
  readonly folder: string;
  readonly place: Place;
  readonly configuration: object;
  readonly environment: Readonly<Record<string, string>>;
}

/** One machine with rollcall's service, which is started again whenever it ends, and commands beside it. */
export class Machine {
  readonly name: string;
  readonly folder: string;
  readonly place: Place;
  readonly #environment: Readonly<Record<string, string>>;
  #service: ChildProcess | null = null;
  #isWanted = false;
  #restart: NodeJS.Timeout | null = null;
  readonly #paused = new Set<number>();
  readonly #commands = new Set<ChildProcess>();
  starts = 0;

  constructor({ name, folder, place, configuration, environment }: MachineOptions) {
    this.name = name;
    this.folder = folder;
    this.place = place;
    this.#environment = environment;
    mkdirSync(folder, { recursive: true });
    this.configure(configuration);
  }

  get stateDirectory(): string {
    return join(this.folder, 'state');
  }

  get logFile(): string {
    return join(this.folder, 'service.log');
  }

  configure(configuration: object): void {
    writeFileSync(join(this.folder, 'config.json'), JSON.stringify(configuration));
  }

  /** The running service and those that it started, if it runs. */
  get pids(): { readonly service: number | null; readonly workers: readonly number[] } {
    const service = this.#service?.pid ?? null;
    return { service, workers: service === null ? [] : childrenOf(service) };
  }

  start(): void {
    this.#isWanted = true;
    if (this.#service !== null || this.#restart !== null) return;
    this.starts += 1;
    const child = this.#spawn(['run'], ['ignore', 'ignore', 'pipe']);
    this.#service = child;
    child.stderr?.pipe(createWriteStream(this.logFile, { flags: 'a' }));
    child.once('exit', () => {
      if (this.#service === child) this.#service = null;
      if (!this.#isWanted) return;
      this.#restart = setTimeout(() => {
        this.#restart = null;
        if (this.#isWanted) this.start();
      }, restartMs);
    });
  }

  /** Until the service answers; says what it logged when it does not. */
  async ready(withinMs = 60_000): Promise<void> {
    const until = performance.now() + withinMs;
    while (performance.now() < until) {
      if (await this.#isListening()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`The service of ${this.name} did not come up:\n${readFileSync(this.logFile, 'utf8').slice(-4_000)}`);
  }

  async #isListening(): Promise<boolean> {
    const channel = await connectToService(this.stateDirectory, process.platform).catch(() => null);
    channel?.close();
    return channel !== null;
  }

  /** Asks the service for a job as a command does, without the cost of a process. Rejects when it fails. */
  async ask(name: string, options: object, withinMs = commandMs): Promise<unknown> {
    const channel = await connectToService(this.stateDirectory, process.platform);
    if (channel === null) throw new Error(`The service of ${this.name} does not run.`);
    const timer = setTimeout(() => channel.close(), withinMs);
    try {
      return await channel.call(name, options);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs a command on this machine to its end. */
  run(...words: readonly string[]): Promise<Finished> {
    const child = this.#spawn(words, ['ignore', 'pipe', 'pipe']);
    this.#commands.add(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), commandMs);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return new Promise((resolve) => {
      child.once('close', (exit) => {
        clearTimeout(timer);
        this.#commands.delete(child);
        resolve({ exit, stdout, stderr });
      });
    });
  }

  kill(pids: readonly number[]): void {
    for (const pid of pids) signal(pid, 'SIGKILL');
  }

  pause(pids: readonly number[]): void {
    for (const pid of pids) {
      this.#paused.add(pid);
      signal(pid, 'SIGSTOP');
    }
  }

  resume(): void {
    for (const pid of this.#paused) signal(pid, 'SIGCONT');
    this.#paused.clear();
  }

  /** Ends everything of this machine for good. */
  async end(): Promise<void> {
    this.#isWanted = false;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#restart = null;
    this.resume();
    const { service, workers } = this.pids;
    for (const command of this.#commands) command.kill('SIGKILL');
    const child = this.#service;
    if (child === null || service === null) return;
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    this.kill([service, ...workers]);
    await gone;
  }

  #spawn(words: readonly string[], stdio: ('ignore' | 'pipe')[]): ChildProcess {
    const places = ['--config', join(this.folder, 'config.json'), '--state', this.stateDirectory];
    const [file = '', ...rest] = [...this.place.prefix, process.execPath, program, ...words, ...places];
    return spawn(file, rest, {
      stdio,
      env: { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: join(tmpdir(), 'rollcall-compile-cache'), ...this.#environment },
    });
  }
}

/** A process that is gone needs no signal. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    return;
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
