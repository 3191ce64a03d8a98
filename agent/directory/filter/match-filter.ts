import { canonicalDn, parseDn } from '../../../core/active-directory/distinguished-name.ts';
import type { FilterValue, LdapFilter } from './parse-filter.ts';

/** An entry as a filter sees it. */
export interface FilterSubject {
  readonly dn: string;
  /** Values of an attribute, asked for in lower case. */
  values(attribute: string): readonly FilterValue[];
  /** Whether it is a member of a group; `nested`: through other groups too. */
  isMemberOf(group: string, nested: boolean): boolean;
}

/** Matching rules of Active Directory (MS-ADTS 3.1.1.3.4.4) and the usual ones of RFC 4517. */
const rules = {
  bitAnd: '1.2.840.113556.1.4.803',
  bitOr: '1.2.840.113556.1.4.804',
  transitive: '1.2.840.113556.1.4.1941',
} as const;
const equalityRules: ReadonlySet<string> = new Set(['', '2.5.13.2', 'caseignorematch', '2.5.13.5', 'caseexactmatch']);

/** Tells what of a filter cannot be judged without a server; `null`: nothing. */
export function unsupportedPart(filter: LdapFilter): string | null {
  for (const part of comparisons(filter)) {
    if (part.kind !== 'extensible') continue;
    if (part.dnAttributes) return 'the ":dn" option';
    if (part.attribute === '') return 'a comparison without an attribute';
    const rule = part.rule.toLowerCase();
    const isKnown = equalityRules.has(rule) || rule === rules.bitAnd || rule === rules.bitOr;
    if (!isKnown && (rule !== rules.transitive || !isMembership(part.attribute))) return `the matching rule ${part.rule}`;
  }
  return null;
}

/** Tells whether a filter asks about membership in groups. */
export function asksForGroups(filter: LdapFilter): boolean {
  return comparisons(filter).some((part) => isMembership(part.attribute));
}

/**
 * Judges an entry as Active Directory does: without regard to case, numbers as numbers, names as names; an attribute that is not
 * there equals nothing, so that its negation holds.
 */
export function matchesFilter(filter: LdapFilter, subject: FilterSubject): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matchesFilter(part, subject));
    case 'or':
      return filter.parts.some((part) => matchesFilter(part, subject));
    case 'not':
      return !matchesFilter(filter.part, subject);
    case 'present':
      return subject.values(filter.attribute.toLowerCase()).length > 0;
    case 'equal':
    case 'approximate':
      return isEqual(filter.attribute, filter.value, subject);
    case 'atLeast':
      return subject.values(filter.attribute.toLowerCase()).some((value) => compare(text(value), filter.value) >= 0);
    case 'atMost':
      return subject.values(filter.attribute.toLowerCase()).some((value) => compare(text(value), filter.value) <= 0);
    case 'substrings':
      return subject.values(filter.attribute.toLowerCase()).some((value) => hasPieces(text(value), filter));
    case 'extensible':
      break;
  }
  return matchesRule(filter, subject);
}

type Comparison = Exclude<LdapFilter, { kind: 'and' | 'or' | 'not' }>;

/** The comparisons that a filter is made of. */
function comparisons(filter: LdapFilter): readonly Comparison[] {
  if ('parts' in filter) return filter.parts.flatMap(comparisons);
  return filter.kind === 'not' ? comparisons(filter.part) : [filter];
}

function matchesRule(filter: Extract<LdapFilter, { kind: 'extensible' }>, subject: FilterSubject): boolean {
  const rule = filter.rule.toLowerCase();
  if (rule === rules.transitive) return subject.isMemberOf(filter.value, true);
  if (rule === rules.bitAnd || rule === rules.bitOr) {
    if (!/^-?\d{1,19}$/.test(filter.value)) return false;
    const wanted = BigInt(filter.value);
    return subject.values(filter.attribute.toLowerCase()).some((value) => {
      if (!/^-?\d{1,19}$/.test(text(value))) return false;
      const common = BigInt(text(value)) & wanted;
      return rule === rules.bitAnd ? common === wanted : common !== 0n;
    });
  }
  return isEqual(filter.attribute, filter.value, subject);
}

function isEqual(attribute: string, wanted: FilterValue, subject: FilterSubject): boolean {
  const name = attribute.toLowerCase();
  if (isMembership(name) && typeof wanted === 'string') return subject.isMemberOf(wanted, false);
  const values = subject.values(name);
  if (typeof wanted !== 'string') return values.some((value) => Buffer.from(value).equals(wanted));
  if (name === 'objectcategory' && !wanted.includes('=')) return values.some((value) => isOfCategory(text(value), wanted));
  const folded = wanted.trim().toLowerCase();
  if (values.some((value) => text(value).toLowerCase() === folded)) return true;
  const wantedName = wanted.includes('=') ? canonicalDn(wanted) : null;
  return wantedName !== null && values.some((value) => canonicalDn(text(value)) === wantedName);
}

/** Active Directory takes a class's short name for its category: person and user are one. */
function isOfCategory(category: string, wanted: string): boolean {
  const parsed = parseDn(category);
  const name = parsed.ok ? parsed.value[0]?.[0]?.value.toLowerCase() : undefined;
  const short = wanted.trim().toLowerCase();
  return name === (['user', 'inetorgperson', 'contact', 'organizationalperson'].includes(short) ? 'person' : short);
}

function isMembership(attribute: string): boolean {
  return attribute.toLowerCase() === 'memberof';
}

function hasPieces(value: string, filter: Extract<LdapFilter, { kind: 'substrings' }>): boolean {
  const folded = value.toLowerCase();
  const initial = filter.initial.toLowerCase();
  const final = filter.final.toLowerCase();
  if (!folded.startsWith(initial)) return false;
  let position = initial.length;
  for (const piece of filter.any) {
    const found = folded.indexOf(piece.toLowerCase(), position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return folded.length - final.length >= position && folded.endsWith(final);
}

/** Numbers as numbers (FILETIMEs exceed 2^53), everything else as text. */
function compare(left: string, right: string): number {
  if (/^-?\d{1,19}$/.test(left) && /^-?\d{1,19}$/.test(right)) {
    const difference = BigInt(left) - BigInt(right);
    if (difference === 0n) return 0;
    return difference > 0n ? 1 : -1;
  }
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  if (a === b) return 0;
  return a > b ? 1 : -1;
}

function text(value: FilterValue): string {
  return typeof value === 'string' ? value : value.toString('utf8');
}
