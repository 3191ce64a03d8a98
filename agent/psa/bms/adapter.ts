import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { NamedType } from '../../../core/model/contact.ts';
import type { Phone } from '../../../core/model/phone.ts';
import { nameKey } from '../../../core/normalize/person-name.ts';
import type { Psa, PsaCompany, PsaLocation } from '../../../core/ports/psa.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import { compareIds } from '../identity.ts';
import { createBmsClient, type QueryPairs } from './client.ts';
import type { ContactReader } from './contact.ts';
import { createContactReads } from './contact-reads.ts';
import { createTypeLookup, type PinnedTypes } from './contact-types.ts';
import { createContactWrites } from './contact-writes.ts';
import { type BmsMemory, tenantMemory } from './memory.ts';
import { type BmsProduct, bmsAddress, bmsProducts, bmsRequirements } from './products.ts';
import { type CompanyRow, companySchema, locationSchema, userInfoSchema } from './schema.ts';
import { type BmsCredentials, createSession } from './session.ts';

export interface BmsOptions {
  readonly product: BmsProduct;
  /** Empty: the product's own address. */
  readonly baseUrl: string;
  readonly credentials: BmsCredentials;
  /** Made with the PSA's error codes and `bmsRequestsPerHour` for each bucket. */
  readonly http: HttpClient;
  /** The HTTP client's. */
  readonly clock: Pick<HttpClock, 'now' | 'wait'>;
  /** Ends waiting with `INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  readonly parsePhone: (raw: string) => Phone;
  /** Types whose ids the operator pinned; they win over look-up and learning. */
  readonly pinnedTypes: PinnedTypes;
  /** The configured placeholder for "no phone"; empty: only the usual one reads back as blank (P2). */
  readonly blankPhone: string;
  /** What the process knows of the tenant already; nothing when not given. */
  readonly memory?: BmsMemory | undefined;
}

const companyPageSize = 100;
const companyPages = 200;

/** Makes the adapter for Kaseya BMS, Vorex and Pulseway PSA. Nothing is sent before the first call. */
export function createBms(options: BmsOptions): Omit<Psa, 'tenant'> {
  const { displayName, adapterNames } = bmsProducts[options.product];
  const address = bmsAddress(options.product, options.baseUrl);
  const { http, credentials, clock } = options;
  const memory = tenantMemory(options.memory ?? new Map(), address, credentials);
  const session = createSession({ productName: displayName, address, credentials, http, clock, memory });
  const client = createBmsClient({ productName: displayName, address, http, session, clock, signal: options.signal });
  const { seenTypes } = memory;
  const reader: ContactReader = { parsePhone: options.parsePhone, blankPhone: options.blankPhone, seenTypes };
  const { loadRow, ...reads } = createContactReads(client, reader, memory);
  const types = createTypeLookup(client, options.pinnedTypes, { seen: seenTypes, memory, clock });

  async function check(): ReturnType<Psa['check']> {
    const what = 'reading the own user';
    const reply = await client.get(what, { route: '/v2/security/userinfo' });
    const user = client.parse(what, userInfoSchema, reply.value ?? {});
    const facts = { product: displayName, address, user: user.userId, tenant: user.tenantId, business: user.businessName };
    return { facts: Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== null)) };
  }

  async function findCompany(by: Parameters<Psa['findCompany']>[0]): Promise<readonly PsaCompany[]> {
    const isById = 'id' in by;
    if (isById ? !/^\d+$/.test(by.id) : nameKey(by.name) === null) return [];
    const asked: QueryPairs = isById ? [['Filter.Ids', by.id]] : [['Filter.Name', by.name.trim()]];
    const rows = await readCompanies([...asked, ['Filter.WithInactiveAccounts', 'true']]);
    const wanted = rows.filter((row) => (isById ? row.id === by.id : nameKey(row.name) === nameKey(by.name)));
    const active = wanted.filter((row) => row.isActive !== false);
    return (active.length > 0 ? active : wanted)
      .map((row): PsaCompany => ({ id: row.id, name: row.name ?? '', ...(row.isActive === false ? { inactive: true } : {}) }))
      .sort((a, b) => compareIds(a.id, b.id));
  }

  async function listCompanies(onProgress?: (read: number) => void): Promise<readonly NamedType[]> {
    const rows = (await readCompanies([], onProgress)).filter((row) => row.isActive !== false);
    return rows.map((row) => ({ id: row.id, name: row.name ?? '' })).sort((a, b) => compareIds(a.id, b.id));
  }

  /** The look-up has no total: read on until a page brings nothing new. */
  async function readCompanies(filter: QueryPairs, onProgress?: (read: number) => void): Promise<readonly CompanyRow[]> {
    const what = 'looking up the company';
    const rows = new Map<string, CompanyRow>();
    for (let page = 1; page <= companyPages; page += 1) {
      const query = [...filter, ['PageSize', String(companyPageSize)], ['PageNumber', String(page)]] as const;
      const reply = await client.get(what, { route: '/v2/crm/accounts/lookup', query });
      const before = rows.size;
      for (const row of client.parse(what, z.array(companySchema), reply.value ?? [])) rows.set(row.id, row);
      if (rows.size === before) return [...rows.values()];
      onProgress?.(rows.size);
    }
    throw new RollcallError('PSA_UNSTABLE_LIST', `${displayName}: the look-up of companies did not come to an end.`, {
      place: { system: displayName },
    });
  }

  async function listLocations(companyId: string): Promise<readonly PsaLocation[]> {
    const what = 'listing locations';
    const reply = await client.get(what, { route: '/v2/crm/accounts/{accountId}/locations/lookup', path: { accountId: companyId } });
    const rows = client.parse(what, z.array(locationSchema), reply.value ?? []);
    if (rows.some((row) => row.accountId !== null && row.accountId !== companyId)) {
      throw new RollcallError('PSA_ANSWER_INVALID', `${displayName} answered with locations of another company than ${companyId}.`, {
        place: { system: displayName, company: companyId },
      });
    }
    return rows.map((row) => ({ id: row.id, name: row.name ?? '', main: row.isMain === true }));
  }

  return {
    displayName,
    adapterNames,
    requirements: bmsRequirements,
    hasExternalKey: false,
    // Each has its waits for budget and answer; the vendor names no limit of requests under way.
    writesAtOnce: 4,
    check,
    findCompany,
    listCompanies,
    listLocations,
    listTypes: types.find,
    ...reads,
    ...createContactWrites({ client, loadRow, reader }),
  };
}
