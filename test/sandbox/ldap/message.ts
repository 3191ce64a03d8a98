import { type BerElement, berTag, element, elementAt, integer, octets, readElement, readElements, readInteger, sequence } from './ber.ts';
import type { LdapEntry, Scope } from './entry.ts';
import { type Filter, parseFilter } from './filter.ts';

const pagedResultsOid = '1.2.840.113556.1.4.319';
export const startTlsOid = '1.3.6.1.4.1.1466.20037';
export const whoAmIOid = '1.3.6.1.4.1.4203.1.11.3';
export const disconnectionOid = '1.3.6.1.4.1.1466.20036';

export interface Paging {
  readonly size: number;
  readonly cookie: string;
}

export type LdapRequest = { readonly id: number; readonly paging: Paging | null; readonly controls: readonly string[] } & (
  | { readonly operation: 'bind'; readonly dn: string; readonly password: string | null; readonly mechanism: string | null }
  | { readonly operation: 'unbind' }
  | { readonly operation: 'abandon' }
  | SearchRequest
  | { readonly operation: 'extended'; readonly oid: string }
  | { readonly operation: 'other'; readonly tag: number }
);

export interface SearchRequest {
  readonly operation: 'search';
  readonly base: string;
  readonly scope: Scope;
  readonly sizeLimit: number;
  readonly timeLimit: number;
  readonly filter: Filter;
  readonly attributes: readonly string[];
}

/** Reads one LDAPMessage (RFC 4511 §4.1.1) as a client sends it. */
export function parseRequest(message: BerElement): LdapRequest {
  const parts = readElements(message.contents);
  const id = readInteger(elementAt(parts, 0, 'message id'));
  const operation = elementAt(parts, 1, 'operation');
  const controls = (parts[2] === undefined ? [] : readElements(parts[2].contents)).map(parseControl);
  const paged = controls.find((control) => control.oid === pagedResultsOid);
  const head = { id, controls: controls.map((control) => control.oid), paging: paged === undefined ? null : parsePaging(paged.value) };
  const fields = operation.contents;
  switch (operation.tag) {
    case 0x60:
      return { ...head, operation: 'bind', ...parseBind(fields) };
    case 0x42:
      return { ...head, operation: 'unbind' };
    case 0x50:
      return { ...head, operation: 'abandon' };
    case 0x63:
      return { ...head, ...parseSearch(fields) };
    case 0x77:
      return { ...head, operation: 'extended', oid: elementAt(readElements(fields), 0, 'request name').contents.toString('utf8') };
    default:
      return { ...head, operation: 'other', tag: operation.tag };
  }
}

function parseControl(control: BerElement): { oid: string; value: Buffer } {
  const parts = readElements(control.contents);
  const value = parts.findLast((part) => part.tag === berTag.octetString);
  return { oid: elementAt(parts, 0, 'control type').contents.toString('utf8'), value: value?.contents ?? Buffer.alloc(0) };
}

function parsePaging(value: Buffer): Paging {
  const outer = readElement(value)?.element;
  if (outer === undefined) throw new Error('paged results control without a value');
  const parts = readElements(outer.contents);
  return { size: readInteger(elementAt(parts, 0, 'page size')), cookie: elementAt(parts, 1, 'cookie').contents.toString('latin1') };
}

/** `mechanism`: of SASL; `null` for a simple bind. */
function parseBind(fields: Buffer): { dn: string; password: string | null; mechanism: string | null } {
  const parts = readElements(fields);
  const credentials = elementAt(parts, 2, 'credentials');
  return {
    dn: elementAt(parts, 1, 'name').contents.toString('utf8'),
    password: credentials.tag === 0x80 ? credentials.contents.toString('utf8') : null,
    mechanism: credentials.tag === 0xa3 ? elementAt(readElements(credentials.contents), 0, 'mechanism').contents.toString('utf8') : null,
  };
}

function parseSearch(fields: Buffer): SearchRequest {
  const parts = readElements(fields);
  const scopes: readonly Scope[] = ['base', 'one', 'sub'];
  return {
    operation: 'search',
    base: elementAt(parts, 0, 'base').contents.toString('utf8'),
    scope: scopes[readInteger(elementAt(parts, 1, 'scope'))] ?? 'sub',
    sizeLimit: readInteger(elementAt(parts, 3, 'size limit')),
    timeLimit: readInteger(elementAt(parts, 4, 'time limit')),
    filter: parseFilter(elementAt(parts, 6, 'filter')),
    attributes: readElements(elementAt(parts, 7, 'attributes').contents).map((name) => name.contents.toString('utf8')),
  };
}

/** An LDAPResult (RFC 4511 §4.1.9). */
export interface LdapResult {
  readonly code: number;
  readonly message?: string;
  readonly matchedDn?: string;
  readonly referrals?: readonly string[];
}

/** The application tags of the answers. */
export const answerTag = { bind: 0x61, entry: 0x64, searchDone: 0x65, reference: 0x73, extended: 0x78 } as const;

function resultFields(result: LdapResult): Buffer[] {
  const referrals = result.referrals === undefined ? [] : [element(0xa3, ...result.referrals.map((url) => octets(url)))];
  return [integer(result.code, berTag.enumerated), octets(result.matchedDn ?? ''), octets(result.message ?? ''), ...referrals];
}

/** A result message; `cookie` adds the paged results control to it. */
export function resultMessage(id: number, tag: number, result: LdapResult, cookie?: string): Buffer {
  const operation = element(tag, ...resultFields(result));
  if (cookie === undefined) return sequence(integer(id), operation);
  const value = sequence(integer(0), octets(Buffer.from(cookie, 'latin1')));
  return sequence(integer(id), operation, element(0xa0, sequence(octets(pagedResultsOid), octets(value))));
}

export function extendedMessage(id: number, result: LdapResult, extra: { readonly oid?: string; readonly value?: string } = {}): Buffer {
  const oid = extra.oid === undefined ? [] : [octets(extra.oid, 0x8a)];
  const value = extra.value === undefined ? [] : [octets(extra.value, 0x8b)];
  return sequence(integer(id), element(answerTag.extended, ...resultFields(result), ...oid, ...value));
}

/** A SearchResultEntry; the DN can be given as bytes to send what is no UTF-8. */
export function entryMessage(id: number, dn: string | Uint8Array, attributes: LdapEntry['attributes']): Buffer {
  const list = Object.entries(attributes).map(([name, values]) =>
    sequence(octets(name), element(berTag.set, ...values.map((value) => octets(value)))),
  );
  return sequence(integer(id), element(answerTag.entry, octets(dn), sequence(...list)));
}

export function referenceMessage(id: number, urls: readonly string[]): Buffer {
  return sequence(integer(id), element(answerTag.reference, ...urls.map((url) => octets(url))));
}
