import { type ErrorCode, RollcallError } from '../../core/errors.ts';
import type { NamedType } from '../../core/model/contact.ts';
import type { Phone } from '../../core/model/phone.ts';
import type { PsaSettings, PsaType } from '../../core/model/settings.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { HttpClient, HttpClientOptions } from '../http/http-client.ts';
import type { HttpClock } from '../http/http-clock.ts';
import { Redacted } from '../secrets/redacted.ts';
import { createBms } from './bms/adapter.ts';
import { type BmsProduct, bmsAddress, bmsProducts, bmsRequestsPerHour } from './bms/products.ts';

/** What the configuration says of the PSA, secrets resolved. */
export interface PsaConnection
  extends Pick<PsaSettings, 'type' | 'emailType' | 'emailTypeId' | 'phoneType' | 'phoneTypeId' | 'blankPhone'> {
  /** Empty: the product's own address. */
  readonly baseUrl: string;
  readonly credentials: PsaCredentials;
  /** ConnectWise: where the key goes that rollcall gives its contacts; empty: nowhere. */
  readonly externalKeyField: string;
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
}

const codes = {
  unreachable: 'PSA_UNREACHABLE',
  rateLimited: 'PSA_RATE_LIMITED',
  serverError: 'PSA_SERVER_ERROR',
  answerInvalid: 'PSA_ANSWER_INVALID',
} as const satisfies Readonly<Record<string, ErrorCode>>;

/**
 * Name, error codes and rate limit for the PSA's HTTP client; `null` for no PSA. `budgetShare`: rollcall's part of a budget that all
 * integrations have together, from 0 to 1. Throws `PSA_TYPE_UNSUPPORTED`.
 */
export function psaHttpOptions(type: PsaType, _budgetShare = 0.5): Pick<HttpClientOptions, 'service' | 'codes' | 'limits'> | null {
  if (type === 'none') return null;
  const limits = [{ requests: bmsRequestsPerHour, windowMs: 3_600_000 }];
  return { service: bmsProducts[supported(type)].displayName, codes, limits };
}

/** Name and address of the PSA's API; `null` for no PSA, and for those of later versions. Throws `CONFIG_INVALID`. */
export function psaAddress(type: PsaType, baseUrl: string): { readonly name: string; readonly url: string } | null {
  if (type !== 'bms' && type !== 'vorex' && type !== 'pulseway') return null;
  return { name: bmsProducts[type].displayName, url: bmsAddress(type, baseUrl) };
}

/** The adapter of the configured PSA; `null` for no PSA. Sends nothing yet. Throws `PSA_TYPE_UNSUPPORTED`, `CONFIG_INVALID`. */
export function createPsa(connection: PsaConnection, parts: PsaParts): Psa | null {
  if (connection.type === 'none') return null;
  const { baseUrl, credentials, blankPhone } = connection;
  return createBms({
    product: supported(connection.type),
    baseUrl,
    credentials,
    blankPhone,
    pinnedTypes: {
      email: pinned(connection.emailType, connection.emailTypeId),
      phone: pinned(connection.phoneType, connection.phoneTypeId),
    },
    ...parts,
  });
}

function supported(type: Exclude<PsaType, 'none'>): BmsProduct {
  if (type === 'bms' || type === 'vorex' || type === 'pulseway') return type;
  const name = { connectwise: 'ConnectWise PSA', autotask: 'Autotask PSA' }[type];
  throw new RollcallError('PSA_TYPE_UNSUPPORTED', `${name} comes with a later version of rollcall.`, { place: { setting: 'psa.type' } });
}

/** A pinned id belongs to the type that was chosen by name; without a name nothing was chosen. */
function pinned(name: string, id: string): NamedType | null {
  return name.trim() === '' || id === '' ? null : { id, name: name.trim() };
}
