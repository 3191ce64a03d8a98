import type { StorePlace } from '../open-configured-store.ts';
import { embeddedSource, embeddedTarget, type MoveSettings } from './embedded-side.ts';
import { type MoveResult, type MoveWatcher, moveContent } from './move-content.ts';
import { postgresSource, postgresTarget } from './postgres-side.ts';

/**
 * Moves the content of one store to another, which nobody may use before it is all there. Both are locked meanwhile; the source stays as
 * it is. Throws what opening them and `moveContent` throw.
 */
export async function moveStore(from: StorePlace, to: StorePlace, settings: MoveSettings & MoveWatcher): Promise<MoveResult> {
  const source = await (from.kind === 'embedded' ? embeddedSource(from.path, settings) : postgresSource(from, settings));
  try {
    const target = await (to.kind === 'embedded' ? embeddedTarget(to.path, settings) : postgresTarget(to, settings));
    try {
      return await moveContent(source, target, settings);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
