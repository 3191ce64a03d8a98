import type { Answer, Handling, Prepared } from '../exchange.ts';
import { matchRoute } from '../exchange.ts';
import { createContact, deleteContact, updateContact } from './contacts.ts';
import type { Entity } from './entities.ts';
import { companyEntity, contactEntity, locationEntity } from './entities.ts';
import type { Tenant } from './envelope.ts';
import { serverMessage } from './envelope.ts';
import { countRecords, listChildren, queryRecords, showEntity, showFields, showRecord, showUserDefinedFields } from './reading.ts';
import { showThreshold, showVersions, showZone } from './zone.ts';

type Parameters = Readonly<Record<string, string>>;
type Handle = (tenant: Tenant, handling: Handling, parameters: Parameters) => Prepared;

interface AutotaskRoute {
  readonly method: string;
  readonly pattern: string;
  readonly handle: Handle;
}

const base = '/ATServicesRest';
const api = `${base}/V1.0`;
/** Routes that need no credentials. */
const openPatterns: readonly string[] = [`${base}/VersionInformation`, `${api}/ZoneInformation`];

const routes: readonly AutotaskRoute[] = [
  route('GET', `${base}/VersionInformation`, showVersions),
  route('GET', `${api}/Version`, showVersions),
  route('GET', `${api}/ZoneInformation`, (tenant, { request }) => showZone(tenant, request)),
  route('GET', `${api}/ThresholdInformation`, showThreshold),

  ...entityRoutes('Companies', companyEntity),
  ...entityRoutes('CompanyLocations', locationEntity),
  ...entityRoutes('Contacts', contactEntity),
  ...childRoutes('Locations', locationEntity),
  ...childRoutes('Contacts', contactEntity),

  route('POST', `${api}/Companies/:parent/Contacts`, createContact),
  route('PATCH', `${api}/Companies/:parent/Contacts`, updateContact),
  route('PUT', `${api}/Companies/:parent/Contacts`, updateContact),
  route('DELETE', `${api}/Companies/:parent/Contacts/:id`, deleteContact),
];

/** The route of a request and its parameters, or the web server's refusal; paths are understood in any case. */
export function findRoute(
  method: string,
  path: string,
): { readonly route: AutotaskRoute; readonly parameters: Record<string, string> } | { readonly refusal: Answer } {
  let isKnown = false;
  for (const candidate of routes) {
    const parameters = matchRoute(candidate.pattern.toLowerCase(), path.toLowerCase());
    if (parameters === null || !Object.values(parameters).every((value) => /^\d+$/.test(value))) {
      continue;
    }
    if (candidate.method === method) {
      return { route: candidate, parameters };
    }
    isKnown = true;
  }
  return {
    refusal: isKnown
      ? serverMessage(405, `The requested resource does not support http method '${method}'.`)
      : serverMessage(404, 'No HTTP resource was found that matches the request URI.'),
  };
}

/** True for what needs no credentials. */
export function isOpen(method: string, path: string): boolean {
  const found = findRoute(method, path);
  return 'route' in found && openPatterns.includes(found.route.pattern);
}

function entityRoutes(name: string, entity: Entity): readonly AutotaskRoute[] {
  const at = `${api}/${name}`;
  return [
    ...['GET', 'POST'].flatMap((method) => [
      route(method, `${at}/query`, (tenant, handling) => queryRecords(tenant, handling, entity, false)),
      route(method, `${at}/query/next`, (tenant, handling) => queryRecords(tenant, handling, entity, true)),
      route(method, `${at}/query/count`, (tenant, handling) => countRecords(tenant, handling, entity)),
    ]),
    ...informationRoutes(at, entity),
    route('GET', `${at}/:id`, (tenant, _handling, parameters) => showRecord(tenant, entity, parameters)),
  ];
}

function childRoutes(name: string, entity: Entity): readonly AutotaskRoute[] {
  const at = `${api}/Companies/:parent/${name}`;
  return [
    route('GET', at, (tenant, handling, parameters) => listChildren(tenant, handling, entity, { parameters, isNext: false })),
    route('GET', `${at}/next`, (tenant, handling, parameters) => listChildren(tenant, handling, entity, { parameters, isNext: true })),
    ...informationRoutes(at, entity),
    route('GET', `${at}/:id`, (tenant, _handling, parameters) => showRecord(tenant, entity, parameters)),
  ];
}

function informationRoutes(at: string, entity: Entity): readonly AutotaskRoute[] {
  return [
    route('GET', `${at}/entityInformation`, () => showEntity(entity)),
    route('GET', `${at}/entityInformation/fields`, (tenant) => showFields(tenant, entity)),
    route('GET', `${at}/entityInformation/userDefinedFields`, (tenant) => showUserDefinedFields(tenant, entity)),
  ];
}

function route(method: string, pattern: string, handle: Handle): AutotaskRoute {
  return { method, pattern, handle };
}
