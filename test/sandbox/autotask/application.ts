import type { Answer, Application, SandboxRequest } from '../exchange.ts';
import type { Observed, Place } from './admission.ts';
import { admit, overLimit, overThreads, sentCredentials, slowness, unauthorized } from './admission.ts';
import type { Tenant } from './envelope.ts';
import { errorAnswer, success } from './envelope.ts';
import { findRoute } from './routes.ts';

/** One of the sandbox's servers. */
export function makeApplication(tenant: Tenant, place: Place, observed: Observed): Application {
  const { threads } = observed;
  return {
    contentType: 'application/json; charset=utf-8',
    arrived(request) {
      noteStray(place, request, observed);
      const isZone = place.kind === 'zone';
      return { delayMs: isZone ? slowness(tenant) : 0, left: isZone ? threads.enter(request) : () => {} };
    },
    admit: (request) => {
      if (place.kind === 'foreign') {
        return success({ items: [], pageDetails: { count: 0, requestCount: 500, prevPageUrl: null, nextPageUrl: null } });
      }
      return admit(tenant, request, place, observed);
    },
    prepare(handling) {
      const found = findRoute(handling.request.method, handling.request.path);
      if ('refusal' in found) {
        return found.refusal;
      }
      handling.route = found.route.pattern;
      return found.route.handle(tenant, handling, found.parameters);
    },
    faultAnswer: (kind) => faultAnswer(tenant, kind),
    drift: (change, request) => drift(tenant, change, request),
  };
}

function noteStray(place: Place, request: SandboxRequest, { strayCredentials }: Observed): void {
  const headers = sentCredentials(request);
  if (place.kind !== 'zone' && headers.length > 0) {
    strayCredentials.push({ place: place.kind, method: request.method, path: request.path, headers });
  }
}

function faultAnswer(tenant: Tenant, kind: string): Answer | null {
  switch (kind) {
    case 'bad-request':
      return errorAnswer(tenant.switches.failures, 'Missing Required Field: lastName');
    case 'timeout-body':
      return errorAnswer(500, 'Execution Timeout Expired. The timeout period elapsed prior to completion of the operation.');
    case 'error-body':
      return errorAnswer(500, 'An unexpected error has occurred.');
    case 'empty-error':
      return { status: 500 };
    case 'unauthorized':
      return unauthorized();
    case 'forbidden':
      return errorAnswer(403, 'The logged in Resource does not have the adequate permissions.');
    case 'hourly-limit':
      return overLimit(tenant);
    case 'thread-limit':
      return overThreads(tenant);
    default:
      return null;
  }
}

/** Somebody else creates or deletes a contact between two pages; the one with the lowest id, so that later pages shift. */
function drift({ data }: Tenant, change: 'create' | 'delete', request: SandboxRequest): void {
  const parent = Number(/\/companies\/(\d+)\//i.exec(request.path)?.[1] ?? Number.NaN);
  const contacts = [...data.contacts.values()].filter((contact) => Number.isNaN(parent) || contact.companyID === parent);
  const [first] = contacts.sort((one, other) => one.id - other.id);
  if (first === undefined) {
    return;
  }
  if (change === 'delete') {
    data.deleteContact(first.id);
  } else {
    data.addContact({ companyID: first.companyID, firstName: 'Aaron', lastName: 'Aardvark' });
  }
}
