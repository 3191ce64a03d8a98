import { readFile, rename, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RollcallError } from '../../../core/errors.ts';
import type { OsService, OsServiceStatus, OsServiceStep } from '../os-service.ts';
import { type OwnProgram, ownProgram } from '../own-program.ts';
import { makeAccount, makeFolders, proveReadable } from './account.ts';
import { environmentText } from './environment-text.ts';
import { must, realHost, type SystemdHost } from './host.ts';
import { firstLine, installProgram } from './install-program.ts';
import {
  account,
  configFolder,
  environmentFile,
  type InstalledPlaces,
  installedPlaces,
  packagedProgramFolder,
  packagedUnits,
  stateFolder,
  unitName,
} from './places.ts';
import { unitText } from './unit.ts';
import { wrapperText } from './wrapper.ts';
import { writeSystemFile } from './write-system-file.ts';

interface Context {
  readonly host: SystemdHost;
  readonly program: OwnProgram;
  readonly places: InstalledPlaces;
  /** How long a service whose first start failed may take until it runs. */
  readonly patienceMs: number;
}

/** The service of systemd. */
export function createSystemdService(given: Partial<Context> = {}): OsService {
  const context: Context = { host: realHost(), program: ownProgram(), places: installedPlaces, patienceMs: 75_000, ...given };
  return {
    install: (options) => asSystemErrors(() => install(context, options)),
    uninstall: ({ purge }) => asSystemErrors(() => uninstall(context, purge)),
    start: () => start(context),
    stop: () => stop(context),
    status: () => readStatus(context),
  };
}

async function install(
  context: Context,
  { configFile, stateDirectory }: { readonly configFile: string; readonly stateDirectory: string },
): Promise<readonly OsServiceStep[]> {
  const { host, program, places } = context;
  await proveManaged(host);
  await proveNotPackaged();
  provePlaces(program, [configFile, stateDirectory]);
  const { programFolder } = places;
  const reads = program.kind === 'checkout' ? [program.node, program.main] : [];
  // Made before anything is written: names that a unit cannot hold are refused here.
  const texts = {
    unit: `${writtenBy}${unitText({ programFolder, configFile, stateDirectory, reads })}`,
    wrapper: wrapperText({ programFolder, configFile, stateDirectory }),
  };
  const steps: OsServiceStep[] = [await makeAccount(host)];
  await proveReadable(host, reads);
  steps.push(...(await makeFolders(host, { configFile, stateDirectory })));
  const parts = [...(await installProgram(programFolder, program, stateDirectory))];
  steps.push(...parts);
  const variables = await isThere(environmentFile);
  steps.push(variables ? { did: 'kept', what: environmentFile } : await writeSystemFile(environmentFile, environmentText, 0o600));
  steps.push(...(await keepForeignUnit(places.unit)));
  parts.push(await writeSystemFile(places.unit, texts.unit, 0o644));
  steps.push(...parts.slice(-1), await writeSystemFile(places.wrapper, texts.wrapper, 0o755));
  await must(host, 'systemctl', 'daemon-reload');
  steps.push(await enable(host));
  const changed = parts.some(({ did }) => did !== 'kept');
  steps.push(await begin(context, { configFile, stateDirectory }, changed));
  return steps;
}

const writtenBy =
  '# Written by "rollcall service install", which writes it anew; put changes of your own into a drop-in: systemctl edit rollcall\n';

/** A unit that somebody wrote by hand gives way, and a copy of it stays. */
async function keepForeignUnit(unit: string): Promise<readonly OsServiceStep[]> {
  const text = await readFile(unit, 'utf8').catch(() => null);
  if (text === null || text.startsWith(writtenBy)) return [];
  await rename(unit, `${unit}.before`);
  return [{ did: 'kept', what: `the unit that was there, as ${unit}.before` }];
}

async function enable(host: SystemdHost): Promise<OsServiceStep> {
  const what = 'starts with the machine';
  const isEnabled = (await host.run('systemctl', ['is-enabled', '--quiet', unitName])).exit === 0;
  if (isEnabled) return { did: 'kept', what };
  await must(host, 'systemctl', 'enable', '--quiet', unitName);
  return { did: 'changed', what };
}

