import type { Handling } from '../exchange.ts';
import type { Tenant } from './envelope.ts';
import { failure, sentBoolean, sentInteger, sentObject, sentString } from './envelope.ts';

export interface NewEmail {
  readonly emailAddress: string;
  readonly emailTypeId: number;
  readonly isDefault: boolean;
}

export interface NewPhone {
  readonly phone: string;
  readonly phoneTypeId: number;
  readonly isDefault: boolean;
}

export function readNewEmail(tenant: Tenant, handling: Handling, item: unknown): NewEmail {
  const sent = sentObject(tenant, handling, item, ['EmailAddress', 'EmailTypeId', 'IsDefault']);
  return {
    emailAddress: checkEmail(tenant, sentString(tenant, sent, 'EmailAddress')),
    emailTypeId: checkType(tenant, 'EmailTypeId', sentInteger(tenant, sent, 'EmailTypeId'), tenant.data.emailTypes),
    isDefault: sentBoolean(tenant, sent, 'IsDefault'),
  };
}

/** A phone is called PhoneNumber on the way in and phone on the way out. */
export function readNewPhone(tenant: Tenant, handling: Handling, item: unknown): NewPhone {
  const sent = sentObject(tenant, handling, item, ['PhoneNumber', 'PhoneTypeId', 'IsDefault']);
  return {
    phone: checkPhone(tenant, sentString(tenant, sent, 'PhoneNumber')),
    phoneTypeId: checkType(tenant, 'PhoneTypeId', sentInteger(tenant, sent, 'PhoneTypeId'), tenant.data.phoneTypes),
    isDefault: sentBoolean(tenant, sent, 'IsDefault'),
  };
}

export function checkEmail(tenant: Tenant, value: string | null): string {
  if (value === null || !/^[^\s@]+@[^\s@]+$/.test(value)) {
    throw failure(tenant, 400, 'EmailAddress is not valid');
  }
  return value;
}

export function checkPhone(tenant: Tenant, value: string | null): string {
  if (value === null || !/\d/.test(value) || value.length > 50) {
    throw failure(tenant, 400, 'PhoneNumber is not valid');
  }
  return value;
}

export function checkType(tenant: Tenant, name: string, id: number, types: ReadonlyMap<number, string>): number {
  if (!types.has(id)) {
    throw failure(tenant, 400, `${name} is not valid`);
  }
  return id;
}

/** Exactly one default: the first that says so, else the first. */
export function defaultOnly<Item extends { readonly isDefault: boolean }>(items: readonly Item[]): Item[] {
  const chosen = items.find((item) => item.isDefault) ?? items[0];
  return items.map((item) => ({ ...item, isDefault: item === chosen }));
}
