import { createSubtreeTest, withoutNested } from '../../../core/active-directory/distinguished-name.ts';
import { mapEntry, notAPerson, stateUnreadable } from '../../../core/active-directory/map-entry.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import type { ReadProof } from '../../../core/ports/directory-source.ts';
import type { LdapFilter } from '../filter/parse-filter.ts';
import { ReadTally } from '../read-tally.ts';
import { scopeKey } from '../scope-key.ts';
import { type ActiveDirectoryConfig, pageSizeOf } from './config.ts';
import { type GroupMembers, readGroupMembers } from './group-members.ts';
import { groupScope } from './group-scope.ts';
import { findOwnAccount } from './own-account.ts';
import { searchPages } from './paged-search.ts';
import { judgeReference } from './references.ts';
import { readRootEntry } from './root-entry.ts';
import type { DirectorySession } from './session.ts';
import { createUserDecoder, type DecodedUser } from './user-decoder.ts';
import { readRemainingAddresses } from './value-range.ts';
import { type VendorSchema, vendorSchemas } from './vendor-schema.ts';

type PageHandler = (entries: readonly DirectoryEntry[]) => Promise<void>;

/** Organizational units and containers: their number shows when rights were lost (C1). */
const containers: LdapFilter = {
  kind: 'or',
  parts: [
    { kind: 'equal', attribute: 'objectClass', value: 'organizationalUnit' },
    { kind: 'equal', attribute: 'objectClass', value: 'container' },
  ],
};
const containerPageSize = 1000;

/** The bases that are searched: those of the configuration without what lies within another, else the domain's root. */
export function searchBasesOf(config: ActiveDirectoryConfig, domainRoot: string | null): readonly string[] {
  if (config.searchBases.length > 0) return withoutNested(config.searchBases);
  if (domainRoot !== null) return [domainRoot];
  throw new RollcallError('DIRECTORY_BASE_NOT_FOUND', `directory "${config.name}": the server names no root; set searchBases`, {
    place: { directory: config.name },
  });
}

/** Reads all users in scope from one server, in one session, and tells what that proved. `filter` is the operator's. */
export async function readUsers(
  session: DirectorySession,
  config: ActiveDirectoryConfig,
  filter: LdapFilter | null,
  onPage: PageHandler,
): Promise<ReadProof> {
  const schema = vendorSchemas[config.schema ?? 'active-directory'];
  const tally = new ReadTally();
  const root = await readRootEntry(session, schema, config.domain);
  const bases = searchBasesOf(config, root.defaultBase);
  const ownAccountId = await findOwnAccount(session, schema, config.bindDn, root.defaultBase);
  for (const ou of config.excludeOus) await session.readOne(ou, ['1.1'], `the excluded OU ${ou}`);
  const people = await peopleFilter({ session, config, schema, filter, domainRoot: root.defaultBase, tally });

  const watched = config.watchedGroups ?? [];
  const onGap = (gap: string | null): void => tally.gap(gap);
  const members = await readGroupMembers(session, { groups: watched, schema, domainRoot: root.defaultBase, bases, onGap });

  let containerCount = 0;
  for (const base of bases) {
    const what = `the containers below ${base}`;
    const words = { base, filter: containers, attributes: ['1.1'], pageSize: containerPageSize, what };
    tally.gap(await searchPages(session, words, { onEntry: () => (containerCount += 1) }));
  }

  const page = new UserPage({ session, config, schema, tally, members });
  for (const base of bases) {
    const words = { base, filter: people, attributes: schema.attributes, pageSize: pageSizeOf(config), what: `the search base ${base}` };
    const gap = await searchPages(session, words, {
      onEntry: (reader) => page.add(reader),
      onReference: (urls) => {
        for (const url of urls.slice(0, 1)) judgeReference(url, tally);
      },
      onPage: async () => {
        const { entries, fresh } = await page.finish();
        if (entries.length > 0) await onPage(entries);
        return fresh;
      },
    });
    tally.gap(gap);
  }
  return {
    ...tally.summary(),
    containers: containerCount,
    server: session.server,
    family: root.family,
    ownAccountId,
    scopeKey: scopeKey({ ...config, reader: config.bindDn, searchBases: bases }),
    ...(watched.length === 0 ? {} : { groups: members.groups }),
  };
}

