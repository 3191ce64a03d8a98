import type { LdapResult } from '../sandbox/ldap/message.ts';
import * as broken from '../sandbox/ldap-proxy/broken-connection.ts';
import * as answers from '../sandbox/ldap-proxy/false-answers.ts';
import * as entries from '../sandbox/ldap-proxy/false-entries.ts';
import type { FaultKind } from '../sandbox/ldap-proxy/fault-kind.ts';
import type { Place } from '../sandbox/ldap-proxy/place.ts';
import { faultUnits } from './fault-domain.ts';

/**
 * What a read may come to. `refused`: it fails with a code, or proves nothing. `truth`: it is complete, and as if nothing had been.
 * `any`: no client can tell the answer from a right one, so it may land; all that is asked then is that nobody is taken for gone.
 */
export type Expected = 'refused' | 'truth' | 'any';

/** How the proxy encrypts, and with what certificate. `otherCa`: a right one, of a CA that is not trusted. */
export interface FaultTls {
  readonly mode: 'ldaps' | 'starttls';
  readonly shows: 'good' | 'expired' | 'wrongName' | 'selfSigned' | 'otherCa';
}

/**
 * Which state of the domain has landed before, and how it is read next: whole, whole after a user was deleted (`absent`), by DirSync's
 * marks, or by the server's own number.
 */
export type FaultWorldName = 'full' | 'absent' | 'dirsync' | 'usn';

export interface FaultCase {
  readonly world: FaultWorldName;
  readonly kind: string;
  readonly place: Place;
  readonly nth?: number;
  /** `null`: nothing but what `tls` says. */
  readonly does: FaultKind | null;
  readonly expected: Expected;
  /** Strikes at all of these places instead. */
  readonly everywhere?: readonly Place[];
  /** The read is followed by a survey of last logons, and stands whatever becomes of that. */
  readonly surveys?: boolean;
  /** Encrypted, or to be; absent: in clear. */
  readonly tls?: FaultTls;
}

export type Kinds = Readonly<Record<string, readonly [FaultKind, Expected]>>;
/** A place, with the number of the request there: `users 2`; without one: each request. */
export type Spot = Place | `${Place} ${number}`;

const users: readonly Spot[] = ['users 1', 'users 2'];
const paged: readonly Spot[] = ['groups 1', 'members 1', 'containers 1', ...users];
/** Searches without whose answer nothing can be read. */
const needed: readonly Spot[] = ['root 1', 'entry 1', ...paged];
const searches: readonly Spot[] = [...needed, 'own-account 1'];

export const brokenConnections: Kinds = {
  'no answer': [broken.stall, 'refused'],
  'half an answer, then silence': [broken.stallWithin, 'refused'],
  'closed before the answer': [broken.drop, 'refused'],
  'reset before the answer': [broken.reset, 'refused'],
  'reset within a message': [broken.resetWithin, 'refused'],
  'no LDAP': [broken.garbage, 'refused'],
  'a garbled message': [broken.garbledMessage, 'refused'],
  'a length of 2 GB': [broken.hugeLength, 'refused'],
  'a long message that never ends': [broken.longMessage, 'refused'],
  "another request's id": [broken.wrongId, 'refused'],
  'an answer of another kind': [broken.otherKind, 'refused'],
  'a notice of disconnection': [broken.notice, 'refused'],
  'dripping without an end': [broken.drip, 'refused'],
  'byte by byte': [broken.byteByByte, 'truth'],
  'the answer twice': [broken.twice, 'refused'],
  'reset after the answer': [broken.resetAfter, 'refused'],
};

const cookieRefused = '00000057: LdapErr: DSID-0C0907E1, comment: Error processing control, data 0, v4f7c';
const referral = ['ldap://other.example.test/DC=other,DC=example,DC=test'];

function refusals(codes: Readonly<Record<string, LdapResult>>, expected: Expected): Kinds {
  return Object.fromEntries(Object.entries(codes).map(([name, result]) => [`${name} (${result.code})`, [broken.refuse(result), expected]]));
}

export const searchRefusals = refusals(
  {
    'operations error': { code: 1 },
    'time limit': { code: 3 },
    'size limit': { code: 4 },
    referral: { code: 10, referrals: referral },
    'administrative limit': { code: 11 },
    'cookie refused': { code: 12, message: cookieRefused },
    'no such object': { code: 32 },
    'insufficient rights': { code: 50 },
    busy: { code: 51, message: '00002024: SvcErr: DSID-02050CF5, problem 5001 (BUSY)' },
    unavailable: { code: 52 },
    'unwilling to perform': { code: 53 },
    'an unknown result': { code: 4096 },
  },
  'refused',
);

const bindRefusals = refusals(
  {
    'protocol error': { code: 2 },
    'stronger authentication required': { code: 8 },
    referral: { code: 10, referrals: referral },
    'wrong password': { code: 49, message: '80090308: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 52e, v4f7c' },
    'locked out': { code: 49, message: 'data 775, v4f7c' },
    busy: { code: 51 },
    unavailable: { code: 52 },
  },
  'refused',
);

export const cutShort: Kinds = {
  'entries, then the time limit': [answers.cutShort({ code: 3 }), 'refused'],
  'entries, then the size limit': [answers.cutShort({ code: 4 }), 'refused'],
  'entries, then the administrative limit': [answers.cutShort({ code: 11 }), 'refused'],
  'entries, then busy': [answers.cutShort({ code: 51 }), 'refused'],
  'entries, then a referral': [answers.cutShort({ code: 10, referrals: referral }), 'refused'],
};

