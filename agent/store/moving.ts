import type { Kysely } from 'kysely';
import { RollcallError } from '../../core/errors.ts';
import type { StoreTables } from './tables.ts';

/** The property of a store that content is being moved to; its value says how far that has come. */
export const movingProperty = 'moving';

/** The property of a registry whose content is somewhere else now; its value says where. What has changed there would be undone by using it. */
export const movedProperty = 'moved';

/** Throws `STORE_MOVING` when the content of another store has not come over whole. `where`: the store in words. */
export async function assertNotMoving(
  db: Kysely<StoreTables>,
  where: string,
  place: Readonly<Record<string, string | number>>,
): Promise<void> {
  const row = await db.selectFrom('property').select('name').where('name', '=', movingProperty).executeTakeFirst();
  if (row === undefined) return;
  throw new RollcallError('STORE_MOVING', `A move of another store to this one has not ended (${where}).`, { place });
}
