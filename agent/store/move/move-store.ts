import type { StorePlace } from '../open-configured-store.ts';
import type { RegistryPlace } from '../registry/open-configured-registry.ts';
import { embeddedSource, embeddedTarget, type MoveSettings } from './embedded-side.ts';
import { type MoveResult, type MoveWatcher, moveContent } from './move-content.ts';
import { prepareRegistryMove } from './move-registry.ts';
import { postgresSource, postgresTarget } from './postgres-side.ts';

/** Where a hub's collectors are on both sides; `null` where no machine is meant that may be a hub. */
export interface RegistryPlaces {
  readonly from: RegistryPlace;
  readonly to: RegistryPlace;
}

/**
 * Moves the content of one store to another, which nobody may use before it is all there, and a hub's collectors with it. All are locked
 * meanwhile; the source stays as it is, but for the registry of collectors there, which is closed for use: what is revoked from then on
 * would be valid in it. Throws what opening them, `moveContent` and `prepareRegistryMove` throw.
 */
export async function moveStore(
  from: StorePlace,
  to: StorePlace,
  settings: MoveSettings & MoveWatcher,
  registries: RegistryPlaces | null = null,
): Promise<MoveResult> {
  const source = await (from.kind === 'embedded' ? embeddedSource(from.path, settings) : postgresSource(from, settings));
  try {
    const target = await (to.kind === 'embedded' ? embeddedTarget(to.path, settings) : postgresTarget(to, settings));
    try {
      if (registries === null) return await moveContent(source, target, settings);
      const collectors = await prepareRegistryMove(registries.from, registries.to, settings);
      try {
        return await moveContent(source, target, { ...settings, beforeEnd: () => collectors.carryOut() });
      } finally {
        await collectors.close();
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
