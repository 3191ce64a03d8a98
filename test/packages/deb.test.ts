import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duplicates } from '../e2e/site.ts';
import { type BootedSystem, bootSystem, until } from './linux/booted-system.ts';
import { callWell, timed } from './linux/call.ts';
import { startCustomer } from './linux/customer.ts';
import { debianTree } from './linux/debian-tree.ts';
import { type MadePackages, type MadeRelease, makePackages } from './linux/made-packages.ts';
import { settleQuietly, setVariables } from './linux/quiet-customer.ts';
import { journal, mainPid, propertyOf, readyMs, untilActive, untilConfirmed, upgradeFile } from './linux/service-view.ts';

let made: MadePackages;

beforeAll(async () => {
  made = await timed('build two releases and their .deb', () => makePackages('deb'));
});

afterAll(() => made[Symbol.asyncDispose]());

function install(system: BootedSystem, { file, version }: MadeRelease): Promise<string> {
  copyFileSync(file, join(system.root, 'srv', 'rollcall.deb'));
  return timed(`dpkg --install ${version}`, () => system.well('dpkg', '--install', '/srv/rollcall.deb'));
}

async function installed(): Promise<BootedSystem> {
  const system = await timed('boot', () => bootSystem());
  try {
    await install(system, made.old);
  } catch (error) {
    await system[Symbol.asyncDispose]();
    throw error;
  }
  return system;
}

/** The old release runs, and has said that it is well. */
async function running(): Promise<BootedSystem> {
  const system = await installed();
  settleQuietly(system);
  await system.well('rollcall', 'service', 'start');
  await untilConfirmed(system, made.old.release);
  return system;
}

/** The next start comes after a second in place of ten: the rules are the same, and the tests are shorter. */
async function quicken(system: BootedSystem): Promise<void> {
  system.write('/etc/systemd/system/rollcall.service.d/quick.conf', '[Service]\nRestartSec=1\n');
  await system.well('systemctl', 'daemon-reload');
}

