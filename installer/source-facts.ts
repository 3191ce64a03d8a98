import { repository } from './repository.ts';
import { run } from './run.ts';

/** What is built: the same for all targets. */
export interface SourceFacts {
  readonly commit: string;
  readonly modified: boolean;
  readonly date: string;
}

/** Reads them from git; the date is the commit's, or that of `SOURCE_DATE_EPOCH`, so that one commit gives the same bytes each time. */
export async function readSourceFacts(environment: Readonly<Record<string, string | undefined>> = process.env): Promise<SourceFacts> {
  const git = (...words: readonly string[]): Promise<string> => run('git', words, { cwd: repository });
  const commit = (await git('rev-parse', 'HEAD')).trim();
  const seconds = Number(environment['SOURCE_DATE_EPOCH'] ?? (await git('log', '-1', '--format=%ct')));
  if (!Number.isSafeInteger(seconds) || seconds < 0) throw new Error('SOURCE_DATE_EPOCH is not a number of seconds since 1970.');
  const modified = (await git('status', '--porcelain', '--', 'core', 'agent', 'installer', 'package.json', 'package-lock.json')) !== '';
  return { commit, modified, date: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` };
}
