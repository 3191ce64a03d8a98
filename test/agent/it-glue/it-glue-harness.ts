import { createHttpClient, type HttpClient, type HttpClientOptions } from '../../../agent/http/http-client.ts';
import { createItGlue, itGlueErrorCodes } from '../../../agent/it-glue/it-glue.ts';
import { type OrganizationId, organizationId } from '../../../core/model/ids.ts';
import type { Phone } from '../../../core/model/phone.ts';
import type { Documentation } from '../../../core/ports/documentation.ts';
import { type ItGlueSandbox, type ItGlueSandboxOptions, startItGlueSandbox } from '../../sandbox/it-glue/it-glue-sandbox.ts';
import { createFakeClock } from '../http/fake-clock.ts';

export interface ItGlueTest {
  readonly sandbox: ItGlueSandbox;
  readonly documentation: Documentation;
  readonly http: HttpClient;
  readonly organization: OrganizationId;
  readonly other: OrganizationId;
  readonly locationId: string;
  readonly contactTypeId: string;
  stop(): Promise<void>;
}

/** Ten digits are American; an extension is marked with an x. */
export function parseTestPhone(raw: string): Phone {
  const [number = '', extension = null] = raw.split(/\s*x\s*/u);
  const digits = number.replace(/\D+/gu, '').replace(/^1(?=\d{10}$)/u, '');
  return { raw, e164: digits.length === 10 ? `+1${digits}` : null, extension };
}

/** Starts a sandbox with two organizations, a location and a contact type, and the adapter on it. Waits take no time. */
export async function startItGlueTest(
  options: ItGlueSandboxOptions & { readonly http?: Partial<HttpClientOptions>; readonly key?: string } = {},
): Promise<ItGlueTest> {
  const sandbox = await startItGlueSandbox(options);
  const { data } = sandbox;
  const organization = organizationId(data.addOrganization({ name: 'Example Hill', typeName: 'Customer', statusName: 'Active' }).id);
  const other = organizationId(data.addOrganization({ name: 'Sample Valley' }).id);
  const locationId = data.addLocation({ organizationId: organization, name: 'Head Office', primary: true }).id;
  const contactTypeId = data.addContactType('End User').id;
  const http = createHttpClient({
    service: 'IT Glue',
    codes: itGlueErrorCodes,
    limits: [],
    clock: createFakeClock(),
    random: () => 0,
    timeouts: { whole: 5000 },
    ...options.http,
  });
  const documentation = createItGlue({
    region: 'us',
    baseUrl: sandbox.url,
    apiKey: options.key ?? sandbox.apiKey,
    http,
    parsePhone: parseTestPhone,
  });
  return {
    sandbox,
    documentation,
    http,
    organization,
    other,
    locationId,
    contactTypeId,
    async stop() {
      await http.close();
      await sandbox.stop();
    },
  };
}
