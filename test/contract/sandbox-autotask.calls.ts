import type { AutotaskSandbox, AutotaskSandboxOptions } from '../sandbox/autotask/autotask-sandbox.ts';
import { startAutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import type { Called } from '../sandbox/call.ts';
import { call, dig } from '../sandbox/call.ts';

/** The Autotask sandbox with two companies, and how a test calls it. */
export interface AutotaskCalls {
  readonly sandbox: AutotaskSandbox;
  readonly headers: Readonly<Record<string, string>>;
  /** `path` after `V1.0/`, or a whole address; a body is sent as JSON. */
  send(method: string, path: string, body?: unknown): Promise<Called>;
  close(): Promise<void>;
}

/** Company 250 with locations 601 (primary) and contact 7 (Ann Bell), company 251 with location 602, and company 0, the MSP itself. */
export async function openAutotask(options: AutotaskSandboxOptions = {}): Promise<AutotaskCalls> {
  const sandbox = await startAutotaskSandbox(options);
  const { data, credentials } = sandbox;
  data.addCompany({ id: 0, companyName: 'Sandbox MSP' });
  data.addCompany({ id: 250, companyName: 'Northwind Dental' });
  data.addCompany({ id: 251, companyName: 'Northwind Dental East', isActive: false });
  data.addLocation({ id: 601, companyID: 250, name: 'Main Street', isPrimary: true });
  data.addLocation({ id: 602, companyID: 251, name: 'East Side' });
  data.addContact({
    id: 7,
    companyID: 250,
    companyLocationID: 601,
    firstName: 'Ann',
    lastName: 'Bell',
    title: 'Nurse',
    emailAddress: 'ann@northwind.example.test',
    emailAddress2: 'ann.bell@northwind.example.test',
    phone: '(415) 555-0123',
    externalID: 'u-ann',
  });
  const headers = { UserName: credentials.userName, Secret: credentials.secret, ApiIntegrationCode: credentials.integrationCode };
  return {
    sandbox,
    headers,
    send: (method, path, body) =>
      call(method, path.startsWith('http:') ? path : `${sandbox.zoneUrl}/ATServicesRest/V1.0/${path}`, {
        headers: { ...headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body }),
      }),
    close: () => sandbox.stop(),
  };
}

/** Ids of a list. */
export function ids(answer: Called): readonly unknown[] {
  const items = dig(answer.json, 'items');
  return Array.isArray(items) ? items.map((item) => dig(item, 'id')) : [];
}

/** Error texts, joined; empty when there are none. */
export function errors(answer: Called): string {
  const texts = dig(answer.json, 'errors');
  return Array.isArray(texts) ? texts.join(' | ') : '';
}
