import { stat, statfs } from 'node:fs/promises';
import { arch, availableParallelism, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { buildFacts } from '../build-facts.ts';
import type { FindingDocument } from '../cli/documents-doctor.ts';
import { secretUses } from '../config/secret-references.ts';
import type { Services } from '../pipeline/services.ts';
import { version } from '../version.ts';
import { commitOf } from './commit.ts';
import { notOk, ok } from './finding.ts';
import { type FileFacts, judgeDisk, judgeFiles, judgeMemory } from './judge.ts';
import type { Check } from './run-checks.ts';

const limitMs = 10_000;

/** Looks at the machine itself; nothing leaves it. */
export function machineChecks(services: Services): readonly Check[] {
  const look = (code: Check['topic']['code'], work: Check['look']): Check => ({
    topic: { part: 'machine', subject: null, code },
    limitMs,
    look: work,
  });
  return [
    look('MACHINE', async () => [await programFinding()]),
    look('MEMORY', () => [judgeMemory(Math.min(process.constrainedMemory() || totalmem(), totalmem()), process.availableMemory())]),
    look('DISK_SPACE', () => diskFindings(services)),
    look('FILE_MODES', () => fileFindings(services)),
    look('SECRETS', () => secretFindings(services)),
    look('TIME_ZONE', () => [zoneFinding(services)]),
  ];
}

async function programFinding(): Promise<FindingDocument> {
  const commit = buildFacts?.commit.slice(0, 10) ?? (await commitOf(new URL('../../', import.meta.url)));
  const parts = [
    `rollcall ${version}${commit === null ? '' : ` (${commit})`}`,
    `Node ${process.versions.node}`,
    `${type()} ${release()} ${arch()}`,
    `${availableParallelism()} processors`,
  ];
  return ok({ part: 'machine', subject: null, code: 'MACHINE' }, parts.join(', '));
}

async function diskFindings(services: Services): Promise<readonly FindingDocument[]> {
  const { stateDirectory, store } = services.surroundings;
  const logs = services.config.log.directory;
  const folders = new Set([stateDirectory, ...(store.kind === 'embedded' ? [dirname(store.path)] : []), ...(logs === '' ? [] : [logs])]);
  return Promise.all([...folders].map(async (folder) => judgeDisk(folder, await freeBytes(folder))));
}

/** Of the folder, or of what of the way to it is there. */
async function freeBytes(folder: string): Promise<number | null> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      if (at === dirname(at)) return null;
    }
  }
}

async function fileFindings(services: Services): Promise<readonly FindingDocument[]> {
  const { stateDirectory, store, platform } = services.surroundings;
  if (platform === 'win32') {
    const remedy = `Look with: icacls "${stateDirectory}"; only SYSTEM, Administrators and the service's account should be there.`;
    return [
      notOk({ part: 'machine', subject: stateDirectory, code: 'FILE_MODES' }, 'note', 'rights are not told by modes on Windows', remedy),
    ];
  }
  const secrets = secretUses(services.config)
    .filter(({ reference }) => reference.startsWith('file:'))
    .map(({ setting, reference }) => ({
      path: reference.slice('file:'.length),
      what: `secret of ${setting}`,
      kind: 'private file' as const,
    }));
  const wanted: readonly Pick<FileFacts, 'path' | 'what' | 'kind'>[] = [
    { path: services.configFile, what: 'configuration', kind: 'shared file' },
    { path: stateDirectory, what: 'state folder', kind: 'private folder' },
    ...(store.kind === 'embedded' ? [{ path: store.path, what: 'store', kind: 'private file' } as const] : []),
    { path: join(stateDirectory, 'vault.json'), what: 'vault', kind: 'private file' },
    { path: join(stateDirectory, 'vault.key'), what: 'key of the vault', kind: 'private file' },
    ...secrets,
  ];
  const facts = await Promise.all(wanted.map(factsOf));
  return judgeFiles(
    facts.filter((item) => item !== null),
    process.getuid?.() ?? 0,
  );
}

/** `null`: it is not there, or hidden; other checks say so where it matters. */
async function factsOf(file: Pick<FileFacts, 'path' | 'what' | 'kind'>): Promise<FileFacts | null> {
  try {
    const { mode, uid } = await stat(file.path);
    return { ...file, mode: mode & 0o7777, uid, reachable: await isReachable(file.path) };
  } catch {
    return null;
  }
}

/** Another account can enter all folders above. */
async function isReachable(path: string): Promise<boolean> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o011) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function secretFindings(services: Services): readonly FindingDocument[] {
  services.checkSecrets();
  const count = secretUses(services.config).length;
  return [ok({ part: 'machine', subject: null, code: 'SECRETS' }, `all ${count} references can be resolved`)];
}

function zoneFinding(services: Services): FindingDocument {
  const topic = { part: 'machine', subject: null, code: 'TIME_ZONE' } as const;
  const { timezone } = services.config.schedule;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = timezone === '' ? own : timezone;
  const at = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', timeZoneName: 'longOffset' });
  const seen = `${zone}${timezone === '' ? " (the machine's)" : ' (schedule.timezone)'}, ${at.format(services.now())}`;
  const isServerTime = timezone === '' && /^(?:UTC|Etc\/.*|GMT)$/u.test(own);
  return isServerTime
    ? notOk(topic, 'note', seen, 'If the schedule is meant in local time, set schedule.timezone, like "America/Chicago".')
    : ok(topic, seen);
}
