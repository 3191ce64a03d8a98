import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunOptions } from '../run.ts';
import { nameId, productVersion } from './identity.ts';
import { manufacturer, msiFiles, msiSource, productName } from './msi-source.ts';
import { msiStatements } from './msi-tables.ts';
import { withSummaryTime } from './summary-time.ts';

interface MsiOptions {
  /** Files that are ready, and signed where they are to be. */
  readonly executable: string;
  readonly host: string;
  readonly launcher: string;
  readonly customActions: string;
  readonly licences: string;
  readonly version: string;
  /** What tells this build from others, one line. */
  readonly release: string;
  /** RFC 3339: the time of all files. */
  readonly date: string;
  readonly output: string;
}

/** Makes an MSI by wixl and msibuild (msitools). Rejects with what they complain of, of which a warning is one. */
export async function writeMsi(options: MsiOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-msi-'));
  try {
    await gather(options, folder);
    const version = productVersion(options.version);
    const source = join(folder, 'rollcall.wxs');
    const made = join(folder, 'rollcall.msi');
    const productCode = nameId(`product ${options.release}`);
    await writeFile(source, msiSource({ version, productCode }));
    const environment = { SOURCE_DATE_EPOCH: String(Date.parse(options.date) / 1000) };
    await runQuietly('wixl', ['--arch', 'x64', '--output', made, source], { cwd: folder, environment });
    await runQuietly('msibuild', [made, '-q', ...msiStatements(version)]);
    await runQuietly('msibuild', [made, '-s', productName, manufacturer, 'x64;1033', nameId(`package ${options.release}`)]);
    await writeFile(options.output, withSummaryTime(await readFile(made), options.date));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Copies of the files with the package's time, beside the source, where wixl finds them by their names. */
async function gather(options: MsiOptions, folder: string): Promise<void> {
  const { release } = msiFiles;
  for (const name of ['executable', 'host', 'launcher', 'customActions', 'licences'] as const) {
    await copyFile(options[name], join(folder, msiFiles[name]));
  }
  await writeFile(join(folder, release), `${options.release}\n`);
  for (const file of Object.values(msiFiles)) await utimes(join(folder, file), new Date(options.date), new Date(options.date));
}

/** Runs a program that has to say nothing on standard error: these tools go on after what they only warn of. */
function runQuietly(program: string, words: readonly string[], options: RunOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...words],
      { cwd: options.cwd, env: { ...process.env, ...options.environment, TZ: 'UTC' } },
      (error, _stdout, stderr) => {
        if (error === null && stderr.trim() === '') resolve();
        else if (error !== null && 'code' in error && error.code === 'ENOENT') {
          reject(new Error(`${program} is not there: install the packages wixl and msitools.`));
        } else reject(new Error(`${program} ${words.join(' ')}: ${stderr.trim() || error?.message}`));
      },
    );
  });
}
