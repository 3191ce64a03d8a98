import { foldCase } from '../normalize/case-fold.ts';
import type { Cell, Column, Finding, Row, Share } from './assessment.ts';

export type FindingText = Pick<Finding, 'id' | 'about' | 'title' | 'weight' | 'noun' | 'why' | 'advice'>;

/** Makes a finding; `reasonAt` is the column whose values are counted for the breakdown. */
export function makeFinding(text: FindingText, columns: readonly Column[], rows: readonly Row[], reasonAt?: string): Finding {
  const groups = new Set<number>();
  for (const row of rows) if (row.group !== undefined) groups.add(row.group);
  return { ...text, columns, rows, count: groups.size > 0 ? groups.size : rows.length, breakdown: breakdownOf(columns, rows, reasonAt) };
}

function breakdownOf(columns: readonly Column[], rows: readonly Row[], reasonAt: string | undefined): readonly Share[] {
  const at = columns.findIndex((column) => column.key === reasonAt);
  if (at < 0) return [];
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = row.cells[at];
    if (value !== null && value !== undefined) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return sharesOf(counts);
}

/** Counts as shares, most first; equal ones by their words. */
export function sharesOf(counts: ReadonlyMap<string, number>): readonly Share[] {
  return [...counts]
    .map(([label, count]) => ({ label, count }))
    .sort((left, right) => right.count - left.count || compareText(left.label, right.label));
}

export function text(key: string, title: string): Column {
  return { key, title, kind: 'text' };
}

/** A text that goes with the column before it. */
export function beneath(key: string, title: string): Column {
  return { key, title, kind: 'text', beneath: true };
}

export function moment(key: string, title: string): Column {
  return { key, title, kind: 'moment' };
}

export function amount(key: string, title: string): Column {
  return { key, title, kind: 'number' };
}

/** The items in the order of their names, without regard to case; equal names by id. Each name is folded once. */
export function byName<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => { readonly name: string; readonly id: string },
): readonly Item[] {
  return items
    .map((item) => {
      const { name, id } = nameOf(item);
      return { item, id, key: foldCase(name) };
    })
    .sort((left, right) => compareText(left.key, right.key) || left.id.length - right.id.length || compareText(left.id, right.id))
    .map(({ item }) => item);
}

export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Texts in one cell; `null` when there is none. */
export function joined(texts: readonly (string | null)[], separator = ', '): Cell {
  const there = texts.filter((each) => each !== null && each !== '');
  return there.length === 0 ? null : there.join(separator);
}
