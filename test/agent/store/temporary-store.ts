import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'vitest';
import { openStore, type StoreOptions } from '../../../agent/store/open-store.ts';
import type { Store } from '../../../core/ports/store.ts';

export const someMoment = 1_800_000_000_000;

/** A folder for each test, its store's path, and stores and processes that are ended with the test. */
export interface TemporaryStore {
  readonly folder: string;
  readonly path: string;
  open(change?: Partial<StoreOptions>): Promise<Store>;
  /** Starts `store-process.ts` and waits until it says that it is ready; hands back what it wrote. */
  start(action: string, nodeOptions?: readonly string[]): Promise<{ readonly process: ChildProcess; readonly output: string }>;
}

export function useTemporaryStore(): TemporaryStore {
  const stores: Store[] = [];
  const processes: ChildProcess[] = [];
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-store-'));
  });

  afterEach(async () => {
    await Promise.all(processes.splice(0).map(kill));
    for (const store of stores.splice(0)) {
      await store.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  return {
    get folder() {
      return folder;
    },
    get path() {
      return join(folder, 'rollcall.db');
    },
    async open(change = {}) {
      const store = await openStore({
        path: join(folder, 'rollcall.db'),
        mode: 'write',
        now: () => someMoment,
        version: '0.1.0',
        ...change,
      });
      stores.push(store);
      return store;
    },
    async start(action, nodeOptions = []) {
      const script = fileURLToPath(new URL('./store-process.ts', import.meta.url));
      const child = spawn(process.execPath, [...nodeOptions, script, action, join(folder, 'rollcall.db')], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      processes.push(child);
      let output = '';
      let complaint = '';
      child.stdout.setEncoding('utf8');
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaint += text;
      });
      for await (const text of child.stdout) {
        output += String(text);
        if (output.endsWith('ready\n')) {
          return { process: child, output };
        }
      }
      throw new Error(`The process ended before it was ready: ${output}${complaint}`);
    },
  };
}

/** Ends the process as `kill -9` does, and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
