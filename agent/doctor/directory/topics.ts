import { errorTable } from '../../../core/error-table.ts';
import { type ErrorCode } from '../../../core/errors.ts';
import type { LookFailure } from '../../../core/ports/directory-examination.ts';
import type { FindingDocument, FindingState } from '../../cli/documents-doctor.ts';
import { notOk, type Topic } from '../finding.ts';

type DirectoryCode = Extract<Topic['code'], `DIRECTORY${string}`>;

/** What is looked at of a directory, or of one of its servers. */
export function topicOf(directory: string, code: DirectoryCode, server?: string): Topic {
  return { part: 'directory', subject: directory, code, ...(server === undefined ? {} : { server }) };
}

/** A look that failed, with the remedy of its error. */
export function failedLook(topic: Topic, { code, message }: LookFailure, state: Exclude<FindingState, 'ok'>): FindingDocument {
  const remedy = Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode].hint : null;
  return { ...notOk(topic, state, message, remedy), error: code };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `350 ms`, `4.2 s`, `12 min`, `5 h`, `3 d`. */
export function spanWords(ms: number): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < minute) return `${(ms / second).toFixed(1)} s`;
  if (ms < 2 * hour) return `${Math.round(ms / minute)} min`;
  return ms < 2 * day ? `${Math.round(ms / hour)} h` : `${Math.round(ms / day)} d`;
}

/** `1 user`, `1,204 users`. */
export function countWords(count: number, one: string): string {
  return `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;
}

const mostNamed = 5;

/** The first few, and how many more there are. */
export function fewOf(names: readonly string[], most = mostNamed): string {
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
