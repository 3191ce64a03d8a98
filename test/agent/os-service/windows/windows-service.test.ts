import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OsService } from '../../../../agent/os-service/os-service.ts';
import type { ToolEnd } from '../../../../agent/os-service/run-tool.ts';
import { commandLine } from '../../../../agent/os-service/windows/command-line.ts';
import { serviceSid } from '../../../../agent/os-service/windows/service-sid.ts';
import { createWindowsTools } from '../../../../agent/os-service/windows/tools.ts';
import { createWindowsService } from '../../../../agent/os-service/windows/windows-service.ts';

const release = '0.1.0+aaaaaaaaaaaa';

/** Stands in for Windows: a registry, and a service that is as it is told. */
interface World {
  readonly calls: string[][];
  readonly values: Map<string, string>;
  state: string;
  exitCode: number;
  refuses: boolean;
}

describe('the service of Windows', () => {
  let folder: string;
  let world: World;
  let service: OsService;
  let options: { readonly configFile: string; readonly stateDirectory: string };

  const ended = (stdout = '', exit = 0): ToolEnd => ({ exit, stdout, stderr: '' });

  function runTool(file: string, words: readonly string[]): Promise<ToolEnd> {
    const program = file.slice(file.lastIndexOf('\\') + 1);
    world.calls.push([program, ...words]);
    return Promise.resolve(answer(program, words));
  }

  function answer(program: string, words: readonly string[]): ToolEnd {
    const [verb = '', key = ''] = words;
    if (program === 'reg.exe' && verb === 'query') {
      const value = world.values.get(`${key}\\${words[3]}`);
      return value === undefined ? ended('', 1) : ended(`\r\n${key}\r\n    ${words[3]}    REG_SZ    ${value}\r\n\r\n`);
    }
    if (program === 'sc.exe' && verb === 'query') {
      return ended(`        STATE              : 1  ${world.state}\r\n        WIN32_EXIT_CODE    : ${world.exitCode}  (0x0)\r\n`);
    }
    if (world.refuses) return ended('[SC] OpenSCManager FAILED 5:\r\n\r\nAccess is denied.\r\n', 5);
    if (program === 'sc.exe') tellManager(verb, words);
    return ended();
  }

  function tellManager(verb: string, words: readonly string[]): void {
    const key = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\rollcall`;
    if (verb === 'create' || verb === 'config') {
      world.values.set(`${key}\\ImagePath`, words[words.indexOf('binPath=') + 1] ?? '').set(`${key}\\Start`, '0x2');
    }
    if (verb === 'start') world.state = 'RUNNING';
    if (verb === 'stop') world.state = 'STOPPED';
    if (verb === 'delete') world.values.delete(`${key}\\ImagePath`);
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-windows-'));
    world = { calls: [], values: new Map(), state: 'STOPPED', exitCode: 0, refuses: false };
    mkdirSync(join(folder, 'download'));
    writeFileSync(join(folder, 'download', 'rollcall-win-x64.exe'), 'program');
    writeFileSync(join(folder, 'download', 'rollcall-service.exe'), 'host');
    options = { configFile: join(folder, 'data', 'config.json'), stateDirectory: join(folder, 'data', 'state') };
    service = createWindowsService({
      tools: createWindowsTools(runTool, { SystemRoot: String.raw`C:\Windows` }),
      program: { kind: 'executable', file: join(folder, 'download', 'rollcall-win-x64.exe'), release },
      places: { programFolder: join(folder, 'program'), dataFolder: join(folder, 'data') },
      pauseMs: 1,
    });
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const did = (program: string, verb: string): readonly string[][] =>
    world.calls.filter(([name, word]) => name === program && word === verb);

  it('installs program and host, folders for three accounts, and a service that starts late, under an account of its own, and recovers', async () => {
    const steps = await service.install(options);

    expect(readFileSync(join(folder, 'program', 'rollcall.exe'), 'utf8')).toBe('program');
    expect(readFileSync(join(folder, 'program', 'rollcall-service.exe'), 'utf8')).toBe('host');
    expect(readFileSync(join(folder, 'program', 'release'), 'utf8')).toBe(`${release}\n`);
    const [create = []] = did('sc.exe', 'create');
    expect(create[4]).toContain(`"${join(folder, 'program', 'rollcall-service.exe')}"`);
    expect(create.slice(5)).toEqual(['start=', 'delayed-auto', 'DisplayName=', 'rollcall', 'obj=', String.raw`NT SERVICE\rollcall`]);
    expect(did('sc.exe', 'failure')[0]?.slice(3)).toEqual(['reset=', '86400', 'actions=', 'restart/60000/restart/60000/restart/60000']);
    expect(did('sc.exe', 'failureflag')).toHaveLength(1);
    expect(did('sc.exe', 'sidtype')[0]).toContain('unrestricted');
    const [, path, ...grants] = world.calls.find(([program]) => program === 'icacls.exe') ?? [];
    expect(path).toBe(join(folder, 'data'));
    expect(grants).toEqual([
      '/inheritance:r',
      '/grant:r',
      '*S-1-5-18:(OI)(CI)F',
      '*S-1-5-32-544:(OI)(CI)F',
      `*${serviceSid('rollcall')}:(OI)(CI)F`,
    ]);
    expect(did('sc.exe', 'start')).toEqual([]);
    expect(steps.map((step) => step.did)).toContain('made');
    expect(steps.at(-1)?.what).toContain('not started: there is no configuration');
  });

  it('done twice it changes nothing, and starts what has a configuration by then', async () => {
    await service.install(options);
    writeFileSync(options.configFile, '{}');
    world.calls.splice(0);

    const steps = await service.install(options);
    const again = await service.install(options);

    expect(did('sc.exe', 'create')).toEqual([]);
    expect(did('sc.exe', 'config')).toEqual([]);
    expect(steps.at(-1)).toEqual({ did: 'changed', what: 'the service was started' });
    expect(again.find(({ what }) => what === 'the service rollcall')?.did).toBe('kept');
  });

  it('an installation of what is there already does not stop the service', async () => {
    await service.install(options);
    writeFileSync(options.configFile, '{}');
    await service.install(options);
    world.calls.splice(0);

    const steps = await service.install(options);

    expect(did('sc.exe', 'stop')).toEqual([]);
    expect(steps).toContainEqual({ did: 'kept', what: `${join(folder, 'program', 'rollcall.exe')} (${release})` });
    expect(world.state).toBe('RUNNING');
  });

  it('an upgrade stops the service, exchanges program and host, and starts it again', async () => {
    await installOlder();

    await service.install(options);

    expect(did('sc.exe', 'stop')).toHaveLength(1);
    expect(readdirSync(join(folder, 'program')).sort()).toEqual(['release', 'rollcall-service.exe', 'rollcall.exe']);
    expect(readFileSync(join(folder, 'program', 'rollcall.exe'), 'utf8')).toBe('program');
    expect(readFileSync(join(folder, 'program', 'release'), 'utf8')).toBe(`${release}\n`);
    expect(world.state).toBe('RUNNING');
  });

  it('an upgrade whose copy fails does not stop the service', async () => {
    await installOlder();
    mkdirSync(join(folder, 'program', 'rollcall.exe.new'));

    await expect(service.install(options)).rejects.toMatchObject({ code: 'OS_SERVICE_FAILED' });

    expect(did('sc.exe', 'stop')).toEqual([]);
    expect(readFileSync(join(folder, 'program', 'release'), 'utf8')).toBe('0.0.9+older\n');
    expect(world.state).toBe('RUNNING');
  });

  it('an upgrade whose exchange fails starts the service again, and the release keeps its name', async () => {
    await installOlder();
    rmSync(join(folder, 'program', 'rollcall.exe'));
    mkdirSync(join(folder, 'program', 'rollcall.exe'));

    await expect(service.install(options)).rejects.toMatchObject({ code: 'OS_SERVICE_FAILED' });

    expect(did('sc.exe', 'stop')).toHaveLength(1);
    expect(did('sc.exe', 'start')).toHaveLength(1);
    expect(readFileSync(join(folder, 'program', 'release'), 'utf8')).toBe('0.0.9+older\n');
    expect(existsSync(join(folder, 'program', 'rollcall.exe.new'))).toBe(false);
  });

  it('an upgrade takes the name of the release away before it exchanges the executable', async () => {
    await installOlder();
    rmSync(join(folder, 'program', 'release'));
    mkdirSync(join(folder, 'program', 'release'));
    writeFileSync(join(folder, 'program', 'release', 'in the way'), '');

    // The name cannot be taken away: then nothing is exchanged.
    await expect(service.install(options)).rejects.toMatchObject({ code: 'OS_SERVICE_FAILED' });

    expect(readFileSync(join(folder, 'program', 'rollcall.exe'), 'utf8')).toBe('older');
  });

  /** An older release that runs. */
  async function installOlder(): Promise<void> {
    await service.install(options);
    writeFileSync(options.configFile, '{}');
    await service.start();
    writeFileSync(join(folder, 'program', 'rollcall.exe'), 'older');
    writeFileSync(join(folder, 'program', 'release'), '0.0.9+older\n');
    world.calls.splice(0);
  }

  it.each([['install'], ['uninstall']] as const)('leaves what the MSI installed alone: %s', async (verb) => {
    world.values.set(String.raw`HKLM\SOFTWARE\rollcall\InstalledBy`, 'msi');

    const done = verb === 'install' ? service.install(options) : service.uninstall({ purge: true });

    await expect(done).rejects.toMatchObject({ code: 'OS_SERVICE_PACKAGED' });
    expect(existsSync(join(folder, 'program'))).toBe(false);
  });

  it('says where the host has to be when it is not there, and that an administrator is needed', async () => {
    world.refuses = true;
    await expect(service.install(options)).rejects.toMatchObject({ code: 'OS_SERVICE_RIGHTS' });
    rmSync(join(folder, 'download', 'rollcall-service.exe'));
    await expect(service.install(options)).rejects.toMatchObject({
      code: 'OS_SERVICE_PLACE',
      message: expect.stringContaining('rollcall-service.exe') as string,
    });
  });

  it.each([
    ['RUNNING', 0, 'running'],
    ['START_PENDING', 0, 'starting'],
    ['STOP_PENDING', 0, 'stopping'],
    ['STOPPED', 0, 'stopped'],
    ['STOPPED', 1077, 'stopped'],
    ['STOPPED', 1066, 'failed'],
  ])('a service that is %s with code %d is %s', async (state, exitCode, expected) => {
    await service.install(options);
    world.state = state;
    world.exitCode = exitCode;

    expect(await service.status()).toMatchObject({ state: expected, startsAtBoot: true, manager: 'windows' });
  });

  it('is absent before, and start and stop say so', async () => {
    expect(await service.status()).toMatchObject({ state: 'absent', program: null });
    await expect(service.start()).rejects.toMatchObject({ code: 'OS_SERVICE_ABSENT' });
    await expect(service.stop()).rejects.toMatchObject({ code: 'OS_SERVICE_ABSENT' });
  });

  it('uninstalls: the data stays, unless it is to go too', async () => {
    await service.install(options);

    const steps = await service.uninstall({ purge: false });
    const purged = await service.uninstall({ purge: true });

    expect(steps.map((step) => step.did)).toEqual(['removed', 'removed', 'kept']);
    expect(purged).toEqual([{ did: 'removed', what: join(folder, 'data') }]);
    expect(existsSync(join(folder, 'program'))).toBe(false);
  });

  it('a command line gives the words back, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-c \\"]*$/)), (words) => {
        expect(parseCommandLine(commandLine(words))).toEqual(words);
      }),
    );
  });

  it("the SID is the one that Windows makes: its own TrustedInstaller's is known", () => {
    expect(serviceSid('TrustedInstaller')).toBe('S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464');
  });
});

/** The rules of CommandLineToArgvW for words in quotes. */
function parseCommandLine(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; ) {
    const slashes = /^\\*/.exec(line.slice(at))?.[0].length ?? 0;
    at += slashes;
    const sign = line[at];
    if (word !== null) word += '\\'.repeat(sign === '"' ? Math.floor(slashes / 2) : slashes);
    if (sign === '"' && slashes % 2 === 1) word += '"';
    else if (sign === '"' && word === null) word = '';
    else if (sign === '"') {
      words.push(word ?? '');
      word = null;
    } else if (word !== null) word += sign ?? '';
    at += 1;
  }
  return words;
}
