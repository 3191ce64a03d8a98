import { describe, expect, it } from 'vitest';
import type { ChangeCollectorOptions } from '../../../agent/cli/operations.ts';
import { changeCollector } from '../../../agent/pipeline/change-collector.ts';
import { prune } from '../../../agent/pipeline/prune.ts';
import { settingsOf } from '../../../agent/pipeline/settings-of.ts';
import { landOnce, sampleEntry, sightingsOf } from '../../contract/store.samples.ts';
import { testMoment, testOrganization } from '../../fixtures/build.ts';
import { openPipelineSite, type PipelineSite } from './pipeline-site.ts';

const day = 24 * 3_600_000;

async function twoCollectors(): Promise<PipelineSite> {
  const site = await openPipelineSite([]);
  for (const [collector, ids] of [
    ['north', ['a', 'b']],
    ['south', ['b', 'c']],
  ] as const) {
    await landOnce(
      site.store,
      ids.map((id) => sampleEntry(id)),
      testMoment,
      { source: { organization: testOrganization, collector } },
    );
  }
  return site;
}

function change(site: PipelineSite, options: Partial<ChangeCollectorOptions>) {
  const usual = { action: 'delete', collector: 'south', replacement: null, preview: false, organization: null } as const;
  return changeCollector(site.services, site.store, { ...usual, ...options });
}

async function there(site: PipelineSite): Promise<readonly string[]> {
  const sightings = await sightingsOf(site.store, testOrganization);
  return sightings.map(({ entry, collector }) => `${entry.immutableId} by ${collector}`).sort();
}

describe('D5 what a collector saw', () => {
  it('is previewed before it goes, and is still there then', async () => {
    await using site = await twoCollectors();

    const document = await change(site, { preview: true });

    expect(document).toMatchObject({ applied: false, run: null, impact: { users: 2, onlyHere: 1, matchesLost: 0 } });
    expect(await there(site)).toEqual(['a by north', 'b by north', 'b by south', 'c by south']);
    expect(await site.store.listRuns({ organization: testOrganization, limit: 5 })).toEqual([]);
  });

  it('goes and comes back within 30 days, each told in the journal', async () => {
    await using site = await twoCollectors();

    const deleted = await change(site, {});
    const left = await there(site);
    site.now += 29 * day;
    await prune(site.services, site.store);
    const restored = await change(site, { action: 'restore' });

    expect(deleted).toMatchObject({ applied: true, restorableUntil: new Date(testMoment + 30 * day).toISOString() });
    expect(left).toEqual(['a by north', 'b by north']);
    expect(restored).toMatchObject({ applied: true, impact: null });
    expect(await there(site)).toEqual(['a by north', 'b by north', 'b by south', 'c by south']);
    const runs = await site.store.listRuns({ organization: testOrganization, limit: 5 });
    expect(runs.map(({ command, outcome }) => [command, outcome])).toEqual([
      ['collector restore', 'done'],
      ['collector delete', 'done'],
    ]);
  });

  it('is forgotten after 30 days', async () => {
    await using site = await twoCollectors();
    await change(site, {});
    site.now += 31 * day;
    await prune(site.services, site.store);

    await expect(change(site, { action: 'restore' })).rejects.toMatchObject({ code: 'HUB_COLLECTOR_UNKNOWN' });
  });

  it('goes over to the machine that takes its place', async () => {
    await using site = await twoCollectors();

    await change(site, { action: 'replace', replacement: 'east' });

    expect(await there(site)).toEqual(['a by north', 'b by east', 'b by north', 'c by east']);
  });

  it('is not given to itself: that would delete it', async () => {
    await using site = await twoCollectors();

    await expect(change(site, { action: 'replace', replacement: 'south' })).rejects.toMatchObject({ code: 'USAGE' });

    expect(await there(site)).toContain('c by south');
  });

  it('is not given to one whose own was deleted: both would be gone', async () => {
    await using site = await twoCollectors();
    await change(site, { collector: 'north' });

    await expect(change(site, { action: 'replace', replacement: 'north', preview: true })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(change(site, { action: 'replace', replacement: 'north' })).rejects.toMatchObject({ code: 'USAGE' });

    expect(await there(site)).toEqual(['b by south', 'c by south']);
  });

  it.each([
    ['of a collector that read nothing', { collector: 'nobody' }, 'HUB_COLLECTOR_UNKNOWN'],
    ['of one that was not deleted, to be restored', { action: 'restore' }, 'HUB_COLLECTOR_UNKNOWN'],
    ['of an organization that is not configured', { organization: '999' }, 'ORGANIZATION_UNKNOWN'],
  ] as const)('%s is refused', async (_name, options, code) => {
    await using site = await twoCollectors();

    await expect(change(site, options)).rejects.toMatchObject({ code });
  });
});

describe('E6 the location of a collector', () => {
  it('is the one that it told the hub, unless the hub’s own configuration names another', async () => {
    await using site = await twoCollectors();
    const record = { subnets: [], version: '0.1.0' };
    await site.store.saveCollector(testOrganization, { ...record, name: 'north', location: 'Depot' });
    await site.store.saveCollector(testOrganization, { ...record, name: 'south', location: '' });
    await site.store.saveCollector(testOrganization, { ...record, name: 'hq', location: 'Elsewhere' });
    const own = { ...site.settings, collectorLocations: { hq: 'Head Office' } };

    const { collectorLocations } = await settingsOf({ settings: () => own }, site.store, testOrganization);

    expect(collectorLocations).toEqual({ north: 'Depot', hq: 'Head Office' });
  });
});
