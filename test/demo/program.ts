import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { entryPoint, type Workspace } from './workspace.ts';

export interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly workspace: Workspace;
  /** Columns and colours that the program is told of, as its output goes through the demo. */
  readonly columns: number;
  readonly colour: boolean;
  /** Progress goes to the person's terminal; else it is collected. */
  readonly showProgress: boolean;
  readonly signal: AbortSignal;
}

/** Runs the real program as a process of its own, as a user would. */
export function runRollcall(words: readonly string[], options: RunOptions): Promise<Ended> {
  const { workspace, columns, colour, showProgress, signal } = options;
  const environment = {
    ...process.env,
    COLUMNS: String(columns),
    FORCE_COLOR: colour ? '1' : '0',
    // The same program starts many times.
    NODE_COMPILE_CACHE: join(workspace.folder, 'cache'),
  };
  const child = spawn(process.execPath, [entryPoint, ...words, ...workspace.options], {
    cwd: workspace.folder,
    env: environment,
    stdio: ['ignore', 'pipe', showProgress ? 'inherit' : 'pipe'],
  });
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      resolve({ exit: code ?? 1, stdout: Buffer.concat(stdout).toString('utf8'), stderr: Buffer.concat(stderr).toString('utf8') });
    });
  });
}
