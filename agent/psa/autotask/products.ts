import type { NamedType } from '../../../core/model/contact.ts';
import type { LongestTexts, PsaFields, PsaRequirements } from '../../../core/ports/psa.ts';
import { checkAddress } from '../../http/address.ts';

export const productName = 'Autotask PSA';

/** What IT Glue may call the product in `adapters_resources`. */
export const adapterNames: readonly string[] = ['Autotask', 'Autotask PSA', 'Datto Autotask PSA'];

/** Where the zone of a tenant is looked up, when no other address is configured. */
const lookUpAddress = 'https://webservices.autotask.net';

/** Requests in an hour that a tenant has for all its integrations together, until it tells its own number. */
export const tenantRequestsPerHour = 10_000;

/** The part of the tenant's requests at which rollcall stops until the next run. */
export const stopAt = 0.9;

/** The largest part that rollcall takes: so much below `stopAt` that its own requests alone make it wait, not stop. */
const largestShare = 0.85;

/** The part of the tenant's hourly requests that rollcall takes, from 0 to 1. */
export function ownShare(budgetShare: number): number {
  return Math.min(largestShare, budgetShare);
}

/** IT Glue's labels by the field that they go to (its page "Autotask field mappings"); an empty name takes what is left over. */
export const emailFields: readonly NamedType[] = [
  { id: 'emailAddress', name: 'Work' },
  { id: 'emailAddress2', name: '' },
  { id: 'emailAddress3', name: '' },
];
export const phoneFields: readonly NamedType[] = [
  { id: 'phone', name: 'Work' },
  { id: 'mobilePhone', name: 'Mobile' },
  { id: 'alternatePhone', name: '' },
];
const fields: PsaFields = { email: emailFields, phone: phoneFields };

/** Lengths as the vendor's entity information usually gives them; a phone's is that of the shortest phone field. */
export const usualLongest: LongestTexts = { firstName: 50, lastName: 50, title: 50, email: 254, phone: 25, extension: 10 };

/** What IT Glue asks of a contact before it syncs it to Autotask (P1); the lengths are those that are known when it is read. */
export function autotaskRequirements(longest: () => LongestTexts): PsaRequirements {
  return {
    firstName: true,
    lastName: true,
    primaryEmail: false,
    primaryPhone: false,
    location: false,
    blankPhoneAllowed: false,
    typesRequired: false,
    titleInSecondCall: false,
    get longest() {
      return longest();
    },
    fields,
  };
}

/** Where the zone is looked up, without a trailing slash: the configured host, else the vendor's. Throws `CONFIG_INVALID`. */
export function autotaskAddress(baseUrl: string): string {
  const url = checkAddress(baseUrl.trim() === '' ? lookUpAddress : baseUrl.trim());
  return `${url.origin}${url.pathname.replace(/\/+(atservicesrest(\/+v1\.0)?\/*)?$/iu, '')}`;
}
