import { mkdir, rm, stat } from 'node:fs/promises';
import { join, win32 } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RollcallError } from '../../../core/errors.ts';
import type { OsService, OsServiceStatus, OsServiceStep } from '../os-service.ts';
import { type OwnProgram, ownProgram } from '../own-program.ts';
import { runTool } from '../run-tool.ts';
import { commandLine } from './command-line.ts';
import { findHost, installProgram } from './install-program.ts';
import {
  dataGrants,
  eventMessageFile,
  eventSourceKey,
  hostFile,
  productKey,
  serviceAccount,
  serviceKey,
  serviceName,
  type WindowsPlaces,
  windowsPlaces,
} from './places.ts';
import { createWindowsTools, type WindowsTools } from './tools.ts';

interface Context {
  readonly tools: WindowsTools;
  readonly program: OwnProgram;
  readonly places: WindowsPlaces;
  /** Between two looks at a service that starts or stops, in milliseconds. */
  readonly pauseMs: number;
}

interface InstallOptions {
  readonly configFile: string;
  readonly stateDirectory: string;
}

const patienceMs = 120_000;
/** What sc.exe gives back: there is no such service, it does not run, it runs already, it was never started. */
const codes = { absent: 1060, notRunning: 1062, running: 1056, neverStarted: 1077 } as const;

/** The service of Windows, by sc.exe, icacls.exe and reg.exe. Written by their documentation; sc.exe and reg.exe were tried under Wine. */
export function createWindowsService(given: Partial<Context> = {}): OsService {
  const context: Context = {
    tools: createWindowsTools(runTool, process.env),
    program: ownProgram(),
    places: windowsPlaces(process.env),
    pauseMs: 500,
    ...given,
  };
  return {
    install: (options) => asSystemErrors(() => install(context, options)),
    uninstall: ({ purge }) => asSystemErrors(() => uninstall(context, purge)),
    start: () => start(context),
    stop: () => stop(context),
    status: () => readStatus(context),
  };
}

async function install(context: Context, options: InstallOptions): Promise<readonly OsServiceStep[]> {
  const { tools, program, places } = context;
  await proveNotPackaged(tools);
  provePlaces([options.configFile, options.stateDirectory]);
  const host = await findHost(program);
  const before = await readStatus(context);
  const line = serviceLine(context, host, options);
  const steps = [...(await makeFolders(context, options))];
  let wasStopped = false;
  try {
    if (program.kind === 'executable') {
      const isRunning = before.state !== 'absent' && before.state !== 'stopped' && before.state !== 'failed';
      const halt = async (): Promise<void> => {
        wasStopped = isRunning;
        if (isRunning) await stop(context);
      };
      const { stateDirectory } = options;
      steps.push(...(await installProgram(tools, places.programFolder, program, { host, stateDirectory, stop: halt })));
    }
    steps.push(await registerService(tools, line));
    await registerEventSource(tools);
  } catch (error) {
    // What ran before runs again; the failure that is told is the first one.
    if (wasStopped) await start(context).catch(() => undefined);
    throw error;
  }
  steps.push(await begin(context, options.configFile));
  return steps;
}

/** What the service manager starts. The standard places need no words. */
function serviceLine({ program, places }: Context, host: string, { configFile, stateDirectory }: InstallOptions): string {
  const own = program.kind === 'executable' ? [] : ['--executable', program.node, '--script', program.main];
  const config = configFile === win32.join(places.dataFolder, 'config.json') ? [] : ['--config', configFile];
  const state = stateDirectory === win32.join(places.dataFolder, 'state') ? [] : ['--state', stateDirectory];
  const file = program.kind === 'executable' ? join(places.programFolder, hostFile) : host;
  return commandLine([file, ...own, ...config, ...state]);
}

