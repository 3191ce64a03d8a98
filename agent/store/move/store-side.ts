import type { LastIds } from './last-ids.ts';
import type { Database } from './moved-tables.ts';

/** One of the two stores of a move, locked against everybody else until it is closed. */
export interface StoreSide {
  readonly db: Database;
  readonly kind: 'embedded' | 'postgresql';
  /** For people. */
  readonly words: string;
  /** Tells it apart from any other store. */
  readonly identity: string;
  readonly lastIds: LastIds;
  close(): Promise<void>;
}

/** The moment at which the layout was made is part of who a store is: another one may have taken its place. */
export async function identityOf(db: Database, place: string): Promise<string> {
  const first = await db.selectFrom('migration').select('applied_at').where('id', '=', 1).executeTakeFirst();
  return `${place} of ${first?.applied_at ?? 0}`;
}
