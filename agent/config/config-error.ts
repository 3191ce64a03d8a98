import { RollcallError } from '../../core/errors.ts';
import type { ConfigProblem } from './problems.ts';

const mostInMessage = 100;

/** A configuration that was refused, with every problem that was found. */
export class ConfigError extends RollcallError {
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    // A secret in the open is the most urgent of them: it decides the code.
    const hasPlainSecret = problems.some((found) => found.code === 'CONFIG_PLAIN_SECRET');
    super(hasPlainSecret ? 'CONFIG_PLAIN_SECRET' : 'CONFIG_INVALID', sentence(file, problems), {
      place: { file, path: problems[0]?.path ?? '', problems: problems.length },
    });
    this.problems = problems;
  }
}

function sentence(file: string, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const lines = problems.slice(0, mostInMessage).map((found) => `  - ${found.message}`);
  const rest = problems.length > mostInMessage ? [`  - … and ${problems.length - mostInMessage} more`] : [];
  return [`The configuration file ${file} has ${count}:`, ...lines, ...rest].join('\n');
}
