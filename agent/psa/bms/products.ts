import type { PsaRequirements } from '../../../core/ports/psa.ts';
import { checkAddress } from '../../http/address.ts';

/** The products that speak Kaseya BMS's API v2. */
export type BmsProduct = 'bms' | 'vorex' | 'pulseway';

interface ProductFacts {
  readonly displayName: string;
  /** The address when none is configured; other regions are given as `psa.baseUrl`. */
  readonly address: string;
  /** What IT Glue may call the product in `adapters_resources`. */
  readonly adapterNames: readonly string[];
}

/** Names and addresses as the vendor's pages "BMS REST APIs v2" and "PSA REST APIs v2" give them. */
export const bmsProducts: Readonly<Record<BmsProduct, ProductFacts>> = {
  bms: { displayName: 'Kaseya BMS', address: 'https://api.bms.kaseya.com', adapterNames: ['Kaseya BMS', 'BMS', 'kaseya-bms'] },
  vorex: { displayName: 'Vorex', address: 'https://api.vorexlogin.com', adapterNames: ['Vorex', 'Vorex PSA', 'vorex-psa'] },
  pulseway: {
    displayName: 'Pulseway PSA',
    address: 'https://api.psa.pulseway.com',
    adapterNames: ['Pulseway PSA', 'Pulseway', 'pulseway-psa'],
  },
};

/** What IT Glue asks of a contact before it syncs it to these products (P1). */
export const bmsRequirements: PsaRequirements = {
  firstName: true,
  lastName: false,
  primaryEmail: true,
  primaryPhone: true,
  location: true,
  blankPhoneAllowed: true,
  typesRequired: true,
  titleInSecondCall: true,
  // Its description gives no lengths.
  longest: { firstName: null, lastName: null, title: null, email: null, phone: null, extension: null },
  fields: null,
};

/** Requests per hour and endpoint that rollcall allows itself; the vendor refuses beyond 1,500. */
export const bmsRequestsPerHour = 1400;

/** The API's address without a trailing slash: the configured one, else the product's. Throws `CONFIG_INVALID`. */
export function bmsAddress(product: BmsProduct, baseUrl: string): string {
  const url = checkAddress(baseUrl.trim() === '' ? bmsProducts[product].address : baseUrl.trim());
  return `${url.origin}${url.pathname.replace(/\/+(v2\/?)?$/iu, '')}`;
}
