import type { PsaRequirements } from '../../../core/ports/psa.ts';
import { checkAddress } from '../../http/address.ts';

export const connectWiseName = 'ConnectWise PSA';

/** What IT Glue may call the product in `adapters_resources`. */
export const connectWiseAdapterNames: readonly string[] = ['ConnectWise', 'ConnectWise Manage', 'ConnectWise PSA', 'Manage'];

/** North America; other regions and own servers are given as `psa.baseUrl`. */
const defaultAddress = 'https://api-na.myconnectwise.net';

/**
 * The version of the answers that is asked for. Any server since then gives it: contacts have had `typeIds` and `ignoreDuplicates` at
 * least since 2022.1, and communication types are refused before 2020.4.
 */
export const connectWiseVersion = '2022.1';

/**
 * Requests a minute that rollcall allows itself, all endpoints together. The vendor publishes no limit, only that it answers 429 with
 * Retry-After; ten a second leave room for the other integrations of the tenant, and 10,000 contacts still take less than an hour.
 */
export const connectWiseRequestsPerMinute = 600;

/** What IT Glue asks of a contact before it syncs it to ConnectWise (P1); lengths of the vendor's description of Contact. */
export const connectWiseRequirements: PsaRequirements = {
  firstName: true,
  lastName: false,
  primaryEmail: false,
  primaryPhone: false,
  location: false,
  blankPhoneAllowed: false,
  typesRequired: false,
  titleInSecondCall: false,
  longest: { firstName: 30, lastName: 30, title: 100, email: 250, phone: 250, extension: 15 },
  fields: null,
};

/**
 * The server's address without a trailing slash: the configured one up to the vendor's own path, else North America's. The host that
 * people sign in at becomes that of its API. Throws `CONFIG_INVALID`.
 */
export function connectWiseAddress(baseUrl: string): string {
  const url = checkAddress(baseUrl.trim() === '' ? defaultAddress : baseUrl.trim());
  url.hostname = url.hostname.replace(/^(?=(na|eu|au|aus|za)\.myconnectwise\.net$|staging\.connectwisedev\.com$)/u, 'api-');
  const path = url.pathname.replace(/\/(v\d+_\d\w*|login)(\/.*)?$/iu, '').replace(/\/+$/u, '');
  return `${url.origin}${path}`;
}
