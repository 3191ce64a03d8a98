import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { launcherText } from '../../../agent/os-service/systemd/launcher.ts';
import type { Site } from '../site.ts';
import type { BuiltRelease } from './releases.ts';

/** How one start of the service ended, or that it runs. */
export interface Start {
  readonly end: 'ready' | 'ended' | 'hangs';
  readonly exit: number | null;
  readonly stderr: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

/** The program folder of a package, and what its scripts and systemd do there. */
export interface Installation extends AsyncDisposable {
  /** As a package does it: the confirmed release is kept beside, then the file is replaced. */
  install(release: BuiltRelease): void;
  /** One start by the launcher, until the service is ready, ends or says that it hangs. */
  start(environment?: Readonly<Record<string, string>>): Promise<Start>;
  /** Starts it again and again, as systemd does, until it is ready. Rejects when it does not come to that. */
  startUntilReady(environment?: Readonly<Record<string, string>>): Promise<readonly Start[]>;
  /** SIGTERM, and waits for the end. */
  stop(start: Start): Promise<void>;
  /** As a power cut: the service and all its processes are gone at once. */
  cut(start: Start): Promise<void>;
  /** A file of the folder of upgrades; `null`: there is none. */
  written(name: 'confirmed' | 'tried' | 'refused' | 'unwell'): string | null;
}

const mostStarts = 6;

/** The folder that `startSite` has to be given the launcher of. */
export function launcherIn(folder: string): string {
  return join(folder, 'program files', 'launch');
}

export function makeInstallation(folder: string, site: Site): Installation {
  const program = join(folder, 'program files');
  const state = join(site.folder, 'state');
  mkdirSync(program, { recursive: true });
  writeFileSync(join(program, 'launch'), launcherText, { mode: 0o755 });

  const starts: Start[] = [];

  function textOf(file: string): string | null {
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  function written(name: string): string | null {
    return textOf(join(state, 'upgrade', name));
  }

  function put(file: string, place: string, release: string): void {
    mkdirSync(place, { recursive: true });
    rmSync(join(place, 'rollcall.new'), { force: true });
    linkSync(file, join(place, 'rollcall.new'));
    renameSync(join(place, 'rollcall.new'), join(place, 'rollcall'));
    writeFileSync(join(place, 'release'), `${release}\n`);
  }

  function start(environment: Readonly<Record<string, string>> = {}): Promise<Start> {
    const words = ['run', '--config', join(site.folder, 'config.json'), '--state', state];
    const child = spawn(join(program, 'launch'), words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own, so that all of it can be ended at once.
      detached: true,
      env: { ...process.env, ...site.environment, ...environment },
    });
    let stderr = '';
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      starts.push({ end: 'hangs', exit: null, stderr: '', child, ended });
      const answer = (end: Start['end']): void => resolve({ end, exit: child.exitCode, stderr, child, ended });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        if (stderr.includes('"The service is ready"')) answer('ready');
        else if (stderr.includes('harmed at ')) answer('hangs');
      });
      void ended.then(() => answer('ended'));
    });
  }

  async function cut({ child, ended }: Start): Promise<void> {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  }

  return {
    install({ file, release }) {
      const installed = textOf(join(program, 'release'))?.trim() ?? null;
      if (installed !== null && installed === written('confirmed')?.trim()) {
        put(join(program, 'rollcall'), join(program, 'previous'), installed);
      }
      put(file, program, release);
    },
    start,
    async startUntilReady(environment) {
      const tried: Start[] = [];
      for (let count = 0; count < mostStarts; count += 1) {
        const one = await start(environment);
        tried.push(one);
        if (one.end === 'ready') return tried;
        // What does not answer is ended by systemd.
        await cut(one);
      }
      throw new Error(`It was never ready:\n${tried.map(({ stderr }) => stderr).join('\n--\n')}`);
    },
    async stop({ child, ended }) {
      child.kill('SIGTERM');
      await ended;
    },
    cut,
    written,
    async [Symbol.asyncDispose]() {
      for (const one of starts) await cut(one);
    },
  };
}

/** What each table of a store holds, but what it says of its programs: how many rows, and a hash of them. */
export function contentOf(site: Site): Readonly<Record<string, string>> {
  const database = new DatabaseSync(join(site.folder, 'state', 'rollcall.db'), { readOnly: true });
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name").all();
    const names = tables.map(({ name }) => String(name)).filter((name) => name !== 'property');
    return Object.fromEntries(names.map((name) => [name, digest(database.prepare(`select * from "${name}" order by 1, 2`).all())]));
  } finally {
    database.close();
  }
}

function digest(rows: readonly unknown[]): string {
  return `${rows.length} rows, ${createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 12)}`;
}
