import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../../agent/pipeline/apply.ts';
import { reconcileOrganization } from '../../../agent/pipeline/reconcile-organization.ts';
import { makePsaContext } from '../../../core/eligibility/psa-context.ts';
import { psaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import { newContactState } from '../../../core/plan/after-write.ts';
import { psaContact, testOrganization } from '../../fixtures/build.ts';
import type { FakePsa } from '../../fixtures/fake-psa.ts';
import { entry, openPipelineSite, type PipelineSite } from './pipeline-site.ts';

const many = 120;
const people = Array.from({ length: many }, (_, index) => entry(`p${index}`, { lastName: `Kesten${index}` }));

/** No guard holds the many. */
async function openSite(entries = people): Promise<PipelineSite> {
  const site = await openPipelineSite(entries);
  const roomy = { floor: 10_000, share: 1 };
  const guards = { create: roomy, update: roomy, blank: roomy, rematch: roomy, deactivate: roomy, push: roomy };
  site.settings = { ...site.settings, limits: { ...site.settings.limits, guards } };
  add(site, { id: psaContactId('900'), firstName: 'Front', lastName: 'Desk' });
  return site;
}

function add(site: PipelineSite, partial: Partial<PsaContact>): PsaContact {
  const contact = psaContact({ companyId: '250', locationId: '11', modifiedAt: site.psa.now, ...partial });
  site.psa.records.set(contact.id, contact);
  return contact;
}

function setPsa(site: PipelineSite, more: Partial<Pick<FakePsa, 'writesAtOnce' | 'hasExternalKey' | 'listChangedContacts'>>): void {
  Object.assign(site.psa, more);
}

function count(site: PipelineSite, call: FakePsa['calls'][number]): number {
  return site.psa.calls.filter((each) => each === call).length;
}

function email(value: string): PsaContact['emails'] {
  return [{ value, typeId: '5', typeName: 'Work', primary: true }];
}

describe('looking again before creates', () => {
  it('P8 reads the whole company once, and then only what changed', async () => {
    await using site = await openSite();

    const sync = await site.sync();

    expect(sync.failed).toEqual([]);
    expect(site.psa.records.size).toBe(many + 1);
    expect([count(site, 'listContacts'), count(site, 'listChangedContacts'), count(site, 'findContacts')]).toEqual([1, 3, 0]);
  });

  it('P8 reads what changed in the last minutes again, and no more than a few hundred of it', async () => {
    await using site = await openSite(people.slice(0, 3));
    const asked: number[] = [];
    const listChangedContacts = site.psa.listChangedContacts.bind(site.psa);
    setPsa(site, {
      listChangedContacts: (company, since) => {
        asked.push(since);
        return listChangedContacts(company, since);
      },
    });
    await site.sync();
    const newest = site.psa.now;
    for (let index = 0; index < 1_000; index += 1) add(site, { id: psaContactId(String(5_000 + index)), modifiedAt: newest + index });
    site.entries = people.slice(0, 5);

    await site.sync();

    expect(asked[0], 'five minutes before the newest that was seen').toBe(
      (site.psa.records.get(psaContactId('900'))?.modifiedAt ?? 0) - 300_000,
    );
    expect(asked[1]).toBe(newest + 999 - 200);
  });

  it('P8 reads it whole where the PSA does not tell changes, or dates no contact', async () => {
    await using site = await openSite(people.slice(0, 60));
    setPsa(site, { listChangedContacts: () => Promise.resolve(null) });
    await site.sync();
    expect(count(site, 'listContacts')).toBe(3);

    await using undated = await openSite(people.slice(0, 3));
    add(undated, { id: psaContactId('900'), modifiedAt: null });
    await undated.sync();
    expect([count(undated, 'listContacts'), count(undated, 'listChangedContacts')]).toEqual([2, 0]);
  });

  it('P8 sees who came to the PSA while it pushed', async () => {
    await using site = await openSite();
    site.psa.onWritten = (call) => {
      if (call !== 'createContact' || site.psa.records.has(psaContactId('901'))) return;
      add(site, { id: psaContactId('901'), firstName: 'P99', lastName: 'Kesten99', emails: email('p99@acme.test') });
    };

    const sync = await site.sync();

    expect(sync.skipped.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['push', expect.stringContaining('the next run links it') as unknown],
    ]);
    expect(site.psa.records.size).toBe(many + 1);
  });

  it('P8 searches for each contact where only a part of the company was read', async () => {
    await using site = await openSite([entry('anna'), entry('bruno')]);
    site.settings = { ...site.settings, limits: { ...site.settings.limits, firstRun: 'hold' } };
    await site.sync();
    const { state, snapshot } = await reconcileOrganization(await site.context());
    if (snapshot.psa === null) throw new Error('no PSA');
    state.psaContext = makePsaContext({ ...snapshot.psa, partial: true, contacts: [] }, site.settings.psa);
    add(site, { id: psaContactId('901'), firstName: 'Anna', lastName: 'Kesten', emails: email('ANNA@acme.test') });
    const lists = count(site, 'listContacts');

    const report = await applyPlan(state);

    expect(report.failed).toEqual([]);
    expect(report.skipped.map(({ change }) => change.label)).toEqual(['Anna Kesten']);
    expect(report.applied.filter(({ change }) => change.kind === 'push').map(({ change }) => change.label)).toEqual(['Bruno Kesten']);
    expect([count(site, 'findContacts'), count(site, 'listChangedContacts'), count(site, 'listContacts') - lists]).toEqual([2, 0, 0]);
  });
});

