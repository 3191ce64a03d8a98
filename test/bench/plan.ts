// Also started by itself as a process of its own: `node test/bench/plan.ts USERS WITH_PSA` plans once and prints one line of JSON.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { mergeSightings } from '../../core/dedupe/merge-sightings.ts';
import type { PsaSnapshot } from '../../core/eligibility/psa-context.ts';
import type { Contact } from '../../core/model/contact.ts';
import { psaContactId } from '../../core/model/ids.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ReconcileInput } from '../../core/reconcile-input.ts';
import { applyPurely } from '../fixtures/apply-purely.ts';
import { location, organizationSettings, psaContact, readRecord, testMoment, testOrganization } from '../fixtures/build.ts';
import { psaSnapshot, reconcileInput, workType } from '../fixtures/build-plan.ts';
import { syntheticContacts, syntheticSightings } from './match.ts';

const few = 10_000;
const many = 100_000;
const runs = 3;

/** Targets of this product's measures. */
const target = { wallSeconds: 2, peakMiB: 700, growth: 12 } as const;

/** What planning once cost, in a process of its own, without building the input. */
interface PlanCost {
  readonly dedupeMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly changes: Readonly<Record<string, number>>;
  /** Planning again when the plan was carried out and nothing is new. */
  readonly againMs: number;
}

/** De-duplicates, matches, enriches and plans users against as many contacts, without and with a PSA; prints what it costs. */
export async function benchPlan(): Promise<void> {
  for (const withPsa of [false, true]) {
    const small = bestOf(few, withPsa);
    const large = bestOf(many, withPsa);
    print(`${number(many)} users against ${number(many)} contacts, ${withPsa ? `${number(many * 0.6)} PSA contacts` : 'no PSA'}:`);
    verdict('wall', large.wallMs / 1000, target.wallSeconds, `s, sightings → plan, best of ${runs} processes`);
    print(
      `  of it ${(large.dedupeMs / 1000).toFixed(2)} s de-duplication; CPU ${(large.cpuMs / 1000).toFixed(2)} s, user + system, all threads`,
    );
    verdict('peak', large.peakMiB, target.peakMiB, 'MiB, VmHWM of the process, input included');
    verdict(
      'growth',
      large.wallMs / small.wallMs,
      target.growth,
      `× = wall(${number(many)}) ÷ wall(${number(few)}), ${small.wallMs.toFixed(0)} ms`,
    );
    const kinds = Object.entries(large.changes).map(([kind, count]) => `${number(count)} ${kind}`);
    print(`  planned: ${kinds.join(', ')}`);
    verdict('again', large.againMs / 1000, target.wallSeconds, 's, matches → plan when nothing is new, best of the same processes');
  }
}

function bestOf(count: number, withPsa: boolean): PlanCost {
  const file = fileURLToPath(import.meta.url);
  const costs = Array.from({ length: runs }, () => {
    const output = execFileSync(process.execPath, [file, String(count), String(withPsa)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(output) as PlanCost;
  });
  const best = costs.reduce((left, right) => (right.wallMs < left.wallMs ? right : left));
  return {
    ...best,
    peakMiB: Math.max(...costs.map((cost) => cost.peakMiB)),
    againMs: Math.min(...costs.map((cost) => cost.againMs)),
  };
}

/** A third of the contacts lacks the title, so that there is something to write; some of the users have no contact yet. */
function planOnce(count: number, withPsa: boolean): PlanCost {
  const sightings = syntheticSightings(count);
  const contacts = syntheticContacts(count).map((contact, position) => atPlace(contact, position, withPsa));
  const psa = withPsa ? syntheticPsa(contacts) : null;
  const settings = organizationSettings({
    contacts: { create: 'auto' },
    psa: withPsa ? { twoWay: true, setPhonePrimary: true, settleMinutes: 0 } : { type: 'none' },
  });
  const latestReads = [readRecord({ id: 1 }), readRecord({ id: 2, collector: 'acme-branch', startedAt: testMoment - 3_600_000 })];

  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const users = mergeSightings({ organization: testOrganization, sightings, latestReads });
  const dedupedAt = performance.now();
  const input = reconcileInput({ settings, users, contacts, psa, locations: [location()], hash });
  const reconciled = reconcile(input);
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);

  const changes: Record<string, number> = {};
  for (const change of reconciled.plan.changes) changes[change.kind] = (changes[change.kind] ?? 0) + 1;
  const peakMiB = peakBytes() / 1_048_576;
  const againMs = planAgain(applyPurely(input, reconciled, 20));
  return { dedupeMs: dedupedAt - startedAt, wallMs, cpuMs: (user + system) / 1000, peakMiB, changes, againMs };
}

/** With records of their own, as they come from the store and the wire at the next run. */
function planAgain(input: ReconcileInput): number {
  const { lost, hash: hashing, psa } = input;
  const received = JSON.parse(JSON.stringify({ ...input, psa: null })) as ReconcileInput;
  const startedAt = performance.now();
  reconcile({ ...received, lost, hash: hashing, psa });
  return performance.now() - startedAt;
}

function atPlace(contact: Contact, position: number, withPsa: boolean): Contact {
  const title = position % 3 === 0 ? null : `Title ${position % 50}`;
  const linked = withPsa && position % 2 === 0;
  return {
    ...contact,
    title,
    locationId: '501',
    locationName: 'Head Office',
    adapters: linked ? [{ adapter: 'Kaseya BMS', remoteId: String(2_000_000 + position), sync: true, orphaned: false }] : [],
  };
}

/** Half of the contacts are linked, every tenth of the others is in the PSA unknown to IT Glue. */
function syntheticPsa(contacts: readonly Contact[]): PsaSnapshot {
  const twins: PsaContact[] = [];
  const linkedTo = new Map<PsaContact['id'], Contact['id']>();
  for (const [position, contact] of contacts.entries()) {
    if (position % 2 !== 0 && position % 10 !== 1) continue;
    const id = psaContactId(String(2_000_000 + position));
    if (position % 2 === 0) linkedTo.set(id, contact.id);
    const emails = contact.emails.map((email) => ({
      value: email.value,
      typeId: workType.id,
      typeName: workType.name,
      primary: email.primary,
    }));
    twins.push(psaContact({ id, firstName: contact.firstName, lastName: contact.lastName, emails, locationId: '77' }));
  }
  return psaSnapshot({ contacts: JSON.parse(JSON.stringify(twins)) as PsaContact[], linkedTo });
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** The highest resident size since this program was started; ru_maxrss would begin with the parent's. */
function peakBytes(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '')?.[1];
  return (kilobytes === undefined ? process.resourceUsage().maxRSS : Number(kilobytes)) * 1024;
}

function verdict(name: string, value: number, limit: number, formula: string): void {
  print(`  ${value <= limit ? 'met   ' : 'MISSED'} ${name} ${value.toFixed(value < 100 ? 2 : 0)} (target ${limit}) ${formula}`);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (import.meta.main) {
  const [, , count, withPsa] = process.argv;
  process.stdout.write(`${JSON.stringify(planOnce(Number(count), withPsa === 'true'))}\n`);
}
