import { RollcallError } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Services } from './services.ts';

/** The organizations that a command is about: the named one, else all. Throws `ORGANIZATION_UNKNOWN`. */
export function chooseOrganizations(services: Services, named: string | null): readonly OrganizationId[] {
  if (named === null) return services.organizations;
  const found = services.organizations.filter((organization) => organization === named);
  if (found.length > 0) return found;
  throw new RollcallError(
    'ORGANIZATION_UNKNOWN',
    `The configuration names no organization ${named}; it names ${services.organizations.join(', ')}.`,
    {
      place: { organization: named, file: services.configFile },
    },
  );
}
