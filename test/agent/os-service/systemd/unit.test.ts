import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellWord, unitCommandWord, unitListWord, unitPath } from '../../../../agent/os-service/systemd/quote.ts';
import { unitText } from '../../../../agent/os-service/systemd/unit.ts';
import { checkoutLauncherText, wrapperText } from '../../../../agent/os-service/systemd/wrapper.ts';

const standard = { programFolder: '/usr/lib/rollcall', configFile: '/etc/rollcall/config.json', stateDirectory: '/var/lib/rollcall' };

function linesOf(text: string, name: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith(`${name}=`));
}

describe('the unit', () => {
  it('starts the launcher without words where all is in its standard place', () => {
    const text = unitText(standard);

    expect(linesOf(text, 'ExecStart')).toEqual(['ExecStart=/usr/lib/rollcall/launch run']);
    expect(linesOf(text, 'StateDirectory')).toEqual(['StateDirectory=rollcall']);
    expect(linesOf(text, 'ProtectHome')).toEqual(['ProtectHome=yes']);
  });

  it('names other places in the way that systemd reads them', () => {
    const text = unitText({ ...standard, configFile: '/srv/Größe 100%/config.json', stateDirectory: '/srv/a "b" $c\\d' });

    expect(linesOf(text, 'ExecStart')).toEqual([
      String.raw`ExecStart=/usr/lib/rollcall/launch run --config "/srv/Größe 100%%/config.json" --state "/srv/a \"b\" $$c\\d"`,
    ]);
    expect(linesOf(text, 'ConditionPathExists')).toEqual(['ConditionPathExists=/srv/Größe 100%%/config.json']);
    expect(linesOf(text, 'ReadWritePaths')).toEqual([String.raw`ReadWritePaths="/srv/a \"b\" $c\\d"`]);
    expect(linesOf(text, 'StateDirectory')).toEqual([]);
  });

  it('lets what lies in a home folder be read, and no more', () => {
    expect(linesOf(unitText({ ...standard, reads: ['/home/ada/rollcall/agent/main.ts'] }), 'ProtectHome')).toEqual([
      'ProtectHome=read-only',
    ]);
    expect(linesOf(unitText({ ...standard, reads: ['/opt/home/main.ts'] }), 'ProtectHome')).toEqual(['ProtectHome=yes']);
  });

  it('refuses a line break in a name: it would begin another setting', () => {
    for (const quote of [unitPath, unitListWord, unitCommandWord, shellWord]) {
      expect(() => quote('/srv/a\nUser=root')).toThrow(expect.objectContaining({ code: 'OS_SERVICE_PLACE' }) as Error);
    }
  });
});

describe.skipIf(process.platform === 'win32')('the command in a shell', () => {
  /** Runs the wrapper with programs in place of those that it calls; gives back what was called. */
  function called(words: readonly string[], uid: number, places = standard): string {
    const stand = `id() { if [ "$1" = -u ] && [ $# = 1 ]; then echo ${uid}; fi; }
exec() { printf '%s\\n' "$@"; exit 0; }
`;
    const { stdout, stderr } = spawnSync('bash', ['-c', `${stand}${wrapperText(places)}`, 'rollcall', ...words], { encoding: 'utf8' });
    return `${stdout}${stderr}`.trim().split('\n').join(' | ');
  }

  it('is that of root as the account of the service, with its right to read any file, and of others as they are', () => {
    expect(called(['status', '--json'], 0)).toMatch(
      /^setpriv \| --reuid=rollcall .* \| -- \| \/usr\/lib\/rollcall\/launch \| status \| --json$/,
    );
    expect(called(['status', '--json'], 1000)).toBe('/usr/lib/rollcall/launch | status | --json');
  });

  it.each([
    [['service', 'install']],
    [['--json', '--state', '/srv/s', 'service', 'uninstall', '--purge']],
    [['service', '--config', '/srv/c', 'start']],
  ])('stays root for %j', (words) => {
    expect(called(words, 0)).toBe(['/usr/lib/rollcall/launch', ...words].join(' | '));
  });

  it.each([
    [['service', 'configure', '--organization', '4711']],
    [['service', '--json', 'configure']],
    [['contacts', 'list', '--search', 'service']],
    [['--config', 'service', 'status']],
    [[]],
  ])('becomes the account of the service for %j', (words) => {
    expect(called(words, 0)).toMatch(/^setpriv /);
  });

  it('names places that are not the standard ones before what was given', () => {
    const places = { ...standard, stateDirectory: "/srv/ada's state" };

    expect(called(['status'], 1000, places)).toBe("/usr/lib/rollcall/launch | --state | /srv/ada's state | status");
  });

  it('starts a checkout from a folder with any name', () => {
    const text = checkoutLauncherText({ node: '/bin/echo', main: "/srv/a b/$x 'y'/main.ts" });

    expect(spawnSync('sh', ['-c', text, 'launch', 'run'], { encoding: 'utf8' }).stdout).toBe("/srv/a b/$x 'y'/main.ts run\n");
  });
});
