import { setTimeout as delay } from 'node:timers/promises';
import { createHttpClient, type HttpClient } from '../../agent/http/http-client.ts';
import { createPsa, createPsaMemory, noPsaCredentials, psaHttpOptions } from '../../agent/psa/registry.ts';
import { Redacted } from '../../agent/secrets/redacted.ts';
import { psaContactId } from '../../core/model/ids.ts';
import type { Phone } from '../../core/model/phone.ts';
import type { Psa } from '../../core/ports/psa.ts';
import { createFakeClock, type FakeClock } from '../agent/http/fake-clock.ts';
import type { PsaWrite } from '../fixtures/fake-psa.ts';
import { type AutotaskSandbox, startAutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import type { AutotaskSwitches } from '../sandbox/autotask/switches.ts';
import type { PsaWorld, SeedContact } from './psa.contract.ts';

export interface AutotaskWorld extends PsaWorld {
  readonly sandbox: AutotaskSandbox;
  readonly http: HttpClient;
  readonly clock: FakeClock;
  readonly link: null;
  /** Another adapter of the same process, as the next job makes one. */
  again(): Psa;
}

interface WorldOptions {
  readonly switches?: Partial<AutotaskSwitches>;
  readonly budgetShare?: number;
  /** Waiting takes its time, for what the sandbox does by the machine's clock. */
  readonly waits?: 'real';
}

const writeRoutes: Readonly<Record<PsaWrite, { readonly method: string; readonly path: RegExp }>> = {
  createContact: { method: 'POST', path: /\/Companies\/\d+\/Contacts$/ },
  // There is no second call.
  completeContact: { method: 'PUT', path: /\/Companies\/\d+\/Contacts$/ },
  updateContact: { method: 'PATCH', path: /\/Companies\/\d+\/Contacts$/ },
};

/** The real adapter with the real HTTP client against the Autotask sandbox; waiting takes no time, and moves the sandbox's clock. */
export async function openAutotaskWorld({ switches = {}, budgetShare = 0.5, waits }: WorldOptions = {}): Promise<AutotaskWorld> {
  const clock = waits === 'real' ? withRealWaits(createFakeClock()) : createFakeClock();
  const sandbox = await startAutotaskSandbox({ clock: () => clock.now(), switches });
  const { data } = sandbox;
  const company = data.addCompany({ companyName: 'Acme' });
  const otherCompany = data.addCompany({ companyName: 'Acme Holdings' });
  const main = data.addLocation({ companyID: company.id, name: 'Head Office', isPrimary: true });
  const depot = data.addLocation({ companyID: company.id, name: 'Depot' });
  data.addLocation({ companyID: company.id, name: 'Closed', isActive: false });
  const elsewhere = data.addLocation({ companyID: otherCompany.id, name: 'Holdings', isPrimary: true });

  const options = psaHttpOptions('autotask', budgetShare);
  if (options === null) throw new Error('there are options for Autotask');
  const http = createHttpClient({ ...options, clock, random: () => 0.5, timeouts: { whole: 5_000 } });
  const { userName, secret, integrationCode } = sandbox.credentials;
  const memory = createPsaMemory();
  function again(): Psa {
    const psa = createPsa(
      {
        type: 'autotask',
        baseUrl: sandbox.url,
        externalKeyField: '',
        credentials: { ...noPsaCredentials, userName, secret: new Redacted(secret), integrationCode },
        budgetShare,
        emailType: 'Work',
        emailTypeId: '',
        phoneType: 'Work',
        phoneTypeId: '',
        blankPhone: '000-000-0000',
      },
      { http, clock, parsePhone, memory },
    );
    if (psa === null) throw new Error('there is an adapter for Autotask');
    return psa;
  }

  function seed({ companyId, locationId, firstName, lastName, title, active, externalKey, ...lists }: SeedContact) {
    const isOther = companyId === String(otherCompany.id);
    const record = data.addContact({
      companyID: isOther ? otherCompany.id : company.id,
      companyLocationID: locationId === undefined ? (isOther ? elsewhere : main).id : Number(locationId),
      firstName: firstName === undefined ? 'Ada' : (firstName ?? ''),
      lastName: lastName ?? 'Byron',
      title: title ?? null,
      isActive: active === false ? 0 : 1,
      externalID: externalKey ?? null,
      ...fieldsOf(lists),
    });
    return psaContactId(String(record.id));
  }

  const editContact: PsaWorld['editContact'] = (id, { locationId, firstName, lastName, title, active, ...lists }) => {
    data.updateContact(Number(id), {
      ...(locationId === undefined ? {} : { companyLocationID: Number(locationId) }),
      ...(firstName === undefined ? {} : { firstName: firstName ?? '' }),
      ...(lastName === undefined ? {} : { lastName: lastName ?? '' }),
      ...(title === undefined ? {} : { title }),
      ...(active === undefined ? {} : { isActive: active ? 1 : 0 }),
      ...fieldsOf(lists),
    });
  };

  return {
    psa: again(),
    again,
    sandbox,
    http,
    clock,
    passTime: (ms) => void clock.wait(ms),
    company: { id: String(company.id), name: company.companyName },
    otherCompany: { id: String(otherCompany.id), name: otherCompany.companyName },
    locations: [
      { id: String(main.id), name: main.name, main: true },
      { id: String(depot.id), name: depot.name, main: false },
    ],
    emailType: { id: 'emailAddress', name: 'Work' },
    phoneType: { id: 'phone', name: 'Work' },
    mobileType: { id: 'mobilePhone', name: 'Mobile' },
    seed,
    editContact,
    link: null,
    failNext: (call, fault) => void sandbox.faults.add({ kind: fault === 'refused' ? 'bad-request' : fault, match: writeRoutes[call] }),
    async close() {
      await http.close();
      await sandbox.stop();
    },
  };
}

function withRealWaits(clock: FakeClock): FakeClock {
  return {
    ...clock,
    async wait(ms) {
      await delay(ms);
      await clock.wait(ms);
    },
  };
}

function fieldsOf({ emails, phones }: Pick<SeedContact, 'emails' | 'phones'>) {
  const [emailAddress = null, emailAddress2 = null, emailAddress3 = null] = emails ?? [];
  const [phone = null, mobilePhone = null, alternatePhone = null] = phones ?? [];
  return {
    ...(emails === undefined ? {} : { emailAddress, emailAddress2, emailAddress3 }),
    ...(phones === undefined ? {} : { phone, mobilePhone, alternatePhone }),
  };
}

/** North American numbers are enough here. */
function parsePhone(raw: string): Phone {
  const [number = '', extension = null] = raw.split(/\s*x(?=\d+$)/);
  const digits = number.replace(/\D/g, '');
  const national = digits.replace(/^1(?=\d{10}$)/, '');
  return { raw, e164: /^\d{10}$/.test(national) ? `+1${national}` : null, extension };
}
