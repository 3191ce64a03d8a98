import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeTarball } from '../../../installer/linux/tarball.ts';

describe.skipIf(process.platform === 'win32')('the tarball for Linux', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-tarball-test-'));
    writeFileSync(join(folder, 'LICENCES.txt'), 'licences of others\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function make(name: string, executable: string): Promise<string> {
    writeFileSync(join(folder, 'executable'), executable);
    const parts = { executable: join(folder, 'executable'), licences: join(folder, 'LICENCES.txt'), version: '0.1.0', release: '0.1.0+0a' };
    await writeTarball({ ...parts, date: '2026-11-02T08:00:00Z', output: join(folder, name), target: 'linux-x64' });
    return join(folder, name);
  }

  /** Unpacks it and runs its `install`, on a machine that says these things of itself. */
  function install(tarball: string, machine: { readonly uid?: string; readonly uname?: string } = {}) {
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'id'), `#!/bin/sh\necho ${machine.uid ?? '0'}\n`, { mode: 0o755 });
    writeFileSync(join(programs, 'uname'), `#!/bin/sh\necho ${machine.uname ?? 'x86_64'}\n`, { mode: 0o755 });
    spawnSync('tar', ['-xzf', tarball, '-C', folder]);
    const script = join(folder, 'rollcall-0.1.0-linux-x64', 'install');
    const environment = { ...process.env, PATH: `${programs}:${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync(script, ['--state', '/srv/a b'], { encoding: 'utf8', env: environment });
    return { status, stdout, stderr };
  }

  it('is the same, byte by byte, whenever it is made', async () => {
    const first = readFileSync(await make('first.tar.gz', 'x'));
    utimesSync(join(folder, 'LICENCES.txt'), 1_000_000, 1_000_000);

    expect(readFileSync(await make('second.tar.gz', 'x')).equals(first)).toBe(true);
  });

  it('hands what it is given to "service install" of its program', async () => {
    const tarball = await make('one.tar.gz', '#!/bin/sh\necho "$# $*"\n');

    expect(install(tarball)).toEqual({ status: 0, stdout: '4 --state /srv/a b service install\n', stderr: '' });
  });

  it.each([
    ['without root', { uid: '1000' }, 'needs root'],
    ['on another machine', { uname: 'aarch64' }, 'this machine is aarch64'],
  ])('says why it does nothing %s', async (_where, machine, words) => {
    const tarball = await make('one.tar.gz', '#!/bin/sh\necho "$@"\n');

    expect(install(tarball, machine)).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(words) as string });
  });

  it('names the package for each kind of system when libatomic is missing', async () => {
    const tarball = await make('one.tar.gz', '#!/bin/sh\necho "error while loading shared libraries: libatomic.so.1" >&2\nexit 127\n');

    const { status, stderr } = install(tarball);

    expect(status).toBe(1);
    for (const words of ['apt-get install libatomic1', 'dnf install libatomic', 'zypper install libatomic1'])
      expect(stderr).toContain(words);
  });
});
