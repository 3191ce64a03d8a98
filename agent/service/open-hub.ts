import type { Moment } from '../../core/model/time.ts';
import type { Inbox } from '../hub/inbox/inbox.ts';
import { openInbox } from '../hub/inbox/open-inbox.ts';
import { inboxFolder } from '../hub/places.ts';
import type { Registry } from '../hub/registry/registry.ts';
import { openConfiguredRegistry, type RegistryPlace } from '../store/registry/open-configured-registry.ts';

/** What a hub has: who may send, and what was sent to this machine. */
export interface HubParts {
  readonly registry: Registry;
  readonly inbox: Inbox;
}

export interface OpenHubOptions {
  readonly registry: RegistryPlace;
  readonly stateDirectory: string;
  readonly now: () => Moment;
  /** What others see of this process, above all one that finds the registry's file locked. */
  readonly command: string;
}

/**
 * Opens both. A registry in a file is one process's at a time: closing it lets the next one in. Throws what opening the registry throws,
 * `STORE_LOCKED` when another process has it.
 */
export async function openHub({ registry, stateDirectory, now, command }: OpenHubOptions): Promise<HubParts> {
  const inbox = await openInbox(inboxFolder(stateDirectory));
  return { inbox, registry: await openConfiguredRegistry(registry, { now, command }) };
}

/** Opens both for one piece of work. */
export async function withHub<Result>(options: OpenHubOptions, work: (parts: HubParts) => Promise<Result>): Promise<Result> {
  const parts = await openHub(options);
  try {
    return await work(parts);
  } finally {
    await parts.registry.close();
  }
}
