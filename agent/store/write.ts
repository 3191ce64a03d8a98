import type { Transaction } from 'kysely';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { StoreEngine } from './engine.ts';
import type { StoreTables } from './tables.ts';

/** One transaction that writes about one organization, behind its fence (H4). */
export function write<Answer>(
  { db, fence }: Pick<StoreEngine, 'db' | 'fence'>,
  organization: OrganizationId,
  work: (tx: Transaction<StoreTables>) => Promise<Answer>,
): Promise<Answer> {
  return db.transaction().execute(async (tx) => {
    await fence(tx, organization);
    return work(tx);
  });
}