async function makeFolders({ tools, places }: Context, { configFile, stateDirectory }: InstallOptions): Promise<readonly OsServiceStep[]> {
  const steps: OsServiceStep[] = [];
  const isBelow = (path: string): boolean => path === places.dataFolder || path.startsWith(`${places.dataFolder}\\`);
  for (const folder of [places.dataFolder, ...(isBelow(stateDirectory) ? [] : [stateDirectory])]) {
    const isThere = (await stat(folder).catch(() => null)) !== null;
    await mkdir(folder, { recursive: true });
    await tools.must('icacls.exe', folder, '/inheritance:r', '/grant:r', ...dataGrants);
    steps.push({ did: isThere ? 'kept' : 'made', what: `${folder} (SYSTEM, Administrators and the service)` });
  }
  const [, , service = ''] = dataGrants;
  // A file elsewhere stays under the rules of its folder; the service may read it.
  if (!isBelow(configFile) && (await stat(configFile).catch(() => null)) !== null) {
    await tools.must('icacls.exe', configFile, '/grant', service.replace('(OI)(CI)F', 'R'));
  }
  return steps;
}

async function registerService(tools: WindowsTools, line: string): Promise<OsServiceStep> {
  const registered = await tools.readValue(serviceKey, 'ImagePath');
  const common = ['binPath=', line, 'start=', 'delayed-auto', 'DisplayName=', serviceName];
  // The account that an administrator gave to it stays.
  if (registered === null) await tools.must('sc.exe', 'create', serviceName, ...common, 'obj=', serviceAccount);
  else if (registered !== line) await tools.must('sc.exe', 'config', serviceName, ...common);
  await tools.must('sc.exe', 'description', serviceName, 'Reads Active Directory and keeps IT Glue contacts and the PSA in step with it.');
  await tools.must('sc.exe', 'failure', serviceName, 'reset=', '86400', 'actions=', 'restart/60000/restart/60000/restart/60000');
  await tools.must('sc.exe', 'failureflag', serviceName, '1');
  await tools.must('sc.exe', 'sidtype', serviceName, 'unrestricted');
  await tools.must('reg.exe', 'add', serviceKey, '/v', 'PreshutdownTimeout', '/t', 'REG_DWORD', '/d', '40000', '/f');
  const what = `the service ${serviceName}`;
  if (registered === null) return { did: 'made', what };
  return { did: registered === line ? 'kept' : 'changed', what };
}

async function registerEventSource(tools: WindowsTools): Promise<void> {
  const add = (name: string, type: string, value: string) =>
    tools.must('reg.exe', 'add', eventSourceKey, '/v', name, '/t', type, '/d', value, '/f');
  await add('EventMessageFile', 'REG_EXPAND_SZ', eventMessageFile);
  await add('TypesSupported', 'REG_DWORD', '7');
  await add('CustomSource', 'REG_DWORD', '1');
}

async function begin(context: Context, configFile: string): Promise<OsServiceStep> {
  if ((await stat(configFile).catch(() => null)) === null) {
    return { did: 'kept', what: `not started: there is no configuration at ${configFile} yet ("rollcall init" makes it)` };
  }
  if ((await readStatus(context)).state === 'running') return { did: 'kept', what: 'the service runs' };
  await start(context);
  return { did: 'changed', what: 'the service was started' };
}

async function uninstall(context: Context, purge: boolean): Promise<readonly OsServiceStep[]> {
  const { tools, places } = context;
  await proveNotPackaged(tools);
  const steps: OsServiceStep[] = [];
  if ((await readStatus(context)).state !== 'absent') {
    await stop(context);
    await tools.must('sc.exe', 'delete', serviceName);
    steps.push({ did: 'removed', what: `the service ${serviceName}` });
  }
  await tools.run('reg.exe', 'delete', eventSourceKey, '/f');
  for (const folder of [places.programFolder, ...(purge ? [places.dataFolder] : [])]) {
    if ((await stat(folder).catch(() => null)) === null) continue;
    await rm(folder, { recursive: true, force: true });
    steps.push({ did: 'removed', what: folder });
  }
  if (!purge && (await stat(places.dataFolder).catch(() => null)) !== null) steps.push({ did: 'kept', what: places.dataFolder });
  return steps;
}