/** C2 and the operator's scope, as far as the server can judge it. */
async function peopleFilter(options: {
  readonly session: DirectorySession;
  readonly config: ActiveDirectoryConfig;
  readonly schema: VendorSchema;
  readonly filter: LdapFilter | null;
  readonly domainRoot: string | null;
  readonly tally: ReadTally;
}): Promise<LdapFilter> {
  const { session, config, schema, filter, domainRoot, tally } = options;
  async function members(groups: readonly string[]): Promise<LdapFilter[]> {
    const filters: LdapFilter[] = [];
    for (const group of groups) {
      const scope = await groupScope(session, group, domainRoot);
      tally.gap(scope.gap);
      filters.push(scope.filter);
    }
    return filters;
  }
  const parts: LdapFilter[] = [schema.people];
  if (filter !== null) parts.push(filter);
  if (config.includeGroups.length > 0) parts.push({ kind: 'or', parts: await members(config.includeGroups) });
  for (const excluded of await members(config.excludeGroups)) parts.push({ kind: 'not', part: excluded });
  return parts.length === 1 ? schema.people : { kind: 'and', parts };
}

interface PageParts {
  readonly session: DirectorySession;
  readonly config: ActiveDirectoryConfig;
  readonly schema: VendorSchema;
  readonly tally: ReadTally;
  readonly members: GroupMembers;
}

/** Makes entries of what a page brings; each user once in the whole read. */
class UserPage {
  private readonly session: DirectorySession;
  private readonly config: ActiveDirectoryConfig;
  private readonly schema: VendorSchema;
  private readonly tally: ReadTally;
  private readonly members: GroupMembers;
  private readonly decode: ReturnType<typeof createUserDecoder>;
  private readonly isExcluded: readonly ((dn: string) => boolean)[];
  /** Ids of those handed over, DNs of those left out. */
  private readonly seen = new Set<string>();
  private fresh = 0;
  private entries: DirectoryEntry[] = [];
  /** Entries of which the server kept values back. */
  private partial: DecodedUser[] = [];
  private unreadable = 0;

  constructor({ session, config, schema, tally, members }: PageParts) {
    this.members = members;
    this.session = session;
    this.config = config;
    this.schema = schema;
    this.tally = tally;
    this.decode = createUserDecoder(schema.identity);
    this.isExcluded = config.excludeOus.map(createSubtreeTest);
  }

  add(reader: Parameters<typeof this.decode>[0]): void {
    const user = this.decode(reader);
    if (user.problem === null && user.nextAddress !== null) this.partial.push(user);
    else this.map(user);
  }

  /** Fetches what was kept back, and empties the page. */
  async finish(): Promise<{ readonly entries: readonly DirectoryEntry[]; readonly fresh: number }> {
    for (const user of this.partial) {
      const { addresses, gap } = await readRemainingAddresses(this.session, user);
      user.raw.proxyAddresses = addresses;
      this.tally.gap(gap);
      this.map(user);
    }
    if (this.unreadable > 0) this.tally.gap(`the account state of users cannot be read: rights on userAccountControl are missing`);
    const { entries, fresh } = this;
    this.entries = [];
    this.fresh = 0;
    this.partial = [];
    this.tally.users += entries.length;
    return { entries, fresh };
  }

  /** Notes what came; an OU with more users than many pages hold may be left out, so what is not used counts as new too. */
  private isNew(key: string): boolean {
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    this.fresh += 1;
    return true;
  }

  private map({ raw, problem }: DecodedUser): void {
    if (problem !== null) {
      this.isNew(raw.dn);
      this.tally.reject(raw.dn, problem);
      return;
    }
    raw.userAccountControl ??= this.schema.defaultAccountControl;
    const reason = this.isExcluded.some((test) => test(raw.dn)) ? 'excluded OU' : notAPerson(raw);
    if (reason !== null) {
      this.isNew(raw.dn);
      this.tally.leaveOut(reason);
      return;
    }
    const mapped = mapEntry(raw, this.config.parsePhone);
    if (!mapped.ok) {
      this.isNew(raw.dn);
      if (mapped.error === stateUnreadable) this.unreadable += 1;
      this.tally.reject(raw.dn, mapped.error);
    } else if (this.isNew(mapped.value.immutableId)) {
      const groups = this.members.of(mapped.value.immutableId);
      this.entries.push(groups === null ? mapped.value : { ...mapped.value, groups });
    } else {
      this.tally.leaveOut('sent more than once');
    }
  }
}
