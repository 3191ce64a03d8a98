import type { OrganizationId } from '../../core/model/ids.ts';
import type { SourceReads } from '../../core/ports/store.ts';
import type { Config } from '../config/schema.ts';

/** C8. */
export const noCredentials = 'No Active Directory users were found as AD credentials were not specified';
const nothingSent = 'No users were found as no collector of this organization has sent any yet';

/**
 * Why there are no users of the organization to work with, for every place that shows them; `null`: there is no such reason. `reads`:
 * those that the store has of it.
 */
export function whyNoUsers(config: Config, organization: OrganizationId, reads: readonly SourceReads[]): string | null {
  const directories = config.directories.filter((directory) => (directory.organization ?? config.collector.organization) === organization);
  if (directories.some(isRead)) return null;
  if (config.hub.listen === '') return noCredentials;
  if (reads.some(({ latestComplete }) => latestComplete !== null)) return null;
  return directories.length === 0 ? nothingSent : noCredentials;
}

/** From the configuration alone: no secret is needed to say it. */
function isRead(directory: Config['directories'][number]): boolean {
  return directory.type === 'ldif' || directory.bindDn !== '' || directory.password !== '' || directory.tls.certFile !== '';
}
