import { RollcallError } from '../../../core/errors.ts';
import { organizationsOf } from '../../config/organizations.ts';
import type { Config } from '../../config/schema.ts';

/** Throws `ORGANIZATION_UNKNOWN` unless the configuration names it: as the collector's, a directory's, or in "organizations". */
export function assertHubOrganization(config: Config, organization: string): void {
  const known: readonly string[] = [...organizationsOf(config), ...Object.keys(config.organizations)];
  if (known.includes(organization)) return;
  throw new RollcallError(
    'ORGANIZATION_UNKNOWN',
    `The configuration names no organization ${organization}: add it to "organizations", as "${organization}": {}, and invite again.`,
    { place: { organization } },
  );
}