/** Starts what has a configuration, and starts anew what runs with another program or unit. */
async function begin(
  context: Context,
  { configFile, stateDirectory }: { readonly configFile: string; readonly stateDirectory: string },
  changed: boolean,
): Promise<OsServiceStep> {
  const { state } = await readStatus(context);
  if (!(await isThere(configFile))) {
    return { did: 'kept', what: `not started: there is no configuration at ${configFile} yet ("rollcall init" makes it)` };
  }
  if (state === 'running' && !changed) return { did: 'kept', what: 'the service runs' };
  // Without room for a few files neither the new release nor the one before would come up.
  if (state === 'running' && !(await hasRoom(context.host, stateDirectory))) {
    return { did: 'kept', what: `what ran still runs: ${stateDirectory} is full or cannot be written to; make room, then start it anew` };
  }
  const verb = state === 'running' ? 'restart' : 'start';
  const started = await context.host.run('systemctl', [verb, unitName]);
  // Its first start failed, and systemd tries again: a release that is not well is given up, and the one before it comes.
  if (started.exit !== 0 && !(await runsWithin(context, context.patienceMs))) {
    throw new RollcallError('OS_SERVICE_FAILED', `The service is installed, but it did not start. ${firstOf(started.stderr)}`.trim());
  }
  const refused = context.program.kind === 'executable' ? context.program.release : null;
  if (refused !== null && refused === (await firstLine(join(stateDirectory, 'upgrade', 'refused')))) {
    return {
      did: 'kept',
      what: `the release before runs on: ${refused} was refused, because it was not well here ("rollcall status" says why)`,
    };
  }
  return { did: 'changed', what: verb === 'restart' ? 'the service was started anew' : 'the service was started' };
}

/** Whether the service's account can write two megabytes there. */
async function hasRoom(host: SystemdHost, stateDirectory: string): Promise<boolean> {
  const probe = 'umask 077; head -c 2097152 /dev/zero >"$1/.room"; ended=$?; rm -f "$1/.room"; exit "$ended"';
  const words = [`--reuid=${account}`, `--regid=${account}`, '--clear-groups', '--', 'sh', '-c', probe, 'sh', stateDirectory];
  return (await host.run('setpriv', words)).exit === 0;
}

async function runsWithin(context: Context, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { state } = await readStatus(context);
    if (state === 'running') return true;
    if (state !== 'starting' || performance.now() > deadline) return false;
    await delay(250);
  }
}

