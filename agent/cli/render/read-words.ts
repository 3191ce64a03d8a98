import type { DirectoryReadDocument, LogonSurveyDocument } from '../documents-reads.ts';
import { formatCount, plural } from '../terminal/format.ts';
import { presenceWords } from './contacts.ts';

/** `12 changed users`, `1,250 users`. */
export function usersInWords(users: number, kind: DirectoryReadDocument['kind']): string {
  return kind === 'changes' ? plural(users, 'changed user') : plural(users, 'user');
}

/** Why not only what changed was read; empty when there is no reason to tell. */
export function fullInWords(fullBecause: string | null): string {
  return fullBecause === null ? '' : `everything was read: ${fullBecause}`;
}

/** `3 deleted, 4 out of scope`: the users whom a read did not bring; empty when there are none. */
export function absentInWords(absent: DirectoryReadDocument['absent']): string {
  const grades = ['gone', 'missing', 'absent', 'out'] as const;
  return grades
    .filter((grade) => absent[grade] > 0)
    .map((grade) => `${formatCount(absent[grade])} ${presenceWords[grade]}`)
    .join(', ');
}

/** `exact, from 2 of 2 domain controllers`. Where not all are known, how many there are is not known either. */
export function logonsInWords({ exact, asked, failed }: LogonSurveyWords): string {
  if (exact) return `exact, from ${formatCount(asked)} of ${plural(asked + failed, 'domain controller')}`;
  return `within 14 days, from ${plural(asked, 'domain controller')}: not all of them answered`;
}

/** How many domain controllers answered, and how many did not. */
export interface LogonSurveyWords extends Pick<LogonSurveyDocument, 'exact'> {
  readonly asked: number;
  readonly failed: number;
}
