import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { createHttpClient } from '../../agent/http/http-client.ts';
import type { HttpClock } from '../../agent/http/http-clock.ts';
import { pushOrganizations } from '../../agent/pipeline/push-organizations.ts';
import { createPsa, createPsaMemory, noPsaCredentials, type PsaConnection, psaHttpOptions } from '../../agent/psa/registry.ts';
import { Redacted } from '../../agent/secrets/redacted.ts';
import type { Phone } from '../../core/model/phone.ts';
import type { PsaType } from '../../core/model/settings.ts';
import { openPipelineSite } from '../agent/pipeline/pipeline-site.ts';
import { contactEmail, contactPhone, organizationSettings, testOrganization } from '../fixtures/build.ts';
import { startAutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import { startBmsSandbox } from '../sandbox/bms/bms-sandbox.ts';
import { startConnectWiseSandbox } from '../sandbox/connectwise/connectwise-sandbox.ts';
import type { LoggedRequest } from '../sandbox/request-log.ts';

const contacts = Number(process.env['BENCH_PUSH_CONTACTS'] ?? 10_000);

interface Target {
  readonly type: Exclude<PsaType, 'none'>;
  /** How many times faster than the wall both clocks run: limits are scaled down by it. */
  readonly scale: number;
  /** What the budget is counted by: rollcall's own limit, of the requests that use it most. */
  readonly budget: { readonly requests: number; readonly windowMs: number; readonly counts: RegExp; readonly of: string };
  start(clock: () => number): Promise<Started>;
}

interface Started {
  readonly connection: Pick<PsaConnection, 'baseUrl' | 'credentials'>;
  readonly requests: readonly LoggedRequest[];
  readonly contacts: () => number;
  stop(): Promise<void>;
}

const targets: readonly Target[] = [
  {
    type: 'bms',
    scale: 100,
    budget: { requests: 1_400, windowMs: 3_600_000, counts: /^POST .*\/crm\/contacts\/summary$/, of: 'creates' },
    async start(clock) {
      const sandbox = await startBmsSandbox({ clock });
      const company = sandbox.data.addAccount({ name: 'Acme' });
      const location = sandbox.data.addLocation({ accountId: company.id, name: 'Head Office', main: true });
      // Its types are learned from a contact.
      const emails = [{ emailAddress: 'desk@acme.test', emailType: 'Work' }];
      const phones = [{ phone: '4155550199', phoneType: 'Work' }];
      sandbox.data.addContact({ accountId: company.id, locationId: location.id, firstName: 'Front', lastName: 'Desk', emails, phones });
      const { userName, password, tenant } = sandbox.credentials;
      return {
        connection: { baseUrl: sandbox.url, credentials: { ...noPsaCredentials, userName, password: new Redacted(password), tenant } },
        requests: sandbox.requests,
        contacts: () => sandbox.data.contacts.size - 1,
        stop: () => sandbox.stop(),
      };
    },
  },
  {
    type: 'connectwise',
    scale: 10,
    budget: { requests: 600, windowMs: 60_000, counts: /./, of: 'requests' },
    async start(clock) {
      const sandbox = await startConnectWiseSandbox({ clock });
      const company = sandbox.data.addCompany({ name: 'Acme' });
      sandbox.data.addSite({ companyId: company.id, name: 'Head Office', primary: true });
      sandbox.data.addCommunicationType('Work', 'Email');
      sandbox.data.addCommunicationType('Work', 'Phone');
      const { company: login, publicKey, privateKey, clientId } = sandbox.credentials;
      return {
        connection: {
          baseUrl: sandbox.url,
          credentials: { ...noPsaCredentials, company: login, publicKey, privateKey: new Redacted(privateKey), clientId },
        },
        requests: sandbox.requests,
        contacts: () => sandbox.data.contacts.size,
        stop: () => sandbox.stop(),
      };
    },
  },
  {
    type: 'autotask',
    scale: 100,
    budget: { requests: 5_000, windowMs: 3_600_000, counts: /./, of: 'requests' },
    async start(clock) {
      const sandbox = await startAutotaskSandbox({ clock });
      const company = sandbox.data.addCompany({ companyName: 'Acme' });
      sandbox.data.addLocation({ companyID: company.id, name: 'Head Office', isPrimary: true });
      const { userName, secret, integrationCode } = sandbox.credentials;
      return {
        connection: { baseUrl: sandbox.url, credentials: { ...noPsaCredentials, userName, secret: new Redacted(secret), integrationCode } },
        requests: sandbox.requests,
        contacts: () => sandbox.data.contacts.size,
        stop: () => sandbox.stop(),
      };
    },
  },
];

/** A first push of all contacts into an empty company: how much of rollcall's own budget is sustained, and whether anything is refused. */
export async function benchPush(): Promise<void> {
  const wanted = process.env['BENCH_PUSH_PSA'];
  for (const target of targets) if (wanted === undefined || wanted === target.type) await pushAll(target);
}

async function pushAll(target: Target): Promise<void> {
  const { type, scale, budget } = target;
  const clock = scaled(scale);
  const sandbox = await target.start(() => clock.now());
  const options = psaHttpOptions(type, 0.5);
  if (options === null) throw new Error(`there are options for ${type}`);
  const http = createHttpClient({ ...options, clock });
  const types = { emailType: 'Work', emailTypeId: '', phoneType: 'Work', phoneTypeId: '', blankPhone: '000-000-0000' };
  const psa = createPsa(
    { type, externalKeyField: '', budgetShare: 0.5, ...types, ...sandbox.connection },
    { http, clock, parsePhone, memory: createPsaMemory() },
  );
  await using site = await openPipelineSite([]);
  site.settings = organizationSettings({ psa: { type, twoWay: true, settleMinutes: 0, emailType: 'Work', phoneType: 'Work' } });
  for (let index = 0; index < contacts; index += 1) fill(site.itGlue, index);

  const [wallBefore, before, cpuBefore] = [performance.now(), clock.now(), process.cpuUsage()];
  const meter = meterOf(sandbox.requests, budget, () => clock.now() - before);
  const [document] = await pushOrganizations({ ...site.services, now: () => clock.now(), psa: () => psa }, site.store, [testOrganization], {
    organization: null,
    all: true,
    contacts: [],
    confirm: () => Promise.resolve(true),
  });
  const [seconds, elapsed, cpu] = [(performance.now() - wallBefore) / 1_000, clock.now() - before, process.cpuUsage(cpuBefore)];

  const { requests } = sandbox;
  const spent = requests.filter(({ method, path }) => budget.counts.test(`${method} ${path}`)).length;
  const { windows, inWindows } = meter.stop(elapsed);
  const sustained = windows === 0 ? 100 : (inWindows / (windows * budget.requests)) * 100;
  const refused = requests.filter(({ status }) => status === 429 || (status ?? 0) >= 500).length;
  const reads = requests.filter(({ method }) => method === 'GET').length;
  print(
    `${psa?.displayName}: ${contacts} contacts, clocks × ${scale}: ${seconds.toFixed(0)} s here, ${(elapsed / 3_600_000).toFixed(2)} h at the vendor's pace`,
  );
  print(
    `  pushed ${document?.applied.length ?? 0}, failed ${document?.failed.length ?? 0}, in the PSA ${sandbox.contacts()}, refused answers ${refused}`,
  );
  print(`  requests ${requests.length} (${(requests.length / contacts).toFixed(3)} a contact), ${reads} of them GET`);
  print(
    `  budget ${budget.requests} ${budget.of} in ${budget.windowMs / 60_000} min: ${spent} spent in ${(elapsed / 60_000).toFixed(0)} min; in the ${windows} whole windows of it ${inWindows}: ${sustained.toFixed(1)} % sustained (bound 90 %)`,
  );
  print(`  CPU of both, this program and the stand-in: ${((cpu.user + cpu.system) / 1e3 / contacts).toFixed(1)} ms a contact`);
  await http.close();
  await sandbox.stop();
}

/** Counts what was spent up to the end of each window. */
function meterOf(requests: readonly LoggedRequest[], { windowMs, counts }: Target['budget'], elapsed: () => number) {
  const atEnd: number[] = [];
  let read = 0;
  let spent = 0;
  const look = (): void => {
    const windows = Math.floor(elapsed() / windowMs);
    for (; read < requests.length; read += 1) {
      const request = requests[read];
      if (request !== undefined && counts.test(`${request.method} ${request.path}`)) spent += 1;
    }
    while (atEnd.length < windows) atEnd.push(spent);
  };
  const timer = setInterval(look, 10);
  return {
    stop(after: number) {
      clearInterval(timer);
      const windows = Math.min(atEnd.length, Math.floor(after / windowMs));
      return { windows, inWindows: atEnd[windows - 1] ?? 0 };
    },
  };
}

/** Both clocks run faster by the same factor: an hour's limit is used up in a part of it, and waits are as much shorter. */
function scaled(factor: number): HttpClock {
  const [start, from] = [Date.now(), performance.now()];
  const elapsed = (): number => (performance.now() - from) * factor;
  return {
    now: () => Math.floor(start + elapsed()),
    elapsed,
    wait: (ms) => delay(ms / factor),
  };
}

function fill(itGlue: Awaited<ReturnType<typeof openPipelineSite>>['itGlue'], index: number): void {
  const number = String(index).padStart(5, '0');
  itGlue.addContact(testOrganization, {
    firstName: `Given${number}`,
    lastName: `Family${number}`,
    title: `Title ${index % 40}`,
    locationId: '501',
    emails: [contactEmail(`user${number}@acme.test`, { label: 'Work', primary: true })],
    phones: [contactPhone(parsePhone(`+1415${String(2_000_000 + index)}`), { label: 'Work', primary: true })],
  });
}

function parsePhone(raw: string): Phone {
  const digits = raw.replace(/\D/g, '');
  return { raw, e164: /^1\d{10}$/.test(digits) ? `+${digits}` : null, extension: null };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
