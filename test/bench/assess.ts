// Also started by itself as a process of its own: `node test/bench/assess.ts USERS` assesses once and prints one line of JSON.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { reportPlaces, writeReport } from '../../agent/assess/report-files.ts';
import { assessOrganization } from '../../agent/pipeline/assess.ts';
import { scanOrganization } from '../../agent/pipeline/sync-organization.ts';
import { Redacted } from '../../agent/secrets/redacted.ts';
import { Redactor } from '../../agent/telemetry/redactor.ts';
import { psaContactId } from '../../core/model/ids.ts';
import { openPipelineSite } from '../agent/pipeline/pipeline-site.ts';
import { organizationSettings, psaContact, testOrganization } from '../fixtures/build.ts';
import { workType } from '../fixtures/build-plan.ts';
import { syntheticContacts, syntheticSightings } from './match.ts';

const few = 1_000;
const many = 10_000;
const runs = 3;
const targetSeconds = 30;

/** What one assessment cost beyond its reads: from what IT Glue and the PSA answered to the written files. */
interface AssessCost {
  readonly wallMs: number;
  readonly writeMs: number;
  readonly pageBytes: number;
  readonly listBytes: number;
  readonly files: number;
}

/** Assesses accounts against as many contacts and 60 % as many PSA contacts, and prints time beyond reads, sizes and growth. */
export function benchAssess(): Promise<void> {
  const small = bestOf(few);
  const large = bestOf(many);
  print(`${number(many)} accounts, ${number(many)} contacts, ${number(many * 0.6)} PSA contacts, best of ${runs} processes:`);
  print(
    `  beyond its reads  ${(large.wallMs / 1000).toFixed(2)} s   target ${targetSeconds} s; of it ${(large.writeMs / 1000).toFixed(2)} s rendering and writing`,
  );
  print(`  growth  ${(large.wallMs / small.wallMs).toFixed(1)} × for 10 × the records (${small.wallMs.toFixed(0)} ms at ${number(few)})`);
  print(`  page ${mib(large.pageBytes)}, ${large.files - 1} CSV files ${mib(large.listBytes)}`);
  return Promise.resolve();
}

function bestOf(count: number): AssessCost {
  const file = fileURLToPath(import.meta.url);
  const costs = Array.from({ length: runs }, () => {
    const output = execFileSync(process.execPath, [file, String(count)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    return JSON.parse(output) as AssessCost;
  });
  return costs.reduce((left, right) => (right.wallMs < left.wallMs ? right : left));
}

async function assessOnce(count: number): Promise<AssessCost> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-assess-'));
  const entries = syntheticSightings(count).flatMap(({ entry, collector }) => (collector === 'acme-hq' ? [entry] : []));
  await using site = await openPipelineSite(entries);
  site.settings = organizationSettings({ contacts: { create: 'auto' }, psa: { twoWay: true, settleMinutes: 0 } });
  const contacts = syntheticContacts(count);
  const psaContacts = contacts.slice(0, count * 0.6).map(({ firstName, lastName, emails }, index) =>
    psaContact({
      id: psaContactId(String(9_000_000 + index)),
      firstName,
      lastName,
      emails: emails.map(({ value }) => ({ value, typeId: workType.id, typeName: workType.name, primary: true })),
    }),
  );
  let readyAt = 0;
  const redactor = new Redactor();
  redactor.register(new Redacted('a secret that no record has'));
  const services = {
    ...site.services,
    redact: (text: string): string => redactor.text(text),
    documentation: () => ({ ...site.itGlue, listContacts: () => Promise.resolve(contacts) }),
    psa: () => ({
      ...site.psa,
      listContacts: () => Promise.resolve(psaContacts),
      linkedContactId: () => {
        // The last of the reads: what comes after is the assessment.
        readyAt = performance.now();
        return Promise.resolve(null);
      },
    }),
  };
  await scanOrganization(services, site.store, testOrganization, { full: true });
  const document = await assessOrganization(services, site.store, testOrganization, { staleDays: 90 });
  const assessedAt = performance.now();
  const places = reportPlaces(join(folder, 'report'), null);
  const files = await writeReport(document, places, 'Bench');
  const endedAt = performance.now();
  const [page = '', ...lists] = files;
  const cost: AssessCost = {
    wallMs: endedAt - readyAt,
    writeMs: endedAt - assessedAt,
    pageBytes: statSync(page).size,
    listBytes: lists.reduce((sum, file) => sum + statSync(file).size, 0),
    files: files.length,
  };
  rmSync(folder, { recursive: true, force: true });
  return cost;
}

function mib(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (import.meta.main) print(JSON.stringify(await assessOnce(Number(process.argv[2]))));
