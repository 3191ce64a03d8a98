import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceSid } from '../../agent/os-service/windows/service-sid.ts';
import { duplicates } from '../e2e/site.ts';
import { timed } from './linux/call.ts';
import { startCustomer } from './linux/customer.ts';
import { type InstalledWindows, openWindows, settleQuietly } from './wine/installed-windows.ts';
import { type MadeMsis, makeMsis } from './wine/made-msis.ts';

const program = String.raw`C:\Program Files\Rollcall`;
const elsewhere = String.raw`C:\Angaben für uns\config.json`;
const patience = { timeout: 60_000, interval: 100 };

describe('the MSI', () => {
  let made: MadeMsis;

  beforeAll(async () => {
    made = await timed('build two releases and their MSI', makeMsis);
  });

  afterAll(() => made?.[Symbol.asyncDispose]());

  const table = (name: string): readonly string[] =>
    spawnSync('msiinfo', ['export', made.old.file, name], { encoding: 'utf8' }).stdout.split(/\r?\n/).slice(3).filter(Boolean);

  /** The old release is installed and runs. */
  async function running(environment: Readonly<Record<string, string>> = {}): Promise<InstalledWindows> {
    const windows = await openWindows(environment);
    try {
      settleQuietly(windows);
      const { exit } = await windows.msiexec('install', made.old, '/i');
      expect(exit, windows.msiLog().slice(-2_000)).toBe(0);
      await windows.untilLogged(`rollcall ${made.old.release} started.`);
      return windows;
    } catch (error) {
      await windows[Symbol.asyncDispose]();
      throw error;
    }
  }

  it('is small enough, and the same, byte by byte, when it is made again', async () => {
    const again = `${made.old.file}.again`;
    await made.again(made.old, again);

    process.stderr.write(`the MSI has ${(statSync(again).size / 1_000_000).toFixed(1)} MB\n`);
    expect(statSync(again).size).toBeLessThan(50_000_000);
    expect(readFileSync(again).equals(readFileSync(made.old.file))).toBe(true);
  });

  it('asks Windows for what Wine passes over: late start, recovery, an account and permissions of its own, and no secret in the log', () => {
    expect(table('MsiServiceConfig').map((row) => row.split('\t').slice(1, 5).join(' '))).toEqual(
      expect.arrayContaining(['rollcall 5 3 1', 'rollcall 5 4 1', 'rollcall 5 5 1', 'rollcall 5 7 40000']) as string[],
    );
    expect(table('MsiServiceConfigFailureActions')[0]).toContain('1[~]1[~]1\t60000[~]60000[~]60000');
    expect(table('ServiceInstall')[0]).toContain('[SERVICEACCOUNT]');
    expect(table('Property')).toEqual(
      expect.arrayContaining([
        String.raw`DEFAULTACCOUNT	NT SERVICE\rollcall`,
        'MsiHiddenProperties\tACTIVATION;Configure;CustomActionData',
        'REINSTALLMODE\tamus',
      ]) as string[],
    );
    expect(table('MsiLockPermissionsEx')[0]).toContain(`D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${serviceSid('rollcall')})`);
    expect(table('Environment')[0]).toContain('=-*PATH\t[~];[BINDIR]');
    // Both that see the code are hidden from the log (8192).
    const types = new Map(table('CustomAction').map((row) => [row.split('\t')[0], Number(row.split('\t')[1])]));
    for (const name of ['Configure', 'TellConfigure']) expect((types.get(name) ?? 0) & 8_192, name).toBe(8_192);
    expect(table('Registry').join('\n')).not.toMatch(/ACTIVATION/);
  });

  it('installs by one silent line, reads a real domain controller, syncs, stops in order, and is back after a kill', async () => {
    await using customer = await startCustomer();
    const { site } = customer;
    await using windows = await openWindows();
    const keyOf = (name: string): string => `C:/ProgramData/Rollcall/${name}`;
    windows.write(
      elsewhere,
      customer.configuration('C:/ProgramData/Rollcall').replaceAll(/env:(TEST_\w+)/g, (_all, name: string) => `file:${keyOf(name)}`),
    );
    for (const [, name = '', value = ''] of customer.variables.matchAll(/^(\w+)="(.*)"$/gm)) windows.write(name, value);
    copyFileSync(customer.samba.caFile, windows.machine.place(String.raw`C:\ProgramData\Rollcall\ca.pem`));

    const installed = await windows.msiexec(
      'install with properties',
      made.old,
      '/i',
      `CONFIG="${elsewhere}" ORGANIZATION=${site.organization}`,
    );
    await timed('ready', () => windows.untilLogged(`rollcall ${made.old.release} started.`));
    await timed('first sync', () => expect.poll(() => site.itGlue.data.contacts.size, patience).toBe(customer.people));
    const sync = await windows.rollcall('sync', '--json');
    await windows.machine.run(['taskkill', '/f', '/im', 'rollcall.exe']);
    await timed('back after a kill', () => windows.untilLogged(`rollcall ${made.old.release} started.`, 2));
    const status = await windows.rollcall('service', 'status', '--json');
    const stopped = await timed('stop', () => windows.rollcall('service', 'stop'));
    const after = await windows.rollcall('service', 'status', '--json');

    expect(installed.exit).toBe(0);
    expect(sync.exit, sync.stdout).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ service: { state: 'running', manager: 'windows', startsAtBoot: true } });
    expect(stopped.exit, stopped.stdout + stopped.stderr).toBe(0);
    expect(JSON.parse(after.stdout)).toMatchObject({ service: { state: 'stopped' } });
    expect(windows.log()).toContain('"The service has stopped"');
    expect(duplicates(site)).toEqual([]);
    expect(windows.machine.events()).toContain(`rollcall ${made.old.release} started.`);
    expect(windows.machine.events()).toContain('rollcall stopped.');
  });

  it('waits for its configuration, and says in the event log what to do', async () => {
    await using windows = await openWindows();

    const { exit } = await windows.msiexec('install without properties', made.old, '/i');
    await windows.untilStopped();

    expect(exit).toBe(0);
    expect(windows.machine.events()).toContain('rollcall is not set up');
  });

  it('an upgrade keeps configuration and state, an older version is refused with words, and an uninstallation keeps the data until it is purged', async () => {
    await using windows = await running();
    await windows.rollcall('service', 'stop');
    const configuration = windows.read('config.json');

    const upgraded = await windows.msiexec('major upgrade', made.fresh, '/i');
    await windows.untilLogged(`rollcall ${made.fresh.release} started.`);
    const kept = windows.read('config.json');
    const status = await windows.rollcall('status', '--json');
    const older = await windows.msiexec('downgrade', made.old, '/i');
    const version = await windows.rollcall('--version');
    await windows.rollcall('service', 'stop');
    const removed = await windows.msiexec('uninstall', made.fresh, '/x');
    const left = [windows.exists('config.json'), windows.exists('state\\rollcall.db'), windows.exists(`${program}\\rollcall.exe`)];
    const again = await windows.msiexec('reinstall', made.fresh, '/i');
    await windows.untilLogged(`rollcall ${made.fresh.release} started.`, 2);
    await windows.rollcall('service', 'stop');
    const purged = await windows.msiexec('purge', made.fresh, '/x', 'PURGE=1');

    expect([upgraded.exit, removed.exit, again.exit, purged.exit]).toEqual([0, 0, 0, 0]);
    expect(kept).toBe(configuration);
    expect(JSON.parse(status.stdout)).toMatchObject({ organizations: [{ users: 3 }] });
    expect(older.exit).not.toBe(0);
    // Windows writes it into the log, Wine does not.
    expect(table('LaunchCondition').join('\n')).toContain('NOT WIX_DOWNGRADE_DETECTED\tA newer version of rollcall is installed.');
    expect(version.stdout).toContain('bbbbbbbbbb');
    expect(left).toEqual([true, true, false]);
    expect([windows.exists('state'), windows.exists('config.json'), windows.exists(program)]).toEqual([false, false, false]);
  });

  it('goes back to the release before when the new file is damaged, and "status" says so', async () => {
    await using windows = await running();
    const garbage = `${made.fresh.executable}.garbage`;
    writeFileSync(garbage, 'no program'.repeat(1_000));
    const damaged = { ...made.fresh, executable: garbage, file: `${made.fresh.file}.damaged` };
    await made.again(damaged, damaged.file);

    await windows.upgrade(made.old, damaged);
    await timed('back on the release before', () => windows.untilLogged(`rollcall ${made.old.release} started.`, 2));
    const status = await windows.rollcall('status', '--json');

    expect(windows.read('state\\upgrade\\refused').split('\n')[0]).toBe(made.fresh.release);
    expect(status.stdout).toContain('UPGRADE_REFUSED');
    expect(windows.machine.events()).toContain('The upgrade of rollcall was given up');
  });

  it('goes back when the new release does not take the configuration, and runs on with the last one that was good', async () => {
    await using windows = await running();
    await windows.rollcall('service', 'stop');
    windows.write('config.json', '{ "collector": ');

    await windows.upgrade(made.old, made.fresh);
    await timed('back on the release before', () => windows.untilLogged(`rollcall ${made.old.release} started.`, 2));

    expect(windows.read('state\\upgrade\\refused').split('\n')[0]).toBe(made.fresh.release);
    expect(windows.read('state\\upgrade\\unwell')).toContain('CONFIG_NOT_JSON');
    expect(windows.exists(`${program}\\previous\\rollcall.exe`)).toBe(true);
  });

  it('an activation code that is refused fails the first installation, with the reason in its log and the code nowhere', async () => {
    await using windows = await openWindows();

    const { exit } = await windows.msiexec('install with a bad code', made.old, '/i', 'ORGANIZATION=4711 ACTIVATION=Canary-Code-1');

    const told = windows
      .msiLog()
      .split('\n')
      .filter((line) => !line.startsWith('Property'))
      .join('\n');
    expect(exit).not.toBe(0);
    expect(told).toContain('"rollcall service configure" failed');
    expect(told).toContain('That is not a whole activation code');
    expect(told).not.toContain('Canary-Code-1');
    expect(windows.exists(`${program}\\rollcall.exe`)).toBe(false);
  });

  it('a second instance is refused while the service runs, and the service goes on', async () => {
    await using windows = await running();

    const second = await windows.machine.run([`${program}\\rollcall.exe`, 'run']);

    expect(second.exit).not.toBe(0);
    expect(second.stderr).toContain('SERVICE_RUNNING');
    expect(JSON.parse((await windows.rollcall('service', 'status', '--json')).stdout)).toMatchObject({ service: { state: 'running' } });
  });

  it('a state folder that cannot be written to ends in a failed service with its reason in the event log', async () => {
    await using windows = await openWindows();
    settleQuietly(windows);
    // A file in the folder's place: Wine runs as root, which no mode stops.
    windows.write('state', 'not a folder');

    const { exit } = await windows.msiexec('install over a state that is no folder', made.old, '/i');
    await windows.untilLogged('The service ends after 3 failed starts.');
    await windows.untilStopped();
    const status = await windows.rollcall('service', 'status', '--json');

    expect(exit).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ service: { state: 'failed' } });
    expect(windows.machine.events()).toContain('The last it wrote');
  });
});
