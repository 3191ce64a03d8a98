import { errorTable } from '../../core/error-table.ts';
import type { ErrorDocument } from '../cli/documents.ts';
import type { JobOutcome } from './job-protocol.ts';

/** How a job ended as a whole: a plan that is held and single records that failed are no failure of the run. */
export function outcomeOf(answer: unknown): JobOutcome {
  const documents = Array.isArray(answer) ? answer : [answer];
  const errors = documents.flatMap((document) => errorOf(document) ?? []);
  const [first] = errors;
  if (first === undefined) return { result: 'success', code: null };
  return { result: errors.every((error) => mayPass(error.code)) ? 'passing failure' : 'failure', code: first.code };
}

/** Whether the same again may succeed without anybody's help. */
export function mayPass(code: string): boolean {
  return Object.hasOwn(errorTable, code) && errorTable[code as keyof typeof errorTable].retry === 'later';
}

function errorOf(document: unknown): ErrorDocument | null {
  if (typeof document !== 'object' || document === null || !('error' in document)) return null;
  return document.error as ErrorDocument | null;
}
