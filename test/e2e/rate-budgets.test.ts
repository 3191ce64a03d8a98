import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crowd } from './people.ts';
import { type Site, startSite } from './site.ts';

interface SpentFile {
  readonly version: number;
  readonly buckets: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

function fileOf(site: Site): string {
  return join(site.folder, 'state', 'rate-budgets.json');
}

/** Requests by service, as the file of the state directory has them. */
function spentBy(site: Site, service: string): number {
  const { buckets } = JSON.parse(readFileSync(fileOf(site), 'utf8')) as SpentFile;
  const counts = Object.entries(buckets).filter(([bucket]) => bucket.startsWith(`${service}: `));
  return counts.flatMap(([, minutes]) => Object.values(minutes)).reduce((sum, count) => sum + count, 0);
}

describe('rate budgets', () => {
  it.concurrent('are shared by one command after another', async () => {
    await using site = await startSite({ people: crowd(3) });
    const sent = () => ({ 'IT Glue': site.itGlue.counts.requests, 'Kaseya BMS': site.bms.counts.requests });
    const spent = () => ({ 'IT Glue': spentBy(site, 'IT Glue'), 'Kaseya BMS': spentBy(site, 'Kaseya BMS') });

    const first = await site.run('sync', '--json');
    expect(first.exit, first.stdout).toBe(0);
    expect(spent()).toEqual(sent());
    const after = sent();

    const second = await site.run('plan', '--json');
    expect(second.exit, second.stdout).toBe(0);
    expect(sent()['Kaseya BMS']).toBeGreaterThan(after['Kaseya BMS']);
    expect(spent()).toEqual(sent());
  });

  it.concurrent('are kept for this account alone, without anything about anybody', async () => {
    await using site = await startSite({ people: crowd(3) });
    await site.call('sync', '--json');

    const text = readFileSync(fileOf(site), 'utf8');

    expect(text).not.toMatch(/@|p0|example|[?=]/i);
    if (process.platform !== 'win32') expect(statSync(fileOf(site)).mode & 0o777).toBe(0o600);
  });

  it.concurrent('of a file that is none of ours hinder nothing', async () => {
    await using site = await startSite({ people: crowd(1) });
    await site.call('plan', '--json');
    writeFileSync(fileOf(site), '{"buckets":');

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(spentBy(site, 'IT Glue')).toBeGreaterThan(0);
  });
});
