import { describe, expect, it } from 'vitest';
import { exactSurveys, type SurveyOfSource } from '../../../core/collect/exact-surveys.ts';

const now = Date.UTC(2026, 10, 22, 12);
const day = 24 * 3_600_000;

function survey(
  source: number,
  asked: readonly string[],
  failed: readonly string[],
  { family = 'ad:corp.test', at = now }: { readonly family?: string; readonly at?: number } = {},
): SurveyOfSource {
  return {
    source,
    family,
    survey: {
      asked: asked.map((server) => ({ server, users: 1, requests: 1, durationMs: 1 })),
      failed: failed.map((server) => ({ server, code: 'DIRECTORY_UNREACHABLE', message: 'no way there' })),
      exact: failed.length === 0,
      at,
    },
  };
}

describe('C4 last logons are exact', () => {
  it.each<[string, readonly SurveyOfSource[], readonly number[]]>([
    ['after one source asked all controllers', [survey(1, ['ldaps://dc1', 'ldaps://dc2'], [])], [1]],
    ['not after one asked some', [survey(1, ['ldaps://dc1'], ['ldaps://dc2'])], []],
    [
      'after two asked all of them together',
      [survey(1, ['ldaps://dc1'], ['ldaps://dc2']), survey(2, ['ldap://DC2:389'], ['ldaps://dc1'])],
      [1, 2],
    ],
    [
      'for the one whose missing controllers another asked',
      [survey(1, ['ldaps://dc1'], ['ldaps://dc2']), survey(2, ['ldaps://dc2'], ['ldaps://dc3'])],
      [1],
    ],
    [
      'never by what was asked of another family',
      [survey(1, ['ldaps://dc1'], ['ldaps://dc2']), survey(2, ['ldaps://dc2'], ['ldaps://dc1'], { family: 'ad:other.test' })],
      [],
    ],
    [
      'not by what another asked three days before',
      [survey(1, ['ldaps://dc1'], ['ldaps://dc2']), survey(2, ['ldaps://dc2'], ['ldaps://dc1'], { at: now - 3 * day })],
      [2],
    ],
    ['not when a survey knew of no controller', [{ ...survey(1, [], []), survey: { asked: [], failed: [], exact: false, at: now } }], []],
  ])('%s', (_name, surveys, exact) => {
    expect([...exactSurveys(surveys)]).toEqual(exact);
  });
});
