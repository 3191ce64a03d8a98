import type { Moment } from '../model/time.ts';
import type { LogonSurvey } from '../ports/directory-source.ts';

/** The latest survey of the last logons by one source (C4). */
export interface SurveyOfSource {
  readonly source: number;
  /** Which users the source reads (D1). */
  readonly family: string;
  readonly survey: Pick<LogonSurvey, 'asked' | 'failed' | 'exact'> & { readonly at: Moment };
}

/** What another source asked longer before than this is no part of the same picture: surveys come daily. */
const togetherMs = 48 * 3_600_000;

/**
 * The sources whose users' last logons are the true ones: all domain controllers of the domain were asked, by the source itself or,
 * where it could not reach one, by another source that reads the same users, on whatever subnet that stands. A user's logon is the
 * latest that any of them knows (D3).
 */
export function exactSurveys(surveys: readonly SurveyOfSource[]): ReadonlySet<number> {
  const answered = new Map<string, Moment>();
  for (const { family, survey } of surveys) {
    for (const { server } of survey.asked) {
      const key = keyOf(family, server);
      answered.set(key, Math.max(survey.at, answered.get(key) ?? survey.at));
    }
  }
  const wasAsked = ({ family, survey }: SurveyOfSource, server: string): boolean =>
    (answered.get(keyOf(family, server)) ?? Number.NEGATIVE_INFINITY) >= survey.at - togetherMs;
  const isExact = (source: SurveyOfSource): boolean => {
    const { exact, failed } = source.survey;
    return exact || (failed.length > 0 && failed.every(({ server }) => wasAsked(source, server)));
  };
  return new Set(surveys.filter(isExact).map(({ source }) => source));
}

/** One collector may ask a controller by LDAPS and another by StartTLS: it is the same controller. */
function keyOf(family: string, server: string): string {
  const host = server.replace(/^[a-z]+:\/\//iu, '').replace(/:\d+$/u, '');
  return `${family} ${host.toLowerCase()}`;
}
