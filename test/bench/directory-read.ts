// Started by directory.ts as a process of its own: reads a directory once and prints what that cost, as one line of JSON.

import { readFileSync } from 'node:fs';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import { type ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import { createPhoneParser } from '../../agent/directory/parse-phone.ts';
import { firstReadRequest } from '../../core/collect/first-read.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import { organizationId } from '../../core/model/ids.ts';
import type { ReadProof } from '../../core/ports/directory-source.ts';

/** What the parent asks for. */
export interface ReadJob {
  readonly config: Omit<ActiveDirectoryConfig, 'parsePhone' | 'signal'>;
  /** Store to land the read in; `null`: users are mapped and dropped. */
  readonly storeFile: string | null;
}

/** What a read cost. */
export interface ReadCost {
  readonly users: number;
  readonly isComplete: boolean;
  readonly wallMs: number;
  /** User and system time of this process from the first request to the end. */
  readonly cpuMicros: number;
  readonly peakRssBytes: number;
}

async function run(job: ReadJob): Promise<ReadCost> {
  const config: ActiveDirectoryConfig = { ...job.config, parsePhone: createPhoneParser('US') };
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const proof = job.storeFile === null ? await readOnly(config) : await readAndStore(config, job.storeFile);
  const { user, system } = process.cpuUsage(cpu);
  return {
    users: proof.users,
    isComplete: proof.complete,
    wallMs: performance.now() - startedAt,
    cpuMicros: user + system,
    peakRssBytes: peakRssBytes(),
  };
}

async function readOnly(config: ActiveDirectoryConfig): Promise<ReadProof> {
  let last: DirectoryEntry | undefined;
  const { proof } = await createActiveDirectorySource(config).read(
    {
      onPage(entries) {
        last = entries.at(-1) ?? last;
      },
      onRestart: () => undefined,
    },
    firstReadRequest,
  );
  return proof;
}

async function readAndStore(config: ActiveDirectoryConfig, path: string): Promise<ReadProof> {
  // Only here: a process that only reads is to show what reading takes.
  const { openStore } = await import('../../agent/store/open-store.ts');
  const store = await openStore({ path, mode: 'write', now: () => Date.now(), version: '0.0.0-bench' });
  try {
    const read = {
      organization: organizationId('4711'),
      collector: 'bench',
      directory: config.name,
      sourceType: 'active-directory' as const,
    };
    const sink = await store.beginRead({ ...read, at: Date.now() });
    const { proof, checkpoint } = await createActiveDirectorySource(config).read(
      {
        onPage: (entries) => sink.add(entries),
        onRestart: () => sink.restart(),
      },
      firstReadRequest,
    );
    await sink.complete({ proof, checkpoint, absences: new Map() }, Date.now());
    return proof;
  } finally {
    await store.close();
  }
}

/** The highest resident size since this program was started; ru_maxrss would begin with the parent's. */
function peakRssBytes(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '')?.[1];
  return (kilobytes === undefined ? process.resourceUsage().maxRSS : Number(kilobytes)) * 1024;
}

if (import.meta.main) {
  const job = JSON.parse(readFileSync(0, 'utf8')) as ReadJob;
  process.stdout.write(`${JSON.stringify(await run(job))}\n`);
}
