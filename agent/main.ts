#!/usr/bin/env node
import process from 'node:process';

const neededMajor = 26;

/** The process edge: words in, exit code out. The only place that ends the process. */
async function main(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < neededMajor) {
    process.stderr.write(
      `Error  rollcall needs Node.js ${neededMajor} or newer; this is ${process.versions.node} (${process.execPath}).\n` +
        ' next  In a checkout run "npm run --silent rollcall -- WORDS", which brings its own Node.js.\n',
    );
    process.exit(1);
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) {
        process.exit(130);
      }
      stop.abort();
    });
  }
  process.on('uncaughtException', (error) => {
    // The message may carry anything: only what kind of error it was is told.
    process.stderr.write(`Error  Something unforeseen happened (${error.name}).\n code  INTERNAL\n`);
    process.exit(1);
  });
  // Imported late: an older Node must get as far as the message above.
  const [{ runProgram }, { openOperations }, { version }] = await Promise.all([
    import('./cli/run-program.ts'),
    import('./compose.ts'),
    import('./version.ts'),
  ]);
  const exit = await runProgram({
    words: process.argv.slice(2),
    environment: process.env,
    platform: process.platform,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    version,
    signal: stop.signal,
    openOperations,
  });
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit(exit);
}

/** Resolves when what was written is out, or when nobody reads any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) {
      resolve();
      return;
    }
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}

await main();
