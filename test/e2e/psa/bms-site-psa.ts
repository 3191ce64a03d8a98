import { type BmsSandbox, startBmsSandbox } from '../../sandbox/bms/bms-sandbox.ts';
import type { BmsContactRecord } from '../../sandbox/bms/records.ts';
import { bmsForOwnSync } from '../../sandbox/it-glue/own-sync-bms.ts';
import { commonMembers, onlyOne, type PsaEdit, type PsaPerson, primaryFirst, type SitePsa } from './site-psa.ts';

/** BMS and its two sisters: one stand-in, other names. */
const products = {
  bms: { name: 'Kaseya BMS', adapterName: 'Kaseya BMS' },
  vorex: { name: 'Vorex', adapterName: 'Vorex' },
  pulseway: { name: 'Pulseway PSA', adapterName: 'Pulseway PSA' },
} as const;

type BmsType = keyof typeof products;

export async function startBmsSitePsa(type: BmsType): Promise<{ readonly psa: SitePsa; readonly bms: BmsSandbox }> {
  const bms = await startBmsSandbox();
  const { data, credentials } = bms;
  const company = data.addAccount({ id: 250, name: 'Acme Fittings' }).id;
  const office = data.addLocation({ accountId: company, name: 'Head Office', main: true }).id;
  const elsewhere = data.addAccount({ name: 'Somebody Else' }).id;
  const elsewhereOffice = data.addLocation({ accountId: elsewhere, name: 'Elsewhere', main: true }).id;

  const psa: SitePsa = {
    ...commonMembers(bms),
    ...products[type],
    type,
    company: String(company),
    office: String(office),
    settings: {
      type,
      baseUrl: bms.url,
      credentials: { userName: credentials.userName, password: 'env:TEST_BMS_PASSWORD', tenant: credentials.tenant },
    },
    environment: { TEST_BMS_PASSWORD: credentials.password },
    ownSync: { ...bmsForOwnSync(bms), adapterName: products[type].adapterName },
    routes: {
      create: { method: 'POST', path: /\/v2\/crm\/contacts\/summary$/ },
      update: { method: 'PATCH', path: /\/v2\/crm\/contacts\/\d+(\/(emails|phones))?$/ },
    },
    switches: bms.switches,
    contacts: () => data.contactsOf(company).map(shown),
    everybody: () => [...data.contacts.values()].map(shown),
    withEmail: (email) => onlyOne(data.contactsOf(company).map(shown), email),
    contact: (id) => shown(data.contact(Number(id))),
    has: (id) => data.contacts.has(Number(id)),
    add: (person) => {
      const { id } = data.addContact({ accountId: company, locationId: office, firstName: person.firstName });
      return psa.edit(String(id), person);
    },
    edit: (id, fields) => shown(data.updateContact(Number(id), edited(bms, data.contact(Number(id)), fields))),
    delete: (id) => data.deleteContact(Number(id)),
    merge: (from, into) => {
      const [source, target] = [psa.contact(from), psa.contact(into)];
      psa.delete(from);
      return psa.edit(into, {
        emails: [...new Set([...target.emails, ...source.emails])],
        phones: [...new Set([...target.phones, ...source.phones])],
      });
    },
    move: (id) => void data.updateContact(Number(id), { accountId: elsewhere, locationId: elsewhereOffice }),
    addLocation: (name) => String(data.addLocation({ accountId: company, name }).id),
    deleteCompany() {
      for (const { id } of data.contactsOf(company)) data.deleteContact(id);
      for (const { id, accountId } of data.locations.values()) if (accountId === company) data.locations.delete(id);
      data.accounts.delete(company);
    },
    mergeCompany(name) {
      const { id } = data.addAccount({ name });
      const place = data.addLocation({ accountId: id, name: 'Head Office', main: true });
      for (const contact of data.contactsOf(company)) data.updateContact(contact.id, { accountId: id, locationId: place.id });
      psa.deleteCompany();
      return String(id);
    },
    otherUse: null,
    passTime: (ms) => bms.advance(ms),
    relocate: null,
  };
  return { psa, bms };
}

function shown(contact: BmsContactRecord): PsaPerson {
  return {
    id: String(contact.id),
    firstName: contact.firstName,
    lastName: contact.lastName,
    title: contact.jobTitle,
    emails: primaryFirst(contact.emails, (item) => item.isDefault).map((item) => item.emailAddress),
    phones: primaryFirst(contact.phones, (item) => item.isDefault).map((item) => item.phone),
    location: String(contact.locationId),
    active: contact.active,
    key: null,
  };
}

/** Items that stay keep their ids and types. */
function edited({ data }: BmsSandbox, contact: BmsContactRecord, fields: PsaEdit): Partial<BmsContactRecord> {
  const { title, emails, phones, location, ...rest } = fields;
  const emailType = data.addEmailType('Work');
  const phoneType = data.addPhoneType('Work');
  return {
    ...rest,
    ...(title === undefined ? {} : { jobTitle: title }),
    ...(location === undefined ? {} : { locationId: Number(location) }),
    ...(emails === undefined
      ? {}
      : {
          emails: emails.map((value, index) => ({
            ...(contact.emails.find(({ emailAddress }) => emailAddress === value) ?? data.newEmail(value, emailType, false)),
            isDefault: index === 0,
          })),
        }),
    ...(phones === undefined
      ? {}
      : {
          phones: phones.map((value, index) => ({
            ...(contact.phones.find(({ phone }) => phone === value) ?? data.newPhone(value, phoneType, false)),
            isDefault: index === 0,
          })),
        }),
  };
}
