import type { SyncedItem, SyncedSide, SyncedValues } from '../model/state.ts';

/** What an undo did to one side: as it was before the undo, and after it. */
export interface UndoneSide {
  readonly side: keyof Pick<SyncedValues, 'itGlue' | 'psa'>;
  readonly before: SyncedSide;
  readonly after: SyncedSide;
}

/**
 * The base of two-way sync after an undo wrote to one side: what it put back is no change that goes to the other side (P9). Whatever else
 * somebody changed there stays a change.
 */
export function undoneBase(base: SyncedValues | null, { side, before, after }: UndoneSide): SyncedValues | null {
  if (base === null) return null;
  const half = base[side];
  const scalar = (field: 'firstName' | 'lastName' | 'title' | 'location'): string | null =>
    before[field] === after[field] ? half[field] : after[field];
  return {
    ...base,
    [side]: {
      firstName: scalar('firstName'),
      lastName: scalar('lastName'),
      title: scalar('title'),
      location: scalar('location'),
      emails: withTouched(half.emails, before.emails, after.emails),
      phones: withTouched(half.phones, before.phones, after.phones),
    },
  };
}

function withTouched(items: readonly SyncedItem[], before: readonly SyncedItem[], after: readonly SyncedItem[]): readonly SyncedItem[] {
  const [was, is] = [new Map(before.map((item) => [item.key, item])), new Map(after.map((item) => [item.key, item]))];
  const touched = new Set([...was.keys(), ...is.keys()].filter((key) => textOf(was.get(key)) !== textOf(is.get(key))));
  const kept = items.filter(({ key }) => !touched.has(key));
  return [...kept, ...after.filter(({ key }) => touched.has(key))].sort((one, other) => (one.key < other.key ? -1 : 1));
}

function textOf(item: SyncedItem | undefined): string {
  return item === undefined ? '' : JSON.stringify([item.type, item.extension ?? null, item.primary]);
}
