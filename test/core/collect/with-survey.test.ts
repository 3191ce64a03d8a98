import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SurveyedLogon, withSurvey } from '../../../core/collect/with-survey.ts';
import type { AccountFacts } from '../../../core/model/directory-user.ts';
import { directoryEntry } from '../../fixtures/build.ts';

const lagging = 'within 14 days';
const base = directoryEntry().account;

function account(lastLogon: AccountFacts['lastLogon'], lastLogonAccuracy: AccountFacts['lastLogonAccuracy'] = lagging): AccountFacts {
  return { ...base, lastLogon, lastLogonAccuracy };
}

describe('withSurvey', () => {
  it.each<[AccountFacts['lastLogon'], SurveyedLogon | null, AccountFacts['lastLogon'], AccountFacts['lastLogonAccuracy']]>([
    // Not surveyed: as the entry says.
    [500, null, 500, lagging],
    [null, null, null, lagging],
    // The later one is shown, whichever it is.
    [500, { at: 700, exact: true }, 700, 'exact'],
    [700, { at: 500, exact: true }, 700, 'exact'],
    [500, { at: 500, exact: true }, 500, 'exact'],
    [500, { at: 700, exact: false }, 700, lagging],
    [700, { at: 500, exact: false }, 700, lagging],
    ['never', { at: 700, exact: true }, 700, 'exact'],
    [null, { at: 700, exact: false }, 700, lagging],
    // 0 is no moment: it says never, of whom nothing better is known.
    [500, { at: 0, exact: true }, 500, 'exact'],
    ['never', { at: 0, exact: true }, 'never', 'exact'],
    [null, { at: 0, exact: true }, 'never', 'exact'],
    [null, { at: 0, exact: false }, 'never', lagging],
  ])('C4 of %s and the survey %o shows %s, %s', (own, surveyed, lastLogon, lastLogonAccuracy) => {
    expect(withSurvey(account(own), surveyed)).toEqual({ ...base, lastLogon, lastLogonAccuracy });
  });

  it('C4 keeps the accuracy that the entry has by itself', () => {
    expect(withSurvey(account(500, 'exact'), { at: 400, exact: false })).toEqual(account(500, 'exact'));
  });

  it('C4 never shows an earlier logon than either knows, and changes nothing else', () => {
    const logon = fc.oneof(fc.constantFrom('never' as const, null), fc.nat());
    const surveyed = fc.option(fc.record({ at: fc.nat(), exact: fc.boolean() }));
    fc.assert(
      fc.property(logon, surveyed, (own, survey) => {
        const { lastLogon, lastLogonAccuracy, ...rest } = withSurvey(account(own), survey);
        const latest = Math.max(typeof own === 'number' ? own : 0, survey?.at ?? 0);

        expect(typeof lastLogon === 'number' ? lastLogon : 0).toBe(latest);
        expect(lastLogonAccuracy === 'exact').toBe(survey?.exact === true);
        expect({ ...rest, lastLogon: base.lastLogon, lastLogonAccuracy: base.lastLogonAccuracy }).toEqual(base);
      }),
    );
  });
});
