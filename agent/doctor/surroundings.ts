import type { HttpNetwork } from '../http/network.ts';
import type { DatabaseFacts } from '../store/postgres/examine-database.ts';

/** An API that is reached by HTTP. */
export interface Endpoint {
  readonly part: 'it-glue' | 'psa';
  /** As people call it: `IT Glue`. */
  readonly name: string;
  /** The API's address. */
  readonly url: string;
}

/** Where the store is. */
export type StoreWhereabouts =
  | { readonly kind: 'embedded' /** The same as `path`. */; readonly words: string; readonly path: string }
  | {
      readonly kind: 'postgresql';
      /** Database and host, no secret. */
      readonly words: string;
      /** Looks at the database, changes nothing. Throws what opening the store throws. */
      examine(): Promise<DatabaseFacts>;
    };

/** What the examination looks at besides the services: places and ways of this machine. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stateDirectory: string;
  readonly store: StoreWhereabouts;
  readonly endpoints: readonly Endpoint[];
  /** Throws when `proxy.caFile` or the proxy's password cannot be had. */
  network(): HttpNetwork;
}
