import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RotatingFile, type RotatingFileOptions } from '../../../agent/telemetry/rotating-file.ts';
import { soakLog } from '../../bench/log-soak.ts';

let folder = '';
let files: RotatingFile[] = [];
const clock = { now: 1_000_000 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-log-'));
  files = [];
});
afterEach(async () => {
  for (const file of files) await file.close(1_000);
  rmSync(folder, { recursive: true, force: true });
});

const directory = (): string => join(folder, 'log', 'rollcall');
const current = (): string => join(directory(), 'rollcall.log');

function openLog(change: Partial<RotatingFileOptions> = {}): RotatingFile {
  const file = new RotatingFile({
    directory: directory(),
    maxBytes: 10_000,
    count: 3,
    describeGap: (gap, reason) => `lost ${gap.lost} ${reason}`,
    now: () => clock.now,
    retryMs: 5,
    ...change,
  });
  files.push(file);
  return file;
}

/** All lines that there are, oldest first. */
function linesOf(log = directory()): readonly string[] {
  const names = readdirSync(log).sort((left, right) => numberOf(right) - numberOf(left));
  return names.flatMap((name) => readFileSync(join(log, name), 'utf8').split('\n').slice(0, -1));
}

function numberOf(name: string): number {
  return Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
}

async function written(line: string): Promise<void> {
  await vi.waitFor(() => expect(existsSync(current()) && readFileSync(current(), 'utf8')).toContain(`${line}\n`), { timeout: 5_000 });
}

describe('the log file', () => {
  it('and its directory are for the own account only', async () => {
    openLog().append('first\n');
    await written('first');

    expect(statSync(current()).mode & 0o777).toBe(0o600);
    expect(statSync(directory()).mode & 0o777).toBe(0o700);
  });

  it('goes on where an earlier process stopped', async () => {
    const earlier = openLog();
    earlier.append('first\n');
    await earlier.close(1_000);
    const later = openLog();
    later.append('second\n');
    await later.close(1_000);

    expect(linesOf()).toEqual(['first', 'second']);
  });

  it('is set aside before it is too large, keeps its order, cuts no line, and the oldest goes', async () => {
    const log = openLog({ maxBytes: 100, count: 3 });
    const all = Array.from({ length: 200 }, (_, index) => `line ${index} ${'x'.repeat(index % 30)}`);
    for (const line of all) log.append(`${line}\n`);
    await log.close(1_000);

    const kept = linesOf();
    expect(readdirSync(directory()).sort()).toEqual(['rollcall.log', 'rollcall.log.1', 'rollcall.log.2']);
    expect(kept.length).toBeGreaterThan(3);
    expect(kept).toEqual(all.slice(-kept.length));
    for (const name of readdirSync(directory())) expect(statSync(join(directory(), name)).size).toBeLessThanOrEqual(100);
  });

  it('gives a line that is longer than a file a file of its own', async () => {
    const log = openLog({ maxBytes: 100 });
    for (const line of ['short', 'y'.repeat(300), 'end']) log.append(`${line}\n`);
    await log.close(1_000);

    expect(linesOf()).toEqual(['short', 'y'.repeat(300), 'end']);
    expect(readdirSync(directory())).toHaveLength(3);
  });

  it('starts anew when only one file is to be kept', async () => {
    const log = openLog({ maxBytes: 20, count: 1 });
    for (let line = 0; line < 20; line += 1) log.append(`line ${line}\n`);
    await log.close(1_000);

    expect(readdirSync(directory())).toEqual(['rollcall.log']);
    expect(linesOf().at(-1)).toBe('line 19');
  });

  it('is opened again when somebody else renamed it', async () => {
    const log = openLog();
    log.append('before\n');
    await written('before');
    renameSync(current(), `${current()}-20261122`);
    clock.now += 2_000;
    log.append('after\n');
    await written('after');

    expect(readFileSync(`${current()}-20261122`, 'utf8')).toBe('before\n');
    expect(readFileSync(current(), 'utf8')).toBe('after\n');
  });

  it('notices that somebody else emptied it', async () => {
    const log = openLog({ maxBytes: 100 });
    log.append(`${'x'.repeat(80)}\n`);
    await written('x');
    writeFileSync(current(), '');
    clock.now += 2_000;
    log.append(`${'z'.repeat(80)}\n`);
    await written('z');

    expect(readdirSync(directory())).toEqual(['rollcall.log']);
  });

  it('is made again when its directory was removed', async () => {
    const log = openLog();
    log.append('before\n');
    await written('before');
    rmSync(join(folder, 'log'), { recursive: true });
    clock.now += 2_000;
    log.append('after\n');
    await written('after');

    expect(linesOf()).toEqual(['after']);
  });

  it('does not follow a link that somebody put in its place', async () => {
    const target = join(folder, 'target');
    mkdirSync(directory(), { recursive: true });
    writeFileSync(target, 'precious');
    symlinkSync(target, current());
    const log = openLog();
    log.append('line\n');
    await vi.waitFor(() => expect(log.trouble?.reason).toBe('ELOOP'));

    expect(readFileSync(target, 'utf8')).toBe('precious');
  });
});

