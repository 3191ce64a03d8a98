import type { Load } from './load.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What is done to somebody at one moment. */
export interface Moment {
  /** In words. */
  readonly what: string;
  /** Who must not be hit by another one at the same time. */
  readonly whom: string;
  /** How long it lasts. */
  readonly ms: number;
  /** Resolves with whether it came to it: what waits for a write may see none. */
  begin(): Promise<boolean>;
  end(): void;
}

export interface Scene {
  readonly world: World;
  readonly load: Load;
  readonly random: Random;
  /** How long a hub keeps an organization that it is silent about, in milliseconds. */
  readonly leaseMs: number;
}

/** A way to harm; `make` says at whom and for how long. */
export interface Harm {
  readonly weight: number;
  readonly make: (scene: Scene) => Moment;
}

/** Short: nobody else takes over meanwhile. Long: beyond the lease. */
export function lasting(length: 'short' | 'long', { random, leaseMs }: Scene): number {
  return length === 'short' ? random.between(500, 6_000) : Math.round(leaseMs * (1.1 + 0.4 * random.next()));
}
