import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../../core/errors.ts';
import { contactId } from '../../../core/model/ids.ts';
import { contactEmail, organizationSettings, testOrganization } from '../../fixtures/build.ts';
import { entry, openPipelineSite, type PipelineSite } from './pipeline-site.ts';

const anna = [entry('anna', { title: 'Buyer' })];

/** The states of the newest run's entries and of all entries by operation. */
async function statesOf(site: PipelineSite, operation: string): Promise<readonly string[]> {
  const runs = await site.store.listRuns({ limit: 100 });
  const journals = await Promise.all(runs.toReversed().map(({ id }) => site.store.journal(id)));
  return journals
    .flat()
    .filter((item) => item.operation === operation)
    .map(({ state }) => state);
}

async function expectWhole(site: PipelineSite): Promise<void> {
  const next = await site.sync();
  expect(next.failed).toEqual([]);
  const writes = site.itGlue.carriedOut.length + site.psa.calls.filter((call) => /create|complete|update/.test(call)).length;
  const last = await site.sync();
  expect(last.applied).toEqual([]);
  expect(site.itGlue.carriedOut.length + site.psa.calls.filter((call) => /create|complete|update/.test(call)).length).toBe(writes);
  expect([...site.itGlue.contacts.values()].map(({ firstName, title }) => [firstName, title])).toEqual([['Anna', 'Buyer']]);
  expect([...site.psa.records.values()].map(({ firstName, title }) => [firstName, title])).toEqual([['Anna', 'Buyer']]);
  expect(site.itGlue.assets.size).toBe(1);
}

