import { isIP } from 'node:net';
import { isSupportedCountry } from 'libphonenumber-js';
import { validate as isCron } from 'node-cron';
import { z } from 'zod';
import { parseDn } from '../../core/active-directory/distinguished-name.ts';
import { filterProblem } from '../directory/filter/parse-filter.ts';
import { readAddress } from './address.ts';
import { readDatabaseAddress } from './database-address.ts';

/** What a problem of a single value is reported as; a plain secret has an error code of its own. */
export const plainSecret = 'plain-secret';

/** Adds a check whose message completes the sentence "expected …". */
function checked(text: z.ZodString, expected: string, holds: (value: string) => boolean): z.ZodString {
  return text.refine((value) => holds(value), { error: expected });
}

/** Adds a check that tells what is wrong, in words; `null`: nothing. */
function explained(expected: string, whatIsWrong: (value: string) => string | null): z.ZodString {
  return z.string().superRefine((value, context) => {
    const why = whatIsWrong(value);
    if (why !== null) context.addIssue({ code: 'custom', message: expected, params: { why } });
  });
}

/** Like `checked`, where an empty text means "not set". */
function checkedOrEmpty(expected: string, holds: (value: string) => boolean): z.ZodString {
  return checked(z.string(), `${expected}, or ""`, (value) => value === '' || holds(value));
}

/** Text that must be there: not empty, no line breaks. */
export function requiredText(expected: string): z.ZodString {
  return checked(z.string(), expected, (value) => isOneLine(value) && value.trim() !== '');
}

/** One line of text, `""` is "not chosen". */
export const optionalText = checked(z.string(), 'one line of text, or ""', isOneLine);

/** An IT Glue id: digits, kept as text because it may exceed what JSON numbers hold. */
export const organizationIdText = checked(z.string(), 'an IT Glue organization id: digits in quotes, like "4711"', isRecordId);

/** A pinned id of the PSA. */
export const optionalId = checkedOrEmpty('an id', (value) => /^[A-Za-z0-9_-]{1,64}$/.test(value));

/** `env:NAME`, `file:PATH` or `vault:NAME`; `""` is "not given". */
export const secretReference = z.string().superRefine((value, context) => {
  if (value === '' || isSecretReference(value)) {
    return;
  }
  const looksLikeReference = /^(env|file|vault):/.test(value);
  context.addIssue({
    code: 'custom',
    message: looksLikeReference
      ? `a reference to a secret: ${referenceForms(value)}`
      : 'a reference to a secret: env:NAME, file:PATH or vault:NAME',
    params: looksLikeReference ? {} : { kind: plainSecret },
  });
});