describe('the Debian package in a system of its own', () => {
  it('asks nothing, makes account and folders, waits for its configuration, and scores 1.5 or better', async () => {
    await using system = await installed();

    const enabled = await system.well('systemctl', 'is-enabled', 'rollcall');
    const status = await system.run('rollcall', 'service', 'status', '--json');
    const security = await system.well('systemd-analyze', 'security', '--no-pager', 'rollcall.service');
    const [told = ''] = /Overall exposure level.*/.exec(security) ?? [];

    process.stderr.write(`${told}\n`);
    expect(statSync(made.old.file).size).toBeLessThan(35_000_000);
    expect(enabled.trim()).toBe('enabled');
    expect(status.exit).toBe(7);
    expect(JSON.parse(status.stdout)).toMatchObject({ service: { state: 'stopped', startsAtBoot: true, manager: 'systemd' } });
    expect(Number(/: ([\d.]+)/.exec(told)?.[1])).toBeLessThanOrEqual(1.5);
    expect((await system.well('stat', '-c', '%U %a', '/etc/rollcall', '/var/lib/rollcall')).trim()).toBe('rollcall 700\nrollcall 700');
  });

  it('reads a real domain controller, syncs, obeys, and is back after a kill and after a reboot', async () => {
    await using customer = await startCustomer();
    const { site } = customer;
    await using system = await installed();
    customer.settle(system);

    await timed('service start', () => system.well('rollcall', 'service', 'start'));
    await timed('first sync', () => until('all contacts are there', 60_000, () => site.itGlue.data.contacts.size === customer.people));
    const startMs = await readyMs(system);
    const sync = await system.run('rollcall', 'sync', '--json');
    const first = await mainPid(system);
    await system.well('systemctl', 'kill', '--kill-who=main', '--signal=KILL', 'rollcall');
    await timed('back after kill -9', async () => {
      await until('another process', 40_000, async () => ![0, first].includes(await mainPid(system)));
      await untilActive(system);
    });
    await timed('reboot', () => system.reboot());
    await untilActive(system);
    const status = await system.run('rollcall', 'status', '--json');
    await timed('service stop', () => system.well('rollcall', 'service', 'stop'));

    // The target is 500 ms on a machine of its own; here others take their share of it.
    process.stderr.write(`the service was ready after ${Math.round(startMs)} ms\n`);
    expect(startMs).toBeLessThan(5_000);
    expect(sync.exit, sync.stdout).toBe(0);
    expect([0, 6], status.stdout).toContain(status.exit);
    expect(duplicates(site)).toEqual([]);
    expect(site.itGlue.data.contacts.size).toBe(customer.people);
    expect(await propertyOf(system, 'Result')).toBe('success');
    expect(await propertyOf(system, 'ActiveState')).toBe('inactive');
  });

  it('is ended and started again by the watchdog when it does not answer', async () => {
    await using system = await installed();
    settleQuietly(system);
    // The rule is the same, and the test is shorter.
    system.write('/etc/systemd/system/rollcall.service.d/quick.conf', '[Service]\nWatchdogSec=3\nTimeoutAbortSec=2\nRestartSec=1\n');
    await system.well('systemctl', 'daemon-reload');
    await system.well('rollcall', 'service', 'start');
    const first = await mainPid(system);

    await system.well('systemctl', 'kill', '--kill-who=main', '--signal=STOP', 'rollcall');
    await timed('watchdog', () => until('another process', 60_000, async () => ![0, first].includes(await mainPid(system))));
    await untilActive(system);

    expect(await journal(system)).toMatch(/Watchdog timeout/);
  });

  it('upgrades what runs, says that it does, and keeps configuration, variables and state', async () => {
    await using system = await running();
    const before = await system.well('cat', '/etc/rollcall/config.json', '/etc/default/rollcall');

    const told = await install(system, made.fresh);
    const confirmed = upgradeFile(system, 'confirmed');
    const after = await system.well('cat', '/etc/rollcall/config.json', '/etc/default/rollcall');
    const status = await system.run('rollcall', 'status', '--json');

    expect(told).toContain(`rollcall: ${made.fresh.release} runs.`);
    expect(confirmed).toBe(made.fresh.release);
    expect(after).toBe(before);
    expect(JSON.parse(status.stdout)).toMatchObject({ organizations: [{ users: 3 }] });
    expect(await system.well('cat', '/usr/lib/rollcall/previous/release')).toBe(`${made.old.release}\n`);
  });

  it('does not go back to an older release that does not know the store: the newer one runs on, and the package manager says so', async () => {
    await using system = await running();
    await quicken(system);
    await install(system, made.fresh);

    const told = await install(system, made.old);
    await untilActive(system);

    expect(told).toContain(`rollcall: ${made.old.release} was refused`);
    expect(told).toContain(`${made.fresh.release} runs on`);
  });

  it('goes back by itself from a release that is not well, with its state, and tells it in "status"', async () => {
    await using system = await running();
    setVariables(system, { TEST_UPGRADE: 'migration:throw' });

    const told = await install(system, made.fresh);
    const status = await system.run('rollcall', 'status', '--json');

    expect(told).toContain(`rollcall: ${made.fresh.release} was refused`);
    expect(told).toContain(`${made.old.release} runs on`);
    expect(status.stdout).toContain('UPGRADE_REFUSED');
    expect(await propertyOf(system, 'ActiveState')).toBe('active');
    expect(JSON.parse(status.stdout)).toMatchObject({ organizations: [{ users: 3 }] });
  });

  it('does not hang the package manager when a new release never gets ready', async () => {
    await using system = await running();
    setVariables(system, { TEST_UPGRADE: 'start:hang' });

    const begun = performance.now();
    const told = await install(system, made.fresh);

    expect(performance.now() - begun).toBeLessThan(120_000);
    expect(told).toMatch(/rollcall: .* (?:is on trial|was refused)/);
  });

  it('removed, it leaves configuration and state, and runs again when it is installed anew; purged, nothing', async () => {
    await using system = await running();

    await system.well('dpkg', '--remove', 'rollcall');
    const kept = ['/etc/rollcall/config.json', '/var/lib/rollcall/upgrade/confirmed', '/etc/default/rollcall'].map((path) =>
      existsSync(join(system.root, path)),
    );
    await system.well('dpkg', '--install', '/srv/rollcall.deb');
    const again = await system.run('systemctl', 'is-enabled', 'rollcall.service');
    const runs = await system.run('systemctl', 'is-active', 'rollcall.service');
    await system.well('dpkg', '--purge', 'rollcall');
    const left = await system.well('find', '/', '-xdev', '-not', '-path', '/proc/*', '-name', '*rollcall*');
    const account = await system.run('getent', 'passwd', 'rollcall');
    const group = await system.run('getent', 'group', 'rollcall');

    expect(kept).toEqual([true, true, true]);
    expect([again.stdout.trim(), runs.stdout.trim()]).toEqual(['enabled', 'active']);
    expect(left.split('\n').filter((path) => path !== '' && path !== '/srv/rollcall.deb')).toEqual([]);
    expect([account.exit, group.exit]).toEqual([2, 2]);
  });
});

