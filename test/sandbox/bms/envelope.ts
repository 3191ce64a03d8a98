import type { Answer, Handling } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import { isRecord, mapKeys, parseJson } from '../json.ts';
import type { BmsData } from './data.ts';
import type { BmsSwitches } from './switches.ts';

/** The tenant as the routes see it. */
export interface Tenant {
  readonly data: BmsData;
  readonly switches: BmsSwitches;
  readonly now: () => number;
}

/** A success in the envelope; `totalRecords` only in paged lists. */
export function success(tenant: Tenant, result: unknown, totalRecords?: number): Answer {
  return bare(tenant, { success: true, error: null, result, ...(totalRecords === undefined ? {} : { totalRecords }) });
}

/** An answer without an envelope. */
export function bare(tenant: Tenant, body: unknown): Answer {
  return { status: 200, body: tenant.switches.output === 'pascal' ? mapKeys(body, pascal) : body };
}

/** A failure in the envelope, with HTTP 200 or the given status, as the switch says. */
export function failure(tenant: Tenant, status: number, message: string, subErrors: readonly string[] = []): Refusal {
  return new Refusal(failureAnswer(tenant, tenant.switches.failures === 'in-200' ? 200 : status, status, { message, subErrors }));
}

/** The envelope of a failure with this HTTP status and code. The member's odd spelling is the vendor's. */
export function failureAnswer(
  tenant: Tenant,
  status: number,
  code: number,
  { message, subErrors = [] }: { readonly message: string; readonly subErrors?: readonly string[] },
): Answer {
  const error = { code, message, details: null, stackStrace: null, subErrors };
  return { ...bare(tenant, { success: false, error, result: null }), status };
}

/** A JSON body whose names were found whatever their case: names here are in lower case. */
export type SentObject = ReadonlyMap<string, unknown>;

/** Reads a JSON body. Content types: any JSON. */
export function readJson(tenant: Tenant, handling: Handling): unknown {
  const [mediaType = ''] = (handling.request.headers['content-type'] ?? '').split(';');
  if (!/^(application\/(json|json-patch\+json|[\w.-]+\+json)|text\/json)$/i.test(mediaType.trim())) {
    throw new Refusal({ status: 415 });
  }
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(handling.request.body));
  } catch {
    throw failure(tenant, 400, 'The request body is not valid JSON');
  }
}

/** The members of a sent object by lower-case name; those in a case that is not understood, or not known, are dropped. */
export function sentObject(tenant: Tenant, handling: Handling, value: unknown, known: readonly string[]): SentObject {
  if (!isRecord(value)) {
    throw failure(tenant, 400, 'The request body has the wrong shape');
  }
  const { input } = tenant.switches;
  const members = new Map<string, unknown>();
  for (const [name, member] of Object.entries(value)) {
    const understood = input === 'any' || name === (input === 'camel' ? camel(name) : pascal(name));
    if (understood && known.some((candidate) => candidate.toLowerCase() === name.toLowerCase())) {
      members.set(name.toLowerCase(), member);
    } else {
      handling.dropped.push(`member ${name}`);
    }
  }
  return members;
}

export function sentInteger(tenant: Tenant, sent: SentObject, name: string): number {
  const value = sent.get(name.toLowerCase());
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw failure(tenant, 400, `${name} must be an integer`);
  }
  return value;
}

export function sentString(tenant: Tenant, sent: SentObject, name: string): string | null {
  const value = sent.get(name.toLowerCase()) ?? null;
  if (value !== null && typeof value !== 'string') {
    throw failure(tenant, 400, `${name} must be text`);
  }
  return value;
}

/** A boolean that cannot be null: absent is false. */
export function sentBoolean(tenant: Tenant, sent: SentObject, name: string): boolean {
  const value = sent.get(name.toLowerCase()) ?? false;
  if (typeof value !== 'boolean') {
    throw failure(tenant, 400, `${name} must be true or false`);
  }
  return value;
}

export function sentList(tenant: Tenant, sent: SentObject, name: string): readonly unknown[] {
  const value = sent.get(name.toLowerCase()) ?? [];
  if (!Array.isArray(value)) {
    throw failure(tenant, 400, `${name} must be a list`);
  }
  return value;
}

/** An RFC 3339 moment. */
export function moment(at: number): string {
  return new Date(at).toISOString();
}

function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
