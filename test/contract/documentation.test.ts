import { contactId, organizationId } from '../../core/model/ids.ts';
import { startItGlueTest } from '../agent/it-glue/it-glue-harness.ts';
import { createFakeDocumentation, type FakeWrite } from '../fixtures/fake-documentation.ts';
import { documentationContract } from './documentation.contract.ts';

documentationContract('in memory', () => {
  const fake = createFakeDocumentation();
  const organization = fake.addOrganization({ id: organizationId('4711'), name: 'Example Hill' });
  const other = fake.addOrganization({ id: organizationId('4712'), name: 'Sample Valley' });
  fake.locations.set('31', { id: '31', name: 'Head Office', primary: true, adapters: [], organizationId: organization });
  fake.contactTypes.push({ id: '5', name: 'End User' });
  const writes: readonly FakeWrite[] = ['createContact', 'updateContact', 'createOverlays'];
  return Promise.resolve({
    documentation: fake,
    organization,
    other,
    locationId: '31',
    contactTypeId: '5',
    addContact: (of, { email, ...fields }) =>
      fake.addContact(of, { ...fields, emails: email === undefined ? [] : [{ value: email, label: 'Work', primary: true }] }),
    touchContact: (id) => fake.editContact(id, { title: 'Touched' }),
    dateContact: (id, at) => fake.editContact(id, { updatedAt: at }),
    moveContact: (id, to) => fake.editContact(id, { organizationId: to }),
    removeContact: (id) => fake.contacts.delete(id),
    own: (id) => fake.synced.add(id),
    contactIds: () => [...fake.contacts.keys()],
    assetCount: () => fake.assets.size,
    loseNextWrite(when) {
      for (const call of writes) {
        fake.fail(call, `lost-${when}`);
      }
    },
    stop: () => Promise.resolve(),
  });
});

for (const bigIds of [false, true]) {
  documentationContract(bigIds ? 'IT Glue with ids beyond 2^53' : 'IT Glue', async () => {
    const test = await startItGlueTest({ bigIds });
    const { data, faults } = test.sandbox;
    return {
      documentation: test.documentation,
      organization: test.organization,
      other: test.other,
      locationId: test.locationId,
      contactTypeId: test.contactTypeId,
      addContact: (organization, { email, ...fields }) =>
        contactId(
          data.addContact({
            organizationId: organization,
            ...fields,
            emails: email === undefined ? [] : [{ value: email, labelName: 'Work', primary: true }],
          }).id,
        ),
      touchContact: (id) => data.updateContact(id, { title: 'Touched' }),
      dateContact(id, at) {
        data.contact(id).updatedAt = at;
      },
      moveContact: (id, to) => data.moveContact(id, to),
      removeContact: (id) => data.deleteContact(id),
      own: (id) => data.linkAdapter(id, { adapterName: 'Kaseya BMS', remoteId: '99', sync: true }),
      contactIds: () => [...data.contacts.keys()],
      assetCount: () => data.assets.size,
      loseNextWrite: (when) => faults.add({ kind: `lost-${when}`, match: ({ method }) => method !== 'GET' }),
      stop: () => test.stop(),
    };
  });
}
