import { type ConnectWiseSandbox, startConnectWiseSandbox } from '../../sandbox/connectwise/connectwise-sandbox.ts';
import type { CwContactRecord, CwItemRecord } from '../../sandbox/connectwise/records.ts';
import { connectWiseForOwnSync } from '../../sandbox/it-glue/own-sync-connectwise.ts';
import { commonMembers, onlyOne, type PsaEdit, type PsaPerson, phoneParts, phoneText, primaryFirst, type SitePsa } from './site-psa.ts';

const keyField = 'userDefinedField7';

export async function startConnectWiseSitePsa(): Promise<SitePsa> {
  const sandbox = await startConnectWiseSandbox();
  const { data, credentials } = sandbox;
  const company = data.addCompany({ id: 250, name: 'Acme Fittings' }).id;
  const office = data.addSite({ companyId: company, name: 'Head Office', primary: true }).id;
  const elsewhere = data.addCompany({ name: 'Somebody Else' }).id;
  const elsewhereSite = data.addSite({ companyId: elsewhere, name: 'Elsewhere', primary: true }).id;
  data.addCommunicationType('Work', 'Email');
  data.addCommunicationType('Work', 'Phone');

  const psa: SitePsa = {
    ...commonMembers(sandbox),
    type: 'connectwise',
    name: 'ConnectWise PSA',
    adapterName: 'ConnectWise Manage',
    company: String(company),
    office: String(office),
    settings: {
      type: 'connectwise',
      baseUrl: sandbox.url,
      credentials: { ...credentials, privateKey: 'env:TEST_CONNECTWISE_KEY' },
      externalKeyField: keyField,
    },
    environment: { TEST_CONNECTWISE_KEY: credentials.privateKey },
    ownSync: connectWiseForOwnSync(sandbox),
    routes: {
      create: { method: 'POST', path: /\/company\/contacts$/ },
      update: { method: 'PATCH', path: /\/company\/contacts\/\d+$/ },
    },
    switches: sandbox.switches,
    contacts: () => data.contactsOf(company).map(shown),
    everybody: () => [...data.contacts.values()].map(shown),
    withEmail: (email) => onlyOne(data.contactsOf(company).map(shown), email),
    contact: (id) => shown(data.contact(Number(id))),
    has: (id) => data.contacts.has(Number(id)),
    add: (person) => {
      const { id } = data.addContact({ companyId: company, siteId: office, firstName: person.firstName });
      return psa.edit(String(id), person);
    },
    edit: (id, fields) => shown(data.updateContact(Number(id), edited(sandbox, data.contact(Number(id)), fields))),
    delete: (id) => data.deleteContact(Number(id)),
    merge: (from, into) => shown(data.mergeContacts(Number(from), Number(into))),
    move: (id) => void data.updateContact(Number(id), { companyId: elsewhere, siteId: elsewhereSite }),
    addLocation: (name) => String(data.addSite({ companyId: company, name }).id),
    deleteCompany: () => data.deleteCompany(company),
    mergeCompany(name) {
      const { id } = data.addCompany({ name });
      const place = data.addSite({ companyId: id, name: 'Head Office', primary: true });
      for (const contact of data.contactsOf(company)) data.updateContact(contact.id, { companyId: id, siteId: place.id });
      data.deleteCompany(company);
      return String(id);
    },
    otherUse: null,
    passTime: (ms) => sandbox.advance(ms),
    relocate() {
      const [, year = '2026', part = '1'] = /^v(\d+)_(\d+)/.exec(sandbox.switches.codebase) ?? [];
      sandbox.switches.codebase = `v${year}_${Number(part) + 1}/`;
      return Promise.resolve();
    },
  };
  return psa;
}

function shown(contact: CwContactRecord): PsaPerson {
  const items = primaryFirst(contact.items, (item) => item.isDefault);
  const key = contact.more[keyField];
  return {
    id: String(contact.id),
    firstName: contact.firstName,
    lastName: contact.lastName,
    title: contact.title,
    emails: items.filter(({ kind }) => kind === 'Email').map(({ value }) => value),
    phones: items.filter(({ kind }) => kind === 'Phone').map(({ value, extension }) => phoneText(value, extension)),
    location: contact.siteId === null ? null : String(contact.siteId),
    active: !contact.inactive,
    key: typeof key === 'string' ? key : null,
  };
}

/** Items that stay keep their ids and types. */
function edited({ data }: ConnectWiseSandbox, contact: CwContactRecord, fields: PsaEdit): Partial<CwContactRecord> {
  const { emails, phones, location, active, ...rest } = fields;
  const kept = (kind: CwItemRecord['kind']): CwItemRecord[] => contact.items.filter((item) => item.kind === kind);
  const itemsOf = (kind: 'Email' | 'Phone', values: readonly string[] | undefined): CwItemRecord[] =>
    values === undefined
      ? kept(kind)
      : values.flatMap((text, index) => {
          const { value, extension } = kind === 'Phone' ? phoneParts(text) : { value: text, extension: null };
          const known = kept(kind).find((item) => item.value === value);
          const items = known === undefined ? data.newItems(kind, [{ value, type: 'Work' }]) : [known];
          return items.map((item) => ({ ...item, extension, isDefault: index === 0 }));
        });
  return {
    ...rest,
    ...(location === undefined ? {} : { siteId: location === null ? null : Number(location) }),
    ...(active === undefined ? {} : { inactive: !active }),
    items: [...itemsOf('Email', emails), ...itemsOf('Phone', phones), ...kept('Fax')],
  };
}
