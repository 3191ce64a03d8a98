import { type BerElement, elementAt, readElements } from './ber.ts';
import type { LdapEntry } from './entry.ts';
import { sameDn, valuesOf } from './entry.ts';

/** A search filter as it came over the wire (RFC 4511 §4.5.1.7). */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'equal' | 'greater' | 'less' | 'approx'; readonly attribute: string; readonly value: Buffer }
  | { readonly kind: 'present'; readonly attribute: string }
  | {
      readonly kind: 'substrings';
      readonly attribute: string;
      readonly pieces: readonly { readonly at: 'start' | 'any' | 'end'; readonly text: string }[];
    }
  | { readonly kind: 'extensible'; readonly rule: string; readonly attribute: string; readonly value: Buffer };

const bitAnd = '1.2.840.113556.1.4.803';
const bitOr = '1.2.840.113556.1.4.804';
const inChain = '1.2.840.113556.1.4.1941';

export function parseFilter(element: BerElement): Filter {
  const { tag, contents } = element;
  switch (tag) {
    case 0xa0:
    case 0xa1:
      return { kind: tag === 0xa0 ? 'and' : 'or', parts: readElements(contents).map(parseFilter) };
    case 0xa2:
      return { kind: 'not', part: parseFilter(elementAt(readElements(contents), 0, 'filter')) };
    case 0xa3:
      return { kind: 'equal', ...parseAssertion(contents) };
    case 0xa4:
      return parseSubstrings(contents);
    case 0xa5:
      return { kind: 'greater', ...parseAssertion(contents) };
    case 0xa6:
      return { kind: 'less', ...parseAssertion(contents) };
    case 0x87:
      return { kind: 'present', attribute: contents.toString('utf8') };
    case 0xa8:
      return { kind: 'approx', ...parseAssertion(contents) };
    case 0xa9:
      return parseExtensible(contents);
    default:
      throw new Error(`filter with tag ${tag}`);
  }
}

function parseAssertion(contents: Buffer): { attribute: string; value: Buffer } {
  const parts = readElements(contents);
  return { attribute: elementAt(parts, 0, 'attribute').contents.toString('utf8'), value: elementAt(parts, 1, 'value').contents };
}

const substringPlaces = ['start', 'any', 'end'] as const;

function parseSubstrings(contents: Buffer): Filter {
  const parts = readElements(contents);
  const pieces = readElements(elementAt(parts, 1, 'substrings').contents).map((piece) => ({
    at: substringPlaces[piece.tag - 0x80] ?? ('any' as const),
    text: piece.contents.toString('utf8').toLowerCase(),
  }));
  return { kind: 'substrings', attribute: elementAt(parts, 0, 'attribute').contents.toString('utf8'), pieces };
}

function parseExtensible(contents: Buffer): Filter {
  const parts = readElements(contents);
  const text = (tag: number) => parts.find((part) => part.tag === tag)?.contents ?? Buffer.alloc(0);
  return { kind: 'extensible', rule: text(0x81).toString('utf8'), attribute: text(0x82).toString('utf8'), value: text(0x83) };
}

/** The filter in the text form of RFC 4515, for the record of what was asked. */
export function filterText(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.kind === 'and' ? '&' : '|'}${filter.parts.map(filterText).join('')})`;
    case 'not':
      return `(!${filterText(filter.part)})`;
    case 'present':
      return `(${filter.attribute}=*)`;
    case 'substrings':
      return `(${filter.attribute}=${substringsText(filter.pieces)})`;
    case 'extensible':
      return `(${filter.attribute}:${filter.rule}:=${escapeValue(filter.value)})`;
    case 'equal':
      return `(${filter.attribute}=${escapeValue(filter.value)})`;
    case 'greater':
      return `(${filter.attribute}>=${escapeValue(filter.value)})`;
    case 'less':
      return `(${filter.attribute}<=${escapeValue(filter.value)})`;
    case 'approx':
    default:
      return `(${filter.attribute}~=${escapeValue(filter.value)})`;
  }
}

function substringsText(pieces: readonly { readonly at: string; readonly text: string }[]): string {
  return `${pieces[0]?.at === 'start' ? '' : '*'}${pieces.map((piece) => piece.text).join('*')}${pieces.at(-1)?.at === 'end' ? '' : '*'}`;
}

function escapeValue(value: Buffer): string {
  return [...value]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || '()*\\'.includes(String.fromCharCode(byte))
        ? `\\${byte.toString(16).padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('');
}

