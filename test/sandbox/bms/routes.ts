import type { Handling, Prepared } from '../exchange.ts';
import { matchRoute } from '../exchange.ts';
import {
  listAccountSummaries,
  lookUpAccounts,
  lookUpContacts,
  lookUpItGlue,
  lookUpLocations,
  lookUpTable,
  showAccountSummary,
  showItGlueStatus,
  showLocation,
} from './accounts.ts';
import { patchContact, patchEmails, patchPhones } from './contact-patches.ts';
import { createContact, deleteContact, listContactSummaries, putContact, searchContacts, showContactSummary } from './contacts.ts';
import type { Tenant } from './envelope.ts';
import { success } from './envelope.ts';
import { refresh, signIn, userInfo } from './security.ts';

type Handle = (tenant: Tenant, handling: Handling, parameters: Readonly<Record<string, string>>) => Prepared;

export interface BmsRoute {
  readonly method: string;
  readonly pattern: string;
  readonly handle: Handle;
}

/** Routes that need no token. */
export const openRoutes: readonly string[] = ['/v2/security/authenticate', '/v2/security/refreshtoken', '/v2/security/ssostatus'];

const routes: readonly BmsRoute[] = [
  route('POST', '/v2/security/authenticate', signIn),
  route('POST', '/v2/security/refreshtoken', refresh),
  route('GET', '/v2/security/ssostatus', (tenant) => success(tenant, { enabled: false, loginEndpointUrl: null })),
  route('GET', '/v2/security/userinfo', userInfo),

  route('GET', '/v2/crm/accounts/summary', listAccountSummaries),
  route('GET', '/v2/crm/accounts/summary/:id', showAccountSummary),
  route('GET', '/v2/crm/accounts/lookup', lookUpAccounts),
  route('GET', '/v2/crm/accounts/:account/locations/lookup', lookUpLocations),
  route('GET', '/v2/crm/accounts/:account/locations/:location', showLocation),
  route('GET', '/v2/crm/accounts/:account/contacts/lookup', lookUpContacts),

  route('GET', '/v2/crm/contacts/search', searchContacts),
  route('GET', '/v2/crm/contacts/summary', listContactSummaries),
  route('GET', '/v2/crm/contacts/summary/:id', showContactSummary),
  route('POST', '/v2/crm/contacts/summary', createContact),
  route('PUT', '/v2/crm/contacts/:id', putContact),
  route('PATCH', '/v2/crm/contacts/:id', patchContact),
  route('PATCH', '/v2/crm/contacts/:id/emails', patchEmails),
  route('PATCH', '/v2/crm/contacts/:id/phones', patchPhones),
  route('DELETE', '/v2/crm/contacts/:id', deleteContact),

  route('GET', '/v2/system/lookup/:table', (tenant, _handling, { table = '' }) => lookUpTable(tenant, { route: 'lookup', table })),
  route('GET', '/v2/system/tenantlookup/:table', (tenant, _handling, { table = '' }) =>
    lookUpTable(tenant, { route: 'tenantlookup', table }),
  ),

  route('GET', '/v2/integrations/itglue/status', showItGlueStatus),
  route('GET', '/v2/integrations/itglue/contacts/:id/lookup', (tenant, _handling, { id = '' }) => lookUpItGlue(tenant, 'contacts', id)),
  route('GET', '/v2/integrations/itglue/accounts/:id/lookup', (tenant, _handling, { id = '' }) => lookUpItGlue(tenant, 'accounts', id)),
  route('GET', '/v2/integrations/itglue/locations/:id/lookup', (tenant, _handling, { id = '' }) => lookUpItGlue(tenant, 'locations', id)),
];

/** The route of a request and its parameters; paths are understood in any case. */
export function findRoute(method: string, path: string): { readonly route: BmsRoute; readonly parameters: Record<string, string> } | null {
  for (const candidate of routes) {
    const parameters = candidate.method === method ? matchRoute(candidate.pattern, path.toLowerCase()) : null;
    if (parameters !== null) {
      return { route: candidate, parameters };
    }
  }
  return null;
}

function route(method: string, pattern: string, handle: Handle): BmsRoute {
  return { method, pattern, handle };
}
