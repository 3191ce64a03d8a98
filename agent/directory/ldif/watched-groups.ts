import { canonicalDn, dnsNameOf } from '../../../core/active-directory/distinguished-name.ts';
import type { GroupGraph } from './group-graph.ts';
import type { LdifRecord } from './ldif-record.ts';

/** The groups that rules name, and who of the export is in them (E10). */
export class WatchedGroups {
  readonly isAsked: boolean;
  readonly #graph: GroupGraph;
  /** Canonical DN → as the operator wrote it. */
  #groups: ReadonlyMap<string, string>;

  constructor(groups: readonly string[], graph: GroupGraph) {
    this.isAsked = groups.length > 0;
    this.#graph = graph;
    const byKey = new Map(groups.map((group) => [canonicalDn(group) ?? group.trim().toLowerCase(), group]));
    // In a fixed order: an entry that has not changed is stored as it was.
    this.#groups = new Map([...byKey].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  /** Canonical DNs of the groups whose members are known. */
  get keys(): readonly string[] {
    return [...this.#groups.keys()];
  }

  /**
   * Leaves the groups of other domains than the export's to their own directories. Returns a group that should be in the file and
   * is not; `null`: all are.
   */
  settle(domain: string | null): string | null {
    this.#groups = new Map([...this.#groups].filter(([, group]) => domain === null || dnsNameOf(group) === domain));
    return [...this.#groups.values()].find((group) => !this.#graph.has(group)) ?? null;
  }

  /** The groups that the record is in, nested ones too. */
  of(record: LdifRecord): readonly string[] {
    return [...this.#groups].flatMap(([key, group]) => (this.#graph.isMember(record, group, true) ? [key] : []));
  }

  /** Tells whether the members of the record count. */
  concerns(record: LdifRecord): boolean {
    return [...this.#groups.values()].some((group) => this.#graph.isWithin(record, group));
  }
}
