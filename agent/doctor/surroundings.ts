import type { HttpNetwork } from '../http/network.ts';

/** An API that is reached by HTTP. */
export interface Endpoint {
  readonly part: 'it-glue' | 'psa';
  /** As people call it: `IT Glue`. */
  readonly name: string;
  /** The API's address. */
  readonly url: string;
}

/** What the examination looks at besides the services: places and ways of this machine. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stateDirectory: string;
  readonly storePath: string;
  readonly endpoints: readonly Endpoint[];
  /** Throws when `proxy.caFile` or the proxy's password cannot be had. */
  network(): HttpNetwork;
}
