import { isWithin } from '../../../../core/active-directory/distinguished-name.ts';
import type { AbsenceEvidence } from '../../../../core/model/absence.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import type { DirectorySession } from '../session.ts';
import { locateObjects } from './reread-users.ts';

export interface Unseen {
  /** Users that changed and did not come when the scope was asked for them. */
  readonly ids: readonly string[];
  readonly bases: readonly string[];
  readonly people: LdapFilter;
  readonly domainRoot: string;
}

/**
 * Finds out why users that changed did not come. Out of scope are only those who stand outside the bases, or of whom the server says
 * itself that the scope's filter does not hold. A user that comes at the second asking was kept back at the first: then the read is not
 * whole, for its change would be lost. Of all others nothing is concluded.
 */
export async function explainUnseen(
  session: DirectorySession,
  { ids, bases, people, domainRoot }: Unseen,
): Promise<{ readonly evidence: readonly AbsenceEvidence[]; readonly gap: string | null }> {
  const inScope = await locateObjects(session, { bases, filter: people, ids });
  const left = ids.filter((id) => !inScope.places.has(id));
  const notPeople: LdapFilter = { kind: 'not', part: people };
  const outside = await locateObjects(session, { bases: [domainRoot], filter: notPeople, ids: left });
  const unclear = left.filter((id) => !outside.places.has(id));
  const anywhere = await locateObjects(session, { bases: [domainRoot], filter: null, ids: unclear });
  const kept = inScope.places.size === 0 ? null : `the server kept ${inScope.places.size} users back that have changed`;
  return {
    evidence: ids.map((immutableId) => {
      const dn = outside.places.get(immutableId);
      if (dn !== undefined)
        return { immutableId, found: 'out-of-scope', why: `the filter or the groups of the scope leave it out (${dn})` };
      const place = anywhere.places.get(immutableId);
      if (place !== undefined && !bases.some((base) => isWithin(place, base))) {
        return { immutableId, found: 'out-of-scope', why: `it is ${place} now, outside the search bases` };
      }
      const why = place === undefined ? 'it changed, and cannot be read any more' : 'it changed, and does not come though it is there';
      return { immutableId, found: 'unproven', why };
    }),
    gap: inScope.gap ?? outside.gap ?? anywhere.gap ?? kept,
  };
}
