import type { Store } from '../../core/ports/store.ts';
import { openStore, type StoreOptions } from './open-store.ts';
import type { DatabasePlace } from './postgres/database-place.ts';
import { openPostgresStore } from './postgres/open-postgres-store.ts';

/** Where a store is: a file of this machine, or a database. */
export type StorePlace =
  | { readonly kind: 'embedded'; readonly path: string }
  | { readonly kind: 'postgresql'; readonly place: DatabasePlace; readonly password: string };

/** Opens the store there, whichever it is; throws what `openStore` and `openPostgresStore` throw. */
export function openConfiguredStore(place: StorePlace, options: Omit<StoreOptions, 'path' | 'migrations'>): Promise<Store> {
  return place.kind === 'embedded' ? openStore({ path: place.path, ...options }) : openPostgresStore({ ...place, ...options });
}
