import { stripVTControlCharacters } from 'node:util';
import type { Change } from '../../../core/model/plan.ts';
import type { View } from '../answer.ts';
import type { ConflictDocument, ErrorDocument, GuardDocument, HeldDocument } from '../documents.ts';
import { renderError } from '../failure.ts';
import { formatCount, plural } from '../terminal/format.ts';
import { renderTable, type TableOptions } from '../terminal/table.ts';
import { textWidth, wrapText } from '../terminal/text-width.ts';

/** Sections of a text; empty ones are left out, the others have an empty line between them. */
export function sections(...parts: readonly (string | readonly string[])[]): string {
  return parts
    .map((part) => (typeof part === 'string' ? part : part.join('\n')))
    .filter((part) => part !== '')
    .join('\n\n');
}

/** `Acme (4711)`, or the id alone. */
export function organizationHeading(
  document: { readonly organization: string; readonly organizationName: string | null },
  view: View,
): string {
  const name = document.organizationName;
  return name === null
    ? view.style.heading(`Organization ${document.organization}`)
    : `${view.style.heading(name)} ${view.style.quiet(`(${document.organization})`)}`;
}

/** A table, cut after `limit` rows with a line that says how many more there are. */
export function cutTable(options: Omit<TableOptions, 'width' | 'paintTitle'>, limit: number, view: View): string {
  if (options.rows.length === 0) {
    return '';
  }
  const rows = options.rows.length <= limit + 1 ? options.rows : options.rows.slice(0, limit);
  const table = renderTable({ ...options, rows, width: view.width, paintTitle: view.style.quiet });
  return moreLine(table, options.rows.length - rows.length, view);
}

/** Adds `… and 213 more (--json shows all)`. */
export function moreLine(text: string, more: number, view: View): string {
  return more > 0 ? `${text}\n${view.style.quiet(`  … and ${formatCount(more)} more (--json shows all)`)}` : text;
}

/** `HEAD  one · two · three`, continued on further lines where it is wider than the terminal. */
export function itemLines(head: string, items: readonly string[], view: View): readonly string[] {
  const lines: string[] = [];
  let line = head;
  for (const [index, item] of items.entries()) {
    const longer = `${line}${index === 0 ? '  ' : ' · '}${item}`;
    const isWide = textWidth(stripVTControlCharacters(longer)) > view.width;
    if (isWide) {
      lines.push(line);
    }
    line = isWide ? `  ${item}` : longer;
  }
  return [...lines, line];
}

/** Why the plan is held, and the two commands that end it. */
export function heldLines(held: HeldDocument | null, guards: readonly GuardDocument[], view: View): readonly string[] {
  if (held === null) {
    return [];
  }
  const { style } = view;
  const exceeded = guards.filter((guard) => guard.exceeded);
  const [first = '', ...rest] = wrapText(heldReason(held.reason), Math.max(30, view.width - 6));
  return [
    `${style.warning('Held')}  ${first}`,
    ...rest.map((line) => `      ${line}`),
    ...exceeded.flatMap((guard) => guardLines(guard, view)),
    `  ${style.quiet('let it through')}  ${style.strong(`rollcall approve ${held.hash}${view.sameOptions}`)}`,
    `  ${style.quiet('drop it       ')}  rollcall reject ${held.hash}${view.sameOptions}`,
  ];
}

/** In words; several reasons are joined by commas. */
export function heldReason(reason: string): string {
  const words: Readonly<Record<string, string>> = {
    onboarding: "this is the organization's first sync: look the plan over, then approve it",
    PSA_DOUBLE_PUSH: 'IT Glue pushes contacts by itself (PSA_DOUBLE_PUSH): set psa.push to "it-glue", or switch its own sync off',
    create: 'more contacts would be created than the limit allows',
    update: 'more contacts would be changed than the limit allows',
    blank: 'more values would become empty than the limit allows',
    rematch: 'more users would change their contact than the limit allows',
    deactivate: 'more users became disabled, expired or gone than the limit allows',
    push: 'more contacts would be created in the PSA than the limit allows',
  };
  return reason
    .split(',')
    .map((part) => words[part.trim()] ?? part.trim())
    .join('; ');
}

function guardLines(guard: GuardDocument, view: View): readonly string[] {
  const names = guard.names.length === 0 ? [] : wrapText(`for example ${guard.names.join(', ')}`, Math.max(30, view.width - 4));
  return [
    `  ${view.style.bad(guard.kind)}  ${formatCount(guard.count)}, the limit is ${formatCount(guard.limit)}`,
    ...names.slice(0, 3).map((line) => `    ${view.style.quiet(line)}`),
  ];
}

/** Where a record is. */
export const systemWords: Readonly<Record<Change['system'], string>> = { 'it-glue': 'IT Glue', psa: 'the PSA', rollcall: 'rollcall' };

/** Differences that are left alone. */
export function conflictSection(conflicts: readonly ConflictDocument[], limit: number, view: View): string {
  if (conflicts.length === 0) {
    return '';
  }
  const rows = conflicts.map((conflict) => [
    conflict.label,
    conflict.field,
    shown(conflict.ours),
    shown(conflict.theirs),
    systemWords[conflict.with],
  ]);
  const columns = [
    { title: 'who' },
    { title: 'field', givesWay: 0 },
    { title: 'ours', givesWay: 2 },
    { title: 'theirs, kept', givesWay: 2 },
    { title: 'in', givesWay: 0 },
  ];
  return `${view.style.strong(plural(conflicts.length, 'conflict'))} ${view.style.quiet('(left as they are)')}\n${cutTable({ columns, rows }, limit, view)}`;
}

/** What to know besides. */
export function noticeLines(notices: readonly string[], view: View): readonly string[] {
  return notices.flatMap((notice) => {
    const [first = '', ...rest] = wrapText(notice, Math.max(30, view.width - 6));
    return [`${view.style.accent('Note')}  ${first}`, ...rest.map((line) => `      ${line}`)];
  });
}

export function errorSection(error: ErrorDocument | null, view: View): string {
  return error === null ? '' : renderError(error, view);
}

/** A value of a field for people: `-` is empty. */
export function shown(value: string | null): string {
  return value === null || value === '' ? '-' : value;
}