describe('settling by looking', () => {
  it.each([
    ['lost-before', ['not-done', 'done']],
    ['lost-after', ['done']],
  ] as const)('A2 a contact whose creation was %s', async (fault, states) => {
    await using site = await openPipelineSite(anna);
    site.itGlue.fail('createContact', fault);

    const first = await site.sync();
    await expectWhole(site);

    expect(first.failed[0]).toMatchObject({ kind: 'create', code: 'ITGLUE_ANSWER_LOST', retryable: true });
    expect(await statesOf(site, 'create-contact')).toEqual(states);
  });

  it.each([
    ['lost-before', ['not-done', 'done']],
    ['lost-after', ['done']],
  ] as const)('A2 a PSA contact whose creation was %s', async (fault, states) => {
    await using site = await openPipelineSite(anna);
    site.psa.failNext('createContact', fault);

    await site.sync();
    await expectWhole(site);

    expect(await statesOf(site, 'create-psa-contact')).toEqual(states);
  });

  it.each(['lost-before', 'lost-after', 'refused'] as const)('A2 a second call that was %s is made up for', async (fault) => {
    await using site = await openPipelineSite(anna);
    site.psa.failNext('completeContact', fault);

    const first = await site.sync();
    await expectWhole(site);

    expect(first.failed).toMatchObject([{ kind: 'push' }]);
  });

  it.each(['lost-before', 'lost-after'] as const)('A2 the overlay type and the assets that were %s', async (fault) => {
    await using site = await openPipelineSite(anna);
    site.itGlue.fail('createOverlayType', fault);
    site.itGlue.fail('createOverlays', fault);

    // One each: the assets are not tried without their type.
    await site.sync();
    await site.sync();
    await expectWhole(site);

    expect(await site.store.openIntents(testOrganization)).toEqual([]);
  });

  it('A2 an update that was carried out is not taken for the change of a person', async () => {
    await using site = await openPipelineSite(anna);
    await site.sync();
    site.entries = [entry('anna', { title: 'Senior Buyer' })];
    site.itGlue.fail('updateContact', 'lost-after');

    await site.sync();
    await site.sync();
    site.entries = [entry('anna', { title: 'Head Buyer' })];
    await site.sync();

    expect([...site.itGlue.contacts.values()].map(({ title }) => title)).toEqual(['Head Buyer']);
  });

  it('A2 takes no older contact for the one that was sent', async () => {
    await using site = await openPipelineSite(anna);
    site.settings = organizationSettings({ contacts: { create: 'auto', matchByName: 'suggest' }, psa: { push: 'off' } });
    site.itGlue.fail('createContact', 'lost-before');
    await site.sync();
    // It has the e-mail now, but was there long before.
    const old = site.itGlue.addContact(testOrganization, {
      firstName: 'Anna',
      lastName: 'Kesten',
      emails: [contactEmail('anna@acme.test')],
    });
    site.itGlue.editContact(old, { createdAt: site.now - 86_400_000 });

    await site.sync();

    expect(await statesOf(site, 'create-contact')).toEqual(['not-done']);
    const [user] = await site.store.userStates(testOrganization);
    expect(user, 'M1 matches it, it was not created').toMatchObject({ contactId: old, createdContact: false });
  });

  it('A2 M3 leaves it to a person when two contacts could be the one that was sent', async () => {
    await using site = await openPipelineSite(anna);
    site.itGlue.fail('createContact', 'lost-after');
    await site.sync();
    site.itGlue.addContact(testOrganization, { firstName: 'Anna', lastName: 'Kesten', emails: [contactEmail('anna@acme.test')] });

    const next = await site.sync();

    expect(site.itGlue.contacts.size).toBe(2);
    expect(next.applied.filter(({ kind }) => kind === 'create' || kind === 'match')).toEqual([]);
    expect((await site.store.userStates(testOrganization)).every(({ state }) => state !== 'matched')).toBe(true);
  });

  it('A2 settles a create that a person deleted meanwhile as not done, and does not take the next one for it', async () => {
    await using site = await openPipelineSite(anna);
    site.itGlue.fail('createContact', 'lost-after');
    await site.sync();
    const [made] = site.itGlue.contacts.keys();
    site.itGlue.contacts.delete(made ?? '');

    await site.sync();

    expect(await statesOf(site, 'create-contact')).toEqual(['not-done', 'done']);
    expect(site.itGlue.contacts.size).toBe(1);
  });

  it('A4 goes on with the other records when one was lost', async () => {
    await using site = await openPipelineSite([...anna, entry('bruno')]);
    site.itGlue.fail('createContact', 'lost-before');

    const first = await site.sync();

    expect(first.applied.filter(({ kind }) => kind === 'create')).toHaveLength(1);
    expect(first.failed.filter(({ kind }) => kind === 'create')).toHaveLength(1);
  });

  it('ends the work with IT Glue when it cannot be reached any more, and leaves the rest for the next run', async () => {
    await using site = await openPipelineSite([
      entry('anna'),
      entry('bruno'),
      entry('clara'),
      entry('dario'),
      entry('elena'),
      entry('fritz'),
    ]);
    site.itGlue.fail('createContact', new RollcallError('ITGLUE_UNREACHABLE', 'no connection'), 2);

    const first = await site.sync();
    const tries = site.itGlue.calls.filter((call) => call === 'createContact').length;
    await site.sync();

    expect(tries).toBeLessThan(6);
    expect(first.failed.filter(({ kind }) => kind === 'create').every(({ code }) => code === 'ITGLUE_UNREACHABLE')).toBe(true);
    expect(site.itGlue.contacts.size).toBe(6);
    expect(new Set([...site.itGlue.contacts.values()].map(({ firstName }) => firstName)).size).toBe(6);
  });

  it('C11 M7 believes only the contact itself that it was deleted', async () => {
    await using site = await openPipelineSite(anna);
    await site.sync();
    const [made] = site.itGlue.contacts.keys();
    site.itGlue.contacts.delete(made ?? '');
    site.itGlue.fail('lookUpContact', new RollcallError('ITGLUE_SERVER_ERROR', 'a fault'));

    await expect(site.sync()).rejects.toMatchObject({ code: 'ITGLUE_SERVER_ERROR' });
    const kept = await site.store.userStates(testOrganization);
    await site.sync();
    const after = await site.store.userStates(testOrganization);

    expect(kept).toMatchObject([{ state: 'matched', contactId: contactId(made ?? '') }]);
    expect(after).toMatchObject([{ state: 'unmatched', rule: 'M7', returned: true }]);
  });
});
