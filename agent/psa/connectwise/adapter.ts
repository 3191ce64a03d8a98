import { RollcallError } from '../../../core/errors.ts';
import type { Phone } from '../../../core/model/phone.ts';
import type { Psa } from '../../../core/ports/psa.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import { type ConnectWiseCredentials, createConnectWiseClient } from './client.ts';
import { createCompanyReads } from './companies.ts';
import type { ContactReader } from './contact.ts';
import { createContactReads } from './contact-reads.ts';
import { createTypeLookup, type PinnedTypes } from './contact-types.ts';
import { createContactWrites } from './contact-writes.ts';
import { readKeyPlace } from './external-key.ts';
import { connectWiseAdapterNames, connectWiseAddress, connectWiseName, connectWiseRequirements } from './product.ts';
import { systemInfoSchema } from './schema.ts';
import { type ConnectWiseMemory, tenantMemory } from './tenant.ts';

export interface ConnectWiseOptions {
  /** Empty: North America's. */
  readonly baseUrl: string;
  readonly credentials: ConnectWiseCredentials;
  /** Made with the PSA's error codes and `connectWiseRequestsPerMinute`. */
  readonly http: HttpClient;
  /** The HTTP client's. */
  readonly clock: Pick<HttpClock, 'wait'>;
  /** Ends waiting with `INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  readonly parsePhone: (raw: string) => Phone;
  /** Types whose ids the operator pinned; they win over the look-up. */
  readonly pinnedTypes: PinnedTypes;
  /** `psa.externalKeyField`; empty: contacts carry no key. */
  readonly externalKeyField: string;
  /** The process's memory of tenants; one for this adapter when not given. */
  readonly memory?: ConnectWiseMemory | undefined;
}

/** Writes under way at once; the vendor's answers slow down beyond three to five. */
const writesAtOnce = 3;

/** Makes the adapter for ConnectWise PSA (Manage). Nothing is sent before the first call. */
export function createConnectWise(options: ConnectWiseOptions): Omit<Psa, 'tenant'> {
  const { credentials, http, clock, signal } = options;
  const address = connectWiseAddress(options.baseUrl);
  const memory = tenantMemory(options.memory ?? new Map(), address, credentials.company);
  const client = createConnectWiseClient({ address, credentials, http, clock, memory, signal });
  const reader: ContactReader = { parsePhone: options.parsePhone, keyPlace: readKeyPlace(options.externalKeyField) };
  const types = createTypeLookup(client, options.pinnedTypes, memory);
  const { loadRow, ...reads } = createContactReads(client, reader, () => types.ignoresCase());

  async function check(): ReturnType<Psa['check']> {
    const { codebase, version } = await client.info();
    const what = 'reading the system’s information';
    const reply = await client.get(what, { path: '/system/info' }).catch((error: unknown) => {
      throw explained(error);
    });
    const system = client.parse(what, systemInfoSchema, reply.value);
    const facts = {
      product: connectWiseName,
      address,
      company: credentials.company,
      codebase,
      version: system.version ?? version,
      region: system.cloudRegion,
    };
    return { facts: Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== null)) };
  }

  return {
    displayName: connectWiseName,
    adapterNames: connectWiseAdapterNames,
    requirements: connectWiseRequirements,
    hasExternalKey: reader.keyPlace.kind !== 'none',
    writesAtOnce,
    check,
    ...createCompanyReads(client, () => types.ignoresCase()),
    listTypes: () => types.list(),
    ...reads,
    ...createContactWrites({ client, reader, loadRow }),
  };
}

/** The cloud answered `companyinfo` a moment ago, and may (the vendor's own note) give no answer at all to wrong keys. */
function explained(error: unknown): unknown {
  if (!(error instanceof RollcallError) || error.code !== 'PSA_UNREACHABLE') return error;
  const words = `${connectWiseName} tells its version, but does not answer the sign-in. That is also what it does to wrong keys or client id.`;
  return new RollcallError('PSA_UNREACHABLE', words, { place: error.place, cause: error });
}
