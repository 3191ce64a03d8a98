import { isDeepStrictEqual } from 'node:util';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { PsaSettings } from '../../core/model/settings.ts';
import { organizationSettings, organizationsOf } from './organizations.ts';
import { isCollector } from './role.ts';
import type { Config } from './schema.ts';

/** Whether changes flow both ways (P9): there is a PSA, `twoWay` is on, and `push` is left to somebody. */
export function isTwoWay({ type, twoWay, push }: PsaSettings): boolean {
  return type !== 'none' && twoWay && push !== 'off';
}

/** The organizations whose contacts are kept in step both ways (P9), in the order of the file. */
export function twoWayOrganizations(config: Config): readonly OrganizationId[] {
  // What a collector's hub is configured to do is not known here.
  if (isCollector(config)) return [];
  return organizationsOf(config).filter((organization) => isTwoWay(organizationSettings(config, organization).psa));
}

/** Another text when IT Glue or the PSA is asked elsewhere, as somebody else or for others: what failed before says nothing then. */
export function watchMark(config: Config): string {
  const { itglue, psa, proxy } = config;
  return JSON.stringify([itglue, psa, proxy, twoWayOrganizations(config)]);
}

/**
 * Organizations of both configurations of which an edit changed who is synced with the PSA, or with which one (P7). The order of a
 * selection says nothing.
 */
export function resyncedOrganizations(before: Config, after: Config): readonly OrganizationId[] {
  const known = new Set(organizationsOf(before));
  const facts = (config: Config, organization: OrganizationId): unknown => {
    const { type, company, push, twoWay, organizationTypes, organizationStatuses } = organizationSettings(config, organization).psa;
    return { type, company, push, twoWay, types: setOf(organizationTypes), statuses: setOf(organizationStatuses) };
  };
  return organizationsOf(after).filter(
    (organization) => known.has(organization) && !isDeepStrictEqual(facts(before, organization), facts(after, organization)),
  );
}

function setOf(names: readonly string[]): ReadonlySet<string> {
  return new Set(names);
}