describe('the Debian package in a system that is not booted', () => {
  it('as when an image is built: it installs, starts nothing, and will start with the system', async () => {
    const folder = mkdtempSync(join(dirname(await debianTree()), 'image-'));
    try {
      const root = join(folder, 'root');
      await callWell('cp', '-a', '--reflink=auto', await debianTree(), root);
      copyFileSync(made.old.file, join(root, 'srv', 'rollcall.deb'));

      await callWell('chroot', root, 'dpkg', '--install', '/srv/rollcall.deb');

      expect((await callWell('chroot', root, 'systemctl', 'is-enabled', 'rollcall')).trim()).toBe('enabled');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('what goes wrong around the Debian package is told where an administrator looks', () => {
  it('no rights, a service that a package brought, and a second instance', async () => {
    await using system = await running();

    const noRights = await system.run('setpriv', '--reuid=65534', '--clear-groups', 'rollcall', 'service', 'stop');
    const packaged = await system.run('rollcall', 'service', 'install');
    const second = await system.run('rollcall', 'run');

    expect([noRights.exit, noRights.stderr]).toEqual([1, expect.stringContaining('OS_SERVICE_RIGHTS')]);
    expect([packaged.exit, packaged.stderr]).toEqual([2, expect.stringContaining('OS_SERVICE_PACKAGED')]);
    expect([second.exit, second.stderr]).toEqual([1, expect.stringContaining('SERVICE_RUNNING')]);
    expect(await propertyOf(system, 'ActiveState')).toBe('active');
  });

  it('an upgrade over a damaged configuration: the package is in, the old release runs on, and "status" names the file', async () => {
    await using system = await running();
    await quicken(system);
    system.write('/etc/rollcall/config.json', '{ "collector": ');

    const told = await install(system, made.fresh);
    const status = await system.run('rollcall', 'status', '--json');

    expect(told).toContain(`rollcall: ${made.fresh.release} was refused`);
    expect(await propertyOf(system, 'ActiveState')).toBe('active');
    expect(status.stdout).toContain('CONFIG_NOT_JSON');
  });

  it('no room for the new program: the package manager fails, and the old release runs on as if nothing had been', async () => {
    await using system = await timed('boot', () => bootSystem());
    await system.well('mkdir', '-p', '/usr/lib/rollcall');
    await system.well('mount', '-t', 'tmpfs', '-o', 'size=160m,mode=0755', 'tmpfs', '/usr/lib/rollcall');
    await install(system, made.old);
    settleQuietly(system);
    await system.well('rollcall', 'service', 'start');
    await untilConfirmed(system, made.old.release);
    const first = await mainPid(system);

    const told = await install(system, made.fresh).then(
      () => 'it was installed',
      (error: unknown) => String(error),
    );
    const version = await system.well('dpkg-query', '--show', '--showformat=${Version}', 'rollcall');

    expect(told).toContain('No space left on device');
    expect([version, await mainPid(system)]).toEqual([made.old.version, first]);
    expect((await system.run('rollcall', 'status', '--json')).stdout).toContain('"users": 3');
  });

  it('no room for the state: what ran is left running, and the package manager says what to do', async () => {
    await using system = await installed();
    await system.well('mount', '-t', 'tmpfs', '-o', 'size=8m,mode=0700', 'tmpfs', '/var/lib/rollcall');
    await system.well('chown', 'rollcall:rollcall', '/var/lib/rollcall');
    settleQuietly(system);
    await system.well('rollcall', 'service', 'start');
    const first = await mainPid(system);
    await system.run('dd', 'if=/dev/zero', 'of=/var/lib/rollcall/filler', 'bs=4k');

    const told = await install(system, made.fresh);

    expect(told).toContain('rollcall: /var/lib/rollcall is full');
    expect([await propertyOf(system, 'ActiveState'), await mainPid(system)]).toEqual(['active', first]);
  });

  it('a state folder that cannot be written to: the start fails with the place', async () => {
    await using system = await installed();
    settleQuietly(system);
    system.write('/etc/systemd/system/rollcall.service.d/read-only.conf', '[Service]\nReadOnlyPaths=/var/lib/rollcall\nRestart=no\n');
    await system.well('systemctl', 'daemon-reload');

    const started = await system.run('rollcall', 'service', 'start');

    expect([started.exit, started.stderr]).toEqual([1, expect.stringContaining('OS_SERVICE_FAILED')]);
    expect(await journal(system)).toMatch(/\/var\/lib\/rollcall/);
  });
});
