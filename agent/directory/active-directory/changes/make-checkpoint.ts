import type { ReadProof } from '../../../../core/ports/directory-source.ts';
import { asksForMembership } from '../../filter/filter-attributes.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import type { ActiveDirectoryConfig } from '../config.ts';
import { type Checkpoint, madeOf } from './checkpoint.ts';
import type { StartingPoint } from './starting-point.ts';

/** Makes what a full read leaves for the next one, from the marks that were taken before it and from what it found. */
export function makeCheckpoint(
  start: StartingPoint,
  read: {
    readonly proof: ReadProof;
    /** objectGUIDs of the groups that the scope and the rules name, and of the groups within them. */
    readonly groupIds: readonly string[];
    readonly filter: LdapFilter | null;
    readonly config: ActiveDirectoryConfig;
    readonly fullAt: number;
  },
): Checkpoint {
  const { policyGroupIds, ...marks } = start;
  const { proof, groupIds, filter, config, fullAt } = read;
  return {
    version: 1,
    scopeKey: proof.scopeKey,
    madeOf: madeOf(config),
    family: proof.family,
    ownAccountId: proof.ownAccountId,
    fullAt,
    users: proof.users,
    containers: proof.containers,
    watched: [...(proof.groups ?? [])],
    groupIds: [...new Set([...groupIds, ...policyGroupIds])],
    anyGroup: filter !== null && asksForMembership(filter),
    tombstones: proof.tombstones ?? null,
    ...marks,
  };
}
