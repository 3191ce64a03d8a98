/** One e-mail or phone of a list, with what it is told apart by. */
export interface ListItem<Value> {
  readonly key: string;
  readonly typeId: string | null;
  readonly extension: string | null;
  readonly primary: boolean;
  readonly value: Value;
}

/** A list before and after a write, and as it is now. */
export interface ListSides<Value> {
  readonly before: readonly ListItem<Value>[];
  readonly after: readonly ListItem<Value>[];
  readonly now: readonly ListItem<Value>[];
  /** Each type is a field of the record: it holds one item. */
  readonly oneOfEachType: boolean;
}

export interface TakenBack<Value> {
  /** `null`: it is to stay as it is now. */
  readonly items: readonly ListItem<Value>[] | null;
  /** How many items were changed by somebody since, and stay. */
  readonly kept: number;
}

interface Decided<Value> {
  readonly item: ListItem<Value>;
  /** As it was before, or as it is now. */
  readonly from: 'before' | 'now';
}

/** Takes a write to a list back, item by item, where nobody changed the item since (A5). */
export function takeBackItems<Value>({ before, after, now, oneOfEachType }: ListSides<Value>): TakenBack<Value> {
  const [was, written, is] = [byKey(before), byKey(after), byKey(now)];
  const decided: Decided<Value>[] = [];
  let kept = 0;
  for (const key of new Set([...now, ...before].map((item) => item.key))) {
    const [b, a, n] = [was.get(key), written.get(key), is.get(key)];
    const untouched = same(b, a);
    if (untouched || same(n, b)) {
      if (n !== undefined) decided.push({ item: n, from: 'now' });
    } else if (same(n, a)) {
      if (b !== undefined) decided.push({ item: b, from: 'before' });
    } else {
      kept += 1;
      if (n !== undefined) decided.push({ item: n, from: 'now' });
    }
  }
  const free = oneOfEachType ? withoutTaken(decided) : decided;
  kept += decided.length - free.length;
  const items = onePrimary(free, written);
  return { items: sameList(items, now) ? null : items, kept };
}

function byKey<Value>(items: readonly ListItem<Value>[]): ReadonlyMap<string, ListItem<Value>> {
  const map = new Map<string, ListItem<Value>>();
  for (const item of items) if (!map.has(item.key)) map.set(item.key, item);
  return map;
}

function same<Value>(one: ListItem<Value> | undefined, other: ListItem<Value> | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const sameType = one.typeId === null || other.typeId === null || one.typeId === other.typeId;
  return sameType && digits(one.extension) === digits(other.extension) && one.primary === other.primary;
}

function digits(extension: string | null): string {
  return extension?.replace(/\P{Nd}/gu, '') ?? '';
}

/** What comes back finds its field taken by what somebody put there since: that stays. */
function withoutTaken<Value>(decided: readonly Decided<Value>[]): readonly Decided<Value>[] {
  const taken = new Set(decided.filter(({ from }) => from === 'now').map(({ item }) => item.typeId));
  return decided.filter(({ item, from }) => from === 'now' || item.typeId === null || !taken.has(item.typeId));
}

/** One primary at most: the one that somebody chose since, else the one of before. */
function onePrimary<Value>(decided: readonly Decided<Value>[], written: ReadonlyMap<string, ListItem<Value>>): readonly ListItem<Value>[] {
  const primaries = decided.filter(({ item }) => item.primary);
  const chosen = primaries.find(({ item, from }) => from === 'now' && written.get(item.key)?.primary !== true);
  const first = chosen ?? primaries.find(({ from }) => from === 'before') ?? primaries[0];
  return decided.map(({ item }) => (item.primary && item !== first?.item ? { ...item, primary: false } : item));
}

function sameList<Value>(one: readonly ListItem<Value>[], other: readonly ListItem<Value>[]): boolean {
  if (one.length !== other.length) return false;
  const others = byKey(other);
  return one.every((item) => same(item, others.get(item.key)));
}
