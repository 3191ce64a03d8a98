import type { Moment } from '../../../core/model/time.ts';
import type { HeartbeatRequest } from '../protocol/messages.ts';

/** Who did something: the account of a command, a collector, or a rule of the hub itself. */
export type Actor = `account ${string}` | `collector ${string}` | `rule ${string}`;

export interface NewInvitation {
  readonly organization: string;
  /** CIDR; at least one. */
  readonly subnets: readonly string[];
  /** The name that the collector will have; `null`: the one that it gives itself. */
  readonly name: string | null;
  readonly expiresAt: Moment;
}

/** An invitation that was not used and has not expired. Its secret is known to nobody but who was handed it. */
export interface OpenInvitation extends NewInvitation {
  readonly id: string;
  readonly createdBy: Actor;
  readonly createdAt: Moment;
}

/** A machine that wants to join. */
export interface Joining {
  readonly secret: string;
  readonly name: string;
  readonly version: string;
  readonly platform: string;
  readonly subnets: readonly string[];
  readonly location: string;
}

/** Who a request comes from. All that is done for it is done in this organization and under this name. */
export interface KeyHolder {
  readonly id: string;
  readonly organization: string;
  readonly name: string;
  /** When the key that was shown was made. */
  readonly keyMadeAt: Moment;
}

export interface EnrolledCollector {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly organization: string;
  readonly name: string;
  /** What it was invited for. */
  readonly subnets: readonly string[];
  readonly location: string;
  readonly version: string;
  readonly platform: string;
  readonly addedAt: Moment;
  readonly revokedAt: Moment | null;
  /** By the hub's clock; `null`: it has only joined. */
  readonly lastContactAt: Moment | null;
  /** How far the collector's clock is ahead of the hub's, in milliseconds, at the latest heartbeat; `null`: there was none. */
  readonly clockAheadMs: number | null;
  readonly heartbeat: { readonly at: Moment; readonly facts: HeartbeatRequest } | null;
  /** When its newest key was made; `null`: it has none that is valid. */
  readonly keyMadeAt: Moment | null;
}

export interface AuditRow {
  readonly at: Moment;
  readonly who: Actor;
  /** For example `invite`, `join`, `revoke`, `delete`, `restore`, `key made`, `key retired`. */
  readonly what: string;
  readonly organization: string;
  readonly collectorId: string | null;
  /** Never a secret. */
  readonly detail: Readonly<Record<string, string | number | readonly string[]>>;
}

/**
 * What the hub knows of its collectors. Every method is one transaction and writes its own audit rows; what it resolved with is durable.
 * Secrets and keys leave it once, when they are made: it keeps hashes. Times come from the caller.
 */
export interface Registry {
  /** Resolves with the secret, which works once. Throws `HUB_NAME_TAKEN` when the name is fixed and in use. */
  invite(invitation: NewInvitation, who: Actor, at: Moment): Promise<{ readonly id: string; readonly secret: string }>;
  /**
   * Uses an invitation up and adds its collector. Of several that come with one secret at once exactly one joins. Throws
   * `HUB_INVITATION_INVALID` (unknown, used, expired, or for other subnets), `HUB_NAME_TAKEN` or `HUB_MESSAGE_INVALID` (a blank name); the invitation is then as it was.
   * `isReserved` names what no collector may be called besides.
   */
  join(
    machine: Joining,
    at: Moment,
    isReserved?: (organization: string, name: string) => boolean,
  ): Promise<{ readonly collector: KeyHolder; readonly key: string }>;
  /**
   * Whose key it is; asked at every request, so that a revocation takes effect with the next one. The first use of a new key retires
   * those before it. Throws `HUB_KEY_REJECTED` (unknown, retired) or `HUB_COLLECTOR_REVOKED`.
   */
  authenticate(key: string, at: Moment): Promise<KeyHolder>;
  /** Makes a new key. The one in use stays valid until the new one is used; an earlier one that never was used is retired. */
  rotateKey(collectorId: string, at: Moment): Promise<string>;
  /** Keeps the facts in place of earlier ones. */
  heartbeat(collectorId: string, facts: HeartbeatRequest, at: Moment): Promise<void>;
  /** In the order of organizations and names; revoked ones too. `null`: of all organizations. */
  collectors(organization: string | null): Promise<readonly EnrolledCollector[]>;
  /** Oldest first. */
  openInvitations(organization: string | null, at: Moment): Promise<readonly OpenInvitation[]>;
  /** Refuses all keys of the collector from now on. Done again it changes nothing. Throws `HUB_COLLECTOR_UNKNOWN`. */
  revoke(collectorId: string, who: Actor, at: Moment): Promise<void>;
  /**
   * Revokes the collector, and lists it no more (D5); who joins under its name has it as it was written. Throws `HUB_COLLECTOR_UNKNOWN`.
   */
  remove(collectorId: string, who: Actor, at: Moment): Promise<void>;
  /**
   * Lists the collector of this name that was removed last again, as a revoked one: no key of it is valid. Whether there was one, and
   * nobody has its name.
   */
  bringBack(organization: string, name: string, who: Actor, at: Moment): Promise<boolean>;
  /** Newest first. */
  audit(limit: number): Promise<readonly AuditRow[]>;
  /** Forgets audit rows of before the moment, and invitations and keys that nothing can be done with since. */
  prune(before: Moment): Promise<void>;
  close(): Promise<void>;
}
