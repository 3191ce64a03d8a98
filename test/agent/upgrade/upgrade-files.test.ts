import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  confirmRelease,
  forgetTrials,
  forgetTries,
  readUpgradeFiles,
  recordUnwell,
  takeBackTry,
  upgradeFolder,
} from '../../../agent/upgrade/upgrade-files.ts';

const unwell = { release: '0.2.0+b', code: 'STORE_UNUSABLE', message: 'The disk is full.', at: '2026-11-22T10:00:00.000Z' };

describe('what is written down of upgrades', () => {
  let state = '';
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'rollcall-upgrade-files-'));
  });
  afterEach(() => rmSync(state, { recursive: true, force: true }));

  function write(name: string, content: string): void {
    mkdirSync(upgradeFolder(state), { recursive: true });
    writeFileSync(join(upgradeFolder(state), name), content);
  }

  function read(name: string): string | null {
    const file = join(upgradeFolder(state), name);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  it('is nothing at first', async () => {
    expect(await readUpgradeFiles(state)).toEqual({ confirmed: null, refused: null, unwell: null });
  });

  it('is the confirmed release, which forgets what spoke against it', async () => {
    for (const name of ['tried', 'refused', 'unwell']) write(name, '0.2.0+b\n');

    await confirmRelease(state, '0.2.0+b');

    expect(await readUpgradeFiles(state)).toEqual({ confirmed: '0.2.0+b', refused: null, unwell: null });
    expect(read('tried')).toBeNull();
    if (process.platform !== 'win32') expect(statSync(join(upgradeFolder(state), 'confirmed')).mode & 0o777).toBe(0o600);
  });

  it('throws when a release cannot be confirmed, so that nothing is written outside', async () => {
    writeFileSync(join(state, 'upgrade'), '');

    await expect(confirmRelease(state, '0.2.0+b')).rejects.toThrow();
  });

  it('is what was refused, since when and why, as whoever starts the service wrote it', async () => {
    write('refused', '0.2.0+b\r\nit was started twice\u0007 in vain\r\nmore\n');
    await recordUnwell(state, unwell);

    const files = await readUpgradeFiles(state);

    expect(files).toEqual({
      confirmed: null,
      refused: { release: '0.2.0+b', reason: 'it was started twice  in vain', at: expect.any(Number) as number },
      unwell,
    });
  });

  it.each([
    ['words of something else', 'hello world'],
    ['nothing', ''],
    ['an option', '$(touch harmed)'],
    ['too much', 'x'.repeat(100_000)],
    ['half a file', '{"release":"0.2.0+b","code"'],
  ])('counts %s as none', async (_, content) => {
    for (const name of ['confirmed', 'refused', 'unwell']) write(name, content);

    expect(await readUpgradeFiles(state)).toEqual({ confirmed: null, refused: null, unwell: null });
  });

  it.skipIf(process.platform === 'win32')('waits for no pipe, and is not stopped by folders', async () => {
    mkdirSync(join(upgradeFolder(state), 'confirmed'), { recursive: true });
    execFileSync('mkfifo', [join(upgradeFolder(state), 'refused')]);

    expect(await readUpgradeFiles(state)).toEqual({ confirmed: null, refused: null, unwell: null });
    await forgetTrials(state);
    expect(existsSync(join(upgradeFolder(state), 'refused'))).toBe(false);
  });

  it('takes back one try of the release, the last one', async () => {
    write('tried', '\n0.2.0+b\n0.3.0+c\n0.2.0+b\n0.3.0+c');

    await takeBackTry(state, '0.2.0+b');

    expect(read('tried')).toBe('0.2.0+b\n0.3.0+c\n0.3.0+c');
    await takeBackTry(state, '0.4.0+d');
    expect(read('tried')).toBe('0.2.0+b\n0.3.0+c\n0.3.0+c');
  });

  it('leaves no half line behind, to which the next try would be added', async () => {
    write('tried', '\n0.2.0+b\n\n0.2.0+b\n');
    await takeBackTry(state, '0.2.0+b');
    expect(`${read('tried')}\n0.2.0+b\n`.split('\n').filter((line) => line === '0.2.0+b')).toHaveLength(2);
  });

  it('forgets tries alone', async () => {
    write('tried', '0.2.0+b\n');
    write('refused', '0.2.0+b\n');

    await forgetTries(state);

    expect([read('tried'), read('refused')]).toEqual([null, '0.2.0+b\n']);
  });

  it('tells nobody that it could not be written why a release is unwell: the disk may be full', async () => {
    writeFileSync(join(state, 'upgrade'), '');

    await expect(recordUnwell(state, unwell)).resolves.toBeUndefined();
    await expect(takeBackTry(state, '0.2.0+b')).resolves.toBeUndefined();
  });
});
