import type { OrganizationId } from '../../core/model/ids.ts';
import type { PruneCounts, Store } from '../../core/ports/store.ts';
import type { ErrorDocument } from '../cli/documents.ts';
import type { SentDocument } from '../cli/documents-collector.ts';
import type { ScopePreviewDocument } from '../cli/documents-reads.ts';
import type { StatusSummary } from '../cli/documents-status.ts';
import { diffConfig, rescopedDirectories, type SettingChange } from '../config/diff-config.ts';
import { organizationsOf } from '../config/organizations.ts';
import type { Config } from '../config/schema.ts';
import { type CollectorFacts, collectorFacts } from './hub/collector-facts.ts';
import { sendDirectories } from './hub/send-directories.ts';
import { type LandAnswer, type LandOptions, landUploads } from './land/land-uploads.ts';
import { previewScope } from './preview-scope.ts';
import { prune } from './prune.ts';
import type { Services } from './services.ts';
import { statusSummary } from './status/status-summary.ts';
import { statusOf } from './status.ts';
import { watchOnce } from './watch/watch-once.ts';
import type { WatchOutcome } from './watch/watch-outcome.ts';

/** What the service asked about an edited configuration, and what came of it. */
export interface ConfigVerdict {
  readonly accepted: boolean;
  readonly changes: readonly SettingChange[];
  readonly scope: readonly ScopePreviewDocument[];
  /** Organizations with matches or a held plan that the file no longer names. */
  readonly removedInUse: readonly { readonly organization: string; readonly users: number }[];
}

/** What only a service does. */
export interface ServiceWork {
  /**
   * Looks at a configuration before it comes into force: whom it would take in and leave out, and whether it drops an organization that
   * is in use, which is refused unless `accept`. Recorded as a run.
   */
  considerConfig(options: { readonly previous: Config; readonly accept: boolean }): Promise<ConfigVerdict>;
  /** Records that an edit was refused before it could be looked at. */
  recordRefusal(options: { readonly error: ErrorDocument }): Promise<null>;
  /** Opens the store to write to it, which brings it up to date, and reads from one in a file; nothing else is done. */
  tryStore(): Promise<null>;
  /** How all is, in few words. */
  summary(): Promise<StatusSummary>;
  /** Looks at what changed in IT Glue and the PSA since the last look, and brings both into step (P9). */
  watch(): Promise<WatchOutcome>;
  /** Takes in what collectors have sent to this hub. */
  land(options: LandOptions): Promise<LandAnswer>;
  /** Of a collector: what a heartbeat tells of its work. */
  collectorFacts(): Promise<CollectorFacts>;
  /** Of a collector: sends its hub what waits here. */
  send(): Promise<readonly SentDocument[]>;
  /** Forgets what is older than `retention.journal`. */
  prune(): Promise<PruneCounts>;
}

export function createServiceWork(services: Services): ServiceWork {
  return {
    considerConfig: (options) => considerConfig(services, options),
    recordRefusal: ({ error }) => recordRefusal(services, error),
    tryStore: () => tryStore(services),
    summary: async () => statusSummary(await statusOf(services, services.organizations)),
    watch: () => watchOnce(services),
    land: (options) => landUploads(services, options),
    collectorFacts: () => collectorFacts(services),
    send: () => send(services),
    prune: async () => prune(services, await services.writableStore('prune')),
  };
}

async function tryStore(services: Services): Promise<null> {
  const store = await services.writableStore('run');
  // What brought a database up to date is the last that may fail: there is no copy to put back.
  if (services.surroundings.store.kind === 'postgresql') return null;
  for (const organization of services.organizations) await store.organizationState(organization);
  return null;
}

async function send(services: Services): Promise<readonly SentDocument[]> {
  const { hub } = services;
  const [organization] = services.organizations;
  if (hub === null || organization === undefined) return [];
  return sendDirectories(services, hub, await services.writableStore('send'), organization);
}

async function considerConfig(
  services: Services,
  { previous, accept }: { readonly previous: Config; readonly accept: boolean },
): Promise<ConfigVerdict> {
  const store = await services.writableStore('reload');
  const current = services.config;
  const changes = diffConfig(previous, current);
  const removed = organizationsOf(previous).filter((organization) => !organizationsOf(current).includes(organization));
  const removedInUse = (await Promise.all(removed.map((organization) => inUse(store, organization)))).filter(({ users }) => users > 0);
  const accepted = accept || removedInUse.length === 0;
  const scope = accepted ? await previewScope(services, store, rescopedDirectories(previous, current)) : [];
  const verdict = { accepted, changes, scope, removedInUse };
  const [organization] = accepted ? services.organizations : organizationsOf(previous);
  await recordReload(services, store, organization, verdict);
  return verdict;
}

/** How many users of the organization somebody or a rule has decided about. */
async function inUse(store: Store, organization: OrganizationId): Promise<ConfigVerdict['removedInUse'][number]> {
  const states = await store.userStates(organization);
  const users = states.filter(({ state, createRequested }) => state !== 'unmatched' || createRequested).length;
  const held = (await store.heldPlan(organization)) === null ? 0 : 1;
  return { organization, users: Math.max(users, held) };
}

async function recordReload(
  services: Services,
  store: Store,
  organization: OrganizationId | undefined,
  { accepted, changes, scope, removedInUse }: ConfigVerdict,
): Promise<void> {
  if (organization === undefined) return;
  const sum = (of: 'takenIn' | 'leftOut'): number => scope.reduce((total, preview) => total + preview[of], 0);
  const run = await store.startRun({ organization, command: 'reload', trigger: services.trigger, at: services.now() });
  const message = `The edit drops ${removedInUse.map((item) => item.organization).join(', ')}, which is in use; the configuration before it stays in force.`;
  await store.finishRun(run, {
    outcome: accepted ? 'done' : 'failed',
    planHash: null,
    counts: { settings: changes.length, takenIn: sum('takenIn'), leftOut: sum('leftOut') },
    error: accepted ? null : { code: 'CONFIG_ORGANIZATION_IN_USE', message },
    detail: {
      changes,
      users: scope.length === 0 ? null : { takenIn: sum('takenIn'), leftOut: sum('leftOut') },
      scope,
      ...(accepted ? {} : { refused: { code: 'CONFIG_ORGANIZATION_IN_USE', message } }),
    },
    at: services.now(),
  });
}

async function recordRefusal(services: Services, { code, message }: ErrorDocument): Promise<null> {
  const store = await services.writableStore('reload');
  const [organization] = services.organizations;
  if (organization === undefined) return null;
  const run = await store.startRun({ organization, command: 'reload', trigger: services.trigger, at: services.now() });
  await store.finishRun(run, {
    outcome: 'failed',
    planHash: null,
    counts: {},
    error: { code, message },
    detail: { changes: [], users: null, refused: { code, message } },
    at: services.now(),
  });
  return null;
}
