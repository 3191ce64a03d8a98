import { describe, expect, it } from 'vitest';
import type { PushDocument, PushPlanDocument } from '../../../agent/cli/documents.ts';
import { pushOrganizations } from '../../../agent/pipeline/push-organizations.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import { contactId, psaContactId } from '../../../core/model/ids.ts';
import { contactEmail, contactPhone, psaContact, testOrganization } from '../../fixtures/build.ts';
import { openPipelineSite, type PipelineSite } from './pipeline-site.ts';

/** So many contacts in IT Glue that nobody in the directory has. */
async function openSite(count: number): Promise<PipelineSite> {
  const site = await openPipelineSite([]);
  for (let index = 0; index < count; index += 1) {
    site.itGlue.addContact(testOrganization, {
      firstName: `P${index}`,
      lastName: `Kesten${index}`,
      emails: [contactEmail(`p${index}@acme.test`)],
      phones: [contactPhone(`+1415555${1000 + index}`)],
      locationId: '501',
    });
  }
  return site;
}

interface Pushed {
  readonly document: PushDocument;
  readonly plans: readonly PushPlanDocument[];
}

async function push(site: PipelineSite, contacts: readonly string[] = [], answer = true): Promise<Pushed> {
  site.now += 60_000;
  let plans: readonly PushPlanDocument[] = [];
  const [document] = await pushOrganizations(site.services, site.store, [testOrganization], {
    organization: null,
    all: contacts.length === 0,
    contacts,
    confirm: (shown) => {
      plans = shown;
      return Promise.resolve(answer);
    },
  });
  if (document === undefined) throw new Error('no document');
  return { document, plans };
}

function creates(site: PipelineSite): number {
  return site.psa.calls.filter((call) => call === 'createContact').length;
}

