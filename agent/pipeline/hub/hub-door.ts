import type { HubLink } from '../../hub/client/hub-link.ts';
import type { HubIdentity } from '../../hub/client/identity.ts';
import type { LinkState } from '../../hub/client/link-state.ts';
import type { SendContext } from '../../hub/client/send-state.ts';

/** The hub that this machine collects for. Nothing is opened before it is asked for. */
export interface HubDoor {
  /** As the configuration gives it. */
  readonly url: string;
  readonly trust: 'pinned key' | 'hub.caFile' | "the system's CAs";
  /** As whom this machine has joined. Throws `HUB_NOT_JOINED`. */
  identity(): Promise<HubIdentity>;
  /** The same for all callers of one command. Throws `HUB_NOT_JOINED`, and what keeps the key from being had. */
  link(): Promise<HubLink>;
  /** What the service last knew of the link; `null`: nothing. */
  lastKnown(): Promise<LinkState | null>;
  readonly clock: SendContext['clock'];
}
