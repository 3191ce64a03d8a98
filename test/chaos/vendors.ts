import { type BmsSandbox, startBmsSandbox } from '../sandbox/bms/bms-sandbox.ts';
import { dig } from '../sandbox/call.ts';
import type { SandboxRequest } from '../sandbox/exchange.ts';
import { type ItGlueSandbox, startItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { bmsForOwnSync } from '../sandbox/it-glue/own-sync-bms.ts';
import { idText, parseJson } from '../sandbox/json.ts';
import { startTlsFront, type TlsFront } from '../sandbox/proxy/tls-front.ts';
import type { WriteEvent } from '../sandbox/write-watch.ts';

/** One customer, in both clouds. */
interface Customer {
  readonly id: string;
  readonly name: string;
  /** Of the PSA. */
  readonly company: number;
}

/** A write as the vendor saw it. */
export interface SeenWrite {
  readonly when: 'before' | 'after';
  readonly at: number;
  readonly vendor: 'it-glue' | 'psa';
  /** Whose credentials it came with. */
  readonly hub: string;
  /** Id in IT Glue; `null`: of the account as a whole. */
  readonly organization: string | null;
  readonly method: string;
  readonly path: string;
  readonly isCreate: boolean;
}

interface HubCredentials {
  readonly itGlueKey: string;
  readonly userName: string;
  readonly password: string;
}

/** The clouds of all vendors, strict, each with an address by TLS. Every hub has credentials of its own, so that writes can be told apart. */
export interface Vendors extends AsyncDisposable {
  readonly itGlue: ItGlueSandbox;
  readonly bms: BmsSandbox;
  readonly tenant: string;
  readonly ports: { readonly itGlue: number; readonly psa: number };
  readonly customers: readonly Customer[];
  /** All that were carried out so far, in their order. */
  readonly writes: readonly SeenWrite[];
  credentials(hub: string): HubCredentials;
  /** Called for each write before and after it is carried out; the returned function takes it away. */
  onWrite(look: (write: SeenWrite) => void): () => void;
}

const customerNames = ['Acme Fittings', 'Globex', 'Initech', 'Umbrella Tools'];

export async function startVendors(
  hubs: readonly string[],
  options: { readonly customers: number; readonly host: string; readonly certificate: { readonly key: string; readonly cert: string } },
): Promise<Vendors> {
  const credentials = new Map(
    hubs.map((hub) => [
      hub,
      { itGlueKey: `ITG.${Buffer.from(hub.padEnd(16, '.')).toString('hex')}`, userName: `${hub}@msp.example.test`, password: `psa-${hub}` },
    ]),
  );
  const bms = await startBmsSandbox({ switches: { hourlyLimit: 100_000 } });
  const itGlue = await startItGlueSandbox({
    psa: bmsForOwnSync(bms),
    otherKeys: [...credentials.values()].map(({ itGlueKey }) => itGlueKey),
    switches: { rateLimit: { requests: 100_000, windowMs: 300_000 } },
  });
  const { tenant } = bms.credentials;
  for (const { userName, password } of credentials.values()) bms.data.addUser({ userName, password, tenant });
  const customers = Array.from({ length: options.customers }, (_, index) => addCustomer(itGlue, bms, index));

  const writes: SeenWrite[] = [];
  const looks = new Set<(write: SeenWrite) => void>();
  const see = (write: SeenWrite): void => {
    if (write.when === 'after') writes.push(write);
    for (const look of looks) look(write);
  };
  const hubOfKey = (key: string | undefined): string => hubs.find((hub) => credentials.get(hub)?.itGlueKey === key) ?? 'somebody';
  const hubOfToken = (authorization: string | undefined): string => {
    const token = bms.data.tokens.find(({ accessToken }) => authorization === `Bearer ${accessToken}`);
    return hubs.find((hub) => credentials.get(hub)?.userName === token?.userName) ?? 'somebody';
  };
  itGlue.onRequest((event) =>
    see({
      ...common(event),
      vendor: 'it-glue',
      hub: hubOfKey(event.request.headers['x-api-key']),
      organization: organizationOf(itGlue, event.request),
    }),
  );
  bms.onRequest((event) =>
    see({
      ...common(event),
      vendor: 'psa',
      hub: hubOfToken(event.request.headers['authorization']),
      organization: customers.find(({ company }) => company === companyOf(bms, event.request))?.id ?? null,
    }),
  );
  const fronts: TlsFront[] = [];
  for (const { url } of [itGlue, bms]) fronts.push(await startTlsFront(Number(new URL(url).port), options.certificate, options.host));

  return {
    itGlue,
    bms,
    tenant,
    ports: { itGlue: fronts[0]?.port ?? 0, psa: fronts[1]?.port ?? 0 },
    customers,
    writes,
    credentials(hub) {
      const found = credentials.get(hub);
      if (found === undefined) throw new Error(`There is no hub "${hub}".`);
      return found;
    },
    onWrite(look) {
      looks.add(look);
      return () => looks.delete(look);
    },
    async [Symbol.asyncDispose]() {
      for (const front of fronts) await front[Symbol.asyncDispose]();
      await itGlue.stop();
      await bms.stop();
    },
  };
}

function addCustomer(itGlue: ItGlueSandbox, bms: BmsSandbox, index: number): Customer {
  const name = customerNames[index] ?? `Customer ${index + 1}`;
  const { id } = itGlue.data.addOrganization({ id: String(4711 + index), name, typeName: 'Customer', statusName: 'Active' });
  itGlue.data.addLocation({ organizationId: id, name: 'Head Office', primary: true });
  const company = bms.data.addAccount({ id: 250 + index, name }).id;
  const locationId = bms.data.addLocation({ accountId: company, name: 'Head Office', main: true }).id;
  // BMS publishes no list of its types: they are learned from a contact.
  bms.data.addContact({
    accountId: company,
    locationId,
    firstName: 'Front',
    lastName: 'Desk',
    emails: [{ emailAddress: `desk@c${index}.test` }],
    phones: [{ phone: '4155550199' }],
  });
  return { id, name, company };
}

function common({ when, request }: WriteEvent): Pick<SeenWrite, 'when' | 'at' | 'method' | 'path' | 'isCreate'> {
  return { when, at: Date.now(), method: request.method, path: request.path, isCreate: request.method === 'POST' };
}

/** Of a path that names it, of the contact that it names, or of the body's first record. */
function organizationOf({ data }: ItGlueSandbox, { path, body }: SandboxRequest): string | null {
  const named = /^\/organizations\/(\d+)/.exec(path)?.[1] ?? data.contacts.get(/^\/contacts\/(\d+)/.exec(path)?.[1] ?? '')?.organizationId;
  if (named !== undefined) return named;
  const json = parsed(body);
  const first = dig(json, 'data', 0) ?? dig(json, 'data');
  const told = idText(dig(first, 'attributes', 'organization-id') ?? dig(first, 'attributes', 'organization_id'));
  if (told !== null) return told;
  const id = idText(dig(first, 'attributes', 'id') ?? dig(first, 'id')) ?? '';
  return (data.contacts.get(id) ?? data.assets.get(id))?.organizationId ?? null;
}

function companyOf({ data }: BmsSandbox, { path, body }: SandboxRequest): number | null {
  const id = /^\/v2\/crm\/contacts\/(\d+)/i.exec(path)?.[1];
  if (id !== undefined) return data.contacts.get(Number(id))?.accountId ?? null;
  const json = parsed(body);
  const told = idText(dig(json, 'AccountId') ?? dig(json, 'accountId'));
  return told === null ? null : Number(told);
}

function parsed(body: Buffer): unknown {
  try {
    return parseJson(body.toString('utf8'));
  } catch {
    return null;
  }
}
