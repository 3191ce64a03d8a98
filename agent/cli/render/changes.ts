import type { View } from '../answer.ts';
import type { ChangeDocument } from '../documents.ts';
import { formatCount } from '../terminal/format.ts';
import type { Cell } from '../terminal/table.ts';
import { cutTable, moreLine, shown } from './parts.ts';

type Kind = ChangeDocument['kind'];

interface KindWords {
  readonly sign: string;
  /** In the table. */
  readonly what: string;
  /** After a count, before and after it was done. */
  readonly toDo: string;
  readonly done: string;
  readonly paint: keyof View['style'];
}

/** In the order in which people want to read them. */
const kinds: Readonly<Record<Kind, KindWords>> = {
  create: { sign: '+', what: 'create', toDo: 'to create', done: 'created', paint: 'good' },
  update: { sign: '~', what: 'update', toDo: 'to update', done: 'updated', paint: 'warning' },
  push: { sign: '>', what: 'push', toDo: 'to push', done: 'pushed', paint: 'accent' },
  'psa-update': { sign: '~', what: 'update in PSA', toDo: 'to update in the PSA', done: 'updated in the PSA', paint: 'accent' },
  link: { sign: '&', what: 'link', toDo: 'to link', done: 'linked', paint: 'accent' },
  complete: { sign: '>', what: 'complete', toDo: 'to complete', done: 'completed', paint: 'accent' },
  match: { sign: '=', what: 'match', toDo: 'to match', done: 'matched', paint: 'quiet' },
  overlay: { sign: '·', what: 'AD fields', toDo: 'with AD fields to write', done: 'with AD fields written', paint: 'quiet' },
};
const kindOrder = Object.keys(kinds) as readonly Kind[];

/** `12 to create · 30 to update · 5 to push`; empty when there is nothing. */
export function summaryOf(items: readonly { readonly kind: Kind }[], tense: 'toDo' | 'done', view: View): readonly string[] {
  const counts = new Map<Kind, number>();
  for (const item of items) {
    counts.set(item.kind, (counts.get(item.kind) ?? 0) + 1);
  }
  return kindOrder.flatMap((kind) => {
    const count = counts.get(kind);
    return count === undefined ? [] : [view.style[kinds[kind].paint](`${formatCount(count)} ${kinds[kind][tense]}`)];
  });
}

/** What a change of this kind is called. */
export function kindCell(kind: Kind, view: View): Cell {
  const words = kinds[kind];
  return { text: `${words.sign} ${words.what}`, paint: view.style[words.paint] };
}

/**
 * The changes with each field from → to; matches and AD fields come last. Each kind shows at most `limit` changes, so that many
 * of one kind do not hide the others.
 */
export function changesTable(changes: readonly ChangeDocument[], limit: number, view: View): string {
  const rows: (readonly Cell[])[] = [];
  /** How many are left out after so many rows. */
  const cuts = new Map<number, number>();
  for (const kind of kindOrder) {
    const ofKind = changes.filter((change) => change.kind === kind);
    const kept = ofKind.length <= limit + 1 ? ofKind : ofKind.slice(0, limit);
    rows.push(...kept.flatMap((change) => rowsOf(change, view)));
    if (ofKind.length > kept.length) {
      cuts.set(rows.length, ofKind.length - kept.length);
    }
  }
  const columns = [
    { title: 'what', givesWay: 0 },
    { title: 'who' },
    { title: 'field', givesWay: 0 },
    { title: 'from → to', givesWay: 1.5 },
    { title: 'why', givesWay: 1.5 },
  ];
  const lines = cutTable({ columns, rows }, rows.length, view).split('\n');
  return lines.map((line, index) => moreLine(line, cuts.get(index) ?? 0, view)).join('\n');
}

function rowsOf(change: ChangeDocument, view: View): readonly (readonly Cell[])[] {
  const fields = Object.entries(change.fields);
  const why: Cell = { text: reasonOf(change), paint: view.style.quiet };
  const head = [kindCell(change.kind, view), change.label] as const;
  if (fields.length === 0) {
    return [[...head, '', '', why]];
  }
  if (change.kind === 'overlay') {
    return [[...head, '', fields.map(([name, { to }]) => `${name} ${shown(to)}`).join(', '), why]];
  }
  return fields.map(([name, { from, to }], index) => [
    ...(index === 0 ? head : ['', '']),
    name,
    from === null ? shown(to) : `${shown(from)} → ${shown(to)}`,
    index === 0 ? why : '',
  ]);
}

/** `E4: the directory has a newer value`. */
function reasonOf(change: ChangeDocument): string {
  return change.reason.startsWith(change.rule) ? change.reason : `${change.rule}: ${change.reason}`;
}
