import { createHttpClient, type HttpClient } from '../../agent/http/http-client.ts';
import type { BmsProduct } from '../../agent/psa/bms/products.ts';
import { createPsa, noPsaCredentials, psaHttpOptions } from '../../agent/psa/registry.ts';
import { Redacted } from '../../agent/secrets/redacted.ts';
import { psaContactId } from '../../core/model/ids.ts';
import type { Phone } from '../../core/model/phone.ts';
import { createFakeClock } from '../agent/http/fake-clock.ts';
import type { PsaWrite } from '../fixtures/fake-psa.ts';
import { type BmsSandbox, startBmsSandbox } from '../sandbox/bms/bms-sandbox.ts';
import type { BmsSwitches } from '../sandbox/bms/switches.ts';
import type { PsaWorld, SeedContact } from './psa.contract.ts';

export interface BmsWorld extends PsaWorld {
  readonly sandbox: BmsSandbox;
  readonly http: HttpClient;
  readonly link: NonNullable<PsaWorld['link']>;
}

const writeRoutes: Readonly<Record<PsaWrite, { readonly method: string; readonly path: RegExp }>> = {
  createContact: { method: 'POST', path: /\/crm\/contacts\/summary$/ },
  completeContact: { method: 'PATCH', path: /\/crm\/contacts\/\d+$/ },
  updateContact: { method: 'PATCH', path: /\/crm\/contacts\/\d+$/ },
};

/** The real adapter with the real HTTP client against the BMS sandbox; waiting takes no time, and moves the sandbox's clock. */
export async function openBmsWorld(switches: Partial<BmsSwitches> = {}, product: BmsProduct = 'bms'): Promise<BmsWorld> {
  const clock = createFakeClock();
  const sandbox = await startBmsSandbox({ clock: () => clock.now(), switches });
  const company = sandbox.data.addAccount({ name: 'Acme' });
  const otherCompany = sandbox.data.addAccount({ name: 'Acme Holdings' });
  const main = sandbox.data.addLocation({ accountId: company.id, name: 'Head Office', main: true });
  const depot = sandbox.data.addLocation({ accountId: company.id, name: 'Depot' });
  const elsewhere = sandbox.data.addLocation({ accountId: otherCompany.id, name: 'Holdings', main: true });

  const options = psaHttpOptions(product);
  if (options === null) throw new Error('there are options for BMS');
  const http = createHttpClient({ ...options, clock, random: () => 0.5, timeouts: { whole: 5_000 } });
  const { userName, password, tenant } = sandbox.credentials;
  const psa = createPsa(
    {
      type: product,
      baseUrl: sandbox.url,
      externalKeyField: '',
      credentials: { ...noPsaCredentials, userName, password: new Redacted(password), tenant },
      emailType: 'Work',
      emailTypeId: '',
      phoneType: 'Work',
      phoneTypeId: '',
      blankPhone: '000-000-0000',
    },
    { http, clock, parsePhone },
  );
  if (psa === null) throw new Error('there is an adapter for BMS');

  function seed(contact: SeedContact) {
    const { accountId, locationId } = contact.companyId === String(otherCompany.id) ? ofOther : ofCompany;
    const record = sandbox.data.addContact({
      accountId,
      locationId: contact.locationId === undefined ? locationId : Number(contact.locationId),
      firstName: contact.firstName === undefined ? 'Ada' : (contact.firstName ?? ''),
      lastName: contact.lastName ?? null,
      jobTitle: contact.title ?? null,
      active: contact.active ?? true,
      emails: (contact.emails ?? []).map((emailAddress) => ({ emailAddress, emailType: 'Work' })),
      phones: (contact.phones ?? []).map((phone) => ({ phone, phoneType: 'Work' })),
    });
    return psaContactId(String(record.id));
  }

  const editContact: PsaWorld['editContact'] = (id, { locationId, firstName, lastName, title, emails, phones, active }) => {
    const { data } = sandbox;
    const [emailType, phoneType] = [data.addEmailType('Work'), data.addPhoneType('Work')];
    data.updateContact(Number(id), {
      ...(locationId === undefined ? {} : { locationId: Number(locationId) }),
      ...(firstName === undefined ? {} : { firstName: firstName ?? '' }),
      ...(lastName === undefined ? {} : { lastName }),
      ...(title === undefined ? {} : { jobTitle: title }),
      ...(emails === undefined ? {} : { emails: emails.map((value, index) => data.newEmail(value, emailType, index === 0)) }),
      ...(phones === undefined ? {} : { phones: phones.map((value, index) => data.newPhone(value, phoneType, index === 0)) }),
      ...(active === undefined ? {} : { active }),
    });
  };
  const ofCompany = { accountId: company.id, locationId: main.id };
  const ofOther = { accountId: otherCompany.id, locationId: elsewhere.id };

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
    emailType: { id: String(sandbox.data.emailTypeId('Work')), name: 'Work' },
    phoneType: { id: String(sandbox.data.phoneTypeId('Work')), name: 'Work' },
    mobileType: { id: String(sandbox.data.phoneTypeId('Mobile')), name: 'Mobile' },
    seed,
    editContact,
    link: (id, linked) => sandbox.data.linkItGlueContact(Number(id), linked, 'Linked'),
    failNext: (call, fault) => void sandbox.faults.add({ kind: fault === 'refused' ? 'bad-request' : fault, match: writeRoutes[call] }),
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
