import type { AbsenceEvidence } from '../../../../core/model/absence.ts';
import type { ReadTally } from '../../read-tally.ts';
import { readGroupMembers } from '../group-members.ts';
import { peopleScope, searchBasesOf } from '../read-scope.ts';
import { referenceJudge } from '../references.ts';
import type { DirectorySession } from '../session.ts';
import { UserPage } from '../user-page.ts';
import { vendorSchemas } from '../vendor-schema.ts';
import type { ChangedObject } from './changed-object.ts';
import type { ChangesRead } from './changes-read.ts';
import { explainUnseen } from './explain-unseen.ts';
import { rereadUsers } from './reread-users.ts';
import { sortPeople } from './sort-people.ts';

/** Reads the users that changed, hands them over, and finds out about those that the scope does not bring. */
export async function bringChanged(
  session: DirectorySession,
  read: ChangesRead,
  { people, tally }: { readonly people: readonly ChangedObject[]; readonly tally: ReadTally },
): Promise<{ readonly evidence: readonly AbsenceEvidence[]; readonly gap: string | null }> {
  const { config, filter, checkpoint, onPage, recheck } = read;
  const { evidence, wanted } = sortPeople(people);
  const changed = [...wanted];
  for (const id of recheck) if (!evidence.has(id)) wanted.add(id);
  if (wanted.size === 0) return { evidence: [...evidence.values()], gap: null };

  const schema = vendorSchemas['active-directory'];
  const bases = searchBasesOf(config, checkpoint.domainRoot);
  const { domainRoot } = checkpoint;
  const scope = await peopleScope({ session, config, schema, filter, domainRoot, tally });
  const onGap = (gap: string | null): void => tally.gap(gap);
  const members = await readGroupMembers(session, { groups: config.watchedGroups ?? [], schema, domainRoot, bases, onGap });
  const known = new Set<string>();
  const page = new UserPage({
    session,
    config,
    schema,
    tally,
    members,
    onUnused: (id, { by, reason }) => {
      known.add(id);
      const found = by === 'scope' ? 'out-of-scope' : 'unproven';
      evidence.set(id, { immutableId: id, found, why: reason });
    },
  });
  const gap = await rereadUsers(session, { config, bases, people: scope.filter, attributes: schema.attributes }, [...wanted], {
    onEntry: (reader) => page.add(reader),
    onReference: referenceJudge(tally),
    onPage: async () => {
      const { entries, fresh } = await page.finish();
      for (const { immutableId } of entries) known.add(immutableId);
      if (entries.length > 0) await onPage(entries);
      return fresh;
    },
  });
  const unseen = changed.filter((id) => !known.has(id));
  if (gap !== null || unseen.length === 0) return { evidence: [...evidence.values()], gap };
  const unseenWhy = await explainUnseen(session, { ids: unseen, bases, people: scope.filter, domainRoot });
  for (const item of unseenWhy.evidence) evidence.set(item.immutableId, item);
  return { evidence: [...evidence.values()], gap: unseenWhy.gap };
}
