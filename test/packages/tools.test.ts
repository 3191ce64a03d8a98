import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';

/** The Debian package that brings each program these suites call. */
const packageOf: Readonly<Record<string, string>> = {
  'aarch64-linux-gnu-strip': 'binutils-aarch64-linux-gnu',
  debootstrap: 'debootstrap',
  'dpkg-deb': 'dpkg',
  gpg: 'gnupg',
  machinectl: 'systemd-container',
  osslsigncode: 'osslsigncode',
  'qemu-aarch64-static': 'qemu-user-static',
  rpm: 'rpm',
  rpmbuild: 'rpm',
  strip: 'binutils',
  'systemd-nspawn': 'systemd-container',
  wixl: 'wixl',
  'x86_64-w64-mingw32-gcc-posix': 'gcc-mingw-w64-x86-64-posix',
};

describe('the tests of the packages', () => {
  it('have every tool they need, and root: a missing one is a failure that names its package', () => {
    const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
    const lacking = Object.entries(packageOf).filter(([program]) => !folders.some((folder) => isProgram(join(folder, program))));

    expect(lacking.map(([program, name]) => `${program}: apt-get install ${name}`)).toEqual([]);
    expect(process.getuid?.()).toBe(0);
  });
});

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
