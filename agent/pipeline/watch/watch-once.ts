import { isDeepStrictEqual } from 'node:util';
import { RollcallError } from '../../../core/errors.ts';
import type { Contact } from '../../../core/model/contact.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { Store } from '../../../core/ports/store.ts';
import { contactSide, psaSide } from '../../../core/two-way/sides.ts';
import { isTwoWay } from '../../config/two-way.ts';
import { errorDocument } from '../error-document.ts';
import type { Services } from '../services.ts';
import { withLease } from '../with-lease.ts';
import { askFrom, leastOf, marksAfter, paused, type WatchMarks } from './watch-marks.ts';
import { watchOrganization } from './watch-organization.ts';
import type { WatchedOrganization, WatchOutcome } from './watch-outcome.ts';

/** Before the first look there is only this machine's clock. */
const firstOverlapMs = 15 * 60_000;
/** More changes than this in one look are not gone through one by one. */
const mostUpdates = 1_000;

/** How far the watch of one organization has come. */
interface Watched {
  readonly organization: OrganizationId;
  readonly marks: WatchMarks;
}

/**
 * One look of the watch (P9): asks IT Glue and the PSA once each, for all organizations together, what was changed since the last look, and
 * brings into step what was. Never throws but for a fault of rollcall itself.
 */
export async function watchOnce(services: Services): Promise<WatchOutcome> {
  const store = await services.writableStore('watch');
  const all = await watchedOrganizations(services, store);
  const isPaused = ({ marks }: Watched): boolean => (marks.failing?.until ?? 0) > services.now();
  const organizations: WatchedOrganization[] = all.filter(isPaused).map(stillFailing);
  const watched = all.filter((each) => !isPaused(each));
  const [first] = watched;
  if (first === undefined) return { seenTo: { itGlue: null, psa: null }, organizations, error: null };
  let seen: Seen;
  try {
    seen = await look(services, first.organization, watched);
  } catch (error) {
    return { seenTo: seenTo(leastOf(watched.map(({ marks }) => marks))), organizations, error: errorDocument(error) };
  }
  for (const { organization, marks } of watched) {
    if (services.signal.aborted) break;
    const result = await bringIntoStep(services, store, { organization, marks }, seen);
    if (result !== null && result.error?.code !== 'INTERRUPTED') organizations.push(result);
  }
  if (services.signal.aborted)
    return { seenTo: seenTo(leastOf(watched.map(({ marks }) => marks))), organizations, error: errorDocument(stopped()) };
  const to = seenTo(seen.marks);
  return { seenTo: seen.psaTells ? to : { ...to, psa: null }, organizations, error: null };
}

/**
 * What was seen of one organization, unless another process is in charge of it, or has taken it over in the middle: that one sees the same,
 * and so does the next look (H4).
 */
async function bringIntoStep(
  services: Services,
  store: Store,
  { organization, marks }: Watched,
  seen: Seen,
): Promise<WatchedOrganization | null> {
  const own = { ...seen, itGlue: seen.itGlue.filter((contact) => contact.organizationId === organization) };
  const digest = services.hash(textOf(own));
  const isNew = digest !== marks.seen;
  const step = async (signal: AbortSignal): Promise<WatchedOrganization | null> => {
    const result = await watchOne(services, store, organization, isNew ? own : { ...own, itGlue: [], psa: [], tooMany: false });
    // Stopped half-way, it looks at the same again.
    if (signal.aborted) return result;
    // A failure of the whole organization is looked at again, each time a little later; single records are left to later runs (A4).
    const next = result?.outcome === 'failed' ? paused(marks, result.error, services.now()) : { ...seen.marks, seen: digest };
    await keepMarks(store, organization, next);
    return result;
  };
  return withLease(services, store, { organization, patienceMs: 0 }, step).catch((error: unknown) => {
    if (error instanceof RollcallError && (error.code === 'ORGANIZATION_BUSY' || error.code === 'STORE_LEASE_LOST')) return null;
    throw error;
  });
}

