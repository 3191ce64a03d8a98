import type { SyncedItem } from '../model/state.ts';

/** What one side is to do to its list so that it follows the other; keys and types are those of the side that changed. */
export interface ItemEdits {
  readonly add: readonly SyncedItem[];
  readonly remove: readonly string[];
  /** Another type or extension. */
  readonly change: readonly SyncedItem[];
  /** The one that is primary now; `null`: as it is. */
  readonly primary: string | null;
}

export interface MergedItems {
  readonly toPsa: ItemEdits | null;
  readonly toItGlue: ItemEdits | null;
  /** Both sides changed the same item, or replaced the same one: the PSA's went before. */
  readonly conflict: boolean;
}

export interface ItemSides {
  readonly itGlue: { readonly now: readonly SyncedItem[]; readonly base: readonly SyncedItem[] };
  readonly psa: { readonly now: readonly SyncedItem[]; readonly base: readonly SyncedItem[] };
  /** Types and primaries travel too; not where the PSA has fields instead of types. */
  readonly typed: boolean;
}

/**
 * Merges two lists of e-mails or phones, item by item (P9): what one side added, removed or changed since the last sync is done on the
 * other side, so that two people who add different numbers lose none. Where both touched the same item, or each put another one in the
 * place of the same one, the PSA wins.
 */
export function mergeItems(sides: ItemSides): MergedItems {
  const ours = changesOf(sides.itGlue, sides.typed);
  const theirs = withoutLostExtensions(changesOf(sides.psa, sides.typed), sides);
  if (isNone(ours) && isNone(theirs)) return { toPsa: null, toItGlue: null, conflict: false };
  const here = new Map(sides.itGlue.now.map((item) => [item.key, item]));
  const there = new Map(sides.psa.now.map((item) => [item.key, item]));

  const replacedByBoth =
    ours.removed.some((key) => theirs.removed.includes(key)) && addsOthers(ours.added, there) && theirs.added.length > 0;
  const yielded = replacedByBoth ? ours.added.filter(({ key }) => !there.has(key)).map(({ key }) => key) : [];
  const touchedThere = new Set(theirs.changed.map(({ key }) => key));
  // Removed in IT Glue, changed in the PSA: it comes back.
  const kept = theirs.changed.filter(({ key }) => ours.removed.includes(key));

  // The PSA never had it, as its label had no type there: with another label it may have one.
  const thereBefore = new Set(sides.psa.base.map(({ key }) => key));
  const relabelled = ours.changed.filter(({ key }) => !there.has(key) && !thereBefore.has(key));
  const toPsa: ItemEdits = {
    add: [...(replacedByBoth ? [] : ours.added.filter(({ key }) => !there.has(key))), ...relabelled],
    remove: ours.removed.filter((key) => there.has(key) && !touchedThere.has(key)),
    change: ours.changed.filter(({ key }) => there.has(key) && !touchedThere.has(key)),
    primary: theirs.primary === null && !replacedByBoth && !isPrimary(there, ours.primary) ? ours.primary : null,
  };
  const toItGlue: ItemEdits = {
    add: [...theirs.added.filter(({ key }) => !here.has(key)), ...kept],
    remove: [...theirs.removed.filter((key) => here.has(key)), ...yielded],
    change: theirs.changed.filter(({ key }) => here.has(key)),
    primary: isPrimary(here, theirs.primary) ? null : theirs.primary,
  };
  const touchedByBoth = ours.changed.some(({ key }) => touchedThere.has(key) || theirs.removed.includes(key));
  const bothPrimary = ours.primary !== null && theirs.primary !== null && ours.primary !== theirs.primary;
  return {
    toPsa: isEmpty(toPsa) ? null : toPsa,
    toItGlue: isEmpty(toItGlue) ? null : toItGlue,
    conflict: replacedByBoth || touchedByBoth || kept.length > 0 || bothPrimary,
  };
}

interface Changes {
  readonly added: readonly SyncedItem[];
  readonly removed: readonly string[];
  readonly changed: readonly SyncedItem[];
  readonly primary: string | null;
}

function changesOf({ now, base }: ItemSides['itGlue'], typed: boolean): Changes {
  const before = new Map(base.map((item) => [item.key, item]));
  const after = new Set(now.map(({ key }) => key));
  const primary = now.find((item) => item.primary)?.key ?? null;
  return {
    added: now.filter(({ key }) => !before.has(key)),
    removed: base.filter(({ key }) => !after.has(key)).map(({ key }) => key),
    changed: now.filter((item) => {
      const known = before.get(item.key);
      if (known === undefined) return false;
      return known.extension !== item.extension || (typed && known.type !== item.type);
    }),
    primary: typed && primary !== (base.find((item) => item.primary)?.key ?? null) ? primary : null,
  };
}

/** Not every field of a PSA takes an extension: that one is gone there does not say that somebody removed it. */
function withoutLostExtensions(changes: Changes, { psa, typed }: ItemSides): Changes {
  const before = new Map(psa.base.map((item) => [item.key, item]));
  const changed = changes.changed.filter((item) => {
    const known = before.get(item.key);
    return item.extension !== undefined || known?.extension === undefined || (typed && known.type !== item.type);
  });
  return changed.length === changes.changed.length ? changes : { ...changes, changed };
}

function isPrimary(items: ReadonlyMap<string, SyncedItem>, key: string | null): boolean {
  return key !== null && items.get(key)?.primary === true;
}

function addsOthers(added: readonly SyncedItem[], known: ReadonlyMap<string, SyncedItem>): boolean {
  return added.some(({ key }) => !known.has(key));
}

function isNone({ added, removed, changed, primary }: Changes): boolean {
  return added.length + removed.length + changed.length === 0 && primary === null;
}

function isEmpty({ add, remove, change, primary }: ItemEdits): boolean {
  return add.length + remove.length + change.length === 0 && primary === null;
}
