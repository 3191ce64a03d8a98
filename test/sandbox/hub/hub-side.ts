import type { Absence } from '../../../core/model/absence.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import type { SourceKey, SourceStatePage, Store } from '../../../core/ports/store.ts';

interface HubUser {
  readonly entry: DirectoryEntry;
  readonly isPresent: boolean;
  readonly absence: Absence | null;
}

interface HubState {
  readonly read: number | null;
  readonly users: ReadonlyMap<string, HubUser>;
}

interface LandedUpload {
  readonly base: number | null;
  readonly read: number;
  readonly family: string;
}

/** What a hub has of one source: it lands uploads by the rules of `ReadSink.complete`. */
export class HubSide {
  #state: HubState = { read: null, users: new Map() };
  readonly #earlier: HubState[] = [];

  /** `false`: the hub does not have the state that this one builds on. */
  land({ base, read, family }: LandedUpload, pages: readonly SourceStatePage[]): boolean {
    if (base !== null && base !== this.#state.read) return false;
    this.#earlier.push(this.#state);
    const prefix = `${family}/`;
    const users = new Map(this.#state.users);
    if (base === null) for (const [id, user] of users) users.set(id, { ...user, isPresent: false });
    for (const { entries, absences } of pages) {
      for (const entry of entries) users.set(`${prefix}${entry.immutableId}`, { entry, isPresent: true, absence: null });
      for (const [id, absence] of absences) {
        const known = users.get(`${prefix}${id}`);
        if (known !== undefined) users.set(`${prefix}${id}`, { ...known, isPresent: false, absence });
      }
    }
    this.#state = { read, users };
    return true;
  }

  /** The read whose state it has; `null`: none. */
  get read(): number | null {
    return this.#state.read;
  }

  /** Back to what it had before its latest upload. */
  restore(): void {
    this.#state = this.#earlier.pop() ?? this.#state;
  }

  /** In which users it is not as the collector's store: presence, the entries of present ones, what is known of the family's others. */
  async differencesTo(store: Store, key: SourceKey): Promise<readonly string[]> {
    const source = (await store.listReads(key.organization)).find(({ latest }) => latest.directory === key.directory);
    const prefix = `${source?.latestComplete?.proof?.family}/`;
    const differences: string[] = [];
    const stored = new Set<string>();
    for await (const page of store.sightings(key.organization)) {
      for (const { userId, read, entry, absence } of page) {
        stored.add(userId);
        const isPresent = read.id === source?.latestComplete?.id;
        const there = this.#state.users.get(userId);
        if (there === undefined && !isPresent) continue;
        const isSame =
          there !== undefined &&
          there.isPresent === isPresent &&
          (!isPresent || JSON.stringify(there.entry) === JSON.stringify(entry)) &&
          (absence === null || !userId.startsWith(prefix) || JSON.stringify(there.absence) === JSON.stringify(absence));
        if (!isSame) differences.push(`${userId}: ${JSON.stringify({ isPresent, absence })} here, ${JSON.stringify(there)} there`);
      }
    }
    for (const [id, { isPresent }] of this.#state.users) if (isPresent && !stored.has(id)) differences.push(`${id} only there`);
    return differences;
  }
}