describe('a log that cannot be written', () => {
  it('says why and since when, loses what does not fit, and tells so when it goes on', async () => {
    const log = openLog({ queueBytes: 60 });
    writeFileSync(join(folder, 'log'), 'a file where the directory should be');
    for (let line = 0; line < 20; line += 1) log.append(`line ${line}\n`);
    await vi.waitFor(() => expect(log.trouble).not.toBeNull());
    log.append('late\n');

    expect(log.trouble).toEqual({
      reason: expect.stringMatching(/ENOTDIR|EEXIST/) as string,
      since: clock.now,
      lost: expect.any(Number) as number,
    });
    rmSync(join(folder, 'log'));
    await vi.waitFor(() => expect(log.trouble).toBeNull());
    log.append('on again\n');
    await written('on again');

    const lines = linesOf();
    const kept = lines.filter((line) => line.startsWith('line '));
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => `line ${index}`));
    expect(lines.slice(kept.length)).toEqual([
      expect.stringMatching(new RegExp(`^lost ${21 - kept.length} (ENOTDIR|EEXIST)$`)),
      'on again',
    ]);
  });

  it('keeps the file a while longer when it cannot be set aside, but not for ever', async () => {
    const log = openLog({ maxBytes: 200, count: 2, queueBytes: 1_000 });
    // A directory that is not empty stands where the old file is to go.
    mkdirSync(join(directory(), 'rollcall.log.1', 'x'), { recursive: true });
    for (let line = 0; line < 90; line += 1) log.append(`line ${line}\n`);
    await vi.waitFor(() => expect(log.trouble?.reason ?? '').toMatch(/EISDIR|ENOTEMPTY|EEXIST|ENOTDIR/));

    expect(statSync(current()).size).toBeGreaterThan(200);
    expect(statSync(current()).size).toBeLessThanOrEqual(400);
    rmSync(join(directory(), 'rollcall.log.1'), { recursive: true });
    await vi.waitFor(() => expect(log.trouble).toBeNull());
  });

  it('ends in time, and what comes after the end is dropped', async () => {
    const log = openLog();
    writeFileSync(join(folder, 'log'), 'a file');
    log.append('line\n');
    const startedAt = performance.now();
    await log.close(1_000);
    log.append('line\n');

    expect(performance.now() - startedAt).toBeLessThan(700);
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('a file');
  });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mounts();

function mounts(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'rollcall-mount-'));
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('/bin/umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
if (!canMount) process.stderr.write('SKIPPED: a full disk is not tried, this account may not mount a tmpfs.\n');

describe.skipIf(!canMount)('on a disk of 1 MiB', () => {
  beforeEach(() => {
    mkdirSync(directory(), { recursive: true });
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory()]);
  });
  afterEach(async () => {
    for (const file of files) await file.close(1_000);
    execFileSync('/bin/umount', ['-l', directory()]);
  });

  it('goes on when the full disk empties, with whole lines only and none unaccounted for', async () => {
    const log = openLog({ maxBytes: 10_000_000, queueBytes: 50_000 });
    writeFileSync(join(directory(), 'hog'), Buffer.alloc(700_000));
    let pushed = 0;
    const push = (): void => {
      log.append(`line ${pushed} ${'x'.repeat(500)}\n`);
      pushed += 1;
    };
    while (log.trouble === null || log.trouble.lost < 10) {
      for (let burst = 0; burst < 20; burst += 1) push();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(log.trouble).toMatchObject({ reason: 'ENOSPC' });
    for (const line of readFileSync(current(), 'utf8').split('\n').slice(0, -1)) expect(line).toMatch(/^line \d+ x{500}$|^lost/);

    rmSync(join(directory(), 'hog'));
    await vi.waitFor(() => expect(log.trouble).toBeNull(), { timeout: 5_000 });
    push();
    await log.close(1_000);

    let expected = 0;
    let gaps = 0;
    for (const line of readFileSync(current(), 'utf8').split('\n').slice(0, -1)) {
      const lost = /^lost (\d+) (?:ENOSPC|ENOBUFS)$/.exec(line)?.[1];
      if (lost === undefined) expect(line).toBe(`line ${expected} ${'x'.repeat(500)}`);
      expected += lost === undefined ? 1 : Number(lost);
      gaps += lost === undefined ? 0 : 1;
    }
    expect(expected).toBe(pushed);
    expect(gaps).toBeGreaterThan(0);
  });
});

describe('two processes with one log directory', () => {
  it('tear no line and lose none', async () => {
    const one = openLog({ maxBytes: 2_000, count: 60 });
    const two = openLog({ maxBytes: 2_000, count: 60 });
    for (let round = 0; round < 40; round += 1) {
      for (const [name, log] of [
        ['one', one],
        ['two', two],
      ] as const)
        log.append(`${name} ${round} ${'x'.repeat(100)}\n`);
      clock.now += 2_000;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all([one.close(1_000), two.close(1_000)]);

    const lines = linesOf();
    for (const name of ['one', 'two']) {
      const own = lines.filter((line) => line.startsWith(name));
      expect(own.map((line) => Number(line.split(' ')[1])).sort((left, right) => left - right)).toEqual(
        Array.from({ length: 40 }, (_, index) => index),
      );
    }
    expect(lines.every((line) => /^(one|two) \d+ x{100}$/.test(line))).toBe(true);
  });
});

describe('two hundred rotations under load', () => {
  it('keep nothing open, add no listener and lose nothing', async () => {
    const figures = await soakLog(200);

    expect(figures.rotations).toBeGreaterThanOrEqual(200);
    expect(figures.problems).toBe(0);
    expect(figures.files).toHaveLength(5);
    expect(figures.largestFile).toBeLessThanOrEqual(16 * 1024);
    expect(figures.after.handles).toBeLessThanOrEqual(figures.before.handles + 1);
    expect(figures.after.listeners).toBe(figures.before.listeners);
    expect(figures.longestBlockMs).toBeLessThan(50);
  });
});
