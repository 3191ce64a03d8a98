import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import { createPhoneParser } from '../../agent/directory/parse-phone.ts';
import { type CollectContext, collect } from '../../agent/pipeline/collect.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { silentLogger } from '../../agent/telemetry/logger.ts';
import { organizationId } from '../../core/model/ids.ts';
import { type ExchangeCounter, startExchangeCounter } from '../fixtures/exchange-counter.ts';
import { sambaMissing } from '../integration/samba-directory.ts';
import { type SambaDc, startSambaForest } from '../integration/samba-forest.ts';
import { sampleDomain, sampleUnits } from '../integration/sample-domain.ts';

const users = 10_000;
const runs = 5;
const logonPage = 1000;

/** Targets of this product's measures, as shares of the full read of the same run. */
const target = { nothing: 0.08, onePercent: 0.12, exchanges: 1 } as const;

interface Cost {
  readonly wallMs: number;
  readonly exchanges: number;
  readonly received: number;
}

/** Prints what reading changes and last logons costs against reading everything, on two real domain controllers. */
export async function benchChanges(): Promise<void> {
  const missing = sambaMissing();
  const title = `Reading changes of ${users.toLocaleString('en-US')} users from Samba AD, stored, against reading everything`;
  if (missing !== null) {
    process.stderr.write(`SKIPPED: ${title}: ${missing}\n`);
    return;
  }
  process.stdout.write(`${title}\n`);
  await using forest = await startSambaForest({ steps: sampleDomain(users) });
  const [dc, other] = forest.dcs as [SambaDc, SambaDc];
  await using first = await startExchangeCounter({ host: dc.address, port: 389 });
  await using second = await startExchangeCounter({ host: other.address, port: 389 });
  const work = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  const servers = [first, second].map(({ port }) => `ldap://127.0.0.1:${port}`);
  const store = await openStore({ path: join(work, 'store.db'), mode: 'write', now: Date.now, version: '0.0.0-bench' });
  const config: ActiveDirectoryConfig = {
    name: 'corp',
    domain: forest.domain,
    servers,
    dnsServers: forest.dnsServers,
    bindDn: forest.bindDn,
    password: forest.password,
    delta: true,
    lastLogon: 'all-dcs',
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true },
    parsePhone: createPhoneParser('US'),
  };
  const context: CollectContext = {
    organization: organizationId('4711'),
    collector: 'bench',
    store,
    logger: silentLogger(),
    progress: { start: () => ({ update: () => undefined, done: () => undefined, fail: () => undefined }) },
    full: false,
    attended: true,
    now: Date.now,
  };
  async function read(
    full: boolean,
    survey = false,
  ): Promise<Cost & { readonly kind: string | null; readonly users: number; readonly logons: unknown }> {
    for (const counter of [first, second]) counter.reset();
    const startedAt = performance.now();
    const source = createActiveDirectorySource(config);
    const [document] = await collect({ ...context, full }, [
      { name: 'corp', type: 'active-directory', source, lastLogonEveryMs: survey ? 0 : null },
    ]);
    if (document?.outcome !== 'complete') throw new Error(`the read failed: ${document?.error?.message}`);
    const wallMs = performance.now() - startedAt;
    return {
      wallMs,
      exchanges: first.exchanges,
      received: first.bytes.received,
      kind: document.kind,
      users: document.users,
      logons: document.logons,
    };
  }

  try {
    await read(true);
    const full: Cost[] = [];
    const nothing: Cost[] = [];
    const some: Cost[] = [];
    for (let run = 0; run < runs; run += 1) {
      full.push(await read(true));
      const still = await read(false);
      if (still.kind !== 'changes' || still.users !== 0) throw new Error(`nothing changed, but ${still.users} users came (${still.kind})`);
      nothing.push(still);
      await dc.change({ ldif: titles(users / 100, `Title ${run}`) });
      const changed = await read(false);
      if (changed.kind !== 'changes' || changed.users !== users / 100) throw new Error(`${changed.users} users came (${changed.kind})`);
      some.push(changed);
    }
    const all = median(full);
    line('everything', full);
    line('nothing changed', nothing);
    line('1 % changed', some);
    verdict('nothing changed ÷ everything', median(nothing) / all, target.nothing);
    verdict('1 % changed ÷ everything', median(some) / all, target.onePercent);
    // Without the sign-in and the good-bye.
    verdict(
      'exchanges after the sign-in when nothing changed',
      Math.max(...nothing.map(({ exchanges }) => exchanges)) - 2,
      target.exchanges,
    );
    await logons(read, [first, second]);
  } finally {
    await store.close();
    rmSync(work, { recursive: true, force: true });
  }
}

async function logons(
  read: (full: boolean, survey: boolean) => Promise<{ readonly logons: unknown }>,
  counters: readonly ExchangeCounter[],
): Promise<void> {
  const startedAt = performance.now();
  const { logons: found } = await read(false, true);
  const survey = found as {
    readonly exact: boolean;
    readonly asked: readonly { server: string; users: number; requests: number; durationMs: number }[];
  };
  process.stdout.write(
    `  last logons of all from ${survey.asked.length} controllers, exact: ${survey.exact}, ${Math.round(performance.now() - startedAt)} ms\n`,
  );
  for (const { server, users: count, requests, durationMs } of survey.asked) {
    const pages = Math.ceil(count / logonPage);
    process.stdout.write(`    ${server}: ${count} users in ${requests} requests for ${pages} pages, ${Math.round(durationMs)} ms\n`);
  }
  process.stdout.write(`    exchanges with each, the read of changes included: ${counters.map(({ exchanges }) => exchanges).join(', ')}\n`);
}

function titles(count: number, title: string): string {
  return Array.from({ length: count }, (_, index) =>
    [`dn: CN=Person ${index + 1},${sampleUnits.staff}`, 'changetype: modify', 'replace: title', `title: ${title}`, ''].join('\n'),
  ).join('\n');
}

function median(costs: readonly Cost[]): number {
  return costs.map(({ wallMs }) => wallMs).toSorted((a, b) => a - b)[Math.floor(costs.length / 2)] ?? Number.NaN;
}

function line(name: string, costs: readonly Cost[]): void {
  const last = costs.at(-1);
  const times = costs.map(({ wallMs }) => wallMs);
  process.stdout.write(
    `  ${name.padEnd(16)} ${Math.round(median(costs))} ms (${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))}), ${last?.exchanges ?? 0} exchanges, ${Math.round((last?.received ?? 0) / 1024)} KiB received\n`,
  );
}

function verdict(name: string, value: number, limit: number): void {
  const text = Number.isInteger(value) ? String(value) : value.toFixed(3);
  process.stdout.write(`  ${value <= limit ? 'ok  ' : 'MISS'} ${name} ${text} (at most ${limit})\n`);
}
