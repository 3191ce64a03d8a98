import { bmsRequirements } from '../../agent/psa/bms/products.ts';
import type { NamedType } from '../../core/model/contact.ts';
import { psaContactId } from '../../core/model/ids.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import { createFakePsa, type FakePsaOptions } from '../fixtures/fake-psa.ts';
import { describePsa, type PsaWorld } from './psa.contract.ts';

const company = { id: '250', name: 'Acme' };
const otherCompany = { id: '251', name: 'Acme Holdings' };
const locations = [
  { id: '11', name: 'Head Office', main: true },
  { id: '12', name: 'Depot', main: false },
] as const;
const work = { id: '7', name: 'Work' };
const mobile = { id: '8', name: 'Mobile' };
const fields = {
  email: [
    { id: 'first', name: 'Work' },
    { id: 'second', name: '' },
    { id: 'third', name: '' },
  ],
  phone: [
    { id: 'desk', name: 'Work' },
    { id: 'pocket', name: 'Mobile' },
    { id: 'other', name: '' },
  ],
};

describePsa('The fake PSA', () => open({}));

describePsa('The fake PSA with keys, limits and everything in one call,', () =>
  open({
    hasExternalKey: true,
    requirements: {
      ...bmsRequirements,
      lastName: true,
      titleInSecondCall: false,
      longest: { firstName: 30, lastName: 30, title: 100, email: 50, phone: 15, extension: 10 },
    },
  }),
);

describePsa('The fake PSA with fields in place of types,', () =>
  open({ requirements: { ...bmsRequirements, fields }, types: { ...fields, contact: [] } }),
);

async function open(options: FakePsaOptions): Promise<PsaWorld> {
  const psa = createFakePsa({
    ...options,
    companies: [company, otherCompany],
    locations: { [company.id]: locations, [otherCompany.id]: [{ id: '21', name: 'Holdings', main: true }] },
  });
  const usualLastName = psa.requirements.lastName ? 'Byron' : null;
  const { email = [{ id: '5', name: 'Work' }], phone = [work, mobile] } = psa.requirements.fields ?? {};

  function put(contact: PsaContact): void {
    psa.now += 1_000;
    psa.records.set(contact.id, { ...contact, modifiedAt: psa.now });
  }

  function emailsOf(values: readonly string[]): PsaContact['emails'] {
    return values.map((value, index) => ({
      value,
      ...typed(psa.requirements.fields === null ? typeAt(email, 0) : typeAt(email, index)),
      primary: index === 0,
    }));
  }

  function phonesOf(values: readonly string[]): PsaContact['phones'] {
    const numbers = values.filter((raw) => raw !== '000-000-0000');
    return numbers.map((raw, index) => ({
      phone: { raw, e164: e164Of(raw), extension: null },
      ...typed(psa.requirements.fields === null ? typeAt(phone, 0) : typeAt(phone, index)),
      primary: index === 0,
    }));
  }

  return {
    psa,
    company,
    otherCompany,
    locations,
    emailType: typeAt(email, 0),
    phoneType: typeAt(phone, 0),
    mobileType: typeAt(phone, 1),
    link: (id, linked) => void psa.links.set(id, linked),
    passTime: (ms) => {
      psa.now += ms;
    },
    failNext: (call, fault) => psa.failNext(call, fault),
    close: () => Promise.resolve(),

    seed(contact) {
      const id = psaContactId(String(1001 + psa.records.size));
      put({
        id,
        companyId: contact.companyId ?? company.id,
        locationId: contact.locationId ?? locations[0].id,
        firstName: contact.firstName === undefined ? 'Ada' : contact.firstName,
        lastName: contact.lastName ?? usualLastName,
        externalKey: contact.externalKey ?? null,
        title: contact.title ?? null,
        emails: emailsOf(contact.emails ?? []),
        phones: phonesOf(contact.phones ?? []),
        active: contact.active ?? true,
        modifiedAt: null,
      });
      return id;
    },

    editContact(id, { emails, phones, ...fields }) {
      const contact = psa.records.get(id);
      if (contact === undefined) throw new Error(`there is no contact ${id}`);
      const lists = {
        ...(emails === undefined ? {} : { emails: emailsOf(emails) }),
        ...(phones === undefined ? {} : { phones: phonesOf(phones) }),
      };
      put({ ...contact, ...fields, ...lists });
    },
  };
}

function typeAt(types: readonly NamedType[], index: number): NamedType {
  const type = types[index];
  if (type === undefined) throw new Error(`there is no type ${index}`);
  return type;
}

function typed({ id, name }: NamedType) {
  return { typeId: id, typeName: name };
}

/** North American numbers are enough here. */
function e164Of(raw: string): string {
  return `+1${raw.replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '')}`;
}
