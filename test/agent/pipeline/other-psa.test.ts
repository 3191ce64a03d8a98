import { describe, expect, it } from 'vitest';
import { syncOrganization } from '../../../agent/pipeline/sync-organization.ts';
import { undoRun } from '../../../agent/pipeline/undo-run.ts';
import { psaContactId } from '../../../core/model/ids.ts';
import { psaContact, testOrganization } from '../../fixtures/build.ts';
import { createFakePsa } from '../../fixtures/fake-psa.ts';
import { entry, openPipelineSite, type PipelineSite } from './pipeline-site.ts';

/** A site that pushed Anna, and another PSA in which the id of her contact is somebody else's. */
async function moved() {
  const site = await openPipelineSite([entry('anna', { title: 'Buyer' })]);
  await site.sync();
  const [pushed] = [...site.psa.records.keys()];
  if (pushed === undefined) throw new Error('Anna was not pushed');
  const bob = psaContact({
    id: pushed,
    firstName: 'Bob',
    lastName: 'Other',
    title: 'Boss',
    locationId: '11',
    modifiedAt: site.now,
    emails: [{ value: 'bob@acme.test', typeId: '5', typeName: 'Work', primary: true }],
  });
  const other = createFakePsa({ tenant: 'another one', contacts: [bob] });
  const services = { ...site.services, psa: () => other };
  const sync = () => {
    site.now += 60_000;
    site.itGlue.now = site.now;
    return syncOrganization(services, site.store, testOrganization, { scan: true, full: false });
  };
  return { site, other, bob, services, sync };
}

function anna(site: PipelineSite) {
  return [...site.itGlue.contacts.values()].find(({ firstName }) => firstName === 'Anna');
}

describe('another PSA than before', () => {
  it('P3 P9 an id of the earlier one is nobody there: no value goes to whoever has it, and none comes from there', async () => {
    const { site, other, bob, sync } = await moved();
    await using _site = site;
    const contact = anna(site);
    if (contact === undefined) throw new Error('Anna was not created');
    site.itGlue.editContact(contact.id, { title: 'Head Buyer' });

    await sync();
    await sync();

    expect(other.records.get(bob.id)).toEqual(bob);
    expect(anna(site)).toMatchObject({ firstName: 'Anna', title: 'Head Buyer' });
  });

  it('P4 what was pushed to the earlier one is not yet pushed to the new one', async () => {
    const { site, sync, other } = await moved();
    await using _site = site;

    await sync();

    const states = await site.store.contactStates(testOrganization);
    expect(states.map(({ psaLink, synced }) => [psaLink, synced])).toEqual([[null, null]]);
    expect([...other.records.keys()]).toEqual([psaContactId(String([...other.records.keys()][0]))]);
    expect((await site.store.organizationState(testOrganization)).canary).toBeNull();
  });

  it('A5 a run that wrote to the earlier one is not undone in the new one', async () => {
    const { site, other, bob, services, sync } = await moved();
    await using _site = site;
    const [run] = await site.store.listRuns({ organization: testOrganization, limit: 1 });
    await sync();

    const undone = await undoRun(services, site.store, {
      run: run?.id ?? '',
      deleteCreated: true,
      confirm: () => Promise.resolve(true),
    });

    expect(other.records.get(bob.id)).toEqual(bob);
    expect(undone.skipped.map(({ reason }) => reason).join(' ')).toContain('another PSA');
  });
});
