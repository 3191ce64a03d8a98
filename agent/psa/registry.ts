import type { ErrorCode } from '../../core/errors.ts';
import type { NamedType } from '../../core/model/contact.ts';
import type { Phone } from '../../core/model/phone.ts';
import type { PsaSettings, PsaType } from '../../core/model/settings.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { HttpClient, HttpClientOptions } from '../http/http-client.ts';
import type { HttpClock } from '../http/http-clock.ts';
import { Redacted } from '../secrets/redacted.ts';
import { createAutotask } from './autotask/adapter.ts';
import type { AutotaskMemory } from './autotask/memory.ts';
import { autotaskAddress, productName as autotaskName, ownShare, tenantRequestsPerHour } from './autotask/products.ts';
import { createBms } from './bms/adapter.ts';
import type { BmsMemory } from './bms/memory.ts';
import { bmsAddress, bmsProducts, bmsRequestsPerHour } from './bms/products.ts';
import { createConnectWise } from './connectwise/adapter.ts';
import { connectWiseAddress, connectWiseName, connectWiseRequestsPerMinute } from './connectwise/product.ts';
import type { ConnectWiseMemory } from './connectwise/tenant.ts';

/** What the configuration says of the PSA, secrets resolved. */
export interface PsaConnection
  extends Pick<PsaSettings, 'type' | 'emailType' | 'emailTypeId' | 'phoneType' | 'phoneTypeId' | 'blankPhone'> {
  /** Empty: the product's own address. */
  readonly baseUrl: string;
  readonly credentials: PsaCredentials;
  /** ConnectWise: where the key goes that rollcall gives its contacts; empty: nowhere. */
  readonly externalKeyField: string;
  /** Autotask: rollcall's part of the hourly budget of all integrations, from 0 to 1; half of it when not given. */
  readonly budgetShare?: number;
}

/** The credentials of all PSAs; those that the chosen one does not take are empty. */
export interface PsaCredentials {
  readonly userName: string;
  readonly password: Redacted;
  readonly tenant: string;
  readonly company: string;
  readonly publicKey: string;
  readonly privateKey: Redacted;
  readonly clientId: string;
  readonly secret: Redacted;
  readonly integrationCode: string;
}

/** To put in what the chosen PSA takes. */
export const noPsaCredentials: PsaCredentials = {
  userName: '',
  password: new Redacted(''),
  tenant: '',
  company: '',
  publicKey: '',
  privateKey: new Redacted(''),
  clientId: '',
  secret: new Redacted(''),
  integrationCode: '',
};

export interface PsaParts {
  /** Made with `psaHttpOptions`, so that the vendor's limits are kept. */
  readonly http: HttpClient;
  /** The HTTP client's: `systemClock`. */
  readonly clock: Pick<HttpClock, 'now' | 'wait'>;
  /** Ends waiting with `INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  readonly parsePhone: (raw: string) => Phone;
  /** What is known of the PSA beyond the life of one adapter; nothing when not given. */
  readonly memory?: PsaMemory | undefined;
}

/**
 * What the adapters of a process share: Autotask's zones, and how much of their budget is used; where ConnectWise tenants live; sign-ins of
 * BMS, and how its filters work.
 */
export interface PsaMemory {
  readonly autotask: AutotaskMemory;
  readonly connectwise: ConnectWiseMemory;
  readonly bms: BmsMemory;
}

export function createPsaMemory(): PsaMemory {
  return { autotask: new Map(), connectwise: new Map(), bms: new Map() };
}

const defaultBudgetShare = 0.5;

const codes = {
  unreachable: 'PSA_UNREACHABLE',
  rateLimited: 'PSA_RATE_LIMITED',
  serverError: 'PSA_SERVER_ERROR',
  answerInvalid: 'PSA_ANSWER_INVALID',
} as const satisfies Readonly<Record<string, ErrorCode>>;

/**
 * Name, error codes and rate limit for the PSA's HTTP client; `null` for no PSA. `budgetShare`: rollcall's part of a budget that all
 * integrations have together, from 0 to 1.
 */
export function psaHttpOptions(
  type: PsaType,
  budgetShare = defaultBudgetShare,
): Pick<HttpClientOptions, 'service' | 'codes' | 'limits'> | null {
  if (type === 'none') return null;
  if (type === 'autotask') {
    const requests = Math.floor(ownShare(budgetShare) * tenantRequestsPerHour);
    return { service: autotaskName, codes, limits: [{ requests, windowMs: 3_600_000 }] };
  }
  if (type === 'connectwise')
    return { service: connectWiseName, codes, limits: [{ requests: connectWiseRequestsPerMinute, windowMs: 60_000 }] };
  const limits = [{ requests: bmsRequestsPerHour, windowMs: 3_600_000 }];
  return { service: bmsProducts[type].displayName, codes, limits };
}

/** Name and address of the PSA's API; `null` for no PSA. Throws `CONFIG_INVALID`. */
export function psaAddress(type: PsaType, baseUrl: string): { readonly name: string; readonly url: string } | null {
  if (type === 'connectwise') return { name: connectWiseName, url: connectWiseAddress(baseUrl) };
  if (type === 'autotask') return { name: autotaskName, url: autotaskAddress(baseUrl) };
  if (type !== 'bms' && type !== 'vorex' && type !== 'pulseway') return null;
  return { name: bmsProducts[type].displayName, url: bmsAddress(type, baseUrl) };
}

/** The adapter of the configured PSA; `null` for no PSA. Sends nothing yet. Throws `CONFIG_INVALID`. */
export function createPsa(connection: PsaConnection, parts: PsaParts): Psa | null {
  const adapter = createAdapter(connection, parts);
  return adapter === null ? null : { ...adapter, tenant: tenantOf(connection) };
}

function tenantOf({ type, baseUrl, credentials }: PsaConnection): string {
  const logins = { connectwise: credentials.company, autotask: credentials.userName.replace(/^.*@/, ''), none: '' };
  const login = type === 'bms' || type === 'vorex' || type === 'pulseway' ? credentials.tenant : logins[type];
  return [type, psaAddress(type, baseUrl)?.url ?? '', login.trim().toLowerCase()].join(' ');
}

function createAdapter(connection: PsaConnection, parts: PsaParts): Omit<Psa, 'tenant'> | null {
  if (connection.type === 'none') return null;
  const { baseUrl, credentials, blankPhone, externalKeyField, budgetShare = defaultBudgetShare } = connection;
  const { memory, ...edges } = parts;
  if (connection.type === 'autotask') {
    return createAutotask({ baseUrl, credentials, budgetShare, memory: memory?.autotask, ...edges });
  }
  const pinnedTypes = {
    email: pinned(connection.emailType, connection.emailTypeId),
    phone: pinned(connection.phoneType, connection.phoneTypeId),
  };
  if (connection.type === 'connectwise') {
    return createConnectWise({ baseUrl, credentials, pinnedTypes, externalKeyField, ...edges, memory: memory?.connectwise });
  }
  return createBms({
    product: connection.type,
    baseUrl,
    credentials,
    blankPhone,
    pinnedTypes,
    ...edges,
    memory: memory?.bms,
  });
}

/** A pinned id belongs to the type that was chosen by name; without a name nothing was chosen. */
function pinned(name: string, id: string): NamedType | null {
  return name.trim() === '' || id === '' ? null : { id, name: name.trim() };
}