export const cronExpression = checkedOrEmpty(
  'a cron expression like "0 */4 * * *"',
  (value) => /^[\d\s*,/\-A-Za-z#?LW]+$/.test(value) && isCron(value),
);

export const timeZone = checkedOrEmpty('an IANA time zone like "Europe/Berlin"', isTimeZone);

export const subnet = checked(z.string(), 'a subnet like "10.20.0.0/24"', isSubnet);

/** A share of the directory users: `"10%"`. */
export const share = checked(z.string(), 'a share from "0%" to "100%"', (value) => shareOf(value) !== null);

/** A span of time: `"180d"`. */
export const duration = checked(z.string(), 'a duration like "180d" (m, h, d or w)', (value) => durationMs(value) !== null);

/** How long the journal is kept: long enough to notice a mistake and undo it. */
export const retentionSpan = checked(
  z.string(),
  'a duration like "180d" (h, d or w) of at least 7 days',
  (value) => (durationMs(value) ?? 0) >= shortestRetentionMs,
);

export const distinguishedName = explained('a distinguished name like "OU=Staff,DC=corp,DC=example,DC=com"', (value) => {
  const parsed = parseDn(value);
  if (!parsed.ok) return parsed.error;
  return parsed.value.length === 0 ? 'it is empty' : null;
});

/** As it goes to the server: parsed whole, outer parentheses included. */
export const ldapFilter = explained('an LDAP filter in parentheses like "(department=Sales)", or ""', (value) => {
  const found = value === '' ? null : filterProblem(value);
  return found === null ? null : `${found.what}, at character ${found.character}`;
});

export const country = checked(z.string(), 'a country by its two letters like "US"', (value) => isSupportedCountry(value));

export const optionalHostAndPort = checkedOrEmpty('an address and a port like "127.0.0.1:7420"', isHostAndPort);

/** A name server: an address, with a port or without. */
export const nameServer = checked(z.string(), 'the address of a name server like "10.20.0.10" or "10.20.0.10:53"', isNameServer);

export const optionalHostName = checkedOrEmpty('a host name', isHostName);

/** SHA-256 of the certificate, as openssl (hexadecimal, with or without colons) or as curl (base64) print it. */
export const certificatePin = checkedOrEmpty(
  "the SHA-256 of the server's certificate (64 hexadecimal digits, colons allowed, or base64)",
  (value) => /^[0-9A-Fa-f]{64}$/.test(value.replaceAll(':', '')) || /^[A-Za-z0-9+/_-]{43}=?$/.test(value),
);

/** `https://…`, and `http://` for loopback. */
export const optionalWebAddress = webAddress(['https', 'http'], { loopbackOnly: ['http'], reference: false });

/** A web address that may carry a token in its path, so that a reference to a secret is taken as well. */
export const optionalSecretWebAddress = webAddress(['https', 'http'], { loopbackOnly: ['http'], reference: true });

/** A proxy is spoken to by `http:` as a rule. The address of a PAC file has a path and is none. */
export const optionalProxyAddress = address(['http', 'https'], { loopbackOnly: [], reference: false, empty: true, path: false });

/** In Basic the colon ends the name. */
export const proxyUserName = checked(
  z.string(),
  'a user name in one line, without a colon',
  (value) => isOneLine(value) && !value.includes(':'),
);

/** A host that is reached without the proxy. */
export const bypassEntry = checked(z.string(), 'a host name or address, or a suffix like ".example.com"', (value) =>
  isHostName(value.replace(/^\*?\./, '').replace(/^\[(.*)\]$/, '$1')),
);

/** `smtps://HOST[:PORT]`, or `smtp://HOST[:PORT]`, where STARTTLS is required save on loopback. */
export const optionalMailServer = address(['smtps', 'smtp'], { loopbackOnly: [], reference: false, empty: true, path: false });

export const optionalMailAddress = checkedOrEmpty('a mail address like "rollcall@example.com"', isMailAddress);

/** Separated by commas. */
export const optionalMailAddresses = checkedOrEmpty('mail addresses, separated by commas, at most 20', (value) => {
  const addresses = value.split(',').map((text) => text.trim());
  return addresses.length <= 20 && addresses.every(isMailAddress);
});

/** `postgres://ROLE@HOST/DATABASE`; encrypted, but on this machine. */
export const optionalDatabaseAddress = z.string().superRefine((value, context) => {
  const read = value === '' ? null : readDatabaseAddress(value);
  if (read === null || read.ok) return;
  const { expected, isSecret } = read.error;
  context.addIssue({ code: 'custom', message: expected, params: isSecret ? { kind: plainSecret } : {} });
});

/** `ldaps://…` or `ldap://…`; which of the two fits is told by `tls.mode`. */
export const serverAddress = address(['ldaps', 'ldap'], { loopbackOnly: [], reference: false, empty: false, path: false });

interface AddressRules {
  readonly loopbackOnly: readonly string[];
  readonly reference: boolean;
}

function webAddress(schemes: readonly string[], rules: AddressRules): z.ZodString {
  return address(schemes, { ...rules, empty: true, path: true });
}

function address(schemes: readonly string[], rules: AddressRules & { readonly empty: boolean; readonly path: boolean }): z.ZodString {
  const wanted = `an address that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return z.string().superRefine((value, context) => {
    if ((value === '' && rules.empty) || (rules.reference && isSecretReference(value))) {
      return;
    }
    const read = readAddress(value);
    const refuse = (message: string, kind?: string): void => {
      context.addIssue({ code: 'custom', message, params: kind === undefined ? {} : { kind } });
    };
    if (read?.hasPassword === true) {
      refuse('an address without a password in it: user name and password have settings of their own', plainSecret);
    } else if (read === null || !schemes.includes(read.scheme)) {
      refuse(wanted);
    } else if (read.hasUser) {
      refuse('an address without a user name in it');
    } else if (read.hasQuery || (!rules.path && read.hasPath)) {
      refuse(rules.path ? 'an address without "?" and "#"' : 'an address of a server and a port, without a path');
    } else if (rules.loopbackOnly.includes(read.scheme) && !read.isLoopback) {
      refuse(`https:// (${read.scheme}:// is accepted for loopback addresses only)`);
    }
  });
}

