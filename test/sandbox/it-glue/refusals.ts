import type { Answer } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import { htmlPage } from '../reply.ts';

/** Shapes of IT Glue's refusals. Errors raised by hand have pointers without a slash, those of a model have one. */

/** A reference to something the account does not have, or a parent that is not its own. */
export function unauthorizedResource(): Refusal {
  return new Refusal(
    errors(401, { status: 401, title: 'Unauthorized', detail: 'Unauthorized resource access', source: { pointer: 'id' } }),
  );
}

export function keyRefused(): Answer {
  return errors(403, { status: 403, title: 'Forbidden', source: { pointer: null } });
}

export function tooManyRequests(retryAfter: number | null): Answer {
  const answer = errors(429, { status: 429, title: 'Too Many Requests' });
  return retryAfter === null ? answer : { ...answer, headers: { 'retry-after': String(retryAfter) } };
}

/** A symbol as status, and no pointer: the shape of the flexible assets' refusal. */
export function listForbidden(title: string): Refusal {
  return new Refusal(errors(403, { status: 'forbidden', title, source: { pointer: null } }));
}

export function recordNotFound(): Refusal {
  return new Refusal(errors(404, { status: 404, title: 'Not Found', detail: 'Record not found', source: { pointer: 'id' } }));
}

/** The web server's page for an address that is no route. */
export function noSuchRoute(): Answer {
  return htmlPage(404, 'No such page (404)');
}

export function badRequest(title: string): Refusal {
  return new Refusal(errors(400, { status: 400, title, source: { pointer: null } }));
}

export function unsupportedMediaType(): Refusal {
  return new Refusal(errors(415, { status: 415, title: 'Unsupported Media Type', source: { pointer: null } }));
}

/** A check before the model: no slash, the fault is the title. */
export function unprocessable(title: string, pointer: string): Refusal {
  return new Refusal(errors(422, { status: 422, title, source: { pointer } }));
}

/** A check before the model that carries a detail. */
export function unprocessableDetail(detail: string, pointer: string): Refusal {
  return new Refusal(errors(422, { status: 422, title: 'Unprocessable Entity', detail, source: { pointer } }));
}

/** A validation of the model. */
export function invalidAttribute(attribute: string, detail: string): Refusal {
  return new Refusal(
    errors(422, { source: { pointer: `/data/attributes/${attribute}` }, detail, title: 'Unprocessable Entity', status: 422 }),
  );
}

/** The record is kept by an integration. */
export function externallySynced(): Refusal {
  return unprocessableDetail('Record is synced externally and cannot be updated', 'data');
}

function errors(status: number, error: Record<string, unknown>): Answer {
  return { status, body: { errors: [error] } };
}
