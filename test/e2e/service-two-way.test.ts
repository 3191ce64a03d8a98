import { describe, expect, it } from 'vitest';
import type { RunsDocument } from '../../agent/cli/documents.ts';
import type { ServiceFacts } from '../../agent/service/service-facts.ts';
import { contactWith, documentOf, person } from './people.ts';
import { type RunningService, startService } from './running-service.ts';
import { startSite } from './site.ts';

/** Syncs come by hand alone, after the first one. */
const seldom = { scan: '0 0 1 1 *', fullScan: '0 0 1 1 *', timezone: 'UTC', jitterSeconds: 0 };
const email = 'ada@acme.test';

function looksOf({ watch }: ServiceFacts): { readonly all: number; readonly something: number } {
  const { nothing, something } = watch?.counts ?? { nothing: 0, something: 0 };
  return { all: nothing + something, something };
}

/** Until so many more looks were made. */
async function moreLooks(service: RunningService, count: number): Promise<ServiceFacts> {
  const before = looksOf(await service.facts()).all;
  return service.until(`${count} more looks`, (facts) => looksOf(facts).all >= before + count);
}

describe('P9 a running service', () => {
  it.each(['connectwise', 'autotask'] as const)('carries an edit from IT Glue to the PSA and one back, each once: %s', async (psa) => {
    await using site = await startSite({ psa, people: [person('ada', { title: 'Fitter' })], sections: { schedule: seldom } });
    // A look comes each half second or so.
    await using service = await startService(site, { clock: { origin: Date.now(), scale: 1, intervals: 10, elapsed: 100 } });
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    // What the first sync wrote comes by once more, and is no change.
    await moreLooks(service, 2);
    const twin = site.psa.withEmail(email).id;
    const contact = contactWith(site, email);
    const before = looksOf(await service.facts()).something;

    site.itGlue.data.updateContact(contact.id, { title: 'Boss' });
    await service.until('a look that found it', (facts) => looksOf(facts).something === before + 1);
    const there = site.psa.contact(twin).title;
    site.psa.edit(twin, { lastName: 'Brand' });
    await service.until('a look that found the other', (facts) => looksOf(facts).something === before + 2);
    const here = contactWith(site, email).lastName;
    site.itGlue.resetCounts();
    site.psa.resetCounts();
    const quiet = await moreLooks(service, 3);
    const { runs } = documentOf<RunsDocument>(await site.run('runs', '--limit', '2', '--json'));

    expect([before, there, here]).toEqual([0, 'Boss', 'Brand']);
    expect(looksOf(quiet).something, 'nothing comes back').toBe(2);
    expect([site.itGlue.counts.writes, site.psa.counts.writes]).toEqual([0, 0]);
    expect(runs.map(({ command, outcome }) => [command, outcome])).toEqual([
      ['watch', 'done'],
      ['watch', 'done'],
    ]);
  });
});