/** Tells whether the entry meets the filter; `all` are the entries in which membership is followed (matching rule in chain). */
export function meetsFilter(filter: Filter, entry: LdapEntry, all: readonly LdapEntry[]): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => meetsFilter(part, entry, all));
    case 'or':
      return filter.parts.some((part) => meetsFilter(part, entry, all));
    case 'not':
      return !meetsFilter(filter.part, entry, all);
    case 'present':
      return valuesOf(entry, filter.attribute).length > 0;
    case 'equal':
    case 'approx':
      return valuesOf(entry, filter.attribute).some((value) => isEqual(value, filter.value));
    case 'greater':
      return valuesOf(entry, filter.attribute).some((value) => compare(value, filter.value) >= 0);
    case 'less':
      return valuesOf(entry, filter.attribute).some((value) => compare(value, filter.value) <= 0);
    case 'substrings':
      return valuesOf(entry, filter.attribute).some((value) => hasPieces(Buffer.from(value).toString('utf8').toLowerCase(), filter.pieces));
    case 'extensible':
    default:
      return meetsRule(filter, entry, all);
  }
}

function isEqual(value: string | Uint8Array, asked: Buffer): boolean {
  if (typeof value !== 'string') return asked.equals(value);
  const text = asked.toString('utf8');
  return value.toLowerCase() === text.toLowerCase() || (text.includes('=') && sameDn(value, text));
}

function compare(value: string | Uint8Array, asked: Buffer): number {
  const left = Buffer.from(value).toString('utf8');
  const right = asked.toString('utf8');
  if (/^-?\d+$/.test(left) && /^-?\d+$/.test(right)) return BigInt(left) < BigInt(right) ? -1 : Number(BigInt(left) > BigInt(right));
  return left.localeCompare(right);
}

function hasPieces(text: string, pieces: readonly { readonly at: string; readonly text: string }[]): boolean {
  let position = 0;
  for (const piece of pieces) {
    const found = piece.at === 'end' ? text.length - piece.text.length : text.indexOf(piece.text, position);
    if (found < position || !text.startsWith(piece.text, found) || (piece.at === 'start' && found !== 0)) return false;
    position = found + piece.text.length;
  }
  return true;
}

function meetsRule(filter: Filter & { kind: 'extensible' }, entry: LdapEntry, all: readonly LdapEntry[]): boolean {
  const asked = filter.value.toString('utf8');
  if (filter.rule === inChain) return reachable(entry, filter.attribute, all).some((dn) => sameDn(dn, asked));
  return valuesOf(entry, filter.attribute).some((value) => {
    const bits = BigInt(Buffer.from(value).toString('utf8') || '0') & BigInt(asked);
    if (filter.rule === bitAnd) return bits === BigInt(asked);
    if (filter.rule === bitOr) return bits !== 0n;
    return false;
  });
}

function reachable(entry: LdapEntry, attribute: string, all: readonly LdapEntry[]): string[] {
  const found: string[] = [];
  const queue = valuesOf(entry, attribute).map(String);
  for (let dn = queue.shift(); dn !== undefined; dn = queue.shift()) {
    const next = dn;
    if (found.some((known) => sameDn(known, next))) continue;
    found.push(next);
    const target = all.find((other) => sameDn(other.dn, next));
    if (target !== undefined) queue.push(...valuesOf(target, attribute).map(String));
  }
  return found;
}
