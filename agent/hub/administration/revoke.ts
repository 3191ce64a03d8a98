import { RollcallError } from '../../../core/errors.ts';
import { formatVersion } from '../../cli/documents.ts';
import type { HubRevokeDocument } from '../../cli/documents-hub.ts';
import { nameKey } from '../registry/collector-name.ts';
import type { HubWorkContext, RevokeOptions } from './hub-work.ts';

/** Refuses the collector from its next request on, and drops what it sent that has not landed. Throws `HUB_COLLECTOR_UNKNOWN`. */
export async function revoke(options: RevokeOptions, { registry, inbox, now }: HubWorkContext): Promise<HubRevokeDocument> {
  const { id, organization, name } = findCollector(await registry.collectors(options.organization), options);
  await registry.revoke(id, `account ${options.account}`, now);
  return { formatVersion, organization, id, name, revoked: true, droppedUploads: await inbox.drop(id) };
}

/** The one collector with this name; `organization` null: of all. Throws `HUB_COLLECTOR_UNKNOWN` when there is none, or several. */
export function findCollector<Collector extends { readonly organization: string; readonly name: string }>(
  collectors: readonly Collector[],
  { name, organization }: { readonly name: string; readonly organization: string | null },
): Collector {
  const found = collectors.filter(
    (each) => nameKey(each.name) === nameKey(name) && (organization === null || each.organization === organization),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const where = organization === null ? '' : ` of organization ${organization}`;
  const words =
    found.length === 0
      ? `The hub has no collector "${name}"${where}.`
      : `Several organizations have a collector "${name}": ${found.map((each) => each.organization).join(', ')}.`;
  throw new RollcallError('HUB_COLLECTOR_UNKNOWN', words);
}
