import { describe, expect, it } from 'vitest';
import type { ValidateDocument } from '../../agent/cli/documents.ts';
import type { DoctorDocument } from '../../agent/cli/documents-doctor.ts';
import { crowd, documentOf, person, planOf, rowOf, statusOf, syncOf } from './people.ts';
import { type Site, startSite } from './site.ts';

const companyPath = /accounts\/lookup/;

/** Requests to the PSA so far. */
function asked(site: Site): number {
  return site.bms.requests.length;
}

function linkOrganization(site: Site, remoteId: number, orphaned = false): void {
  site.itGlue.data.linkAdapter(site.organization, { adapterName: 'Kaseya BMS', remoteId: String(remoteId), orphaned });
}

async function openSite(psa: Readonly<Record<string, unknown>> = {}): Promise<Site> {
  return startSite({ people: [person('anna')], sections: { psa } });
}

/** The notices of a sync that must not have written to the PSA. */
async function heldSync(site: Site): Promise<string> {
  const sync = await site.call('sync', '--json');
  expect(sync.exit, sync.stdout).toBe(0);
  expect(site.bms.counts.writes).toBe(0);
  return syncOf(sync).notices.join('\n');
}

describe('P8 the company of an organization', () => {
  it.concurrent('P8 is pinned, linked or of equal name, and validate says how it was found', async () => {
    const how: string[] = [];
    for (const way of ['name', 'link', 'pin'] as const) {
      await using site = await openSite(way === 'pin' ? { company: '250' } : {});
      if (way === 'link') linkOrganization(site, site.company);
      const { checks } = documentOf<ValidateDocument>(await site.call('validate', '--json'));
      how.push(checks.find(({ name }) => name === 'bms company')?.facts['company'] ?? 'none');
    }

    expect(how).toEqual([
      'Acme Fittings (250), of equal name',
      'Acme Fittings (250), linked by IT Glue',
      'Acme Fittings (250), pinned by psa.company',
    ]);
  });

  it.concurrent('P8 a link wins over an equal name, a pin over a link', async () => {
    await using site = await openSite();
    const other = site.bms.data.addAccount({ id: 260, name: 'Somebody Else' });
    const location = site.bms.data.addLocation({ accountId: other.id, name: 'Head Office', main: true });
    linkOrganization(site, other.id);
    const linked = documentOf<ValidateDocument>(await site.call('validate', '--json'));
    site.configure({ psa: { company: '250' } });
    const pinned = documentOf<ValidateDocument>(await site.call('validate', '--json'));

    const companyOf = ({ checks }: ValidateDocument) =>
      checks.find(({ name }) => name === 'bms company')?.facts['company'] ??
      checks.find(({ name }) => name === 'bms company')?.error?.message;
    expect(location.accountId).toBe(260);
    // Nobody in that company shows the types yet.
    expect(companyOf(linked)).toMatch(/Somebody Else \(260\), linked by IT Glue|no type "Work"/);
    expect(companyOf(pinned)).toBe('Acme Fittings (250), pinned by psa.company');
  });

  it.concurrent('P8 a linked company that was deleted or merged is said, and never made up for by the name', async () => {
    await using site = await openSite();
    linkOrganization(site, 999);

    const notices = await heldSync(site);
    const status = statusOf(await site.call('status', '--json'));

    expect(notices).toContain('Kaseya BMS has no company 999, which IT Glue links: it was deleted or merged there');
    expect(notices).toContain('Candidates: Acme Fittings (250). Pin the right one: organizations.4711.psa.company = "250"');
    expect(status.problems.map(({ code }) => code)).toContain('PSA_COMPANY_NOT_FOUND');
    expect(status.organizations[0]?.psa).toContain('no company 999');
    expect((await rowOf(site, 'anna')).psa).toMatchObject({ state: 'not-eligible', missing: ['company'] });
  });

  it.concurrent('P8 an orphaned link is not followed, and that is said', async () => {
    await using site = await openSite();
    linkOrganization(site, 999, true);

    const sync = await site.call('sync', '--json');

    expect(syncOf(sync).notices.join('\n')).toContain(
      "IT Glue's link with the company 999 is orphaned and is not followed: Acme Fittings (250) is taken",
    );
    expect(syncOf(sync).applied.filter(({ kind }) => kind === 'push')).toHaveLength(1);
  });

  it.concurrent.each(['pin', 'link', 'name'] as const)(
    'P8 an inactive company is said as such and gets nothing, found by %s',
    async (way) => {
      await using site = await openSite(way === 'pin' ? { company: '250' } : {});
      if (way === 'link') linkOrganization(site, site.company);
      Object.assign(site.bms.data.accounts.get(site.company) ?? expect.fail(), { active: false });

      expect(await heldSync(site)).toMatch(/The company .* is inactive in Kaseya BMS/);
    },
  );

  it.concurrent('P8 reads the list of companies only when nothing was found', async () => {
    await using found = await openSite();
    await found.call('sync');
    await using lost = await openSite();
    Object.assign(lost.bms.data.accounts.get(lost.company) ?? expect.fail(), { name: 'ACME fittings, Inc.' });

    const notices = await heldSync(lost);
    const lists = (site: Site) =>
      site.bms.requests.filter(({ path, query }) => companyPath.test(path) && !/Filter\.(Ids|Name)=/.test(query));

    expect(notices).toContain('ACME fittings, Inc. (250)');
    expect(lists(found)).toEqual([]);
    expect(lists(lost).length).toBeGreaterThan(0);
  });

  it.concurrent('P8 holds both organizations that map to one company, and names them', async () => {
    await using site = await openSite();
    site.itGlue.data.addOrganization({ id: '4712', name: 'Acme East', typeName: 'Customer', statusName: 'Active' });
    site.configure({
      directories: [
        { name: 'corp', type: 'ldif', file: 'users.ldif' },
        { name: 'east', type: 'ldif', file: 'users.ldif', organization: '4712' },
      ],
      organizations: { '4712': { psa: { company: '250' } } },
    });
    site.setPeople(crowd(1));

    const syncs = await site.call('sync', '--json');
    const again = await site.call('sync', '--organization', '4711', '--json');
    const text = `${syncs.stdout}\n${again.stdout}`;

    expect(site.bms.counts.writes).toBe(0);
    expect(
      text.match(/Acme Fittings \(4711\) and (Acme East \(4712\)|4712) map to the same company Acme Fittings \(250\)/g),
    ).not.toBeNull();
    expect(again.stdout).toContain('Acme Fittings (4711) and Acme East (4712) map to the same company');
    expect(again.stdout).toContain('organizations.ID.psa.company');
  });
});