describe('P5 a push of all', () => {
  it('P5 asks once with the counts by what happens and why', async () => {
    await using site = await openSite(6);
    for (const index of [0, 1]) site.itGlue.addContact(testOrganization, { firstName: `Nobody${index}`, lastName: null });
    const twin = {
      companyId: '250',
      locationId: '11',
      firstName: 'P5',
      emails: [{ value: 'p5@acme.test', typeId: '5', typeName: 'Work', primary: true }],
    };
    site.psa.records.set(psaContactId('900'), psaContact({ id: psaContactId('900'), ...twin }));

    const { plans, document } = await push(site, [], false);

    expect(plans[0]?.outlook).toMatchObject({ psa: 'Kaseya BMS', create: 5, link: 1, complete: 0, canary: null });
    expect(plans[0]?.outlook?.groups).toMatchObject([
      { state: 'not-eligible', count: 2, reason: expect.stringContaining('email') as unknown, names: ['Nobody0', 'Nobody1'] },
    ]);
    expect(document).toMatchObject({ declined: true, applied: [] });
    expect(document.reconciliation).toBeUndefined();
    expect([creates(site), (await site.store.contactStates(testOrganization)).length], 'nothing is remembered of it').toEqual([0, 0]);
  });

  it('P5 counts who is in the PSA once, whoever created it there', async () => {
    await using site = await openSite(3);
    const emails = [{ value: 'p2@acme.test', typeId: '5', typeName: 'Work', primary: true }];
    site.psa.records.set(
      psaContactId('900'),
      psaContact({ id: psaContactId('900'), companyId: '250', locationId: '11', firstName: 'P2', emails }),
    );
    await push(site);
    const phones = [contactPhone('+14155552000')];
    site.itGlue.addContact(testOrganization, {
      firstName: 'New',
      lastName: 'One',
      emails: [contactEmail('new@acme.test')],
      phones,
      locationId: '501',
    });

    const { plans } = await push(site, [], false);

    expect(plans[0]?.outlook?.groups).toMatchObject([{ reason: 'it is in the PSA already', count: 3 }]);
  });

  it.each<[string, ErrorCode]>([
    ['an outage', 'PSA_UNREACHABLE'],
    ['a budget that is spent', 'PSA_RATE_LIMITED'],
  ])('P5 A2 goes on after %s where it stopped', async (_what, code) => {
    await using site = await openSite(30);
    let made = 0;
    site.psa.onWritten = (call) => {
      if (call !== 'createContact') return;
      made += 1;
      if (made === 12) for (let times = 0; times < 10; times += 1) site.psa.failNext('createContact', new RollcallError(code, 'not now'));
    };

    const first = await push(site);
    const between = site.psa.records.size;
    const wanted = (await site.store.contactStates(testOrganization)).filter(({ pushWant }) => pushWant?.rule === 'P5').length;
    site.psa.onWritten = null;
    // What is left of the outage is over.
    for (let times = 0; times < 10; times += 1) await site.psa.createContact(psaInput()).catch(() => undefined);
    for (const [id, { firstName }] of site.psa.records) if (firstName === 'Probe') site.psa.records.delete(id);
    const second = await push(site);

    expect(first.document.failed.map((item) => item.code)).toContain(code);
    expect(first.document.reconciliation, 'it is not asked for more').toBeNull();
    expect(between).toBe(12);
    expect(wanted).toBe(18);
    expect(second.document.failed).toEqual([]);
    expect(second.document.reconciliation).toMatchObject({
      itGlue: { linked: 30 },
      psa: { contacts: 30, pushed: 18 },
      missing: [],
      doubled: [],
    });
  });

  it('P5 A2 a push that ended between two writes is gone on with by the next sync', async () => {
    await using site = await openSite(30);
    site.psa.onWritten = () => {
      throw new Error('the machine stopped');
    };
    await push(site).catch(() => undefined);
    site.psa.onWritten = null;

    const sync = await site.sync();

    expect([sync.held, sync.failed]).toEqual([null, []]);
    expect(site.psa.records.size).toBe(30);
  });

  it('P5 A3 links that a push of all was stopped before are held by no guard of the next sync', async () => {
    await using site = await openSite(30);
    for (let index = 0; index < 30; index += 1) {
      const id = psaContactId(String(900 + index));
      const emails = [{ value: `p${index}@acme.test`, typeId: '5', typeName: 'Work', primary: true }];
      site.psa.records.set(
        id,
        psaContact({ id, companyId: '250', locationId: '11', firstName: `P${index}`, lastName: `Kesten${index}`, emails }),
      );
    }
    site.psa.onWritten = () => {
      throw new Error('the machine stopped');
    };
    await push(site).catch(() => undefined);
    site.psa.onWritten = null;

    const sync = await site.sync();

    expect([sync.held, sync.failed]).toEqual([null, []]);
    expect(sync.applied.filter(({ kind }) => kind === 'link').length).toBeGreaterThan(20);
    expect(site.psa.records.size).toBe(30);
  });

  it('P10 tells of the canary before it asks', async () => {
    await using site = await openSite(5);
    site.settings = { ...site.settings, psa: { ...site.settings.psa, settleMinutes: 15 } };

    const { plans, document } = await push(site);

    expect(plans[0]?.outlook?.canary).toMatch(/^P0 Kesten0 goes first, as the canary: for 15 minutes .* the other 4 go with the next sync/);
    expect(document.reconciliation?.itGlue).toMatchObject({ eligible: 5, linked: 1, notLinked: { waiting: 4 } });
  });
});

describe('P5 a push of chosen contacts', () => {
  it('P5 P10 says that psa.push is off', async () => {
    await using site = await openSite(2);
    site.settings = { ...site.settings, psa: { ...site.settings.psa, push: 'off' } };

    const { document } = await push(site, [...site.itGlue.contacts.keys()].slice(0, 1));

    expect(document.notices).toContain('Nothing goes to Kaseya BMS: psa.push is "off"');
    expect(document.applied).toEqual([]);
  });

  it('P5 says of each that it does not push which and why', async () => {
    await using site = await openSite(2);
    const ids = [...site.itGlue.contacts.keys()];
    await push(site, [ids[0] ?? '']);

    const { document, plans } = await push(site, ids.slice(0, 1));

    expect(plans, 'there is nothing to ask').toEqual([]);
    expect(document.notPushed).toEqual([{ contactId: ids[0], label: 'P0 Kesten0', state: 'pushed', reason: 'it is in the PSA already' }]);
    expect(document.notices.join(), 'nothing of those that were not asked for').not.toContain('not yet pushed');
    expect(document.reconciliation, 'both sides are not read for one contact').toBeUndefined();
    expect((await site.store.contactStates(testOrganization)).map((state) => state.contactId)).toEqual([contactId(ids[0] ?? '')]);
  });
});

function psaInput(): Parameters<PipelineSite['psa']['createContact']>[0] {
  const nothing = { lastName: null, title: null, emails: [], phones: [], contactTypeId: null, externalKey: null };
  return { companyId: '250', locationId: '11', firstName: 'Probe', ...nothing };
}
