import type { Moment } from '../model/time.ts';

/** One directory as one collector told of it in its latest sign of life. */
export interface ReadableDirectory {
  readonly directory: string;
  /** Identity family of D1: who tells the same one reads the same users. `null`: no read was complete yet. */
  readonly family: string | null;
  /** Its latest complete read of everything, by the hub's clock; `null`: there was none. */
  readonly lastFullAt: Moment | null;
  /** Its latest read failed. */
  readonly isFailing: boolean;
  /** Its reads of changes tell of deletions. */
  readonly seesDeleted: boolean;
}

/** A collector of one organization, as the hub last heard of it. */
export interface HeardCollector {
  readonly name: string;
  /** By the hub's clock; `null`: never. */
  readonly heardAt: Moment | null;
  readonly directories: readonly ReadableDirectory[];
}

/** A full read that somebody else does for it. */
export interface SparedFullRead {
  readonly collector: string;
  readonly directory: string;
  /** Who has the duty. */
  readonly by: string;
}

/** Who was not heard for so long is silent: the duty moves on. */
const silentAfterMs = 15 * 60_000;
/** However the duty lies, nobody goes longer without a read of everything. */
const longestWithoutMs = 28 * 24 * 3_600_000;

/**
 * Spreads the full reads of an organization: of the collectors that read the same users, one has the duty for each family, and the
 * others read what changed. The duty lies with the collectors in turn, in the order of their names, so that all have about as many;
 * who is silent, or whose reads fail, has none. Nobody is spared who would not hear of deletions from its reads of changes (C9, C10),
 * or who has not read everything for four weeks.
 */
export function spareFullReads(collectors: readonly HeardCollector[], now: Moment): readonly SparedFullRead[] {
  const readers = readersByFamily(collectors.filter(({ heardAt }) => heardAt !== null && now - heardAt <= silentAfterMs));
  return [...readers]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, group], index) => {
      const able = group.filter(({ facts }) => !facts.isFailing && facts.lastFullAt !== null);
      const names = [...new Set(able.map(({ collector }) => collector))].sort();
      const by = names[index % Math.max(1, names.length)];
      if (by === undefined) return [];
      return group.flatMap(({ collector, facts }) =>
        collector !== by && maySpare(facts, now) ? [{ collector, directory: facts.directory, by }] : [],
      );
    });
}

interface Reader {
  readonly collector: string;
  readonly facts: ReadableDirectory;
}

function readersByFamily(collectors: readonly HeardCollector[]): ReadonlyMap<string, readonly Reader[]> {
  const readers = new Map<string, Reader[]>();
  for (const { name, directories } of collectors) {
    for (const facts of directories) {
      if (facts.family === null) continue;
      const group = readers.get(facts.family) ?? [];
      readers.set(facts.family, [...group, { collector: name, facts }]);
    }
  }
  return readers;
}

function maySpare({ lastFullAt, seesDeleted }: ReadableDirectory, now: Moment): boolean {
  return seesDeleted && lastFullAt !== null && now - lastFullAt < longestWithoutMs;
}
