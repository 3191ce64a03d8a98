import { execFile } from 'node:child_process';
import process from 'node:process';

export interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const patienceMs = 300_000;

/** Runs a program to its end; this process goes on meanwhile, since stand-ins live in it. */
export function call(program: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { timeout: patienceMs, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...environment } };
    const child = execFile(program, [...words], options, (error, stdout, stderr) => {
      resolve({ exit: child.exitCode, stdout, stderr: error !== null && child.exitCode === null ? `${stderr}${error.message}` : stderr });
    });
    child.stdin?.end();
  });
}

/** The same; throws with what was said when it failed, and resolves with its standard output. */
export async function callWell(program: string, ...words: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await call(program, words);
  if (exit !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${exit}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Says on standard error how long a stage took. */
export async function timed<Result>(stage: string, work: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const result = await work();
  process.stderr.write(`stage ${stage}: ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
  return result;
}
