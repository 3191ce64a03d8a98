import type { OrganizationId } from '../model/ids.ts';
import type { Moment } from '../model/time.ts';

/**
 * The sole charge of one organization, for as long as it is renewed, which it is by itself (H4). Whoever has it may plan and write for
 * that organization; what another process does meanwhile under an older lease is refused by the store. Kleppmann, "How to do
 * distributed locking" (2016): a lease alone does not stop a holder that was paused, so each write carries its token.
 */
export interface Lease {
  readonly organization: OrganizationId;
  /** Called once when somebody else may have it: what is under way is to be stopped. */
  onLost(listener: () => void): void;
  /** Asks the store, and renews it. Throws `STORE_LEASE_LOST` when another has it, and the store's errors when it cannot be asked. */
  confirm(): Promise<void>;
  /** By this machine's clocks alone: throws `STORE_LEASE_LOST` when the last confirmation is too old to rely on. */
  assertFresh(): void;
  /** Lets the next one have it. Never throws: what cannot be given back ends by itself. */
  release(): Promise<void>;
}

/** Who has the charge of an organization that was asked for. */
export interface LeaseHolder {
  readonly host: string;
  readonly process: number;
  /** For example `rollcall run`. */
  readonly command: string;
  /** By the database's clock: until then it is the holder's, unless he renews it. */
  readonly until: Moment;
}

export type LeaseAnswer = { readonly kind: 'granted'; readonly lease: Lease } | { readonly kind: 'held'; readonly by: LeaseHolder };
