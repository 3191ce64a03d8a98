import { startAutotaskSandbox } from '../../sandbox/autotask/autotask-sandbox.ts';
import type { AutotaskContactRecord } from '../../sandbox/autotask/records.ts';
import { autotaskForOwnSync } from '../../sandbox/it-glue/own-sync-autotask.ts';
import { commonMembers, onlyOne, type PsaEdit, type PsaPerson, phoneParts, phoneText, type SitePsa } from './site-psa.ts';

export async function startAutotaskSitePsa(): Promise<SitePsa> {
  const sandbox = await startAutotaskSandbox();
  const { data, credentials } = sandbox;
  const company = data.addCompany({ id: 250, companyName: 'Acme Fittings' }).id;
  const office = data.addLocation({ companyID: company, name: 'Head Office', isPrimary: true }).id;
  const elsewhere = data.addCompany({ companyName: 'Somebody Else' }).id;
  const { userName, integrationCode } = credentials;

  const psa: SitePsa = {
    ...commonMembers(sandbox),
    type: 'autotask',
    name: 'Autotask PSA',
    adapterName: 'Autotask',
    company: String(company),
    office: String(office),
    settings: {
      type: 'autotask',
      baseUrl: sandbox.url,
      credentials: { userName, integrationCode, secret: 'env:TEST_AUTOTASK_SECRET' },
    },
    environment: { TEST_AUTOTASK_SECRET: credentials.secret },
    ownSync: autotaskForOwnSync(sandbox),
    routes: {
      create: { method: 'POST', path: /\/Companies\/\d+\/Contacts$/ },
      update: { method: 'PATCH', path: /\/Companies\/\d+\/Contacts$/ },
    },
    switches: sandbox.switches,
    contacts: () => data.contactsOf(company).map(shown),
    everybody: () => [...data.contacts.values()].map(shown),
    withEmail: (email) => onlyOne(data.contactsOf(company).map(shown), email),
    contact: (id) => shown(data.contact(Number(id))),
    has: (id) => data.contacts.has(Number(id)),
    add: ({ firstName, lastName, ...more }) => {
      const { id } = data.addContact({ companyID: company, companyLocationID: office, firstName, lastName: lastName ?? '' });
      return psa.edit(String(id), more);
    },
    edit: (id, fields) => shown(data.updateContact(Number(id), edited(fields))),
    delete: (id) => data.deleteContact(Number(id)),
    merge: (from, into) => shown(data.mergeContacts(Number(from), Number(into))),
    move: (id) => void data.updateContact(Number(id), { companyID: elsewhere, companyLocationID: null }),
    addLocation: (name) => String(data.addLocation({ companyID: company, name }).id),
    deleteCompany: () => data.deleteCompany(company),
    mergeCompany(name) {
      const { id } = data.addCompany({ companyName: name });
      const place = data.addLocation({ companyID: id, name: 'Head Office', isPrimary: true });
      for (const contact of data.contactsOf(company)) data.updateContact(contact.id, { companyID: id, companyLocationID: place.id });
      data.deleteCompany(company);
      return String(id);
    },
    otherUse: (requests) => data.otherUse(requests),
    passTime: (ms) => sandbox.advance(ms),
    relocate: () => sandbox.moveZone(),
  };
  return psa;
}

function shown(contact: AutotaskContactRecord): PsaPerson {
  const filled = (values: readonly (string | null)[]): readonly string[] =>
    values.filter((value) => value !== null && value !== '') as string[];
  return {
    id: String(contact.id),
    firstName: contact.firstName,
    lastName: contact.lastName === '' ? null : contact.lastName,
    title: contact.title,
    emails: filled([contact.emailAddress, contact.emailAddress2, contact.emailAddress3]),
    phones: filled([
      contact.phone === null ? null : phoneText(contact.phone, contact.extension),
      contact.mobilePhone,
      contact.alternatePhone,
    ]),
    location: contact.companyLocationID === null ? null : String(contact.companyLocationID),
    active: contact.isActive === 1,
    key: contact.externalID,
  };
}

/** Values go into the fields in their order. */
function edited({ emails, phones, location, active, lastName, ...rest }: PsaEdit): Partial<AutotaskContactRecord> {
  const first = phones?.[0] === undefined ? null : phoneParts(phones[0]);
  return {
    ...rest,
    ...(lastName === undefined ? {} : { lastName: lastName ?? '' }),
    ...(location === undefined ? {} : { companyLocationID: location === null ? null : Number(location) }),
    ...(active === undefined ? {} : { isActive: active ? 1 : 0 }),
    ...(emails === undefined
      ? {}
      : { emailAddress: emails[0] ?? null, emailAddress2: emails[1] ?? null, emailAddress3: emails[2] ?? null }),
    ...(phones === undefined
      ? {}
      : {
          phone: first?.value ?? null,
          extension: first?.extension ?? null,
          mobilePhone: phones[1] ?? null,
          alternatePhone: phones[2] ?? null,
        }),
  };
}
