import type { Phone } from '../../../core/model/phone.ts';
import type { Psa } from '../../../core/ports/psa.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import { type AutotaskCredentials, createAutotaskClient } from './client.ts';
import { createCompanies } from './companies.ts';
import { createContactFields } from './contact-fields.ts';
import { createContactReads } from './contact-reads.ts';
import { createContactWrites } from './contact-writes.ts';
import { type AutotaskMemory, tenantMemory } from './memory.ts';
import { adapterNames, autotaskAddress, autotaskRequirements, emailFields, phoneFields, productName } from './products.ts';

export interface AutotaskOptions {
  /** The host of the zone look-up; empty: the vendor's. */
  readonly baseUrl: string;
  readonly credentials: AutotaskCredentials;
  /** Made with the PSA's error codes and one limit, which is set anew once the tenant has told its own. */
  readonly http: HttpClient;
  /** The HTTP client's. */
  readonly clock: Pick<HttpClock, 'now' | 'wait'>;
  /** Ends waiting with `INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  readonly parsePhone: (raw: string) => Phone;
  /** rollcall's part of the tenant's hourly requests, from 0 to 1. */
  readonly budgetShare: number;
  /** Zone, usage and fields of tenants, shared by the adapters of a process; of its own when not given. */
  readonly memory?: AutotaskMemory | undefined;
}

/** Makes the adapter for Autotask PSA (REST API 1.0). Nothing is sent before the first call. */
export function createAutotask(options: AutotaskOptions): Omit<Psa, 'tenant'> {
  const address = autotaskAddress(options.baseUrl);
  const { credentials, http, clock, signal, parsePhone } = options;
  const memory = tenantMemory(options.memory ?? new Map(), address, credentials.userName);
  const client = createAutotaskClient({ address, credentials, http, clock, signal, memory, share: options.budgetShare });
  const fields = createContactFields(client, memory, clock);
  const { firstCompanyOf, ...reads } = createContactReads({
    client,
    memory,
    fields,
    reader: { parsePhone },
  });

  async function check(): ReturnType<Psa['check']> {
    await fields.check();
    const zone = await client.zone();
    const told = memory.usage;
    return {
      facts: {
        product: productName,
        address: zone.origin,
        ...(told === null || told.used === null
          ? {}
          : { requests: `${told.used} of ${told.limit} used by all integrations in the last hour` }),
        'external key': (await fields.isQueryable('externalID')) ? 'externalID' : 'externalID, which cannot be searched in this tenant',
      },
    };
  }

  return {
    displayName: productName,
    adapterNames,
    requirements: autotaskRequirements(() => fields.longest()),
    hasExternalKey: true,
    writesAtOnce: 2,
    check,
    ...createCompanies(client, memory),
    async listTypes() {
      // It has fields, not types; what is learned here are their lengths.
      await fields.load();
      return { email: emailFields.filter(hasName), phone: phoneFields.filter(hasName), contact: [] };
    },
    ...reads,
    ...createContactWrites({ client, getContact: reads.getContact, firstCompanyOf }),
  };
}

function hasName({ name }: { readonly name: string }): boolean {
  return name !== '';
}
