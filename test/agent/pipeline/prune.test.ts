import { describe, expect, it } from 'vitest';
import { prune } from '../../../agent/pipeline/prune.ts';
import type { Services } from '../../../agent/pipeline/services.ts';
import { planOrganization } from '../../../agent/pipeline/sync-organization.ts';
import { testOrganization } from '../../fixtures/build.ts';
import { entry, openPipelineSite, type PipelineSite } from './pipeline-site.ts';

const dayMs = 86_400_000;

/** The plan of the moment, without what names the run that made it. */
async function planNow(site: PipelineSite): Promise<unknown> {
  const { run: _run, ...plan } = await planOrganization(site.services, site.store, testOrganization, { scan: false, full: false });
  return plan;
}

/** The collector's organization of the test's configuration is the one that is planned. */
function servicesOf(site: PipelineSite, journal: string): Services {
  const { config } = site.services;
  return { ...site.services, now: () => site.now, config: { ...config, retention: { journal } } };
}

describe('retention', () => {
  it('forgets old runs, says so in a run of its own, and changes nothing that the next plan would do', async () => {
    await using site = await openPipelineSite([entry('anna'), entry('ben'), entry('cara')]);
    await site.sync();
    // Somebody edits a contact, one user leaves the directory, one write stays open: all that a plan has to remember.
    const [contact] = site.itGlue.contacts.values();
    if (contact !== undefined) site.itGlue.contacts.set(contact.id, { ...contact, title: 'Edited by hand' });
    site.entries = [entry('anna', { title: 'Head' }), entry('ben')];
    await site.sync();
    site.now += 200 * dayMs;
    site.entries = [entry('anna', { title: 'Chief' }), entry('ben'), entry('dora')];
    await site.sync();
    const before = await planNow(site);
    const young = (await site.store.listRuns({ since: site.now - 180 * dayMs, limit: 99 })).map(({ id }) => id);

    const counts = await prune(servicesOf(site, '180d'), site.store);

    expect(counts).toMatchObject({ runs: 2, backups: 0 });
    expect(counts.entries).toBeGreaterThan(2);
    expect(await planNow(site)).toEqual(before);
    const runs = await site.store.listRuns({ limit: 99 });
    expect(runs.map(({ id }) => id)).toEqual(expect.arrayContaining([...young]));
    expect(runs.find(({ command }) => command === 'prune')).toMatchObject({ outcome: 'done', counts, organization: testOrganization });
  });

  it('says nothing where there was nothing to forget', async () => {
    await using site = await openPipelineSite([entry('anna')]);
    await site.sync();
    site.now += 6 * dayMs;

    expect(await prune(servicesOf(site, '7d'), site.store)).toEqual({ runs: 0, entries: 0, reads: 0, backups: 0 });
    expect((await site.store.listRuns({ limit: 9 })).map(({ command }) => command)).toEqual(['sync']);
  });
});