async function start(context: Context): Promise<void> {
  await proveInstalled(context);
  const { exit } = await context.tools.run('sc.exe', 'query', serviceName);
  if (exit !== 0 || (await readStatus(context)).state !== 'running') await command(context, 'start', codes.running);
  const { state } = await settled(context, 'starting');
  if (state === 'running') return;
  throw new RollcallError(
    'OS_SERVICE_FAILED',
    'The service did not start. Its reason is in the event log "Application", source rollcall.',
    {
      place: { state },
    },
  );
}

async function stop(context: Context): Promise<void> {
  await proveInstalled(context);
  await command(context, 'stop', codes.notRunning);
  const { state } = await settled(context, 'stopping');
  if (state === 'stopped' || state === 'failed') return;
  throw new RollcallError('OS_SERVICE_FAILED', 'The service did not stop in time.', { place: { state } });
}

/** Asks the manager; `done`: the error that says that it is so already. */
async function command({ tools }: Context, verb: 'start' | 'stop', done: number): Promise<void> {
  const { exit, stdout } = await tools.run('sc.exe', verb, serviceName);
  if (exit === 0 || exit === done || new RegExp(String.raw`\b${done}\b`).test(stdout)) return;
  await tools.must('sc.exe', verb, serviceName);
}

/** The state when it is not this one any more. */
async function settled(context: Context, passing: 'starting' | 'stopping'): Promise<OsServiceStatus> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const status = await readStatus(context);
    if (status.state !== passing || performance.now() > deadline) return status;
    await delay(context.pauseMs);
  }
}

const states: Readonly<Record<string, OsServiceStatus['state']>> = {
  STOPPED: 'stopped',
  START_PENDING: 'starting',
  STOP_PENDING: 'stopping',
  RUNNING: 'running',
};

async function readStatus({ tools }: Context): Promise<OsServiceStatus> {
  const { stdout } = await tools.run('sc.exe', 'query', serviceName);
  const [, word = ''] = /:\s+\d+\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING)\b/.exec(stdout) ?? [];
  const program = await tools.readValue(serviceKey, 'ImagePath');
  if (program === null) return { state: 'absent', program: null, startsAtBoot: false, manager: 'windows' };
  const exitCode = Number(/WIN32_EXIT_CODE\s*:\s*(\d+)/.exec(stdout)?.[1] ?? '0');
  const hasFailed = word === 'STOPPED' && exitCode !== 0 && exitCode !== codes.neverStarted;
  return {
    state: hasFailed ? 'failed' : (states[word] ?? 'stopped'),
    program,
    startsAtBoot: (await tools.readValue(serviceKey, 'Start')) === '0x2',
    manager: 'windows',
  };
}

async function proveInstalled(context: Context): Promise<void> {
  if ((await readStatus(context)).state !== 'absent') return;
  throw new RollcallError('OS_SERVICE_ABSENT', 'rollcall is not installed as a service of this machine.');
}

async function proveNotPackaged(tools: WindowsTools): Promise<void> {
  if ((await tools.readValue(productKey, 'InstalledBy')) !== 'msi') return;
  throw new RollcallError(
    'OS_SERVICE_PACKAGED',
    'The MSI has installed the service; it is changed and removed by Windows ("Apps", msiexec).',
    {
      place: { key: productKey },
    },
  );
}

function provePlaces(paths: readonly string[]): void {
  for (const path of paths) {
    if (win32.isAbsolute(path) && win32.dirname(path) !== win32.parse(path).root) continue;
    throw new RollcallError('OS_SERVICE_PLACE', `${path} is no path below a folder of its own on a drive.`, { place: { path } });
  }
}

/** A file that cannot be written is a failure with a place; without rights it says so. */
async function asSystemErrors<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RollcallError || !(error instanceof Error) || !('code' in error)) throw error;
    const path = 'path' in error ? String(error.path) : 'a file of the service';
    const isRefused = error.code === 'EPERM' || error.code === 'EACCES';
    throw new RollcallError(
      isRefused ? 'OS_SERVICE_RIGHTS' : 'OS_SERVICE_FAILED',
      `${path} could not be written (${String(error.code)}).`,
      {
        place: { path },
        cause: error,
      },
    );
  }
}
