import { RollcallError } from '../../core/errors.ts';
import type { DirectorySource, LogonSurvey, ReadRequest } from '../../core/ports/directory-source.ts';
import type { SourceKey, StoredLogonSurvey } from '../../core/ports/store.ts';
import type { LogonSurveyDocument } from '../cli/documents-reads.ts';
import type { CollectContext, DirectoryToRead } from './collect.ts';
import { errorDocument } from './error-document.ts';

export interface SurveyWords {
  readonly directory: DirectoryToRead;
  readonly source: DirectorySource;
  readonly key: SourceKey;
  readonly request: ReadRequest;
  readonly previous: StoredLogonSurvey | null;
  /** Everything was read just now. */
  readonly full: boolean;
}

/**
 * Asks all domain controllers for the last logons when it is time to (C4); `null`: it is not. A survey that fails makes the logons less
 * accurate and no read fail: what failed is told, and kept with what was asked.
 */
export async function surveyIfDue(context: CollectContext, words: SurveyWords): Promise<LogonSurveyDocument | null> {
  const { directory, source, key, request, previous, full } = words;
  const every = directory.lastLogonEveryMs ?? null;
  if (source.surveyLogons === undefined || every === null) {
    // It was wanted before: from now on nobody knows of later logons elsewhere.
    if (previous?.exact === true) await context.store.saveLogons(key, { ...previous, exact: false, logons: new Map() }, previous.at);
    return null;
  }
  const startedAt = context.now();
  // A clock that went back must not put it off for long.
  const isDue = full || previous === null || startedAt - previous.at >= every || startedAt < previous.at;
  if (!isDue) return null;
  const task = context.progress.start(`Asking the domain controllers of ${directory.name} for the last logons`);
  const survey = await source.surveyLogons(request).catch((error: unknown) => failedSurvey(directory.name, error));
  await context.store.saveLogons(key, survey, context.now());
  if (survey.failed.length === 0) task.done();
  else
    task.fail(`${survey.failed.length} of ${survey.failed.length + survey.asked.length} domain controllers did not tell the last logons`);
  const { asked, failed, exact } = survey;
  return { asked, failed, exact, durationMs: context.now() - startedAt };
}

function failedSurvey(directory: string, error: unknown): LogonSurvey {
  if (!(error instanceof RollcallError) || error.code === 'INTERRUPTED') throw error;
  const { code, message } = errorDocument(error);
  const server = typeof error.place['server'] === 'string' ? error.place['server'] : directory;
  return { asked: [], failed: [{ server, code, message }], exact: false, logons: new Map() };
}
