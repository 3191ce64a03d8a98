import { formatVersion } from '../../cli/documents.ts';
import type { HubRestoreDocument, HubRevokeDocument } from '../../cli/documents-hub.ts';
import type { HubWorkContext, RestoreOptions, RevokeOptions } from './hub-work.ts';
import { findCollector, revoke } from './revoke.ts';

/** Revokes the collector and lists it no more (D5). Throws `HUB_COLLECTOR_UNKNOWN`. */
export async function remove(options: RevokeOptions, context: HubWorkContext): Promise<HubRevokeDocument> {
  const { registry, now } = context;
  const { id } = findCollector(await registry.collectors(options.organization), options);
  // With what it sent that has not landed.
  const revoked = await revoke(options, context);
  await registry.remove(id, `account ${options.account}`, now);
  return revoked;
}

/** Lists a collector that was deleted again, as a revoked one (D5). */
export async function bringBack(options: RestoreOptions, { registry, now }: HubWorkContext): Promise<HubRestoreDocument> {
  const { organization, name, account } = options;
  return { formatVersion, organization, name, listed: await registry.bringBack(organization, name, `account ${account}`, now) };
}
