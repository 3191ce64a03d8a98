import { refusalWords } from '../../../core/active-directory/bind-sub-codes.ts';
import { dnsNameOf } from '../../../core/active-directory/distinguished-name.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { LdapResult } from './messages.ts';
import { oneLine } from './server-words.ts';

/** Result codes of RFC 4511 section 4.1.9 that are told apart. */
export const resultCodes = {
  success: 0,
  operationsError: 1,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  confidentialityRequired: 13,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
} as const;

/** Makes the error of a refused bind, with the server's sub-code in words. */
export function bindError(result: LdapResult, place: { readonly directory: string; readonly server: string }): RollcallError {
  const where = `${place.server} (directory "${place.directory}")`;
  switch (result.code) {
    case resultCodes.strongerAuthRequired:
    case resultCodes.confidentialityRequired:
      return new RollcallError('DIRECTORY_SIGNING_REQUIRED', `${where} refuses to sign anybody in over an unencrypted connection`, {
        place,
      });
    case resultCodes.busy:
    case resultCodes.unavailable:
      return new RollcallError('DIRECTORY_UNREACHABLE', `${where} cannot sign anybody in now: ${describeResult(result)}`, { place });
    case resultCodes.invalidCredentials: {
      const subCode = /\bdata ([0-9a-f]{3,8})\b/i.exec(result.message)?.[1]?.toLowerCase().replace(/^0+/, '') ?? null;
      return new RollcallError('DIRECTORY_BIND_REJECTED', `${where} refused the sign-in: ${refusalWords(subCode)}`, {
        place: { ...place, subCode },
      });
    }
    default:
      return new RollcallError('DIRECTORY_BIND_REJECTED', `${where} refused the sign-in: ${describeResult(result)}`, { place });
  }
}

/** Makes the error of a search that failed; `what` names what was searched, without personal data. */
export function searchError(
  result: LdapResult,
  what: string,
  place: { readonly directory: string; readonly server: string; readonly base?: string },
): RollcallError {
  const where = `${place.server} (directory "${place.directory}")`;
  switch (result.code) {
    case resultCodes.noSuchObject: {
      const matched = result.matchedDn === '' ? 'no part of it was found' : `the part that exists is ${result.matchedDn}`;
      return new RollcallError('DIRECTORY_BASE_NOT_FOUND', `${where}: ${what} does not exist or cannot be read; ${matched}`, { place });
    }
    case resultCodes.invalidDnSyntax:
      return new RollcallError('DIRECTORY_BASE_NOT_FOUND', `${where}: ${what} is no distinguished name`, { place });
    case resultCodes.referral: {
      const domain = [...result.referrals, result.message].map(referredDomain).find((name) => name !== null);
      return new RollcallError('DIRECTORY_REFERRAL', `${where}: ${what} belongs to ${domain ?? 'another domain'}`, {
        place: { ...place, domain: domain ?? null },
      });
    }
    default:
      return new RollcallError(searchCode(result.code), `${where}: reading ${what} failed: ${describeResult(result)}`, { place });
  }
}

/** The code with its name, and the server's own words without line breaks and cut to a line. */
export function describeResult(result: LdapResult): string {
  const name = Object.entries(resultCodes).find(([, code]) => code === result.code)?.[0];
  const label = name === undefined ? `LDAP result ${result.code}` : `LDAP result ${result.code} (${name})`;
  const words = oneLine(result.message, 200);
  return words === '' ? label : `${label}: ${words}`;
}

/**
 * The host of a referral (`ldap://child.corp.example.com/DC=…`), which for Active Directory is the other domain's name; also as its
 * messages tell it (`ref 1: 'child.corp.example.com'`). Without a host, the domain that the DN names.
 */
export function referredDomain(text: string): string | null {
  const host = /ldaps?:\/\/([\p{L}\p{N}._-]+)/iu.exec(text)?.[1] ?? /\bref \d+: '([\p{L}\p{N}._-]+)'/iu.exec(text)?.[1];
  if (host !== undefined) return host.toLowerCase();
  const dn = /ldaps?:\/\/\/([^?\s]+)/i.exec(text)?.[1];
  return dn === undefined ? null : dnsNameOf(dn.replaceAll('%20', ' '));
}

function searchCode(code: number): ErrorCode {
  switch (code) {
    case resultCodes.insufficientAccessRights:
    case resultCodes.strongerAuthRequired:
      return 'DIRECTORY_RIGHTS';
    case resultCodes.busy:
    case resultCodes.unavailable:
      return 'DIRECTORY_UNREACHABLE';
    case resultCodes.timeLimitExceeded:
      return 'DIRECTORY_TIMEOUT';
    default:
      // An evicted paging cookie (result 53 or 12 in mid-search) among others: no proven end.
      return 'DIRECTORY_INCOMPLETE';
  }
}
