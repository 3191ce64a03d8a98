import { execFile } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  /** Besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and resolves with its standard output; rejects with what it said when it failed. */
export function run(program: string, words: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    // npm is a script on Windows, which only a shell runs.
    const shell = process.platform === 'win32' && program === 'npm';
    const child = execFile(
      program,
      [...words],
      { cwd: options.cwd, env: { ...process.env, ...options.environment }, shell, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${program} ${words.join(' ')} failed: ${stderr.trim() || error.message}`));
      },
    );
    // Who would ask a person for something is told at once that nobody answers.
    child.stdin?.end();
  });
}