function stopped(): RollcallError {
  return new RollcallError('INTERRUPTED', 'The look was stopped; the next one sees the same.');
}

/** An organization whose look failed a short while ago still fails, as far as is known. */
function stillFailing({ organization, marks }: Watched): WatchedOrganization {
  const { code = 'INTERNAL', message = '', hint = '' } = marks.failing ?? {};
  return { organization, run: null, outcome: 'failed', error: { code, message, hint, place: {} } };
}

/** Organizations whose changes travel both ways, and which were synced with it on at least once (P3, P4). */
async function watchedOrganizations(services: Services, store: Store): Promise<readonly Watched[]> {
  const watched: Watched[] = [];
  for (const organization of services.organizations) {
    if (!isTwoWay(services.settings(organization).psa)) continue;
    const state = await store.organizationState(organization);
    if (!state.onboarded || state.twoWaySince === null) continue;
    const start = (state.lastAppliedAt ?? services.now()) - firstOverlapMs;
    watched.push({ organization, marks: state.watched ?? { itGlue: start, psa: start } });
  }
  return watched;
}

interface Seen {
  readonly itGlue: readonly Contact[];
  readonly psa: readonly PsaContact[];
  /** IT Glue has more changes than were asked for: everything is looked at. */
  readonly tooMany: boolean;
  /** `false`: this PSA does not tell what was changed; its changes come with the syncs. */
  readonly psaTells: boolean;
  readonly marks: WatchMarks;
}

/** One request to each side where nothing is new, however many contacts and organizations there are. */
async function look(services: Services, any: OrganizationId, watched: readonly Watched[]): Promise<Seen> {
  const marks = leastOf(watched.map((each) => each.marks));
  const startedAt = services.now();
  const from = askFrom(marks);
  const updates = await services.documentation(any).listUpdatedContacts(from.itGlue, mostUpdates);
  const psa = services.psa(any);
  const told = psa === null ? null : await psa.listChangedContacts(null, from.psa);
  const changed = told ?? [];
  const dates = {
    itGlue: updates.contacts.map(({ updatedAt }) => updatedAt),
    psa: changed.map(({ modifiedAt }) => modifiedAt),
  };
  return {
    psaTells: told !== null,
    itGlue: updates.contacts,
    psa: changed,
    tooMany: !updates.complete,
    marks: marksAfter(marks, dates, { startedAt, endedAt: services.now() }),
  };
}

async function watchOne(
  services: Services,
  store: Store,
  organization: OrganizationId,
  { itGlue, psa, tooMany }: Seen,
): Promise<WatchedOrganization | null> {
  try {
    return await watchOrganization(services, store, { organization, itGlue, psa, everything: tooMany });
  } catch (error) {
    const document = errorDocument(error);
    return { organization, run: null, outcome: 'failed', error: { ...document, message: services.redact(document.message) } };
  }
}

async function keepMarks(store: Store, organization: OrganizationId, marks: WatchMarks): Promise<void> {
  const state = await store.organizationState(organization);
  const { watched } = state;
  if (isDeepStrictEqual(watched, marks)) return;
  await store.saveOrganizationState(organization, { ...state, watched: marks });
}

/** What was seen. The values too: two changes within one second have one date. */
function textOf({ itGlue, psa, tooMany }: Seen): string {
  const ours = itGlue.map((contact) => [contact.id, contact.updatedAt, contactSide(contact)]);
  const theirs = psa.map((contact) => [contact.id, contact.modifiedAt, psaSide(contact)]);
  return JSON.stringify([tooMany, ours, theirs]);
}

function seenTo({ itGlue, psa }: WatchMarks): WatchOutcome['seenTo'] {
  return { itGlue: new Date(itGlue).toISOString(), psa: new Date(psa).toISOString() };
}
