import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Json, smallestConfig, temporaryFolder } from '../config/config-file.ts';

const fakeMain = fileURLToPath(new URL('./fake-main.ts', import.meta.url));

interface Program {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartedProgram {
  readonly ended: Promise<Program>;
  /** Resolves when standard error has had the text. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  closeOutput(): void;
}

/** Starts the program as a child process; `main` is the fake one unless another is named. */
export function startProgram(
  words: readonly string[],
  settings: { readonly fake?: string; readonly environment?: Readonly<Record<string, string>>; readonly main?: string },
): StartedProgram {
  const child = spawn(process.execPath, [settings.main ?? fakeMain, ...words], {
    env: { PATH: process.env['PATH'], ROLLCALL_FAKE: settings.fake ?? '', ...settings.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) {
      listener();
    }
  });
  return {
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exit) => resolve({ exit, stdout, stderr }));
    }),
    said: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (stderr.includes(text)) {
            listeners.delete(look);
            resolve();
          }
        };
        listeners.add(look);
        look();
      }),
    kill: (signal) => {
      child.kill(signal);
    },
    closeOutput: () => {
      child.stdout.destroy();
    },
  };
}

/** A folder with the smallest right configuration. */
export function temporaryConfig(): {
  readonly file: string;
  readonly state: string;
  readonly content: Json;
  write(name: string, content: Json): string;
  dispose(): void;
} {
  const folder = temporaryFolder();
  const content = smallestConfig();
  return {
    file: folder.write('config.json', content),
    state: `${folder.path}/state`,
    content,
    write: (name, value) => folder.write(name, value),
    dispose: () => folder.dispose(),
  };
}
