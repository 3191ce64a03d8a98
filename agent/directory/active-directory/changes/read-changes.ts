import type { DirectoryRead } from '../../../../core/ports/directory-source.ts';
import { ReadTally } from '../../read-tally.ts';
import type { DirectorySession } from '../session.ts';
import { askChanges } from './ask-changes.ts';
import { bringChanged } from './bring-changed.ts';
import type { ChangesRead } from './changes-read.ts';

/** The read, or why everything has to be read instead. */
export type ChangesOutcome = { readonly read: DirectoryRead } | { readonly full: string };

/** When more than this share of the users changed, reading all of them costs no more. */
const worthwhileShare = 0.25;
const worthwhileAnyway = 1000;

/**
 * Reads what changed since the checkpoint: with DirSync's marks in one exchange when nothing did. Users that changed are read again whole.
 * Nothing is concluded from what is not told; any doubt is a reason to read everything. Throws as a full read does.
 */
export async function readChanges(session: DirectorySession, read: ChangesRead): Promise<ChangesOutcome> {
  const asked = await askChanges(session, read);
  if ('full' in asked) return asked;
  const { people, root, checkpoint } = asked;
  const limit = Math.max(worthwhileAnyway, checkpoint.users * worthwhileShare);
  if (people.length > limit) return { full: `${people.length} users changed, so that reading all costs no more` };
  const tally = new ReadTally();
  const { evidence, gap } = await bringChanged(session, read, { people, tally });
  tally.gap(gap);
  return {
    read: {
      proof: {
        ...tally.summary(),
        kind: 'changes',
        containers: checkpoint.containers,
        server: session.server,
        family: root.family,
        ownAccountId: checkpoint.ownAccountId,
        scopeKey: checkpoint.scopeKey,
        ...(checkpoint.watched.length === 0 ? {} : { groups: checkpoint.watched }),
        ...(root.site === null ? {} : { site: root.site }),
        ...(checkpoint.tombstones === null ? {} : { tombstones: checkpoint.tombstones }),
      },
      checkpoint,
      evidence,
    },
  };
}