function firstOf(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

async function uninstall({ host, places }: Context, purge: boolean): Promise<readonly OsServiceStep[]> {
  await proveManaged(host);
  const isOwn = await isThere(places.unit);
  // One that hides a package's is still to be taken away; configuration and state are the package's then.
  if (!isOwn || purge) await proveNotPackaged();
  const steps: OsServiceStep[] = [];
  if (isOwn) {
    await must(host, 'systemctl', 'disable', '--now', '--quiet', unitName);
    steps.push({ did: 'changed', what: 'the service was stopped' });
  }
  const own = [places.unit, places.wrapper, places.programFolder];
  const all = [configFolder, stateFolder, environmentFile, `/etc/systemd/system/${unitName}.d`, `${places.unit}.before`];
  for (const path of [...own, ...(purge ? all : [])]) {
    if (!(await isThere(path))) continue;
    await rm(path, { recursive: true, force: true });
    steps.push({ did: 'removed', what: path });
  }
  await must(host, 'systemctl', 'daemon-reload');
  await host.run('systemctl', ['reset-failed', unitName]);
  if (purge && (await host.run('getent', ['passwd', account])).exit === 0) {
    await must(host, 'userdel', account);
    steps.push({ did: 'removed', what: `the account ${account}` });
  }
  if (!purge) {
    for (const path of [configFolder, stateFolder]) if (await isThere(path)) steps.push({ did: 'kept', what: path });
  }
  return steps;
}

async function start(context: Context): Promise<void> {
  await proveInstalled(context);
  const ended = await context.host.run('systemctl', ['start', unitName]);
  const { state } = await readStatus(context);
  if (ended.exit === 0 && state === 'running') return;
  const why = ended.exit === 0 ? 'A condition of its unit does not hold: usually there is no configuration yet.' : firstOf(ended.stderr);
  throw new RollcallError('OS_SERVICE_FAILED', `The service did not start. ${why}`.trim(), { place: { state } });
}

async function stop(context: Context): Promise<void> {
  await proveInstalled(context);
  await must(context.host, 'systemctl', 'stop', unitName);
}

const states: Readonly<Record<string, OsServiceStatus['state']>> = {
  active: 'running',
  reloading: 'running',
  refreshing: 'running',
  activating: 'starting',
  deactivating: 'stopping',
  failed: 'failed',
};

async function readStatus({ host, places }: Context): Promise<OsServiceStatus> {
  const names = ['LoadState', 'ActiveState', 'UnitFileState', 'FragmentPath'];
  const { exit, stdout } = await host.run('systemctl', ['show', unitName, ...names.map((name) => `--property=${name}`)]);
  const facts = new Map(stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  if (exit !== 0 || facts.get('LoadState') === 'not-found') {
    return { state: 'absent', program: null, startsAtBoot: false, manager: 'systemd' };
  }
  const isPackaged = packagedUnits.includes(facts.get('FragmentPath') ?? '');
  return {
    state: states[facts.get('ActiveState') ?? ''] ?? 'stopped',
    program: `${isPackaged ? packagedProgramFolder : places.programFolder}/launch`,
    startsAtBoot: facts.get('UnitFileState')?.startsWith('enabled') === true,
    manager: 'systemd',
  };
}

async function proveInstalled(context: Context): Promise<void> {
  await proveManaged(context.host);
  const { state } = await readStatus(context);
  if (state === 'absent') throw new RollcallError('OS_SERVICE_ABSENT', 'rollcall is not installed as a service of this machine.');
}

async function proveManaged({ uid }: SystemdHost): Promise<void> {
  if (!(await isThere('/run/systemd/system'))) {
    throw new RollcallError(
      'OS_SERVICE_UNSUPPORTED',
      'This system was not started by systemd, so there is nothing that a service can be given to.',
    );
  }
  if (uid !== 0) throw new RollcallError('OS_SERVICE_RIGHTS', 'Only root may change the services of this machine.');
}

async function proveNotPackaged(): Promise<void> {
  for (const unit of packagedUnits) {
    if (!(await isThere(unit))) continue;
    throw new RollcallError('OS_SERVICE_PACKAGED', `A package has installed the service (${unit}).`, { place: { file: unit } });
  }
}

/** A service has a /tmp of its own, and its account must not be given a whole part of the system. */
function provePlaces(program: OwnProgram, [configFile = '', stateDirectory = '']: readonly string[]): void {
  const programs = program.kind === 'checkout' ? [program.node, program.main] : [];
  for (const path of [configFile, stateDirectory, ...programs]) {
    if (!isAbsolute(path)) throw new RollcallError('OS_SERVICE_PLACE', `${path} is not an absolute path.`);
    if (/^\/(?:var\/)?tmp\//.test(path)) {
      throw new RollcallError('OS_SERVICE_PLACE', `The service has folders for temporary files of its own, and would not see ${path}.`, {
        place: { path },
      });
    }
  }
  if (stateDirectory.split('/').filter(Boolean).length < 2) {
    throw new RollcallError('OS_SERVICE_PLACE', `${stateDirectory} is a folder of the system: give the state one of its own.`, {
      place: { path: stateDirectory },
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** A file that cannot be written (a full disk, a read-only system) is a failure with a place. */
async function asSystemErrors<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RollcallError || !(error instanceof Error) || !('code' in error)) throw error;
    const path = 'path' in error ? String(error.path) : 'a file of the service';
    throw new RollcallError('OS_SERVICE_FAILED', `${path} could not be written (${String(error.code)}).`, {
      place: { path },
      cause: error,
    });
  }
}
