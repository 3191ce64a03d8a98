import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import { parentDn } from '../../../../core/active-directory/parent-dn.ts';
import type { DirectoryEntry } from '../../../../core/model/directory-user.ts';

export type SeenUser = Pick<DirectoryEntry, 'immutableId' | 'dn'>;

/** Canaries, and others that take the place of those who are deleted meanwhile. */
const mostCanaries = 10;
const mostSiblings = 2;
/** No domain has as many containers with users in them; beyond it a user's absence is proven no more. */
const mostParents = 50_000;

/**
 * Of the users that a read brought, those by whom it shows that others are still readable: a few of all, and a few of each container.
 * The smallest ids are taken, so that it is the same users as long as they are there (C10).
 */
export class SeenUsers {
  private readonly smallest: SeenUser[] = [];
  private readonly byParent = new Map<string, SeenUser[]>();
  private byCanonicalParent: ReadonlyMap<string, readonly SeenUser[]> | null = null;

  note(users: readonly SeenUser[]): void {
    this.byCanonicalParent = null;
    for (const user of users) {
      keepSmallest(this.smallest, user, mostCanaries);
      const parent = parentDn(user.dn);
      if (parent === null) continue;
      const siblings = this.byParent.get(parent);
      if (siblings !== undefined) keepSmallest(siblings, user, mostSiblings);
      else if (this.byParent.size < mostParents) this.byParent.set(parent, [{ immutableId: user.immutableId, dn: user.dn }]);
    }
  }

  get canaries(): readonly SeenUser[] {
    return this.smallest;
  }

  /** Users directly in a container, however its name is written. */
  directlyIn(parent: string): readonly SeenUser[] {
    this.byCanonicalParent ??= new Map([...this.byParent].map(([dn, users]) => [canonicalDn(dn) ?? dn, users]));
    return this.byCanonicalParent.get(canonicalDn(parent) ?? parent) ?? [];
  }
}

function keepSmallest(kept: SeenUser[], { immutableId, dn }: SeenUser, most: number): void {
  const last = kept.at(-1);
  if (kept.length >= most && last !== undefined && last.immutableId <= immutableId) return;
  const place = kept.findIndex((other) => other.immutableId > immutableId);
  kept.splice(place === -1 ? kept.length : place, 0, { immutableId, dn });
  if (kept.length > most) kept.pop();
}
