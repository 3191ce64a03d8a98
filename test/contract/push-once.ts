import { psaContactId } from '../../core/model/ids.ts';
import type { PsaContactInput } from '../../core/model/psa-contact.ts';
import type { PsaWorld } from './psa.contract.ts';

/** A contact as the push sends it. */
export function newcomer(world: PsaWorld): PsaContactInput {
  return {
    companyId: world.company.id,
    locationId: world.locations[0].id,
    firstName: 'Zoë',
    lastName: 'Zander',
    title: 'Head of Sales',
    emails: [{ value: 'zoe@acme.example.test', typeId: world.emailType.id, typeName: world.emailType.name, primary: true }],
    phones: [
      {
        phone: { raw: '+1 415 555 0107', e164: '+14155550107', extension: null },
        typeId: world.phoneType.id,
        typeName: world.phoneType.name,
        primary: true,
      },
    ],
    contactTypeId: null,
    externalKey: null,
  };
}

/** All calls of the port that one push makes, beside an active and an inactive contact; what they said, for comparison. */
export async function pushOnce(world: PsaWorld) {
  const { psa, company } = world;
  world.seed({ firstName: 'Ada', emails: ['ada@acme.example.test'], phones: ['+1 415 555 0101'] });
  world.seed({ firstName: 'Gone', emails: ['gone@acme.example.test'], phones: ['000-000-0000'], active: false });
  const input = newcomer(world);
  const wanted = { emails: ['zoe@acme.example.test'], firstName: input.firstName, lastName: input.lastName };

  await psa.check();
  const companies = await psa.findCompany({ name: company.name });
  const locations = await psa.listLocations(company.id);
  const types = await psa.listTypes(await psa.listContacts(company.id));
  const before = await psa.findContacts(company.id, wanted);
  const created = await psa.createContact(input);
  const id = created.kind === 'done' ? created.value : psaContactId('0');
  const completed = await psa.completeContact(id, input);
  const contact = await psa.getContact(id);
  const linked = await psa.linkedContactId(id);
  const after = await psa.findContacts(company.id, wanted);
  const listed = await psa.listContacts(company.id);
  return {
    company: companies.length === 1 && companies[0]?.id === company.id,
    locations: locations.length,
    types: [types.email, types.phone].every((list) => list.some((type) => type.name === 'Work')),
    before,
    created: created.kind,
    completed: completed.kind,
    title: contact?.title ?? null,
    linked,
    after: after.length === 1 && after[0]?.id === id ? 'the created one' : after.map((found) => found.id).join(', '),
    listed: listed.length,
  };
}
