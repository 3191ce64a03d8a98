import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../agent/store/open-store.ts';
import type { Store } from '../../core/ports/store.ts';
import { keepPhone } from '../contract/directory-source.contract.ts';
import { makeTestCertificates, type TestCertificates } from '../fixtures/tls.ts';
import { type FaultCase, type FaultWorldName, fullReadCases } from './fault-cases.ts';
import { absenceCases } from './fault-cases-of-absence.ts';
import { changesCases } from './fault-cases-of-changes.ts';
import { encryptionCases } from './fault-cases-of-encryption.ts';
import { logonCases } from './fault-cases-of-logons.ts';
import { faultChanges, faultDomain, faultGroups, faultUnits, faultUsers } from './fault-domain.ts';
import { type FaultVerdict, type FaultWorld, readTruth, runFault } from './fault-run.ts';
import { faultTable } from './fault-table.ts';
import { partFor } from './real-parts.ts';
import { type SambaAd, startSambaAd } from './samba-ad.ts';

const part = partFor('faults between rollcall and a real Active Directory', 'samba');
/** Most of them wait for a deadline. */
const atOnce = 14;

const cases = [...fullReadCases(), ...absenceCases(), ...changesCases(), ...encryptionCases(), ...logonCases()];

function titleOf({ world, kind, place, nth, everywhere, tls }: FaultCase): string {
  return `${tls === undefined ? '' : `${tls.mode}, `}${world === 'full' ? '' : `${world}, `}${everywhere === undefined ? place : 'everywhere'}${nth === undefined ? '' : ` ${nth}`}: ${kind}`;
}

async function eachOf<Value, Result>(
  values: Readonly<Record<FaultWorldName, Value>>,
  make: (value: Value) => Promise<Result>,
): Promise<Record<FaultWorldName, Result>> {
  const full = await make(values.full);
  return { full, absent: full, dirsync: await make(values.dirsync), usn: await make(values.usn) };
}

describe.skipIf(part.isMissing)(part.title, () => {
  let server: SambaAd;
  let store: Store;
  let folder = '';
  let certificates: TestCertificates;
  let peak = 0;
  let worlds: Readonly<Record<FaultWorldName, FaultWorld>>;
  const verdicts = new Map<FaultCase, FaultVerdict>();

  beforeAll(async () => {
    server = await startSambaAd({ steps: faultDomain() });
    certificates = makeTestCertificates();
    // In memory: what a power cut leaves is shown elsewhere, and hundreds of reads would wait for the disk.
    folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rollcall-faults-'));
    store = await openStore({ path: join(folder, 'rollcall.db'), mode: 'write', now: () => Date.UTC(2026, 10, 22), version: '0.0.0' });
    const config: FaultWorld['config'] = {
      name: 'corp',
      domain: 'corp.example.test',
      bindDn: server.bindDn,
      password: server.password,
      searchBases: [],
      filter: '',
      excludeOus: [faultUnits.former],
      includeGroups: [],
      excludeGroups: [faultGroups.blocked],
      watchedGroups: [faultGroups.team],
      tls: { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true },
      pageSize: 4,
      parsePhone: keepPhone,
    };
    const servers = [server.url];
    const configs = {
      full: config,
      absent: config,
      dirsync: { ...config, delta: true },
      usn: { ...config, delta: true, searchBases: [faultUnits.staff], excludeOus: [] },
    };
    const before = await eachOf(configs, (each) => readTruth({ ...each, servers }));
    expect(before.full.read.proof).toMatchObject({ complete: true, users: faultUsers.length + 1 });
    await server.addUsers(faultChanges);
    const truth = await eachOf(configs, (each) => readTruth({ ...each, servers }));
    const upstream = { host: new URL(server.url).hostname, port: 389 };
    worlds = {
      full: { store, upstream, certificates, config: configs.full, before: truth.full, truth: truth.full },
      absent: { store, upstream, certificates, config: configs.absent, before: before.absent, truth: truth.absent },
      dirsync: { store, upstream, certificates, config: configs.dirsync, before: before.dirsync, truth: truth.dirsync },
      usn: { store, upstream, certificates, config: configs.usn, before: before.usn, truth: truth.usn },
    };

    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 50);
    const left = cases.entries();
    async function work(): Promise<void> {
      for (const [number, one] of left) verdicts.set(one, await runFault(worlds[one.world], one, number));
    }
    await Promise.all(Array.from({ length: atOnce }, work));
    clearInterval(watch);
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
    certificates?.remove();
    rmSync(folder, { recursive: true, force: true });
    process.stdout.write(faultTable(cases.flatMap((one) => ({ kind: one.kind, outcome: verdicts.get(one)?.outcome ?? 'not run' }))));
  });

  it('are more than 200 kinds and places', () => {
    expect(new Set(cases.map(titleOf)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThan(200);
  });

  it.each(cases.map((one) => [titleOf(one), one] as const))('C1 C10 conclude nothing wrong: %s', (_, one) => {
    expect(verdicts.get(one)?.problems).toEqual([]);
  });

  it.each(['dirsync', 'usn'] as const)('C9 strike reads of changes by %s, which bring what changed without them', async (name) => {
    const verdict = await runFault(
      worlds[name],
      { world: name, place: 'connect', kind: 'none', does: () => undefined, expected: 'truth', nth: 99 },
      0,
    );

    expect(verdict.kind).toBe('changes');
  });

  it('keep within a bounded memory', () => {
    expect(peak).toBeLessThan(900 * 1024 * 1024);
  });
});
