import type { Answer } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import type { ConnectWiseData } from './data.ts';
import type { ConnectWiseSwitches } from './switches.ts';

export interface ConnectWiseCredentials {
  /** The company at sign-in: the MSP's own, in front of the plus. */
  readonly company: string;
  readonly publicKey: string;
  readonly privateKey: string;
  /** The id of the integration, a GUID. */
  readonly clientId: string;
}

/** The tenant as the routes see it. */
export interface Tenant {
  readonly data: ConnectWiseData;
  readonly switches: ConnectWiseSwitches;
  readonly credentials: ConnectWiseCredentials;
  readonly now: () => number;
}

export interface FieldError {
  readonly code: 'MissingRequiredField' | 'InvalidField' | 'ObjectExists' | 'InvalidObject';
  readonly message: string;
  readonly field: string;
}

/** A plain error: code and message. */
export function errorAnswer(status: number, code: string, message: string): Answer {
  return { status, body: { code, message } };
}

export function refusal(status: number, code: string, message: string): Refusal {
  return new Refusal(errorAnswer(status, code, message));
}

/** 400 with what is wrong field by field. */
export function invalidObject(resource: string, errors: readonly FieldError[]): Refusal {
  return new Refusal(invalidAnswer(resource, errors));
}

export function invalidAnswer(resource: string, errors: readonly FieldError[]): Answer {
  const details = errors.map(({ code, message, field }) => ({ code, message, resource, field }));
  return { status: 400, body: { code: 'InvalidObject', message: `${resource} object is invalid`, errors: details } };
}

/** The body could not be made into the object that the route takes. */
export function unreadable(message: string): Refusal {
  return refusal(400, 'ConnectWiseApi', `${message}Check your accept header to make sure you are using the correct version.`);
}

export function badCondition(message: string): Refusal {
  return refusal(400, 'ApiFindCondition', message);
}

export function missingRecord(what: string, id: number | string): Refusal {
  return refusal(404, 'NotFound', `${what} ${id} not found`);
}

export function noEndpoint(): Answer {
  return errorAnswer(404, 'ConnectWiseApi', 'The endpoint does not exist.');
}

/** A moment as the API tells it: whole seconds. */
export function momentText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
