import { execFile } from 'node:child_process';

/** How a program of the system ended. `exit` is `null` when it could not be started, or was ended by a signal. */
export interface ToolEnd {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the operating system to its end. */
export type RunTool = (program: string, words: readonly string[]) => Promise<ToolEnd>;

/** Longer than the service manager itself waits for a service. */
const patienceMs = 180_000;

export const runTool: RunTool = (program, words) =>
  new Promise((resolve) => {
    const options = { timeout: patienceMs, windowsHide: true, env: { ...process.env, LC_ALL: 'C' } };
    execFile(program, [...words], options, (error, stdout, stderr) => {
      const exit = error === null ? 0 : numberOf(error.code);
      resolve({ exit, stdout, stderr: stderr.trim() === '' && error !== null && exit === null ? error.message : stderr });
    });
  });

/** `null`: a word, by which Node says that it could not be started. */
function numberOf(code: unknown): number | null {
  return typeof code === 'number' ? code : null;
}
