import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installProgram } from '../../../../agent/os-service/systemd/install-program.ts';

const older = '0.1.0+aaaaaaaaaaaa';
const newer = '0.2.0+bbbbbbbbbbbb';

describe('the program folder of the service of Linux', () => {
  let folder: string;
  let program: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-program-'));
    program = join(folder, 'program');
    mkdirSync(program);
    writeFileSync(join(program, 'rollcall'), 'older');
    writeFileSync(join(program, 'release'), `${older}\n`);
    writeFileSync(join(folder, 'download'), 'newer');
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const install = (): Promise<unknown> =>
    installProgram(program, { kind: 'executable', file: join(folder, 'download'), release: newer }, join(folder, 'state'));
  const read = (name: string): string => readFileSync(join(program, name), 'utf8');

  it('an upgrade gives the new executable its name', async () => {
    await install();

    expect([read('rollcall'), read('release')]).toEqual(['newer', `${newer}\n`]);
  });

  it('an upgrade takes the name of the release away before it exchanges the executable', async () => {
    rmSync(join(program, 'release'));
    mkdirSync(join(program, 'release'));

    // The name cannot be taken away: then nothing is exchanged.
    await expect(install()).rejects.toThrow();

    expect(read('rollcall')).toBe('older');
  });

  it('an exchange that fails leaves the release its name', async () => {
    rmSync(join(program, 'rollcall'));
    mkdirSync(join(program, 'rollcall'));

    await expect(install()).rejects.toThrow();

    expect(read('release')).toBe(`${older}\n`);
    expect(existsSync(join(program, 'rollcall.new'))).toBe(false);
  });
});
