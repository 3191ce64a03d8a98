import { parseAccountControl } from '../../../core/active-directory/user-account-control.ts';
import { binaryAttributes, emptyRawUser, type RawUser, textAttributes } from '../../../core/active-directory/user-attributes.ts';
import type { LdifRecord } from './ldif-record.ts';

const normalUserAccount = '805306368';
/** NORMAL_ACCOUNT of userAccountControl. */
const normalAccountBit = 0x200;
const maxValueLength = 64 * 1024;

/**
 * Tells whether a record is a user account (C2): by sAMAccountType, else by class, else, in exports that have neither, by the
 * kind of account that userAccountControl names.
 */
export function isUserAccount(record: LdifRecord): boolean {
  const type = firstText(record, 'samaccounttype');
  if (type !== null) return type === normalUserAccount;
  const classes = (record.attributes.get('objectclass') ?? []).map((value) => value.toString().toLowerCase());
  if (classes.length > 0) return classes.includes('user') && !classes.includes('computer');
  const control = parseAccountControl(firstText(record, 'useraccountcontrol'));
  return control !== null && (control & normalAccountBit) !== 0 && firstText(record, 'samaccountname') !== null;
}

/** Tells whether a record is an organizational unit or a container. */
export function isContainer(record: LdifRecord): boolean {
  return (record.attributes.get('objectclass') ?? []).some((value) => /^(?:organizationalunit|container)$/i.test(value.toString()));
}

/** Makes the raw user of a record, and says why it cannot be used; `problem` is `null` when it can. */
export function toRawUser(record: LdifRecord): { readonly raw: RawUser; readonly problem: string | null } {
  const raw = emptyRawUser(record.dn);
  let problem: string | null = null;
  for (const name of textAttributes) {
    const value = record.attributes.get(name.toLowerCase())?.[0];
    if (value === undefined) continue;
    if (typeof value !== 'string') problem ??= `${name} is no UTF-8`;
    else if (value.length > maxValueLength) problem ??= `${name} has ${value.length} characters`;
    else raw[name] = value;
  }
  for (const name of binaryAttributes) {
    const value = record.attributes.get(name.toLowerCase())?.[0];
    if (value !== undefined) raw[name] = typeof value === 'string' ? Buffer.from(value) : value;
  }
  const addresses = record.attributes.get('proxyaddresses') ?? [];
  raw.proxyAddresses = addresses.filter((value) => typeof value === 'string');
  return { raw, problem };
}

function firstText(record: LdifRecord, attribute: string): string | null {
  const value = record.attributes.get(attribute)?.[0];
  return typeof value === 'string' ? value : null;
}
