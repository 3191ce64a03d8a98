import { RollcallError } from '../../core/errors.ts';
import { ConfigError } from '../config/config-error.ts';
import { type ErrorDocument, type FailureDocument, formatVersion } from './documents.ts';
import type { Style } from './terminal/style.ts';
import { printable, wrapText } from './terminal/text-width.ts';

/** Any thrown thing as a coded failure. What is not ours is `INTERNAL`; an abort is `INTERRUPTED`. */
export function asRollcallError(thrown: unknown): RollcallError {
  if (thrown instanceof RollcallError) {
    return thrown;
  }
  if (thrown instanceof Error && (thrown.name === 'AbortError' || (thrown as NodeJS.ErrnoException).code === 'ABORT_ERR')) {
    return new RollcallError('INTERRUPTED', 'The command was interrupted.', { cause: thrown });
  }
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new RollcallError('INTERNAL', `Something unforeseen happened: ${what}`, { cause: thrown });
}

/** The failure as documents name it; `clean` takes secrets out of texts. */
export function errorDocument(error: RollcallError, clean: (text: string) => string): ErrorDocument {
  const place = Object.fromEntries(
    Object.entries(error.place).map(([key, value]) => [key, typeof value === 'string' ? clean(value) : value]),
  );
  const base = { code: error.code, message: clean(error.message), hint: error.hint, place };
  if (!(error instanceof ConfigError)) {
    return base;
  }
  return {
    ...base,
    problems: error.problems.map(({ path, expected, found, message }) => ({ path, expected, found, message: clean(message) })),
  };
}

export function failureDocument(error: RollcallError, clean: (text: string) => string): FailureDocument {
  return { formatVersion, error: errorDocument(error, clean) };
}

/** What happened, where, what to do next, and the code. */
export function renderError(error: ErrorDocument, view: { readonly style: Style; readonly width: number }): string {
  const { style } = view;
  const [first = '', ...rest] = error.message.split('\n').map(printable);
  const place = Object.entries(error.place).filter(([, value]) => value !== null && value !== '' && !error.message.includes(String(value)));
  const facts: readonly (readonly [string, string])[] = [
    ...(place.length === 0 ? [] : [['where', place.map(([key, value]) => `${key} ${printable(String(value))}`).join(', ')] as const]),
    ['next', error.hint],
    ['code', error.code],
  ];
  return [
    ...indented(style.bad('Error'), first, view.width),
    ...rest.flatMap((line) => indented('     ', line.trimStart(), view.width)),
    ...facts.flatMap(([name, text]) => indented(style.quiet(name.padStart(5)), text, view.width)),
  ].join('\n');
}

/** A word of five columns, then the text in a column of its own; the lines of a list item stay below its text. */
function indented(head: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(text.startsWith('- ') ? 9 : 7);
  const [first = '', ...rest] = wrapText(text, Math.max(30, width - indent.length));
  return [`${head}  ${first}`, ...rest.map((line) => `${indent}${line}`)];
}

/** For `--log-level debug`: the stacks of an error and its causes. */
export function stackOf(thrown: unknown, clean: (text: string) => string): string {
  const stacks: string[] = [];
  let at: unknown = thrown;
  while (at instanceof Error && stacks.length < 5) {
    stacks.push(clean(at.stack ?? at.message));
    at = at.cause;
  }
  return stacks.join('\ncaused by ');
}
