import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checksumsOf } from '../../installer/checksums.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-sums-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('SHA256SUMS', () => {
  it('is sorted and in the form that sha256sum prints', async () => {
    writeFileSync(join(folder, 'b'), 'abc');
    writeFileSync(join(folder, 'a'), '');

    const text = await checksumsOf(folder, ['b', 'a']);

    expect(text).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n' +
        'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n',
    );
  });

  it.runIf(process.platform === 'linux')('finds a file that was changed', async () => {
    writeFileSync(join(folder, 'a'), 'as built');
    writeFileSync(join(folder, 'SHA256SUMS'), await checksumsOf(folder, ['a']));
    const check = (): number | null => spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder }).status;

    const before = check();
    writeFileSync(join(folder, 'a'), 'as changed');

    expect([before, check()]).toEqual([0, 1]);
  });
});
