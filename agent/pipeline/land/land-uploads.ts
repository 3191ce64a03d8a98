import { RollcallError } from '../../../core/errors.ts';
import { type OrganizationId, organizationId } from '../../../core/model/ids.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { CollectorRecord, Store } from '../../../core/ports/store.ts';
import type { RunStory } from '../../cli/documents-runs.ts';
import { directoriesOf } from '../../config/organizations.ts';
import type { ClaimedUpload, Inbox, WaitingUpload } from '../../hub/inbox/inbox.ts';
import type { UploadManifest, UploadPage } from '../../hub/protocol/uploads.ts';
import type { Services } from '../services.ts';
import { withLease } from '../with-lease.ts';
import { type Landed, landUpload } from './land-upload.ts';

/** The inbox as the job sees it. */
export interface LandingInbox extends Pick<Inbox, 'waiting' | 'claim' | 'leave' | 'settle'> {
  /** Throws `HUB_UPLOAD_INVALID` for a page that is not what its manifest says. */
  pagesOf(upload: WaitingUpload): AsyncIterable<UploadPage>;
}

/** A collector that may send, as its key and its latest sign of life tell. */
export interface LivingCollector extends CollectorRecord {
  readonly id: string;
  readonly organization: string;
}

export interface LandOptions {
  /** Those that may send. */
  readonly collectors: readonly LivingCollector[];
  /** By the hub's clock, when that was found out: the job may have waited for others since, and somebody may have joined. */
  readonly knownAt: Moment;
  /** Looks also for organizations of which something landed that nobody has synced since. */
  readonly owed: boolean;
}

export interface LandAnswer {
  readonly landed: number;
  readonly refused: number;
  /** Left in the inbox: another hub is in charge of their organizations. */
  readonly postponed: number;
  /** Organizations of which something changed, now or before a hub died that was to sync them. */
  readonly changed: readonly OrganizationId[];
}

/**
 * Lands what lies in the hub's inbox, the oldest first. What is wrong with one upload is its outcome and stops no other; a store that
 * fails, or a stop, ends the job, and what has not landed stays in the inbox; so does what belongs to an organization that another hub
 * is in charge of. What others than `collectors` sent before they were revoked is refused; what was begun after that was found out waits
 * for the next job.
 */
export async function landUploads(services: Services, { collectors, knownAt, owed }: LandOptions): Promise<LandAnswer> {
  const store = await services.writableStore('land');
  const inbox = await services.inbox();
  const living = new Map(collectors.map((collector) => [collector.id, collector]));
  const changed = new Set<OrganizationId>();
  const counts = { landed: 0, refused: 0, postponed: 0 };
  for (const found of await inbox.waiting()) {
    if (services.signal.aborted) throw new RollcallError('INTERRUPTED', 'Stopped between two uploads.');
    if (!living.has(found.collectorId) && found.receivedAt >= knownAt) continue;
    const upload = await inbox.claim(found);
    // A newer state has taken its place.
    if (upload === null) continue;
    const landing = { store, inbox, collector: living.get(upload.collectorId) ?? null };
    const outcome = await landWithLease(services, landing, upload);
    if (outcome === null) {
      counts.postponed += 1;
      continue;
    }
    await inbox.settle(upload, outcome.state === 'landed' ? { state: 'landed' } : outcome, services.now());
    counts[outcome.state] += 1;
    if (outcome.state === 'landed' && outcome.changed) changed.add(organizationId(upload.organization));
  }
  for (const organization of owed ? services.organizations : []) if (await isOwed(store, organization)) changed.add(organization);
  return { ...counts, changed: [...changed] };
}

/** More than come between two syncs, as a rule; where they are more, the next slot of the schedule makes up for it. */
const runsLookedAt = 50;

/** Whether something landed that no sync has begun to look at since: the process was ended in between (A2). */
async function isOwed(store: Store, organization: OrganizationId): Promise<boolean> {
  const runs = await store.listRuns({ organization, commands: ['land', 'sync'], limit: runsLookedAt });
  const latest = runs.find(({ command, outcome }) => (command === 'land' ? outcome === 'done' : outcome !== 'interrupted'));
  return latest?.command === 'land';
}

interface Landing {
  readonly store: Store;
  readonly inbox: LandingInbox;
  /** `null`: it may not send any more. */
  readonly collector: LivingCollector | null;
}

/**
 * `null`: it stays in the inbox, for another hub is in charge of its organization, or has taken it over in the middle. What had landed by
 * then has landed, and need not wait for its turn again.
 */
