import * as answers from '../sandbox/ldap-proxy/false-answers.ts';
import * as entries from '../sandbox/ldap-proxy/false-entries.ts';
import { brokenConnections, type FaultCase, type Kinds, oddPages, searchRefusals, spread, withExpected } from './fault-cases.ts';

const spoilt: Kinds = {
  'the same page for ever': [answers.samePage, 'any'],
  'half of the entries, and success': [answers.halfPage, 'any'],
  'no entries, and success': [answers.nothing, 'any'],
  'paging control stripped': [answers.pagingStripped, 'any'],
  'an objectGUID of 15 bytes': [entries.shortGuid, 'any'],
  'one objectGUID for all': [entries.sameGuid, 'any'],
  'objectGUID twice': [entries.secondGuid, 'any'],
  'all attributes stripped': [entries.onlyAttributes([]), 'any'],
  'a time that is none': [entries.valued('lastLogon', ['soon'], 'all'), 'any'],
};

/** Faults in the survey of last logons that follows a read: the read stands, whatever becomes of it. */
export function logonCases(): readonly FaultCase[] {
  const kinds = { ...withExpected({ ...brokenConnections, ...searchRefusals, ...oddPages }, 'any'), ...spoilt };
  return spread(['logons'], kinds).map((one) => ({ ...one, surveys: true }));
}
