import type { HttpClientOptions } from '../../http/http-client.ts';
import { systemClock } from '../../http/http-clock.ts';
import type { HttpNetwork } from '../../http/network.ts';
import type { HubDoor } from '../../pipeline/hub/hub-door.ts';
import type { Redacted } from '../../secrets/redacted.ts';
import type { Vault } from '../../secrets/vault/open-vault.ts';
import { version } from '../../version.ts';
import { createHubLink, type HubLink } from './hub-link.ts';
import { hubNetwork } from './hub-network.ts';
import { type HubIdentity, requireIdentity } from './identity.ts';
import { keysOf } from './join.ts';
import { readLinkState } from './link-state.ts';

export interface DoorParts {
  readonly url: string;
  readonly caFile: string;
  readonly proxyCaFile: string;
  readonly stateDirectory: string;
  readonly network: () => HttpNetwork;
  readonly vault: () => Pick<Vault, 'get' | 'list'>;
  /** Told every key, so that no log line can carry it. */
  readonly onKey: (key: Redacted) => void;
  readonly signal?: AbortSignal;
  readonly attempts?: number;
  readonly onExchange?: HttpClientOptions['onExchange'];
}

/** The way of one command, or of the service, to its hub; close it when done. */
export interface OpenDoor extends HubDoor {
  close(): Promise<void>;
}

export function openDoor(parts: DoorParts): OpenDoor {
  const { url, caFile, stateDirectory } = parts;
  let link: Promise<HubLink> | null = null;
  let trust: HubDoor['trust'] = caFile === '' ? 'pinned key' : 'hub.caFile';

  async function identity(): Promise<HubIdentity> {
    const found = await requireIdentity(stateDirectory, url);
    if (caFile === '') trust = found.pinSha256 === '' ? "the system's CAs" : 'pinned key';
    return found;
  }

  async function open(): Promise<HubLink> {
    const own = await identity();
    const keys = keysOf(parts.vault(), own);
    for (const key of keys) parts.onKey(key);
    const { attempts, signal, onExchange } = parts;
    return createHubLink({
      url,
      network: hubNetwork(parts.network(), { pinSha256: own.pinSha256, caFile, proxyCaFile: parts.proxyCaFile }),
      keys: () => keys,
      version,
      ...(attempts === undefined ? {} : { attempts }),
      ...(signal === undefined ? {} : { signal }),
      ...(onExchange === undefined ? {} : { onExchange }),
    });
  }

  return {
    url,
    get trust() {
      return trust;
    },
    identity,
    link() {
      link ??= open();
      return link;
    },
    lastKnown: () => readLinkState(stateDirectory),
    clock: systemClock,
    async close() {
      const opened = await link?.catch(() => null);
      await opened?.close();
    },
  };
}
