import type { Store } from '../../core/ports/store.ts';
import { openStore, type StoreOptions } from './open-store.ts';
import type { DatabasePlace } from './postgres/database-place.ts';

/** Where a store is: a file of this machine, or a database. */
export type StorePlace =
  | { readonly kind: 'embedded'; readonly path: string }
  | { readonly kind: 'postgresql'; readonly place: DatabasePlace; readonly password: string };

/** Opens the store there, whichever it is; throws what `openStore` and `openPostgresStore` throw. */
export async function openConfiguredStore(place: StorePlace, options: Omit<StoreOptions, 'path' | 'migrations'>): Promise<Store> {
  if (place.kind === 'embedded') return openStore({ path: place.path, ...options });
  // Most installations have no database, and need not load the driver.
  const { openPostgresStore } = await import('./postgres/open-postgres-store.ts');
  return openPostgresStore({ ...place, ...options });
}
