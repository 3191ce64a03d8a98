import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { call, callWell, type Ended } from './call.ts';
import { debianTree } from './debian-tree.ts';

/** A Debian 12 of its own that systemd has booted; it shares the network of this machine. */
export interface BootedSystem extends AsyncDisposable {
  /** Its root as a folder of this machine. */
  readonly root: string;
  /** Runs a program in it, as root. */
  run(program: string, ...words: readonly string[]): Promise<Ended>;
  /** The same; throws when it fails, and resolves with its standard output. */
  well(program: string, ...words: readonly string[]): Promise<string>;
  write(path: string, text: string, mode?: number): void;
  reboot(): Promise<void>;
}

const rebootExit = 133;
const bootedWithinMs = 60_000;

export async function bootSystem(): Promise<BootedSystem> {
  const tree = await debianTree();
  // Not where files for a short time are: the system hides those from its services.
  const folder = mkdtempSync(join(dirname(tree), 'system-'));
  chmodSync(folder, 0o755);
  const root = join(folder, 'root');
  await callWell('cp', '-a', '--reflink=auto', tree, root);
  const output: string[] = [];
  // It ends with this process, however that ends.
  const words = [
    '--pdeathsig',
    'SIGKILL',
    'systemd-nspawn',
    '--quiet',
    '--register=no',
    '--keep-unit',
    '--link-journal=no',
    '--console=pipe',
  ];
  function power(): ChildProcess {
    const started = spawn('setpriv', [...words, '--directory', root, '--machine=rollcall', '--boot'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [started.stdout, started.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
    return started;
  }
  let container = power();
  let init = 0;

  async function run(program: string, ...given: readonly string[]): Promise<Ended> {
    const enter = ['--target', String(init), '--mount', '--uts', '--ipc', '--pid', '--root', '--wd', '--', 'env', '-i'];
    const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C.UTF-8', 'HOME=/root'];
    return call('nsenter', [...enter, ...environment, 'DEBIAN_FRONTEND=noninteractive', program, ...given]);
  }

  /** Waits until the system has started everything. */
  async function booted(): Promise<void> {
    await until('the system has booted', bootedWithinMs, async () => {
      if (container.exitCode !== null) throw new Error(`systemd-nspawn ended:\n${output.join('')}`);
      init = firstChild(container) ?? 0;
      if (init === 0) return false;
      const { stdout } = await run('systemctl', 'is-system-running');
      return ['running', 'degraded'].includes(stdout.trim());
    });
  }

  async function end(): Promise<void> {
    if (container.exitCode === null && container.signalCode === null) {
      const ended = new Promise((resolve) => {
        container.once('exit', resolve);
      });
      if (init !== 0) process.kill(init, 'SIGKILL');
      const late = pause(10_000, 'late', { ref: false });
      if ((await Promise.race([ended, late])) === 'late') container.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await booted();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    root,
    run,
    async well(program, ...given) {
      const { exit, stdout, stderr } = await run(program, ...given);
      if (exit !== 0) throw new Error(`In the system "${program} ${given.join(' ')}" ended with ${exit}:\n${stdout}\n${stderr}`);
      return stdout;
    },
    write(path, text, mode = 0o644) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      chmodSync(join(root, path), mode);
    },
    async reboot() {
      const ended = new Promise((resolve) => {
        container.once('exit', resolve);
      });
      await run('systemctl', 'reboot');
      // A container that belongs to no unit is not started again by itself: it says by its exit that it should be.
      expect(await ended).toBe(rebootExit);
      container = power();
      await booted();
    },
    [Symbol.asyncDispose]: end,
  };
}

function firstChild({ pid }: ChildProcess): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return Number(text.split(' ').find(Boolean) ?? '0') || null;
  } catch {
    return null;
  }
}

/** Asks again and again until something is so; throws after a time. */
export async function until(what: string, withinMs: number, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Never came true within ${withinMs} ms: ${what}`);
    await pause(50);
  }
}
