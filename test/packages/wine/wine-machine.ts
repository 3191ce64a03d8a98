import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { inNamespaces, wineTree } from './wine-tree.ts';

export interface Ended {
  /** `null`: it did not end in time. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Windows of its own: Wine in namespaces that end, with all in them, together with the process that holds them. */
export interface WineMachine extends AsyncDisposable {
  /** Drive C as this machine sees it. */
  readonly driveC: string;
  /** Runs a program of Windows to its end. */
  run(words: readonly string[], options?: RunInWine): Promise<Ended>;
  /** Starts one, with its standard input held open; its standard error has what it told the event log. */
  start(words: readonly string[], options?: RunInWine): ChildProcess;
  /** What services told the event log. */
  events(): string;
  /** The path of a file on drive C as Linux has it. */
  place(path: string): string;
}

interface RunInWine {
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Wine's event log keeps nothing, but tells on standard error what it was told. */
const eventsOnly = { WINEDEBUG: '-all,trace+eventlog,warn+eventlog,err+eventlog' };
const bootMs = 120_000;
const usualMs = 60_000;

/** Boots one; takes a few seconds once the tree is there. `environment` is that of its services too. */
export async function openWineMachine(settings: { readonly environment?: Readonly<Record<string, string>> } = {}): Promise<WineMachine> {
  const tree = await wineTree();
  mkdirSync(join(tree, 'root', 'machines'), { recursive: true });
  const home = mkdtempSync(join(tree, 'root', 'machines', 'm-'));
  const inside = home.slice(tree.length);
  const prefix = join(inside, 'prefix');
  mkdirSync(join(tree, prefix));
  const environment = { ...settings.environment, ...baseEnvironment(inside, prefix) };
  const holder = spawn(
    'unshare',
    [
      ...inNamespaces,
      'sh',
      '-c',
      // Says so from within: until then its root is this machine's.
      'mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$0" sh -c "echo held && exec cat >/dev/null"',
      tree,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => void holder.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    holder.stdout?.once('data', () => resolve());
    holder.once('exit', (code) => reject(new Error(`unshare ended with ${code}`)));
  });
  const inner = innerProcess(holder.pid ?? 0);

  function words(of: readonly string[], extra: Readonly<Record<string, string>> = {}): readonly string[] {
    const variables = Object.entries({ ...environment, ...extra }).map(([name, value]) => `${name}=${value}`);
    return ['--target', String(inner), '--mount', '--pid', '--root', '--', 'env', '--chdir=/', '--ignore-environment', ...variables, ...of];
  }
  const eventFile = join(home, 'events.log');
  let number = 0;

  async function boot(of: readonly string[], timeoutMs: number): Promise<void> {
    // To files: what the first command starts inherits its streams, and a pipe would never end.
    const nothing = openSync('/dev/null', 'r');
    const log = openSync(eventFile, 'a');
    try {
      const child = spawn('nsenter', [...words(of, eventsOnly)], { stdio: [nothing, log, log] });
      const exit = await endOf(child, timeoutMs);
      if (exit !== 0) throw new Error(`${of.join(' ')} ended with ${exit}\n${machine.events()}`);
    } finally {
      closeSync(nothing);
      closeSync(log);
    }
  }

  const machine: WineMachine = {
    driveC: join(tree, prefix, 'drive_c'),
    async run(of, options = {}) {
      // To files too: what Wine makes of a socket, which Node's pipes are, is no stream for a program of Windows.
      const files = ['stdout', 'stderr'].map((name) => join(home, `${name}-${(number += 1)}`));
      const [out = 0, errors = 0] = files.map((file) => openSync(file, 'w'));
      try {
        const child = spawn('nsenter', [...words(['wine', ...of], options.environment)], { stdio: ['ignore', out, errors] });
        const exit = await endOf(child, options.timeoutMs);
        const [stdout = '', stderr = ''] = files.map((file) => readFileSync(file, 'utf8'));
        return { exit, stdout, stderr };
      } finally {
        closeSync(out);
        closeSync(errors);
        for (const file of files) rmSync(file, { force: true });
      }
    },
    start: (of, options = {}) =>
      spawn('nsenter', [...words(['wine', ...of], { ...eventsOnly, ...options.environment })], { stdio: ['pipe', 'pipe', 'pipe'] }),
    events: () => (existsSync(eventFile) ? readFileSync(eventFile, 'utf8') : ''),
    place: (path) => join(tree, prefix, 'drive_c', path.replace(/^C:\\/, '').replaceAll('\\', '/')),
    async [Symbol.asyncDispose]() {
      holder.kill('SIGKILL');
      await ended;
      await removeTree(home);
    },
  };
  try {
    // What makes the drive starts services of its own, which would be in the way of the next boot's.
    await boot(['wineboot', '--init'], bootMs);
    await boot(['wineserver', '-k'], usualMs);
    await boot(['wineserver', '-w'], usualMs);
    // It stays: without that, services end with the command that started them.
    await boot(['wineserver', '-p'], usualMs);
    await boot(['wine', 'cmd', '/c', 'exit'], bootMs);
    await untilServicesCanStart(machine);
    return machine;
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}

/** While the services of the boot are started, the service manager starts no other one. */
async function untilServicesCanStart(machine: WineMachine): Promise<void> {
  const deadline = performance.now() + bootMs;
  for (;;) {
    const { stdout } = await machine.run(['net', 'start', 'EventLog']);
    if (!stdout.includes('locked')) return;
    if (performance.now() > deadline) throw new Error(`Wine's service manager starts nothing: ${stdout}`);
    await delay(200);
  }
}

function baseEnvironment(home: string, prefix: string): Readonly<Record<string, string>> {
  return {
    PATH: '/usr/bin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    XDG_RUNTIME_DIR: home,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // Neither .NET nor a browser is asked for.
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
  };
}

/** The first process within the namespaces. */
function innerProcess(holder: number): number {
  const [first = ''] = readFileSync(`/proc/${holder}/task/${holder}/children`, 'utf8').trim().split(' ');
  return Number(first);
}

/** Resolves with its exit code; `null` when it had to be ended. */
async function endOf(child: ChildProcess, timeoutMs = usualMs): Promise<number | null> {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  try {
    return await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code));
    });
  } finally {
    clearTimeout(timer);
  }
}

/** What was killed a moment ago may still hold a file. */
async function removeTree(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch {
      await delay(100);
    }
  }
  process.stderr.write(`${folder} could not be removed\n`);
}
