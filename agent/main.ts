#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import process from 'node:process';
import { isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { jobWorkerWord } from './service/job-worker-word.ts';

const neededMajor = 26;

/** The process edge: the only place that ends the process. */
async function main(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < neededMajor) {
    process.stderr.write(
      `Error  rollcall needs Node.js ${neededMajor} or newer; this is ${process.versions.node} (${process.execPath}).\n` +
        ' next  In a checkout use "npm run --silent rollcall -- WORDS", which brings its own Node.js.\n',
    );
    process.exit(1);
  }
  if (isSea() && process.connected && process.argv[2] === jobWorkerWord) {
    process.argv.splice(2, 1);
    await import('./service/job-worker.ts');
    return;
  }
  // A service waits for months: it has no use for the room that V8 gives to short-lived objects while everything is loaded.
  if (process.argv.includes('run')) setFlagsFromString('--semi-space-growth-factor=1');
  // Compiled code is kept beside the packages, a folder as trusted as the code itself; where that cannot be written to, it is not kept.
  // The executable has its own within itself.
  if (!isSea()) enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/rollcall', import.meta.url)));
  // Imported late: an older Node must get as far as the message above.
  const { runProcess } = await import('./cli/run-process.ts');
  process.exit(
    await runProcess(
      // Most of the program: the service's own thread does without it.
      async (context) => (await import('./compose.ts')).openOperations(context),
      (code) => process.exit(code),
    ),
  );
}

// Not awaited: the executable's one file is CommonJS, which starts faster and has no await at the top.
void main();
