import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OsServiceDocument } from '../../agent/cli/documents-os-service.ts';
import { type BootedSystem, bootSystem, until } from './linux/booted-system.ts';
import { callWell, timed } from './linux/call.ts';
import { startCustomer } from './linux/customer.ts';
import { type MadePackages, type MadeRelease, makePackages } from './linux/made-packages.ts';
import { settleQuietly, setVariables } from './linux/quiet-customer.ts';
import { journal, mainPid, propertyOf, untilActive, untilConfirmed } from './linux/service-view.ts';

/** Where an administrator unpacks it: nothing of it is plain. */
const place = `/srv/Größe & "Co" 100% $HOME's`;
let made: MadePackages;

beforeAll(async () => {
  made = await timed('build two releases and their tarballs', () => makePackages('tarball'));
});

afterAll(() => made[Symbol.asyncDispose]());

async function unpack(system: BootedSystem, { file, version }: MadeRelease): Promise<string> {
  await system.well('mkdir', '-p', place);
  await callWell('tar', '-xzf', file, '--no-same-owner', '-C', join(system.root, place));
  return `${place}/rollcall-${version}-linux-x64`;
}

function stepsOf(stdout: string): OsServiceDocument['steps'] {
  return (JSON.parse(stdout) as OsServiceDocument).steps;
}

describe('the tarball in a system of its own', () => {
  it('is a service by one command, also from a folder with spaces and quotes; the command done twice changes nothing', async () => {
    await using customer = await startCustomer();
    const { site } = customer;
    await using system = await timed('boot', bootSystem);
    const folder = await unpack(system, made.old);
    customer.settle(system);

    const first = stepsOf(await timed('install', () => system.well(`${folder}/install`, '--json')));
    await until('all contacts are there', 60_000, () => site.itGlue.data.contacts.size === customer.people);
    const pid = await mainPid(system);
    const second = stepsOf(await system.well('rollcall', 'service', 'install', '--json'));
    const again = stepsOf(await system.well(`${folder}/install`, '--json'));
    const sync = await system.run('rollcall', 'sync', '--json');
    await system.reboot();
    await untilActive(system);

    expect(first.map(({ did }) => did)).toContain('made');
    for (const steps of [second, again]) expect(steps.filter(({ did }) => did !== 'kept')).toEqual([]);
    expect(sync.exit, sync.stdout).toBe(0);
    expect(pid).toBeGreaterThan(0);
    expect(site.itGlue.data.contacts.size).toBe(customer.people);
    expect((await system.well('systemd-analyze', 'security', '--no-pager', 'rollcall')).match(/level for \S+: ([\d.]+)/)?.[1]).toBe('1.3');
  });

  it('keeps configuration and state in places of their own with spaces, quotes and signs in their names', async () => {
    await using system = await bootSystem();
    const folder = await unpack(system, made.old);
    const places = ['--config', `${place}/rollcall einstellungen/config.json`, '--state', `${place}/der zustand`];
    settleQuietly(system, {}, `${place}/rollcall einstellungen`);
    await system.well('chmod', '755', place);

    const installed = await system.run(`${folder}/install`, ...places);
    const status = await system.run('rollcall', 'status', '--json');

    expect(installed.exit, installed.stderr).toBe(0);
    expect(await propertyOf(system, 'ActiveState'), await journal(system)).toBe('active');
    expect(status.stdout).toContain('"organizations"');
    expect(existsSync(join(system.root, place, 'der zustand', 'service.json'))).toBe(true);
  });

  it('upgrades by its own command, keeps the release before, and goes back to it from one that is not well', async () => {
    await using system = await bootSystem();
    const before = await unpack(system, made.old);
    const after = await unpack(system, made.fresh);
    settleQuietly(system);
    await system.well(`${before}/install`);
    await untilConfirmed(system, made.old.release);
    setVariables(system, { TEST_UPGRADE: 'opened:throw' });

    const upgraded = await timed('upgrade that is refused', () => system.run(`${after}/install`));
    const status = await system.run('rollcall', 'status', '--json');

    expect(upgraded.stdout, upgraded.stderr).toContain(`${made.fresh.release} was refused`);
    expect(status.stdout).toContain('UPGRADE_REFUSED');
    expect(readFileSync(join(system.root, 'usr/local/lib/rollcall/previous/release'), 'utf8')).toBe(`${made.old.release}\n`);
    expect(await propertyOf(system, 'ActiveState')).toBe('active');
  });

  it('uninstalled, it leaves configuration and state; with --purge, nothing', async () => {
    await using system = await bootSystem();
    const folder = await unpack(system, made.old);
    settleQuietly(system);
    await system.well(`${folder}/install`);

    const removed = stepsOf(await system.well('rollcall', 'service', 'uninstall', '--json'));
    const kept = existsSync(join(system.root, 'etc/rollcall/config.json'));
    const absent = await system.run(`${folder}/rollcall`, 'service', 'start');
    await system.well(`${folder}/install`);
    await system.well('rollcall', 'service', 'uninstall', '--purge');
    await system.well('rm', '-rf', place);
    const left = await system.well('find', '/', '-xdev', '-not', '-path', '/proc/*', '-name', '*rollcall*');
    const account = await system.run('getent', 'passwd', 'rollcall');

    expect(removed.map(({ did }) => did)).toContain('removed');
    expect(kept).toBe(true);
    expect([absent.exit, absent.stderr]).toEqual([1, expect.stringContaining('OS_SERVICE_ABSENT')]);
    expect(left).toBe('');
    expect(account.exit).toBe(2);
  });

  it('says which package is missing when the machine has no libatomic, and refuses without root', async () => {
    await using system = await bootSystem();
    const folder = await unpack(system, made.old);

    const nobody = await system.run('setpriv', '--reuid=65534', '--clear-groups', `${folder}/install`);
    await system.well('dpkg', '--remove', '--force-depends', 'libatomic1');
    const install = await system.run(`${folder}/install`);

    expect([nobody.exit, nobody.stderr]).toEqual([1, expect.stringContaining('needs root')]);
    expect(install.exit).toBe(1);
    for (const words of ['apt-get install libatomic1', 'dnf install libatomic', 'zypper install libatomic1']) {
      expect(install.stderr).toContain(words);
    }
  });

  it('refuses places that a service cannot have', async () => {
    await using system = await bootSystem();
    const folder = await unpack(system, made.old);

    const temporary = await system.run(`${folder}/rollcall`, 'service', 'install', '--state', '/tmp/state');
    const whole = await system.run(`${folder}/rollcall`, 'service', 'install', '--state', '/srv');

    for (const refused of [temporary, whole])
      expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining('OS_SERVICE_PLACE')]);
    expect(existsSync(join(system.root, 'usr/local/bin/rollcall'))).toBe(false);
  });
});
