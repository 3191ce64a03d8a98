import type { View } from '../answer.ts';
import type { CheckDocument, ValidateDocument } from '../documents.ts';
import { renderError } from '../failure.ts';
import { plural } from '../terminal/format.ts';
import { noticeLines, sections } from './parts.ts';
import { previewLines } from './scope.ts';

/** Each test with its facts, the failed ones with their remedy. */
export function renderValidate(document: ValidateDocument, view: View): string {
  const failed = document.checks.filter((check) => check.outcome === 'failed').length;
  const verdict = document.valid
    ? view.style.good('The configuration works.')
    : view.style.bad(failed === 0 ? 'The configuration does not work.' : `${plural(failed, 'check')} failed.`);
  return sections(
    document.checks.map((check) => checkLines(check, view).join('\n')),
    noticeLines(document.notices, view),
    verdict,
  );
}

function checkLines(check: CheckDocument, view: View): readonly string[] {
  const { style } = view;
  const marks = { passed: style.good('✔'), failed: style.bad('✘'), skipped: style.quiet('–') } as const;
  const facts = Object.entries(check.facts);
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  return [
    `${marks[check.outcome]} ${style.strong(wordsOf(check.what))} ${check.name}`,
    ...facts.map(([name, value]) => `    ${style.quiet(name.padEnd(width))}  ${value}`),
    ...(check.scope === undefined ? [] : previewLines(check.scope, { ...view, width: view.width - 4 }).map((line) => `    ${line}`)),
    ...(check.note === null ? [] : [`    ${style.quiet(check.note)}`]),
    ...(check.error === null
      ? []
      : renderError(check.error, { ...view, width: view.width - 4 })
          .split('\n')
          .map((line) => `    ${line}`)),
  ];
}

function wordsOf(what: CheckDocument['what']): string {
  const words = {
    configuration: 'Configuration',
    store: 'Store',
    directory: 'Directory',
    'it-glue': 'IT Glue',
    organization: 'Organization',
    psa: 'PSA',
    hub: 'Hub',
  } as const;
  return words[what];
}