describe('P8 a customer whose company another one has, which no run has looked at yet', () => {
  it.concurrent.each([
    ['by its link', { push: 'direct' }, true],
    ['by its link, but nothing of it is pushed', { push: 'off' }, false],
    ['by its link, but its type is not set to sync', { organizationTypes: ['Customer'] }, false],
  ])('P8 %s', async (_words, psa, held) => {
    await using site = await openSite();
    const east = site.itGlue.data.addOrganization({ id: '4712', name: 'Acme East', typeName: 'Prospect', statusName: 'Active' });
    site.itGlue.data.linkAdapter(east.id, { adapterName: 'Kaseya BMS', remoteId: '250' });
    const corp = { name: 'corp', type: 'ldif', file: 'users.ldif' };
    site.configure({ directories: [corp, { ...corp, name: 'east', organization: '4712' }], organizations: { '4712': { psa } } });

    const sync = await site.call('sync', '--organization', '4711', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(syncOf(sync).notices.some((notice) => notice.includes('Acme East (4712)'))).toBe(held);
    expect(site.bms.counts.writes > 0).toBe(!held);
  });
});

describe('P7 organizations that are not set to sync', () => {
  it.concurrent('P7 are skipped with that reason in plan, contacts, explain and status, and nothing is asked of the PSA', async () => {
    await using site = await openSite({ organizationTypes: ['Vendor'] });
    const reason = 'Nothing goes to Kaseya BMS: the organization\'s type "Customer" is not set to sync';

    const plan = await site.call('plan', '--json');
    await site.call('sync');
    const row = await rowOf(site, 'anna');
    const list = await site.call('contacts', 'list');
    const explain = await site.call('explain', 'anna');
    const status = await site.call('status');

    expect(planOf(plan).notices).toContain(reason);
    expect(row.psa).toMatchObject({ badge: false, state: 'off', message: reason });
    for (const shown of [list, explain, status]) expect(shown.stdout.replaceAll(/\s+/g, ' '), shown.stdout).toContain(reason);
    expect(asked(site)).toBe(0);
  });
});

describe('P8 locations', () => {
  it.concurrent('P8 that the PSA has no counterpart of are told once with candidates, by plan and validate', async () => {
    await using site = await startSite({ people: crowd(3, () => ({ physicalDeliveryOfficeName: 'Harbour Depot' })) });
    site.itGlue.data.addLocation({ organizationId: site.organization, name: 'Harbour Depot' });
    site.bms.data.addLocation({ accountId: site.company, name: 'Depot (Harbour)' });

    const sync = await site.call('sync', '--json');
    const validated = documentOf<ValidateDocument>(await site.call('validate', '--json'));
    const told = syncOf(sync).notices.filter((notice) => notice.includes('Harbour Depot'));

    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /has no location like "Harbour Depot" at the company \(it has Depot \(Harbour\) \(\d+\)\): pin it with psa\.locations; 3 contacts wait/,
    );
    expect((await rowOf(site, 'p0')).psa).toMatchObject({ state: 'not-eligible', missing: ['location'] });
    expect(validated.checks.find(({ name }) => name === 'bms company')?.facts['unmapped']).toContain('Harbour Depot');
  });

  it.concurrent('P8 that are pinned go to that location; a pin that names none is said', async () => {
    await using site = await startSite({ people: crowd(1, () => ({ physicalDeliveryOfficeName: 'Harbour Depot' })) });
    site.itGlue.data.addLocation({ organizationId: site.organization, name: 'Harbour Depot' });
    const depot = site.bms.data.addLocation({ accountId: site.company, name: 'D2' });
    site.configure({ psa: { locations: { 'harbour depot': '99999' } } });
    const wrong = await site.call('sync', '--json');
    site.configure({ psa: { locations: { 'harbour depot': String(depot.id) } } });
    const right = await site.call('sync', '--json');

    expect(syncOf(wrong).notices.join('\n')).toContain('pins "Harbour Depot" to the location 99999, which Kaseya BMS does not have');
    expect(syncOf(right).applied.filter(({ kind }) => kind === 'push')).toHaveLength(1);
    expect(site.bms.data.contactsOf(site.company).at(-1)?.locationId).toBe(depot.id);
  });
});

describe('doctor', () => {
  it.concurrent('P8 says in a line for each organization how its company was found', async () => {
    await using site = await openSite();

    const { findings } = documentOf<DoctorDocument>(await site.call('doctor', '--json'));
    const company = findings.filter(({ code }) => code === 'PSA_COMPANY');

    expect(company.map(({ seen }) => seen).join('\n')).toContain('Acme Fittings (250), of equal name');
  });
});
