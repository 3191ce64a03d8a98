import { RollcallError } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import { formatVersion } from '../cli/documents.ts';
import type { CollectorChangeDocument } from '../cli/documents-collector-change.ts';
import type { ChangeCollectorOptions } from '../cli/operations.ts';
import { nameKey } from '../hub/registry/collector-name.ts';
import { chooseOrganizations } from './choose-organizations.ts';
import type { Services } from './services.ts';
import { withLease } from './with-lease.ts';

/** How long what a deletion took can be brought back (D5). */
export const restorableMs = 30 * 24 * 3_600_000;
const mostNames = 20;

/**
 * Deletes what a collector saw, brings it back, or gives it to the machine that takes its place (D5). Nothing is written outside. With
 * `preview` it only says what would happen. Throws `HUB_COLLECTOR_UNKNOWN`, and `USAGE` when two organizations have one of that name, or
 * when a replacement would lose both.
 */
export async function changeCollector(services: Services, store: Store, given: ChangeCollectorOptions): Promise<CollectorChangeDocument> {
  const { organization, collector } = await foundAs(services, store, given);
  return withLease(services, store, { organization }, () => changeIn(services, store, organization, { ...given, collector }));
}

async function changeIn(
  services: Services,
  store: Store,
  organization: OrganizationId,
  options: ChangeCollectorOptions,
): Promise<CollectorChangeDocument> {
  const { action, collector, replacement } = options;
  if (action === 'replace') await assertReplaceable(store, organization, options);
  const at = services.now();
  const impact = action === 'delete' ? await store.collectorImpact(organization, collector, mostNames) : null;
  const document: CollectorChangeDocument = {
    formatVersion,
    organization,
    action,
    collector,
    replacement,
    applied: false,
    run: null,
    impact,
    restorableUntil: action === 'delete' ? new Date(at + restorableMs).toISOString() : null,
  };
  if (options.preview) return document;
  const run = await store.startRun({ organization, command: `collector ${action}`, trigger: services.trigger, at });
  await carryOut(store, organization, { ...options, at });
  const counts = impact === null ? {} : { users: impact.users, onlyHere: impact.onlyHere, matchesLost: impact.matchesLost };
  await store.finishRun(run, { outcome: 'done', planHash: null, counts, error: null, detail: null, at: services.now() });
  return { ...document, applied: true, run };
}

/** What gives way to reads that are left out themselves is gone, and with it its users. */
async function assertReplaceable(
  store: Store,
  organization: OrganizationId,
  { collector, replacement }: ChangeCollectorOptions,
): Promise<void> {
  if (collector === replacement) throw new RollcallError('USAGE', `"${collector}" cannot take its own place.`);
  const deleted = await store.deletedCollectors(organization);
  if (!deleted.some(({ name }) => name === replacement)) return;
  throw new RollcallError(
    'USAGE',
    `What "${replacement}" saw was deleted: bring it back first ("rollcall hub restore ${replacement}"), or give another name.`,
  );
}

async function carryOut(
  store: Store,
  organization: OrganizationId,
  { action, collector, replacement, at }: ChangeCollectorOptions & { readonly at: number },
): Promise<void> {
  if (action === 'delete') await store.deleteCollector(organization, collector, at);
  else if (action === 'restore') await store.restoreCollector(organization, collector);
  else if (replacement !== null) await store.replaceCollector(organization, { from: collector, to: replacement, at });
}

interface Found {
  readonly organization: OrganizationId;
  /** As it is written there. */
  readonly collector: string;
}

/** The one organization that has such a collector: a living one, or for `restore` one that was deleted, of which the hub has no name. */
async function foundAs(services: Services, store: Store, { action, collector, organization }: ChangeCollectorOptions): Promise<Found> {
  const found: Found[] = [];
  for (const candidate of chooseOrganizations(services, organization)) {
    const name =
      action === 'restore'
        ? (await store.deletedCollectors(candidate)).map((each) => each.name).find((each) => nameKey(each) === nameKey(collector))
        : (await store.listReads(candidate)).map(({ latest }) => latest.collector).find((each) => each === collector);
    if (name !== undefined) found.push({ organization: candidate, collector: name });
  }
  const [first, second] = found;
  if (first === undefined) {
    const what = action === 'restore' ? 'nothing of it was deleted within the last 30 days' : 'nothing was read by it';
    throw new RollcallError('HUB_COLLECTOR_UNKNOWN', `There is no collector "${collector}" here: ${what}.`, { place: { collector } });
  }
  if (second !== undefined) {
    const organizations = found.map((each) => each.organization).join(', ');
    throw new RollcallError('USAGE', `Several organizations have a collector "${collector}" (${organizations}): add --organization ID.`);
  }
  return first;
}
