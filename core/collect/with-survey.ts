import type { AccountFacts } from '../model/directory-user.ts';
import type { Moment } from '../model/time.ts';

/** What surveys of the domain controllers brought of one user (C4). */
export interface SurveyedLogon {
  /** 0: all that answered say that there was none. */
  readonly at: Moment;
  /** The latest survey asked all controllers of the domain, and brought this user. */
  readonly exact: boolean;
}

/**
 * The account with the later of the two last logons: its own, which is lastLogonTimestamp and lags by up to two weeks, and that of
 * the surveys. After an exact survey either one is the true one, for what is later than all that was asked came after the survey.
 * That a survey found none says `never` only of an account that knows of none itself.
 */
export function withSurvey(account: AccountFacts, surveyed: SurveyedLogon | null): AccountFacts {
  if (surveyed === null) return account;
  const lastLogon = laterLogon(account.lastLogon, surveyed.at);
  const lastLogonAccuracy = surveyed.exact ? 'exact' : account.lastLogonAccuracy;
  return lastLogon === account.lastLogon && lastLogonAccuracy === account.lastLogonAccuracy
    ? account
    : { ...account, lastLogon, lastLogonAccuracy };
}

function laterLogon(own: AccountFacts['lastLogon'], surveyed: Moment): AccountFacts['lastLogon'] {
  if (surveyed === 0) return own ?? 'never';
  return typeof own === 'number' && own > surveyed ? own : surveyed;
}
