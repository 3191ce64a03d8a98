import { dnsNameOf, isWithin, withoutNested } from '../../../core/active-directory/distinguished-name.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { LdapFilter } from '../filter/parse-filter.ts';
import type { ReadTally } from '../read-tally.ts';
import { scopeKey } from '../scope-key.ts';
import type { ActiveDirectoryConfig } from './config.ts';
import { groupScope } from './group-scope.ts';
import type { DirectorySession } from './session.ts';
import type { VendorSchema } from './vendor-schema.ts';

/**
 * The bases that are searched: those of the configuration without what lies within another, else the domain's root. Throws
 * `DIRECTORY_REFERRAL` when a DN of the scope belongs to another domain.
 */
export function searchBasesOf(config: ActiveDirectoryConfig, domainRoot: string | null): readonly string[] {
  if (domainRoot !== null && (config.schema ?? 'active-directory') === 'active-directory') refuseOtherDomains(config, domainRoot);
  if (config.searchBases.length > 0) return withoutNested(config.searchBases);
  if (domainRoot !== null) return [domainRoot];
  throw new RollcallError('DIRECTORY_BASE_NOT_FOUND', `directory "${config.name}": the server names no root; set searchBases`, {
    place: { directory: config.name },
  });
}

/** Windows would refer to the other domain; Samba says that there is no such object, which helps nobody. */
function refuseOtherDomains(
  { name, searchBases, excludeOus, includeGroups, excludeGroups }: ActiveDirectoryConfig,
  domainRoot: string,
): void {
  const parts = [
    ...searchBases.map((dn) => ({ dn, what: 'the search base' })),
    ...excludeOus.map((dn) => ({ dn, what: 'the excluded OU' })),
    ...[...includeGroups, ...excludeGroups].map((dn) => ({ dn, what: 'the group' })),
  ];
  for (const { dn, what } of parts) {
    const domain = dnsNameOf(dn);
    if (domain === null || isWithin(dn, domainRoot)) continue;
    const place = { directory: name, base: dn, domain };
    throw new RollcallError('DIRECTORY_REFERRAL', `directory "${name}": ${what} ${dn} belongs to ${domain}`, { place });
  }
}

/** The text that changes with what decides who is read (C1). */
export function scopeKeyOf(config: ActiveDirectoryConfig, bases: readonly string[]): string {
  return scopeKey({ ...config, reader: config.bindDn === '' ? (config.tls.certFile ?? '') : config.bindDn, searchBases: bases });
}

export interface PeopleScope {
  /** Selects the people in scope, as far as the server can judge it. */
  readonly filter: LdapFilter;
  /** objectGUIDs of the groups that decide who they are, with the groups within them. */
  readonly groupIds: readonly string[];
}

function membersElsewhere(group: string): string {
  return `members of ${group} who belong to another domain: add it as a directory of its own`;
}

/** C2 and the operator's scope, as far as the server can judge it. `filter` is the operator's. */
export async function peopleScope(options: {
  readonly session: DirectorySession;
  readonly config: ActiveDirectoryConfig;
  readonly schema: VendorSchema;
  readonly filter: LdapFilter | null;
  readonly domainRoot: string | null;
  readonly tally: ReadTally;
}): Promise<PeopleScope> {
  const { session, config, schema, filter, domainRoot, tally } = options;
  const groupIds: string[] = [];
  async function members(groups: readonly string[], foreign: ((group: string) => string) | null): Promise<LdapFilter[]> {
    const filters: LdapFilter[] = [];
    for (const group of groups) {
      const scope = await groupScope(session, group, domainRoot);
      tally.gap(scope.gap);
      if (foreign !== null && scope.foreign > 0) tally.leaveOut(foreign(group), scope.foreign);
      groupIds.push(...scope.ids);
      filters.push(scope.filter);
    }
    return filters;
  }
  const parts: LdapFilter[] = [schema.people];
  if (filter !== null) parts.push(filter);
  if (config.includeGroups.length > 0) parts.push({ kind: 'or', parts: await members(config.includeGroups, membersElsewhere) });
  for (const excluded of await members(config.excludeGroups, null)) parts.push({ kind: 'not', part: excluded });
  return { filter: parts.length === 1 ? schema.people : { kind: 'and', parts }, groupIds };
}