/** The share as a fraction; `null` when it is none. */
export function shareOf(text: string): number | null {
  const match = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(text);
  const percent = match === null ? Number.NaN : Number(match[1]);
  return percent >= 0 && percent <= 100 ? percent / 100 : null;
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const shortestRetentionMs = 7 * 86_400_000;

/** The duration in milliseconds; `null` when it is none. */
export function durationMs(text: string): number | null {
  const match = /^([1-9]\d{0,5})([mhdw])$/.exec(text);
  const unit = unitMs[match?.[2] ?? ''];
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}

/** Says whether the text has the form of a reference to a secret. */
export function isSecretReference(value: string): boolean {
  return (
    /^env:[A-Za-z_][A-Za-z0-9_]*$/.test(value) ||
    /^file:[^\s\0][^\0\r\n]*$/.test(value) ||
    /^vault:[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)
  );
}

/** Digits as IT Glue writes its ids. */
function isRecordId(value: string): boolean {
  return /^[1-9]\d{0,18}$/.test(value);
}

function referenceForms(value: string): string {
  if (value.startsWith('env:')) {
    return 'after "env:" the name of an environment variable (letters, digits, _)';
  }
  return value.startsWith('file:') ? 'after "file:" the path of a file' : 'after "vault:" a name (letters, digits, . _ -, at most 64)';
}

/** As far as a form can tell: no spaces, quotes and brackets, one @. */
function isMailAddress(value: string): boolean {
  return value.length <= 254 && /^[^\s@,;:<>()[\]"\\\p{Cc}]+@[^\s@,;:<>()[\]"\\\p{Cc}]+$/u.test(value);
}

function isOneLine(value: string): boolean {
  return !/[\0\r\n]/.test(value);
}

function isTimeZone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) {
    return false;
  }
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isSubnet(value: string): boolean {
  const match = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(value);
  const family = isIP(match?.[1] ?? '');
  return family !== 0 && Number(match?.[2]) <= (family === 4 ? 32 : 128);
}

function isHostName(value: string): boolean {
  return (
    /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/.test(value) ||
    isIP(value) !== 0
  );
}

function isHostAndPort(value: string): boolean {
  const match = /^(?:\[([0-9A-Fa-f:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  return match !== null && port >= 1 && port <= 65_535 && (isIP(match[1] ?? '') === 6 || isHostName(match[2] ?? ''));
}

function isNameServer(value: string): boolean {
  const match = /^(?:\[([0-9A-Fa-f:]+)\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::(\d{1,5}))?$/.exec(value);
  if (match === null) return isIP(value) === 6;
  const port = match[3] === undefined ? 53 : Number(match[3]);
  return isIP(match[1] ?? match[2] ?? '') !== 0 && port >= 1 && port <= 65_535;
}
