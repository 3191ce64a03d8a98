import type { Answer, Handling } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import { isRecord, parseJson } from '../json.ts';
import type { AutotaskData } from './data.ts';
import type { AutotaskSwitches } from './switches.ts';

export interface AutotaskCredentials {
  readonly userName: string;
  readonly secret: string;
  readonly integrationCode: string;
}

/** The tenant as the routes see it. */
export interface Tenant {
  readonly data: AutotaskData;
  readonly switches: AutotaskSwitches;
  readonly credentials: AutotaskCredentials;
  now(): number;
  /** Where the tenant lives now, `http://HOST:PORT`. */
  zoneOrigin(): string;
  /** A server that is not Autotask. */
  foreignOrigin(): string;
}

export function success(body: unknown): Answer {
  return { status: 200, body };
}

/** A refused request: 500, or 400 as the switch says. */
export function failure(tenant: Tenant, ...errors: readonly string[]): Refusal {
  return new Refusal(errorAnswer(tenant.switches.failures, ...errors));
}

export function errorAnswer(status: number, ...errors: readonly string[]): Answer {
  return { status, body: { errors } };
}

/** What the vendor's web server says itself. */
export function serverMessage(status: number, message: string): Answer {
  return { status, body: { Message: message } };
}

/** Reads a body that must be a JSON object. */
export function readObject(tenant: Tenant, handling: Handling): Record<string, unknown> {
  const [mediaType = ''] = (handling.request.headers['content-type'] ?? '').split(';');
  if (!/^(application|text)\/json$/i.test(mediaType.trim())) {
    throw new Refusal(serverMessage(415, `The request entity's media type '${mediaType}' is not supported for this resource.`));
  }
  let value: unknown;
  try {
    value = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(handling.request.body));
  } catch {
    throw failure(tenant, 'Unexpected end or character in the request body.');
  }
  if (!isRecord(value)) {
    throw failure(tenant, 'Value cannot be null. Parameter name: entity');
  }
  return value;
}

/** A moment as the API writes it. */
export function momentText(tenant: Tenant, at: number): string {
  const text = new Date(at).toISOString();
  switch (tenant.switches.dates) {
    case 'seconds':
      return text.replace(/\.\d+Z$/, 'Z');
    case 'without-zone':
      return text.replace('Z', '');
    case 'milliseconds':
      return text;
  }
}

/** A moment as exactly as the database keeps it. */
export function keptMoment(tenant: Tenant, at: number): number {
  return tenant.switches.dates === 'seconds' ? Math.floor(at / 1000) * 1000 : at;
}
