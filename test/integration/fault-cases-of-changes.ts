import * as broken from '../sandbox/ldap-proxy/broken-connection.ts';
import * as answers from '../sandbox/ldap-proxy/false-answers.ts';
import * as entries from '../sandbox/ldap-proxy/false-entries.ts';
import {
  brokenConnections,
  cutShort,
  type FaultCase,
  falsePages,
  falseUsers,
  type Kinds,
  oddPages,
  type Spot,
  searchRefusals,
  spread,
  withExpected,
} from './fault-cases.ts';

const unavailable: Kinds = {
  'busy (51)': [broken.refuse({ code: 51 }), 'refused'],
  'unavailable (52)': [broken.refuse({ code: 52 }), 'refused'],
};
/** Of a restored controller, or of another one. */
const doubtfulServer: readonly FaultCase[] = [
  ...spread(['entry 1'], { 'another life of the database': [entries.valued('invocationId', [Buffer.alloc(16, 9)]), 'truth'] }, 'dirsync'),
  ...spread(['root 1'], { 'a lower number than before': [entries.valued('highestCommittedUSN', ['1']), 'truth'] }, 'dirsync'),
  ...spread(['entry 1'], { 'another life of the database': [entries.valued('invocationId', [Buffer.alloc(16, 9)]), 'truth'] }, 'usn'),
  ...spread(['root 1'], { 'a lower number than before': [entries.valued('highestCommittedUSN', ['1']), 'truth'] }, 'usn'),
];
const spoiltObjects: Kinds = {
  'an objectGUID of 15 bytes': [entries.shortGuid, 'any'],
  'an objectGUID of no bytes': [entries.emptyGuid, 'any'],
  'objectGUID twice': [entries.secondGuid, 'any'],
  'a DN of 300 kB': [entries.longDn, 'any'],
  'all attributes stripped': [entries.onlyAttributes([]), 'any'],
  'half of the entries, and success': [answers.halfPage, 'any'],
  'no entries, and success': [answers.noChanges, 'any'],
  'entries that are none': [entries.brokenEntry, 'refused'],
};
const oddMarks: Kinds = {
  'the mark stripped': [answers.dirSyncStripped, 'truth'],
  'an empty mark': [answers.emptyDirSyncCookie, 'truth'],
};

/** What comes after the last answer is seen, or not, before the read has ended. */
const atTheEnd: Kinds = { 'the answer twice': [broken.twice, 'any'], 'reset after the answer': [broken.resetAfter, 'any'] };

/** Faults in a read of changes. What is refused or in doubt ends in a read of everything, where that is possible. */
export function changesCases(): readonly FaultCase[] {
  const marks: readonly Spot[] = ['dirsync 1', 'dirsync 2'];
  const numbers: readonly Spot[] = ['usn 1', 'usn 2'];
  return [
    ...spread(marks, brokenConnections, 'dirsync'),
    ...spread(marks, withExpected(searchRefusals, 'truth'), 'dirsync'),
    ...spread(['look-up 1'], searchRefusals, 'dirsync'),
    ...spread(['entry 1'], unavailable, 'dirsync'),
    ...spread(marks, oddMarks, 'dirsync'),
    ...spread(['dirsync'], { 'more to come, for ever': [answers.moreForEver, 'any'] }, 'dirsync'),
    ...spread(['dirsync 1'], spoiltObjects, 'dirsync'),
    ...spread(['look-up 1'], { ...brokenConnections, ...cutShort, ...oddPages, ...atTheEnd }, 'dirsync'),
    ...spread(['look-up 1'], withExpected({ ...falsePages, ...falseUsers }, 'any'), 'dirsync'),
    ...spread(['usn 1'], brokenConnections, 'usn'),
    ...spread(numbers, unavailable, 'usn'),
    ...spread(numbers, { 'paging control stripped': [answers.pagingStripped, 'truth'], ...withExpected(oddPages, 'truth') }, 'usn'),
    ...spread(['usn 1'], spoiltObjects, 'usn'),
    ...doubtfulServer,
  ];
}
