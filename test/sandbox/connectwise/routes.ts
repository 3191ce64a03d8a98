import type { Answer, Handling, Prepared } from '../exchange.ts';
import { matchRoute } from '../exchange.ts';
import type { Tenant } from './answers.ts';
import { errorAnswer, noEndpoint } from './answers.ts';
import {
  createCommunication,
  createTypeAssociation,
  deleteCommunication,
  deleteTypeAssociation,
  listCommunications,
  listTypeAssociations,
  patchCommunication,
  putCommunication,
  showCommunication,
} from './communications.ts';
import { countCompanies, listCommunicationTypes, listCompanies, listContactTypes, listSites, showCompany, showSite } from './companies.ts';
import { patchContact } from './contact-patches.ts';
import { countContacts, createContact, deleteContact, listContacts, putContact, showContact } from './contacts.ts';
import { systemInfo } from './sign-in.ts';

type Parameters = Readonly<Record<string, string>>;
type Handle = (tenant: Tenant, handling: Handling, parameters: Parameters) => Prepared;

/** Fixed segments stand before parameters. */
const routes: readonly (readonly [method: string, pattern: string, handle: Handle])[] = [
  ['GET', '/system/info', systemInfo],
  ['GET', '/company/companies', listCompanies],
  ['GET', '/company/companies/count', countCompanies],
  ['GET', '/company/companies/:id', showCompany],
  ['GET', '/company/companies/:id/sites', listSites],
  ['GET', '/company/companies/:id/sites/:child', showSite],
  ['GET', '/company/communicationTypes', listCommunicationTypes],
  ['GET', '/company/contacts/types', listContactTypes],
  ['GET', '/company/contacts', listContacts],
  ['POST', '/company/contacts', createContact],
  ['GET', '/company/contacts/count', countContacts],
  ['GET', '/company/contacts/:id', showContact],
  ['PUT', '/company/contacts/:id', putContact],
  ['PATCH', '/company/contacts/:id', patchContact],
  ['DELETE', '/company/contacts/:id', deleteContact],
  ['GET', '/company/contacts/:id/communications', listCommunications],
  ['POST', '/company/contacts/:id/communications', createCommunication],
  ['GET', '/company/contacts/:id/communications/:child', showCommunication],
  ['PUT', '/company/contacts/:id/communications/:child', putCommunication],
  ['PATCH', '/company/contacts/:id/communications/:child', patchCommunication],
  ['DELETE', '/company/contacts/:id/communications/:child', deleteCommunication],
  ['GET', '/company/contacts/:id/typeAssociations', listTypeAssociations],
  ['POST', '/company/contacts/:id/typeAssociations', createTypeAssociation],
  ['DELETE', '/company/contacts/:id/typeAssociations/:child', deleteTypeAssociation],
];

const reading = ['GET', 'HEAD'];

/** Carries a request out that was let in; `path` is below `apis/3.0`. */
export function answerRoute(tenant: Tenant, handling: Handling, path: string): Prepared {
  const { method } = handling.request;
  const here = routes.flatMap(([routeMethod, pattern, handle]) => {
    const parameters = matchRoute(pattern, path);
    return parameters !== null && Object.values(parameters).every((value) => /^\d+$/.test(value))
      ? [{ routeMethod, pattern, handle, parameters }]
      : [];
  });
  const fixed = here.filter(({ parameters }) => Object.keys(parameters).length === 0);
  const candidates = fixed.length > 0 ? fixed : here;
  const found = candidates.find(({ routeMethod }) => routeMethod === method);
  handling.route = candidates[0]?.pattern ?? '';
  if (candidates.length === 0) {
    return noEndpoint();
  }
  if (found === undefined) {
    return errorAnswer(405, 'MethodNotAllowed', `The requested resource does not support http method '${method}'.`);
  }
  return refusedByRole(tenant, method) ?? found.handle(tenant, handling, found.parameters);
}

function refusedByRole(tenant: Tenant, method: string): Answer | null {
  const { role } = tenant.switches;
  const allowed = role === 'full' || reading.includes(method) || (role === 'no-delete' && method !== 'DELETE');
  return allowed ? null : errorAnswer(403, 'Forbidden', 'The security role of the API member does not allow this.');
}