export const falsePages: Kinds = {
  'paging control stripped': [answers.pagingStripped, 'refused'],
  'half of the entries, and success': [answers.halfPage, 'any'],
  'no entries, and success': [answers.nothing, 'any'],
  'an end too early': [answers.earlyEnd, 'any'],
  'entries twice': [answers.entriesTwice, 'truth'],
};

const endlessPages: Kinds = {
  'the same page for ever': [answers.samePage, 'refused'],
  'empty pages for ever': [answers.emptyPage, 'refused'],
};

export const oddPages: Kinds = {
  'an empty page first': [answers.emptyPage, 'truth'],
  'a page that comes again': [answers.samePage, 'truth'],
};

export const falseUsers: Kinds = {
  'a reference to another part of the base': [
    answers.references(['ldap://dc9.corp.example.test/OU=Far,DC=corp,DC=example,DC=test']),
    'refused',
  ],
  'a reference that is no address': [answers.references(['\u0000 no address']), 'refused'],
  'a reference to a child domain': [answers.references(['ldap://child.corp.example.test/DC=child,DC=corp,DC=example,DC=test']), 'truth'],
  'a flood of references': [
    answers.references(Array.from({ length: 20_000 }, (_, index) => `ldap://c${index}.example.test/DC=c${index},DC=example,DC=test`)),
    'any',
  ],
  'a reference with 50,000 addresses': [answers.longReference(50_000), 'any'],
  'a value of 65 KiB': [entries.oversizedValue, 'any'],
  'a value that is no UTF-8': [entries.noUtf8, 'any'],
  'a DN that is no UTF-8': [entries.noUtf8Dn, 'any'],
  'a DN of 300 kB': [entries.longDn, 'any'],
  'an empty DN': [entries.noDn, 'any'],
  'an objectGUID of 15 bytes': [entries.shortGuid, 'any'],
  'an objectGUID of 17 bytes': [entries.longGuid, 'any'],
  'an objectGUID of no bytes': [entries.emptyGuid, 'any'],
  'one objectGUID for all': [entries.sameGuid, 'any'],
  'objectGUID twice': [entries.secondGuid, 'any'],
  'mail twice': [entries.secondMail, 'any'],
  'userAccountControl twice': [entries.secondControl, 'any'],
  '150,000 addresses': [entries.manyAddresses, 'any'],
  '50,000 attributes': [entries.manyAttributes, 'any'],
  'all attributes stripped': [entries.onlyAttributes([]), 'any'],
  'all but the identity stripped': [entries.onlyAttributes(['objectGUID']), 'refused'],
  'the account state stripped': [entries.withoutAttributes(['userAccountControl']), 'refused'],
  'the identity stripped': [entries.withoutAttributes(['objectGUID']), 'any'],
};

const everySearch: readonly Place[] = [
  'entry',
  'own-account',
  'groups',
  'members',
  'containers',
  'users',
  'range',
  'look-up',
  'deleted',
  'other',
];

/** Faults in a read of everything: kind × place. */
export function fullReadCases(): readonly FaultCase[] {
  return [
    ...spread(['bind', 'whoami', ...searches], brokenConnections),
    ...spread(['bind'], bindRefusals),
    ...spread(['whoami'], withExpected(bindRefusals, 'any')),
    ...spread(needed, searchRefusals),
    // An account that is nowhere to be found is no reason not to read.
    ...spread(['own-account'], withExpected(searchRefusals, 'any')),
    // What comes after the last answer is seen, or not, before the read has ended.
    ...spread(['users 4'], { 'the answer twice': [broken.twice, 'any'], 'reset after the answer': [broken.resetAfter, 'any'] }),
    ...spread(['entry 2', 'entry 3', 'users 4'], {
      'busy (51)': [broken.refuse({ code: 51 }), 'refused'],
      'no answer': [broken.stall, 'refused'],
    }),
    ...spread(paged, cutShort),
    ...spread(paged, falsePages),
    ...spread(paged, oddPages),
    ...spread(['groups', 'members', 'containers', 'users'], endlessPages),
    ...spread(['members 1', 'containers 1', ...users], { 'more entries than a page may have': [answers.overfullPage, 'refused'] }),
    ...spread(['members 1', ...users], { 'entries that are none': [entries.brokenEntry, 'refused'] }),
    ...spread(['root', 'entry 1', 'entry 2', 'entry 3'], { 'success without an entry': [answers.nothing, 'refused'] }),
    ...spread(['root', 'entry 2', 'entry 3'], { 'attributes stripped': [entries.onlyAttributes([]), 'refused'] }),
    ...spread(users, falseUsers),
    ...[faultUnits.sales, faultUnits.staff].map(rightsLost),
  ];
}

function rightsLost(unit: string): FaultCase {
  const kind = `rights below ${unit.split(',')[0]} removed`;
  return { world: 'full', kind, place: 'users', everywhere: everySearch, does: entries.rightsRemoved(unit), expected: 'refused' };
}

export function withExpected(kinds: Kinds, expected: Expected): Kinds {
  return Object.fromEntries(Object.entries(kinds).map(([kind, [does]]) => [kind, [does, expected]]));
}

export function spread(spots: readonly Spot[], kinds: Kinds, world: FaultWorldName = 'full'): FaultCase[] {
  return Object.entries(kinds).flatMap(([kind, [does, expected]]) =>
    spots.map((spot): FaultCase => {
      const [place, nth] = spot.split(' ');
      return { world, kind, place: place as Place, ...(nth === undefined ? {} : { nth: Number(nth) }), does, expected };
    }),
  );
}
