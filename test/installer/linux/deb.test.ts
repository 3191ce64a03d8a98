import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unitText } from '../../../agent/os-service/systemd/unit.ts';
import { writeDeb } from '../../../installer/linux/deb.ts';
import { partFor } from '../../integration/real-parts.ts';

const standardPlaces = { programFolder: '/usr/lib/rollcall', configFile: '/etc/rollcall/config.json', stateDirectory: '/var/lib/rollcall' };
const part = partFor('the Debian package', 'debianTools');

describe.skipIf(part.isMissing)(part.title, () => {
  let folder: string;
  let deb: string;

  function make(name: string): Promise<void> {
    return writeDeb({
      executable: join(folder, 'executable'),
      licences: join(folder, 'LICENCES.txt'),
      architecture: 'arm64',
      version: '0.1.0',
      release: '0.1.0+0123456789ab',
      date: '2026-11-02T08:00:00Z',
      output: join(folder, name),
    });
  }

  function tell(...words: readonly string[]): string {
    return spawnSync('dpkg-deb', words, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } }).stdout;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-deb-test-'));
    writeFileSync(join(folder, 'executable'), '#!/bin/sh\necho "$@"\n');
    writeFileSync(join(folder, 'LICENCES.txt'), 'licences of others\n');
    deb = join(folder, 'first.deb');
    await make('first.deb');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('installs the program, its unit and a file for its variables, all of root and readable as they should be', () => {
    const rows = tell('--contents', deb)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s+/))
      .map(([mode = '', owner = '', , day = '', time = '', place = '']) => [place, mode, owner, `${day} ${time}`]);
    const files = rows.filter(([place = '']) => !place.endsWith('/')).map(([place, mode]) => [place, mode]);

    expect(files).toEqual([
      ['./etc/default/rollcall', '-rw-------'],
      ['./usr/bin/rollcall', '-rwxr-xr-x'],
      ['./usr/lib/rollcall/launch', '-rwxr-xr-x'],
      ['./usr/lib/rollcall/release', '-rw-r--r--'],
      ['./usr/lib/rollcall/rollcall', '-rwxr-xr-x'],
      ['./usr/lib/systemd/system/rollcall.service', '-rw-r--r--'],
      ['./usr/share/doc/rollcall/copyright', '-rw-r--r--'],
    ]);
    expect(rows.filter(([place = '', mode]) => place.endsWith('/') && mode !== 'drwxr-xr-x')).toEqual([]);
    expect(new Set(rows.map(([, , owner, time]) => `${owner} ${time}`))).toEqual(new Set(['root/root 2026-11-02 08:00']));
  });

  it('keeps what an administrator wrote into the file of variables, and asks nothing', () => {
    expect(tell('--info', deb, 'conffiles')).toBe('/etc/default/rollcall\n');
    expect(tell('--info', deb, 'control')).toContain('Architecture: arm64\n');
    for (const name of ['preinst', 'postinst', 'prerm', 'postrm']) {
      const script = tell('--info', deb, name);

      expect(script).not.toMatch(/debconf|db_input|\bread\b|#AFTER-/);
      expect(spawnSync('sh', ['-n'], { input: script }).status).toBe(0);
    }
  });

  it('is the same, byte by byte, whenever and with whatever rights it is made', async () => {
    const before = process.umask(0o077);
    try {
      utimesSync(join(folder, 'executable'), 1_000_000, 1_000_000);
      await make('second.deb');
    } finally {
      process.umask(before);
    }

    expect(statSync(deb).size).toBeGreaterThan(1_000);
    expect(readFileSync(join(folder, 'second.deb')).equals(readFileSync(deb))).toBe(true);
  });

  it('runs its service with next to no rights', () => {
    writeFileSync(join(folder, 'rollcall.service'), unitText(standardPlaces));
    const judged = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=15', join(folder, 'rollcall.service')], {
      encoding: 'utf8',
    });

    expect(judged.status, judged.stdout + judged.stderr).toBe(0);
    expect(Number(/exposure level for \S+: ([\d.]+)/.exec(judged.stdout)?.[1])).toBeLessThanOrEqual(1.5);
  });
});