async function landWithLease(services: Services, landing: Landing, upload: ClaimedUpload): Promise<Landed | null> {
  const { store, inbox } = landing;
  const came: { to: Landed | null } = { to: null };
  try {
    await withLease(services, store, { organization: organizationId(upload.organization), patienceMs: 0 }, async () => {
      came.to = await landOne(services, landing, upload);
    });
    return came.to;
  } catch (cause) {
    const isElsewhere = cause instanceof RollcallError && (cause.code === 'ORGANIZATION_BUSY' || cause.code === 'STORE_LEASE_LOST');
    if (came.to !== null && isElsewhere) return came.to;
    await inbox.leave(upload).catch(() => undefined);
    if (isElsewhere) return null;
    throw cause;
  }
}

/** In the journal, so that it can be told what a collector brought, and why something was refused. */
async function landOne(services: Services, { store, inbox, collector }: Landing, upload: ClaimedUpload): Promise<Landed> {
  const outcome = await outcomeOf(services, { store, inbox, collector }, upload);
  if (outcome.state === 'landed' && !outcome.changed) return outcome;
  const organization = organizationId(upload.organization);
  const trigger = `collector ${upload.collector}`;
  const run = await store.startRun({ organization, command: 'land', trigger, at: services.now() });
  await store.finishRun(run, {
    outcome: outcome.state === 'landed' ? 'done' : 'failed',
    planHash: null,
    counts: outcome.state === 'landed' ? { users: outcome.users, absent: outcome.absent } : {},
    error: outcome.state === 'landed' ? null : { code: outcome.code, message: services.redact(outcome.message) },
    detail: storyOf(upload.manifest, outcome),
    at: services.now(),
  });
  return outcome;
}

async function outcomeOf(services: Services, { store, inbox, collector }: Landing, upload: ClaimedUpload): Promise<Landed> {
  if (collector === null) return revoked;
  if (isReadHere(services, upload)) return nameOfHub;
  if (upload.died >= mostDeaths) return deadly;
  await keepCollector(store, collector);
  return attempt(services, { store, inbox }, upload);
}

const revoked: Landed = {
  state: 'refused',
  code: 'HUB_COLLECTOR_REVOKED',
  message: 'The collector was revoked before what it had sent was taken in.',
};

/** One that takes the process with it, by what it needs of memory, would keep all others from landing for ever. */
const mostDeaths = 4;
const deadly: Landed = {
  state: 'refused',
  code: 'HUB_UPLOAD_INVALID',
  message: `The process that was to take it in ended in the middle ${mostDeaths} times.`,
};

const nameOfHub: Landed = {
  state: 'refused',
  code: 'HUB_NAME_TAKEN',
  message: 'The hub reads a directory of this name itself, under the name of this collector (collector.name).',
};

/** No collector joins under the hub's own name, but the hub may be given the name of one that has joined. */
function isReadHere({ collector, config }: Services, { organization, collector: name, manifest }: WaitingUpload): boolean {
  if (name !== collector) return false;
  return directoriesOf(config, organizationId(organization)).some((directory) => directory.name === manifest.directory);
}

async function keepCollector(store: Store, { organization, name, location, subnets, version }: LivingCollector): Promise<void> {
  const record = { name, location, subnets, version };
  const known = (await store.collectors(organizationId(organization))).find((other) => other.name === name);
  if (JSON.stringify(known) !== JSON.stringify(record)) await store.saveCollector(organizationId(organization), record);
}

async function attempt(services: Services, { store, inbox }: Pick<Landing, 'store' | 'inbox'>, upload: WaitingUpload): Promise<Landed> {
  try {
    return await landUpload({ store, pages: (of) => inbox.pagesOf(of), now: () => services.now() }, upload);
  } catch (cause) {
    const known = cause instanceof RollcallError ? cause : null;
    if (known !== null && (known.code === 'INTERRUPTED' || known.code === 'ORGANIZATION_BUSY' || known.code.startsWith('STORE_')))
      throw cause;
    const { collector, organization, manifest } = upload;
    services.logger.error('An upload could not be landed', { collector, organization, directory: manifest.directory, error: cause });
    return { state: 'refused', code: known?.code ?? 'INTERNAL', message: known?.message ?? 'Something unforeseen happened.' };
  }
}

function storyOf({ directory, proof, startedAt, finishedAt, base }: UploadManifest, outcome: Landed): RunStory {
  const isLanded = outcome.state === 'landed';
  const read: NonNullable<RunStory['reads']>[number] = {
    directory,
    outcome: isLanded ? 'complete' : 'failed',
    users: proof.users,
    leftOut: Object.values(proof.leftOut).reduce((sum, count) => sum + count, 0),
    server: proof.server,
    durationMs: Math.max(0, finishedAt - startedAt),
    code: isLanded ? null : outcome.code,
    kind: base === null ? 'full' : 'changes',
    fullBecause: null,
    absent: { absent: 0, missing: 0, gone: 0, out: 0 },
    rescoped: null,
    logons: null,
  };
  return { reads: [read] };
}
