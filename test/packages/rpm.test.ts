import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BootedSystem, bootSystem, until } from './linux/booted-system.ts';
import { callWell, timed } from './linux/call.ts';
import { startCustomer } from './linux/customer.ts';
import { type MadePackages, type MadeRelease, makePackages } from './linux/made-packages.ts';
import { settleQuietly, setVariables } from './linux/quiet-customer.ts';
import { mainPid, propertyOf, untilConfirmed, upgradeFile } from './linux/service-view.ts';

let made: MadePackages;

beforeAll(async () => {
  made = await timed('build two releases and their .rpm', () => makePackages('rpm'));
});

afterAll(() => made[Symbol.asyncDispose]());

/** Debian's rpm knows no package of Debian's, so what is required is looked at elsewhere. */
function install(system: BootedSystem, { file, version }: MadeRelease): Promise<string> {
  copyFileSync(file, join(system.root, 'srv', 'one.rpm'));
  return timed(`rpm --upgrade ${version}`, () => system.well('rpm', '--upgrade', '--nodeps', '--oldpackage', '/srv/one.rpm'));
}

async function running(): Promise<BootedSystem> {
  const system = await bootSystem();
  try {
    await install(system, made.old);
    settleQuietly(system);
    await system.well('rollcall', 'service', 'start');
    await untilConfirmed(system, made.old.release);
    return system;
  } catch (error) {
    await system[Symbol.asyncDispose]();
    throw error;
  }
}

describe('the package for rpm', () => {
  it('requires what every distribution has by the same name, and holds the executable as it was built', async () => {
    const required = (await callWell('rpm', '--query', '--package', '--requires', made.old.file)).split('\n');
    const files = await callWell(
      'rpm',
      '--query',
      '--package',
      '--queryformat',
      '[%{FILENAMES} %{FILESIZES} %{FILEUSERNAME}\n]',
      made.old.file,
    );

    expect(statSync(made.old.file).size).toBeLessThan(35_000_000);
    expect(required).toEqual(
      expect.arrayContaining(['libatomic.so.1()(64bit)', 'libc.so.6(GLIBC_2.28)(64bit)', '/usr/bin/setpriv', 'systemd']),
    );
    expect(files).toContain(`/usr/lib/rollcall/rollcall ${statSync(made.old.executable).size} root\n`);
    expect((await callWell('rpm', '--query', '--package', '--configfiles', made.old.file)).trim()).toBe('/etc/default/rollcall');
  });

  it('installed, it reads a real domain controller and syncs; all files are as they were packed', async () => {
    await using customer = await startCustomer();
    await using system = await timed('boot', bootSystem);
    await install(system, made.old);
    const verified = await system.run('rpm', '--verify', '--nodeps', 'rollcall');
    customer.settle(system);

    await system.well('rollcall', 'service', 'start');
    await until('all contacts are there', 60_000, () => customer.site.itGlue.data.contacts.size === customer.people);
    const sync = await system.run('rollcall', 'sync', '--json');

    expect([verified.exit, verified.stdout]).toEqual([0, '']);
    expect(sync.exit, sync.stdout).toBe(0);
    expect((await system.well('systemctl', 'is-enabled', 'rollcall')).trim()).toBe('enabled');
  });

  it('upgrades what runs, says that it does, and keeps configuration and state', async () => {
    await using system = await running();
    const before = await system.well('cat', '/etc/rollcall/config.json', '/etc/default/rollcall');
    const first = await mainPid(system);

    const told = await install(system, made.fresh);

    expect(told).toContain(`rollcall: ${made.fresh.release} runs.`);
    expect(await system.well('cat', '/etc/rollcall/config.json', '/etc/default/rollcall')).toBe(before);
    expect(await mainPid(system)).not.toBe(first);
    expect(upgradeFile(system, 'confirmed')).toBe(made.fresh.release);
    expect(await propertyOf(system, 'ActiveState')).toBe('active');
  });

  it('goes back by itself from a release that is not well', async () => {
    await using system = await running();
    setVariables(system, { TEST_UPGRADE: 'configuration:exit' });

    const told = await install(system, made.fresh);

    expect(told).toContain(`rollcall: ${made.fresh.release} was refused`);
    expect(await propertyOf(system, 'ActiveState')).toBe('active');
  });

  it('erased, it leaves configuration and state, and nothing of the program', async () => {
    await using system = await running();

    await timed('rpm --erase', () => system.well('rpm', '--erase', 'rollcall'));
    const paths = ['usr/lib/rollcall', 'usr/bin/rollcall', 'etc/rollcall/config.json', 'var/lib/rollcall', 'etc/default/rollcall.rpmsave'];

    expect(paths.map((path) => existsSync(join(system.root, path)))).toEqual([false, false, true, true, true]);
    expect((await system.run('systemctl', 'cat', 'rollcall')).exit).not.toBe(0);
  });

  it('is the same, byte by byte, when it is made again', async () => {
    await using again = await makePackages('rpm');

    expect(readFileSync(again.old.file).equals(readFileSync(made.old.file))).toBe(true);
  });
});
