import { psaContactId } from '../../core/model/ids.ts';
import { createFakePsa, type FakePsa } from '../fixtures/fake-psa.ts';
import { describePsa, type PsaWorld, type SeedContact } from './psa.contract.ts';

const company = { id: '250', name: 'Acme' };
const otherCompany = { id: '251', name: 'Acme Holdings' };
const locations = [
  { id: '11', name: 'Head Office', main: true },
  { id: '12', name: 'Depot', main: false },
] as const;
const work = { id: '7', name: 'Work' };

describePsa('The fake PSA', async () => {
  const psa = createFakePsa({
    companies: [company, otherCompany],
    locations: { [company.id]: locations, [otherCompany.id]: [{ id: '21', name: 'Holdings', main: true }] },
  });
  const world: PsaWorld = {
    psa,
    company,
    otherCompany,
    locations,
    emailType: { id: '5', name: 'Work' },
    phoneType: work,
    mobileType: { id: '8', name: 'Mobile' },
    seed: (contact) => seed(psa, contact),
    link: (id, linked) => void psa.links.set(id, linked),
    failNext: (call, fault) => psa.failNext(call, fault),
    close: () => Promise.resolve(),
  };
  return world;
});

function seed(psa: FakePsa, contact: SeedContact) {
  const id = psaContactId(String(1001 + psa.records.size));
  const phones = (contact.phones ?? []).filter((raw) => raw !== '000-000-0000');
  psa.records.set(id, {
    id,
    companyId: contact.companyId ?? company.id,
    locationId: locations[0].id,
    firstName: contact.firstName === undefined ? 'Ada' : contact.firstName,
    lastName: contact.lastName ?? null,
    externalKey: null,
    title: contact.title ?? null,
    emails: (contact.emails ?? []).map((value, index) => ({ value, typeId: '5', typeName: 'Work', primary: index === 0 })),
    phones: phones.map((raw, index) => ({
      phone: { raw, e164: `+${raw.replace(/\D/g, '')}`, extension: null },
      typeId: work.id,
      typeName: work.name,
      primary: index === 0,
    })),
    active: contact.active ?? true,
    modifiedAt: null,
  });
  return id;
}