/** Lets the first of several creates be answered last, and tells how many were under way at once. */
function watchCreates(site: PipelineSite): { most: number } {
  const createContact = site.psa.createContact.bind(site.psa);
  const seen = { most: 0 };
  let underWay = 0;
  let finished = 0;
  site.psa.createContact = async (input) => {
    const isFirst = underWay === 0;
    const before = finished;
    underWay += 1;
    seen.most = Math.max(seen.most, underWay);
    const hasWaited = (): boolean => (isFirst ? finished > before : underWay >= site.psa.writesAtOnce);
    for (let turn = 0; turn < 200 && !hasWaited(); turn += 1) await setImmediate();
    const outcome = await createContact(input);
    underWay -= 1;
    finished += 1;
    return outcome;
  };
  return seen;
}

describe('creates under way at once', () => {
  it.each([1, 3])('A2 are at most what the PSA takes (%i), and the report is in the order of the plan', async (writesAtOnce) => {
    await using site = await openSite(people.slice(0, 12));
    setPsa(site, { writesAtOnce });
    const seen = watchCreates(site);

    const sync = await site.sync();

    expect(sync.failed).toEqual([]);
    expect(seen.most).toBe(writesAtOnce);
    const pushed = sync.applied.filter(({ kind }) => kind === 'push').map(({ user }) => user ?? '');
    expect(pushed).toEqual(pushed.toSorted((one, other) => (one < other ? -1 : 1)));
    expect(site.psa.records.size).toBe(13);
  });

  it('P10 the canary goes alone, the others wait', async () => {
    await using site = await openSite(people.slice(0, 6));
    setPsa(site, { writesAtOnce: 3 });
    site.settings = { ...site.settings, psa: { ...site.settings.psa, settleMinutes: 15 } };

    await site.sync();

    expect(count(site, 'createContact')).toBe(1);
  });

  it('A2 a stop lets those under way finish and starts no other', async () => {
    await using site = await openSite(people.slice(0, 12));
    setPsa(site, { writesAtOnce: 3 });
    let written = 0;
    site.psa.onWritten = (call) => {
      if (call === 'createContact' && ++written === 4) site.stop.abort();
    };

    const sync = await site.sync();

    expect(sync.interrupted).toBe(true);
    const pushed = sync.applied.filter(({ kind }) => kind === 'push').length;
    expect(pushed).toBe(written);
    expect(written).toBeLessThan(8);
    expect(await site.store.openIntents(testOrganization)).toEqual([]);
  });
});

describe('keys in the PSA', () => {
  it('P8 A2 settles a create that was cut off by its key, whatever a person did to the contact since', async () => {
    await using site = await openSite([entry('anna')]);
    setPsa(site, { hasExternalKey: true });
    site.psa.failNext('createContact', 'lost-after');
    await site.sync();
    const [made] = [...site.psa.records.values()].filter(({ externalKey }) => externalKey === 'anna');
    if (made === undefined) throw new Error('nothing was created');
    site.psa.records.set(made.id, { ...made, firstName: 'Johanna', lastName: 'Roe', emails: email('roe@acme.test'), active: false });

    await site.sync();
    await site.sync();

    expect(site.psa.records.size).toBe(2);
    expect((await site.store.contactStates(testOrganization))[0]?.psaLink).toMatchObject({
      psaContactId: made.id,
      createdByRollcall: true,
    });
  });

  it('P8 links again what the store has lost: no second contact, and nothing more to do', async () => {
    await using site = await openSite([entry('anna'), entry('bruno')]);
    setPsa(site, { hasExternalKey: true });
    await site.sync();
    const states = await site.store.contactStates(testOrganization);
    await site.store.saveContactStates(
      testOrganization,
      states.map(({ contactId }) => newContactState(contactId)),
    );
    // Names and e-mails are others by now: only the key tells.
    for (const [id, contact] of site.psa.records) site.psa.records.set(id, { ...contact, firstName: `X${id}`, lastName: 'Y', emails: [] });

    const sync = await site.sync();
    const before = count(site, 'createContact');
    await site.sync();

    expect(sync.applied.filter(({ kind }) => kind === 'link')).toHaveLength(2);
    expect(before).toBe(2);
    expect(site.psa.records.size).toBe(3);
    expect((await site.store.contactStates(testOrganization)).map(({ psaLink }) => psaLink !== null)).toEqual([true, true]);
  });

  it('P8 gives a contact that is linked the key, once', async () => {
    await using site = await openSite([entry('anna')]);
    setPsa(site, { hasExternalKey: true });
    add(site, { id: psaContactId('901'), firstName: 'Anna', lastName: 'Kesten', emails: email('anna@acme.test') });

    await site.sync();
    const writes = count(site, 'updateContact');
    await site.sync();

    expect(site.psa.records.get(psaContactId('901'))?.externalKey).toBe('anna');
    expect(count(site, 'updateContact')).toBe(writes);
  });
});
