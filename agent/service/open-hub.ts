import type { Moment } from '../../core/model/time.ts';
import type { Inbox } from '../hub/inbox/inbox.ts';
import { openInbox } from '../hub/inbox/open-inbox.ts';
import { inboxFolder, registryFile } from '../hub/places.ts';
import type { Registry } from '../hub/registry/registry.ts';
import { openRegistry } from '../store/registry/open-registry.ts';

/** What a hub has on the disk of its state directory. */
export interface HubParts {
  readonly registry: Registry;
  readonly inbox: Inbox;
}

export interface OpenHubOptions {
  readonly stateDirectory: string;
  readonly now: () => Moment;
  /** What the message says to another process that finds the registry locked. */
  readonly command: string;
}

/** Opens both; closing the registry lets the next one in. Throws `STORE_LOCKED` when another process has it. */
export async function openHub({ stateDirectory, now, command }: OpenHubOptions): Promise<HubParts> {
  const inbox = await openInbox(inboxFolder(stateDirectory));
  return { inbox, registry: await openRegistry({ path: registryFile(stateDirectory), now, command }) };
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
