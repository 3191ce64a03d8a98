import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import type { DirectoryRead, ReadHandler, ReadProof } from '../../../core/ports/directory-source.ts';
import type { LdapFilter } from '../filter/parse-filter.ts';
import { ReadTally } from '../read-tally.ts';
import { countDeletedContainers, tombstonesVisible } from './absence/deleted-objects.ts';
import { lookForUsers } from './absence/look-for-users.ts';
import { SeenUsers } from './absence/seen-users.ts';
import { makeCheckpoint } from './changes/make-checkpoint.ts';
import { takeStartingPoint } from './changes/starting-point.ts';
import { type ActiveDirectoryConfig, pageSizeOf } from './config.ts';
import { decodeEntry } from './entry-decoder.ts';
import { readGroupMembers } from './group-members.ts';
import { findOwnAccount } from './own-account.ts';
import { searchPages } from './paged-search.ts';
import { peopleScope, scopeKeyOf, searchBasesOf } from './read-scope.ts';
import { referenceJudge } from './references.ts';
import { readRootEntry } from './root-entry.ts';
import type { DirectorySession } from './session.ts';
import { UserPage } from './user-page.ts';
import { vendorSchemas } from './vendor-schema.ts';

/** Organizational units and containers: their number shows when rights were lost (C1). */
const containers: LdapFilter = {
  kind: 'or',
  parts: [
    { kind: 'equal', attribute: 'objectClass', value: 'organizationalUnit' },
    { kind: 'equal', attribute: 'objectClass', value: 'container' },
  ],
};
const containerPageSize = 1000;

export interface UsersRead {
  readonly config: ActiveDirectoryConfig;
  /** The operator's. */
  readonly filter: LdapFilter | null;
  readonly onPage: (entries: readonly DirectoryEntry[]) => Promise<void>;
  readonly onAbsentees: ReadHandler['onAbsentees'];
  /** Why not only what changed is read; `null`: it was asked for. */
  readonly because: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Reads all users in scope from one server, in one session, and tells what that proved. */
export async function readUsers(session: DirectorySession, read: UsersRead): Promise<DirectoryRead> {
  const { config, filter, onPage } = read;
  const schema = vendorSchemas[config.schema ?? 'active-directory'];
  const tally = new ReadTally();
  const root = await readRootEntry(session, schema, config.domain);
  const bases = searchBasesOf(config, root.defaultBase);
  const start = canReadChanges(config) ? await takeStartingPoint(session, root, bases) : null;
  const ownAccountId = await findOwnAccount(session, schema, config.bindDn, root.defaultBase);
  for (const ou of config.excludeOus) await session.readOne(ou, ['1.1'], `the excluded OU ${ou}`);
  const people = await peopleScope({ session, config, schema, filter, domainRoot: root.defaultBase, tally });

  const watched = config.watchedGroups ?? [];
  const onGap = (gap: string | null): void => tally.gap(gap);
  const members = await readGroupMembers(session, { groups: watched, schema, domainRoot: root.defaultBase, bases, onGap });

  // By name: one that is sent twice would make the next read look as if it had lost one.
  const containerNames = new Set<string>();
  for (const base of bases) {
    const what = `the containers below ${base}`;
    const words = { base, filter: containers, attributes: ['1.1'], pageSize: containerPageSize, what };
    tally.gap(await searchPages(session, words, { onEntry: (reader) => containerNames.add(decodeEntry(reader).dn) }));
  }
  const tombstones = await tombstonesVisible(session, { schema, root });
  const containersDeleted = tombstones === 'visible' ? await countDeletedContainers(session, { schema, root, bases, containers }) : null;

  const seen = new SeenUsers();
  const unusable = new Set<string>();
  const page = new UserPage({
    session,
    config,
    schema,
    tally,
    members,
    onUnused: (id, { by }) => {
      if (by === 'problem') unusable.add(id);
    },
  });
  for (const base of bases) {
    const words = {
      base,
      filter: people.filter,
      attributes: schema.attributes,
      pageSize: pageSizeOf(config),
      what: `the search base ${base}`,
    };
    const gap = await searchPages(session, words, {
      onEntry: (reader) => page.add(reader),
      onReference: referenceJudge(tally),
      onPage: async () => {
        const { entries, fresh } = await page.finish();
        seen.note(entries);
        if (entries.length > 0) await onPage(entries);
        return fresh;
      },
    });
    tally.gap(gap);
  }
  const absentees = tally.summary().complete && read.onAbsentees !== undefined ? await read.onAbsentees() : [];
  const { excludeOus } = config;
  let keptBack = 0;
  const evidence = await lookForUsers(session, {
    absentees,
    schema,
    root,
    bases,
    excludeOus,
    people: people.filter,
    seen,
    tombstones,
    onUnbrought: (id) => {
      if (!unusable.has(id)) keptBack += 1;
    },
  });
  tally.gap(
    keptBack === 0 ? null : `the server did not send ${keptBack} users who are in scope and whom it finds when it is asked for them`,
  );
  const proof: ReadProof = {
    ...tally.summary(),
    kind: 'full',
    ...(read.because === null ? {} : { fullBecause: read.because }),
    containers: containerNames.size,
    ...(containersDeleted === null ? {} : { containersDeleted }),
    tombstones,
    server: session.server,
    ...(root.site === null ? {} : { site: root.site }),
    family: root.family,
    ownAccountId,
    scopeKey: scopeKeyOf(config, bases),
    ...(watched.length === 0 ? {} : { groups: members.groups }),
  };
  const groupIds = [...people.groupIds, ...members.ids];
  return {
    proof,
    checkpoint: start === null ? null : makeCheckpoint(start, { proof, groupIds, filter, config, fullAt: read.now }),
    evidence,
  };
}

function canReadChanges({ delta, schema }: ActiveDirectoryConfig): boolean {
  return delta === true && (schema ?? 'active-directory') === 'active-directory';
}
