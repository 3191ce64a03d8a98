import type { View } from '../answer.ts';
import type { RescopedDocument, ScopeDocument, ScopePreviewDocument } from '../documents-reads.ts';
import { formatCount, plural } from '../terminal/format.ts';
import { wrapText } from '../terminal/text-width.ts';

const leavers = 'Who leaves is out of scope: keeps status and match, and nothing is written for them until the scope takes them in again.';

/** Whom directories take in and leave out that were read with another scope than before. */
export function scopeLines(scope: readonly ScopeDocument[], view: View): readonly string[] {
  const lines = scope.flatMap((item) => [
    `${view.style.warning('Scope')}  ${view.style.strong(item.directory)} was read with another scope than before: ${scopeInWords(item)}`,
    ...nameLines(item, view),
  ]);
  return scope.some(({ leftOut }) => leftOut > 0) ? [...lines, ...wrapped(leavers, view)] : lines;
}

/** Whom a configured scope would take in and leave out; nothing of it has happened. */
export function previewLines(preview: ScopePreviewDocument, view: View): readonly string[] {
  const changed = `${view.style.warning('Scope')}  it is not that of the latest read`;
  if (preview.unknown !== null) return [`${changed}; whom it takes in and leaves out could not be found out (${preview.unknown})`];
  return [
    `${changed}: ${plural(preview.leftOut, 'user')} would leave, ${formatCount(preview.takenIn)} would come in`,
    ...nameLines(preview, view),
    ...(preview.leftOut > 0 ? wrapped(leavers, view) : []),
  ];
}

/** `412 users leave, 12 come in`. */
export function scopeInWords({ takenIn, leftOut }: Pick<RescopedDocument, 'takenIn' | 'leftOut'>): string {
  return `${plural(leftOut, 'user leaves', 'users leave')}, ${formatCount(takenIn)} ${takenIn === 1 ? 'comes' : 'come'} in`;
}

/** `Ann Example, Bo Sample … and 3 more`; empty when it is about nobody. */
export function someNames(names: readonly string[], count: number): string {
  const more = count - names.length;
  return [names.join(', '), ...(more > 0 ? [`and ${formatCount(more)} more`] : [])].filter((part) => part !== '').join(' … ');
}

function nameLines({ names, leftOut, takenIn }: RescopedDocument, view: View): readonly string[] {
  return [
    ...(leftOut > 0 ? wrapped(`leaving    ${someNames(names.leftOut, leftOut)}`, view) : []),
    ...(takenIn > 0 ? wrapped(`coming in  ${someNames(names.takenIn, takenIn)}`, view) : []),
  ];
}

function wrapped(text: string, view: View): readonly string[] {
  return wrapText(text, Math.max(30, view.width - 2)).map((line) => `  ${view.style.quiet(line)}`);
}
