import type { OrganizationId, RunId } from '../../../core/model/ids.ts';
import type { Store } from '../../../core/ports/store.ts';
import type { ErrorDocument } from '../../cli/documents.ts';
import { formatVersion } from '../../cli/documents.ts';
import type { CollectedDocument, CollectedScanDocument, SentDocument } from '../../cli/documents-collector.ts';
import type { DirectoryReadDocument } from '../../cli/documents-reads.ts';
import { collect } from '../collect.ts';
import { errorDocument } from '../error-document.ts';
import { storyOfReads } from '../run-story.ts';
import type { Services } from '../services.ts';
import { emptySyncDocument } from '../sync-organization.ts';
import { whyNoUsers } from '../users-missing.ts';
import type { HubDoor } from './hub-door.ts';
import { sendDirectories } from './send-directories.ts';

export interface CollectRequest {
  readonly command: 'sync' | 'scan';
  readonly organization: OrganizationId;
  /** `false`: only what was read before is sent. */
  readonly scan: boolean;
  readonly full: boolean;
  /** Directories whose scheduled full reads others do (C9). */
  readonly spared: readonly string[];
}

interface Collected {
  readonly run: RunId;
  readonly reads: readonly DirectoryReadDocument[];
  readonly sent: readonly SentDocument[];
  /** Why the run failed; `null`: it did not. */
  readonly error: ErrorDocument | null;
}

/** `sync` of a collector: reads into its own store, and brings the hub to that. */
export async function syncToHub(services: Services, hub: HubDoor, store: Store, request: CollectRequest): Promise<CollectedDocument> {
  const { run, reads, sent, error } = await collectAndSend(services, hub, store, request);
  const { organization } = request;
  const message = whyNoUsers(services.config, organization, await store.listReads(organization));
  const scope = reads.flatMap(({ directory, rescoped }) => (rescoped === null ? [] : [{ directory, ...rescoped }]));
  return { ...emptySyncDocument({ organization, run }, message, services.notices, error), scope, directories: reads, sent };
}

/** `scan` of a collector: it sends what it read as well. */
export async function scanToHub(services: Services, hub: HubDoor, store: Store, request: CollectRequest): Promise<CollectedScanDocument> {
  const { run, reads, sent } = await collectAndSend(services, hub, store, request);
  const { organization } = request;
  return {
    formatVersion,
    organization,
    organizationName: null,
    run,
    message: whyNoUsers(services.config, organization, await store.listReads(organization)),
    directories: reads,
    notices: services.notices,
    sent,
  };
}

/** One run of the journal. That the hub is away is no failure of it: what was read is here, and is sent later (H2). */
async function collectAndSend(services: Services, hub: HubDoor, store: Store, request: CollectRequest): Promise<Collected> {
  const { organization, command } = request;
  const run = await store.startRun({ organization, command, trigger: services.trigger, at: services.now() });
  let reads: readonly DirectoryReadDocument[] = [];
  try {
    reads = request.scan ? await read(services, store, request) : [];
    const sent = await sendDirectories(services, hub, store, organization);
    const error = reads.find((each) => each.error !== null)?.error ?? sent.find(({ state }) => state === 'failed')?.error ?? null;
    await store.finishRun(run, {
      outcome: error === null ? 'done' : 'failed',
      planHash: null,
      counts: countsOf(reads, sent),
      error: error === null ? null : { code: error.code, message: services.redact(error.message) },
      detail: {
        ...storyOfReads(reads),
        sent: sent.map(({ directory, state, whole, records, error: why }) => ({
          directory,
          state,
          whole,
          records,
          code: why?.code ?? null,
        })),
      },
      at: services.now(),
    });
    return { run, reads, sent, error };
  } catch (thrown) {
    const { code, message } = errorDocument(thrown);
    await store.finishRun(run, {
      outcome: code === 'INTERRUPTED' ? 'interrupted' : 'failed',
      planHash: null,
      counts: {},
      error: { code, message: services.redact(message) },
      detail: storyOfReads(reads),
      at: services.now(),
    });
    throw thrown;
  }
}

function read(services: Services, store: Store, { organization, full, spared }: CollectRequest): Promise<readonly DirectoryReadDocument[]> {
  const { collector, logger, progress, attended } = services;
  return collect(
    { organization, collector, store, logger, progress, full, attended, spared: new Set(spared), now: () => services.now() },
    services.directories(organization),
  );
}

function countsOf(reads: readonly DirectoryReadDocument[], sent: readonly SentDocument[]): Readonly<Record<string, number>> {
  const users = reads.reduce((sum, each) => sum + each.users, 0);
  const records = sent.reduce((sum, each) => sum + each.records, 0);
  return { users, directories: reads.length, sent: records, unsent: sent.filter(({ since }) => since !== null).length };
}
