import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { userAttributes } from '../../core/active-directory/user-attributes.ts';
import { startSambaAd } from '../integration/samba-ad.ts';
import { isOnPath, sambaMissing } from '../integration/samba-directory.ts';
import { sampleDomain } from '../integration/sample-domain.ts';
import { slapdMissing, startSlapd } from '../integration/slapd.ts';
import type { ReadCost, ReadJob } from './directory-read.ts';

const sambaUsers = 10_000;
const fewUsers = 10_000;
const manyUsers = 100_000;
const alternatingRuns = 5;
const readerFile = fileURLToPath(new URL('directory-read.ts', import.meta.url));

/** Targets of this product's measures. */
const target = { wallRatio: 1.5, cpuMicrosPerUser: 35, peakRssMiB: 250, growth: 1.5 } as const;

interface Server {
  readonly ldapsUrl: string;
  readonly caFile: string;
  readonly bindDn: string;
  readonly password: string;
  readonly baseDn: string;
}

/** Prints what reading directories costs, each figure with its formula; says so where a server to measure on is missing. */
export async function benchDirectory(): Promise<void> {
  await benchSamba();
  await benchSlapd();
}

async function benchSamba(): Promise<void> {
  const title = `Reading ${number(sambaUsers)} users from Samba AD over LDAPS, mapped and stored, against ldapsearch`;
  const missing = sambaMissing() ?? (isOnPath('ldapsearch') ? null : 'not installed: ldapsearch (apt-get install ldap-utils)');
  if (missing !== null) {
    skip(title, missing);
    return;
  }
  print(title);
  await using server = await startSambaAd({ steps: sampleDomain(sambaUsers) });
  const work = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  try {
    // One run of each that does not count: caches, and the proof that both read the same people.
    const expected = await countByLdapsearch(server);
    const own: ReadCost[] = [];
    const peer: number[] = [];
    for (let run = 0; run <= alternatingRuns; run += 1) {
      const cost = await readOnce({ config: configFor(server, 'active-directory'), storeFile: join(work, `store-${run}.db`) });
      const wallMs = await ldapsearchWall(server);
      if (!cost.isComplete || cost.users !== expected)
        throw new Error(`${cost.users} users were read, complete: ${cost.isComplete}; ldapsearch found ${expected}`);
      if (run === 0) continue;
      own.push(cost);
      peer.push(wallMs);
    }
    const ownMs = median(own.map((cost) => cost.wallMs));
    const peerMs = median(peer);
    print(
      `  rollcall    ${seconds(ownMs)}   connect to stored read, median of ${alternatingRuns} (${range(own.map((cost) => cost.wallMs))})`,
    );
    print(
      `  ldapsearch  ${seconds(peerMs)}   whole process, ${userAttributes.length} attributes, page 1000, median of ${alternatingRuns} (${range(peer)})`,
    );
    verdict('ratio', ownMs / peerMs, target.wallRatio, 'rollcall ÷ ldapsearch, wall');
    print(
      `  CPU ${(median(own.map((cost) => cost.cpuMicros)) / expected).toFixed(1)} µs a user, storing included; peak ${mebibytes(own)} MiB`,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function benchSlapd(): Promise<void> {
  const title = `Reading and mapping ${number(manyUsers)} users from slapd over LDAPS`;
  const missing = slapdMissing();
  if (missing !== null) {
    skip(title, missing);
    return;
  }
  print(title);
  const few = await measureSlapd(fewUsers);
  const many = await measureSlapd(manyUsers);
  const perUser = median(many.map((cost) => cost.cpuMicros / cost.users));
  verdict(
    'CPU a user, µs',
    perUser,
    target.cpuMicrosPerUser,
    `(user + system of a process that only reads) ÷ ${number(manyUsers)}, median of ${many.length}`,
  );
  verdict(
    'peak memory, MiB',
    mebibytes(many),
    target.peakRssMiB,
    `highest resident size at ${number(manyUsers)} users, worst of ${many.length}`,
  );
  verdict(
    'memory for ten times the users',
    mebibytes(many) / mebibytes(few),
    target.growth,
    `${mebibytes(many)} MiB at ${number(manyUsers)} ÷ ${mebibytes(few)} MiB at ${number(fewUsers)}`,
  );
  print(
    `  wall ${seconds(median(many.map((cost) => cost.wallMs)))}; ${(median(few.map((cost) => cost.cpuMicros / cost.users))).toFixed(1)} µs a user at ${number(fewUsers)}, the start's compiling included`,
  );
}

async function measureSlapd(users: number): Promise<ReadCost[]> {
  await using server = await startSlapd(users);
  const costs: ReadCost[] = [];
  for (let run = 0; run < 3; run += 1) {
    const cost = await readOnce({ config: configFor(server, 'generic'), storeFile: null });
    if (!cost.isComplete || cost.users !== users)
      throw new Error(`${cost.users} of ${users} users were read, complete: ${cost.isComplete}`);
    costs.push(cost);
  }
  return costs;
}

function configFor(server: Server, schema: 'active-directory' | 'generic'): ReadJob['config'] {
  return {
    name: 'bench',
    domain: 'corp.example.test',
    servers: [server.ldapsUrl],
    bindDn: server.bindDn,
    password: server.password,
    searchBases: [server.baseDn],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: 'ldaps', caFile: server.caFile, serverName: '', pinSha256: '', verify: true },
    schema,
  };
}

async function readOnce(job: ReadJob): Promise<ReadCost> {
  const output = await execute(process.execPath, [readerFile], { input: JSON.stringify(job) });
  return JSON.parse(output) as ReadCost;
}

const people = '(&(sAMAccountType=805306368)(!(isCriticalSystemObject=TRUE)))';

function ldapsearchWords(server: Server): string[] {
  const bind = ['-x', '-H', server.ldapsUrl, '-D', server.bindDn, '-w', server.password, '-b', server.baseDn];
  return ['-LLL', ...bind, '-E', 'pr=1000/noprompt', people, ...userAttributes];
}

async function ldapsearchWall(server: Server): Promise<number> {
  const startedAt = performance.now();
  await execute('ldapsearch', ldapsearchWords(server), { caFile: server.caFile, isDropped: true });
  return performance.now() - startedAt;
}

async function countByLdapsearch(server: Server): Promise<number> {
  const output = await execute('ldapsearch', ldapsearchWords(server), { caFile: server.caFile });
  return output.match(/^dn:/gm)?.length ?? 0;
}

function execute(
  command: string,
  words: readonly string[],
  options: { readonly input?: string; readonly caFile?: string; readonly isDropped?: boolean },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const environment = options.caFile === undefined ? process.env : { ...process.env, LDAPTLS_CACERT: options.caFile };
    const child = spawn(command, words, { env: environment, stdio: ['pipe', options.isDropped === true ? 'ignore' : 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout?.on('data', (bytes: Buffer) => output.push(bytes));
    child.stderr?.on('data', (bytes: Buffer) => errors.push(bytes));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString('utf8'));
      else reject(new Error(`${command} ended with ${code}: ${Buffer.concat(errors).toString('utf8').slice(-2000)}`));
    });
    child.stdin?.end(options.input ?? '');
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function mebibytes(costs: readonly ReadCost[]): number {
  return Math.round(Math.max(...costs.map((cost) => cost.peakRssBytes)) / 1024 / 1024);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function range(milliseconds: readonly number[]): string {
  return `${seconds(Math.min(...milliseconds))} to ${seconds(Math.max(...milliseconds))}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function verdict(name: string, value: number, limit: number, formula: string): void {
  print(
    `  ${value <= limit ? 'ok  ' : 'MISS'} ${name} ${Number.isInteger(value) ? value : value.toFixed(2)} (at most ${limit}) = ${formula}`,
  );
}

function skip(title: string, reason: string): void {
  process.stderr.write(`SKIPPED: ${title}: ${reason}\n`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
