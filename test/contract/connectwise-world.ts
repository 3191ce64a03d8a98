import { createHttpClient, type HttpClient } from '../../agent/http/http-client.ts';
import { createPsa, noPsaCredentials, psaHttpOptions } from '../../agent/psa/registry.ts';
import { Redacted } from '../../agent/secrets/redacted.ts';
import { psaContactId } from '../../core/model/ids.ts';
import type { Phone } from '../../core/model/phone.ts';
import { createFakeClock } from '../agent/http/fake-clock.ts';
import type { PsaWrite } from '../fixtures/fake-psa.ts';
import { type ConnectWiseSandbox, startConnectWiseSandbox } from '../sandbox/connectwise/connectwise-sandbox.ts';
import type { ConnectWiseSwitches } from '../sandbox/connectwise/switches.ts';
import type { PsaWorld, SeedContact } from './psa-world.ts';

export interface ConnectWiseWorld extends PsaWorld {
  readonly sandbox: ConnectWiseSandbox;
  readonly http: HttpClient;
  /** `METHOD route` of each request since the last `forgetRequests`, with the names of its conditions. */
  requests(): readonly string[];
}

interface ConnectWiseWorldOptions {
  /** `custom`: a custom field of this world. */
  readonly key?: 'none' | 'user-defined' | 'custom';
  /** Where the adapter takes the private key to be another one. */
  readonly privateKey?: string;
}

const keyCaption = 'rollcall “key”';
const userDefinedField = 'userDefinedField7';

const writeRoutes: Readonly<Record<PsaWrite, { readonly method: string; readonly path: RegExp }>> = {
  createContact: { method: 'POST', path: /\/company\/contacts$/ },
  completeContact: { method: 'PATCH', path: /\/company\/contacts\/\d+$/ },
  updateContact: { method: 'PATCH', path: /\/company\/contacts\/\d+$/ },
};

/** The real adapter with the real HTTP client against the ConnectWise sandbox; waiting takes no time, and moves the sandbox's clock. */
export async function openConnectWiseWorld(
  switches: Partial<ConnectWiseSwitches> = {},
  { key = 'user-defined', privateKey }: ConnectWiseWorldOptions = {},
): Promise<ConnectWiseWorld> {
  const clock = createFakeClock();
  const sandbox = await startConnectWiseSandbox({ clock: () => clock.now(), switches });
  const { data, credentials } = sandbox;
  const company = data.addCompany({ name: 'Acme' });
  const otherCompany = data.addCompany({ name: 'Acme Holdings' });
  data.addCompany({ name: 'Acme', deleted: true });
  const main = data.addSite({ companyId: company.id, name: 'Head Office', primary: true });
  const depot = data.addSite({ companyId: company.id, name: 'Depot' });
  data.addSite({ companyId: company.id, name: 'Closed', inactive: true });
  data.addSite({ companyId: otherCompany.id, name: 'Holdings', primary: true });
  const customField = key === 'custom' ? data.addCustomField(keyCaption) : null;
  if (customField !== null) data.addCustomField('Shoe size');
  const emailType = data.addCommunicationType('Work', 'Email');
  const phoneType = data.addCommunicationType('Work', 'Phone');

  const options = psaHttpOptions('connectwise');
  if (options === null) throw new Error('there are options for ConnectWise');
  const http = createHttpClient({ ...options, clock, random: () => 0.5, timeouts: { whole: 5_000 } });
  const psa = createPsa(
    {
      type: 'connectwise',
      baseUrl: sandbox.url,
      externalKeyField: { none: '', 'user-defined': userDefinedField, custom: keyCaption }[key],
      credentials: { ...noPsaCredentials, ...credentials, privateKey: new Redacted(privateKey ?? credentials.privateKey) },
      emailType: 'Work',
      emailTypeId: '',
      phoneType: 'Work',
      phoneTypeId: '',
      blankPhone: '',
    },
    { http, clock, parsePhone },
  );
  if (psa === null) throw new Error('there is an adapter for ConnectWise');

  const items = (values: readonly string[]) => values.map((value) => ({ value, type: 'Work' }));

  function seed(contact: SeedContact) {
    const { externalKey } = contact;
    const record = data.addContact({
      companyId: Number(contact.companyId ?? company.id),
      ...(contact.locationId === undefined ? {} : { siteId: Number(contact.locationId) }),
      firstName: contact.firstName === undefined ? 'Ada' : (contact.firstName ?? ''),
      lastName: contact.lastName ?? null,
      title: contact.title ?? null,
      inactive: contact.active === false,
      emails: items(contact.emails ?? []),
      phones: items(contact.phones ?? []),
      ...(externalKey === undefined || customField === null ? {} : { customFields: { [String(customField.id)]: externalKey } }),
      ...(externalKey === undefined || customField !== null ? {} : { more: { [userDefinedField]: externalKey } }),
    });
    return psaContactId(String(record.id));
  }

  const editContact: PsaWorld['editContact'] = (id, { locationId, firstName, lastName, title, emails, phones, active }) => {
    const kept = data.contact(Number(id)).items.filter(({ kind }) => (kind === 'Email' ? emails : phones) === undefined);
    data.updateContact(Number(id), {
      ...(locationId === undefined ? {} : { siteId: Number(locationId) }),
      ...(firstName === undefined ? {} : { firstName: firstName ?? '' }),
      ...(lastName === undefined ? {} : { lastName }),
      ...(title === undefined ? {} : { title }),
      items: [...kept, ...data.newItems('Email', items(emails ?? [])), ...data.newItems('Phone', items(phones ?? []))],
      ...(active === undefined ? {} : { inactive: !active }),
    });
  };

  return {
    psa,
    sandbox,
    http,
    passTime: (ms) => void clock.wait(ms),
    company: named(company),
    otherCompany: named(otherCompany),
    locations: [
      { ...named(main), main: true },
      { ...named(depot), main: false },
    ],
    emailType: { id: String(emailType.id), name: 'Work' },
    phoneType: { id: String(phoneType.id), name: 'Work' },
    mobileType: { id: String(data.phoneTypeId('Cell')), name: 'Cell' },
    seed,
    editContact,
    link: null,
    failNext: (call, fault) => void sandbox.faults.add({ kind: fault === 'refused' ? 'bad-request' : fault, match: writeRoutes[call] }),
    requests: () => sandbox.requests.map(({ method, route }) => `${method} ${route}`),
    async close() {
      await http.close();
      await sandbox.stop();
    },
  };
}

function named(record: { readonly id: number; readonly name: string }) {
  return { id: String(record.id), name: record.name };
}

/** North American numbers are enough here. */
function parsePhone(raw: string): Phone {
  const [number = '', extension = null] = raw.split(/\s*x(?=\d+$)/);
  const digits = number.replace(/\D/g, '');
  const national = digits.replace(/^1(?=\d{10}$)/, '');
  return { raw, e164: /^\d{10}$/.test(national) ? `+1${national}` : null, extension };
}
