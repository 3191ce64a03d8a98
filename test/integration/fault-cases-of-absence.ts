import * as answers from '../sandbox/ldap-proxy/false-answers.ts';
import * as entries from '../sandbox/ldap-proxy/false-entries.ts';
import { brokenConnections, type FaultCase, type Kinds, searchRefusals, spread, withExpected } from './fault-cases.ts';

const falseAnswers: Kinds = {
  'no entries, and success': [answers.nothing, 'any'],
  'entries that are none': [entries.brokenEntry, 'any'],
  'an objectGUID of 15 bytes': [entries.shortGuid, 'any'],
  'one objectGUID for all': [entries.sameGuid, 'any'],
  'all attributes stripped': [entries.onlyAttributes([]), 'any'],
};

/**
 * Faults where a user who is absent is looked for. Here it was deleted, which the account may not see: the reads may find it missing
 * when all is well, and nobody must be taken for missing or gone by a look that failed.
 */
export function absenceCases(): readonly FaultCase[] {
  const refused = Object.fromEntries(Object.entries(brokenConnections).filter(([, [, expected]]) => expected === 'refused'));
  return [
    ...spread(['look-up 1', 'look-up 2'], withExpected(refused, 'any'), 'absent'),
    ...spread(['look-up'], withExpected(searchRefusals, 'any'), 'absent'),
    ...spread(['look-up'], falseAnswers, 'absent'),
  ];
}
