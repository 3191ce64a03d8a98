import { readFile, stat, statfs } from 'node:fs/promises';
import { arch, cpus, freemem, release, version as systemVersion, totalmem, uptime } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildFacts } from '../build-facts.ts';
import { version } from '../version.ts';
import { matching, timeZone } from './allow.ts';

/** What this machine is, without its name, its addresses and its paths. */
export async function machineFacts(places: {
  readonly stateDirectory: string;
  readonly configFile: string;
  readonly platform: NodeJS.Platform;
  readonly usual: { readonly stateDirectory: string; readonly configFile: string };
}): Promise<unknown> {
  const disk = await statfs(places.stateDirectory).catch(() => null);
  const { locale, timeZone: zone } = Intl.DateTimeFormat().resolvedOptions();
  return {
    rollcall: { version, commit: buildFacts?.commit ?? (await commitOf()) },
    node: { version: process.versions.node, executable: (await isCheckout()) ? 'node' : 'packaged' },
    system: {
      platform: places.platform,
      release: /^\d+(?:\.\d+){0,4}/.exec(release())?.[0] ?? null,
      // Elsewhere it may name who built the kernel.
      name: places.platform === 'win32' ? (matching(systemVersion(), /^Windows [\w .]{1,50}$/) ?? null) : await distribution(),
      architecture: arch(),
      processors: cpus().length,
      memoryMiB: mebibytes(totalmem()),
      freeMemoryMiB: mebibytes(freemem()),
      uptimeSeconds: Math.round(uptime()),
      timeZone: timeZone(zone) ?? null,
      locale: matching(locale, /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/) ?? null,
      administrator: process.getuid === undefined ? null : process.getuid() === 0,
    },
    state: {
      atUsualPlace: places.stateDirectory === places.usual.stateDirectory,
      freeMiB: disk === null ? null : mebibytes(disk.bavail * disk.bsize),
      sizeMiB: disk === null ? null : mebibytes(disk.blocks * disk.bsize),
      mode: await modeOf(places.stateDirectory),
    },
    configuration: { atUsualPlace: places.configFile === places.usual.configFile, mode: await modeOf(places.configFile) },
  };
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}

/** `debian 13`: the two facts of os-release that have no room for more. */
async function distribution(): Promise<string | null> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const fact = (name: string): string => new RegExp(`^${name}="?([\\w.-]{1,20})"?$`, 'm').exec(text)?.[1] ?? '';
  return matching(`${fact('ID')} ${fact('VERSION_ID')}`.trim(), /^[\w. -]{1,40}$/) ?? null;
}

async function modeOf(path: string): Promise<string | null> {
  const facts = await stat(path).catch(() => null);
  return facts === null ? null : (facts.mode & 0o777).toString(8).padStart(4, '0');
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

async function isCheckout(): Promise<boolean> {
  return buildFacts === null && (await stat(join(root, 'agent', 'main.ts')).catch(() => null)) !== null;
}

/** The commit that is checked out; `null` in a package. */
async function commitOf(): Promise<string | null> {
  const head = (await readFile(join(root, '.git', 'HEAD'), 'utf8').catch(() => '')).trim();
  const named = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  const text = named === undefined ? head : (await readFile(join(root, '.git', ...named.split('/')), 'utf8').catch(() => '')).trim();
  return matching(text, /^[0-9a-f]{40}$/) ?? null;
}
