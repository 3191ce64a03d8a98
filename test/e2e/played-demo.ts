import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const demo = join(dirname(dirname(fileURLToPath(import.meta.url))), 'demo', 'main.ts');

export interface Played {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo as a person does. */
export function play(words: readonly string[], environment: Readonly<Record<string, string | undefined>> = {}): Promise<Played> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [demo, ...words], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', reject);
    child.once('close', (exit) => {
      resolve({ exit, stdout: Buffer.concat(stdout).toString('utf8'), stderr: Buffer.concat(stderr).toString('utf8') });
    });
  });
}

/** It came to its end, and all that it claims held. */
export function expectWholeStory({ exit, stdout, stderr }: Played, cases: number, psa = 'BMS'): void {
  expect(stderr).toBe('');
  expect(stdout).not.toContain('✘');
  expect(stdout).toContain(`all ${cases} cases of the rules that hide among these people came out as they should`);
  expect(stdout).toMatch(/\$ rollcall approve [0-9a-f]+\n[^$]*Done/);
  expect(stdout).toContain('Done  nothing to do');
  expect(stdout).toContain(`✔ 0 writes reached IT Glue and ${psa},`);
  expect(stdout).toContain('new duplicates: 0');
  expect(stdout).toMatch(/\$ rollcall undo \d+\n[^$]*put back/);
  expect(stdout).toContain('All of it as it should be');
  expect(exit).toBe(0);
}
