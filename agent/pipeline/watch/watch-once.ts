import { isDeepStrictEqual } from 'node:util';
import { RollcallError } from '../../../core/errors.ts';
import type { Contact } from '../../../core/model/contact.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { OrganizationState } from '../../../core/model/state.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { Store } from '../../../core/ports/store.ts';
import { contactSide, psaSide } from '../../../core/two-way/sides.ts';
import type { ErrorDocument } from '../../cli/documents.ts';
import { isTwoWay } from '../../config/two-way.ts';
import { errorDocument } from '../error-document.ts';
import type { Services } from '../services.ts';
import { watchOrganization } from './watch-organization.ts';
import type { WatchedOrganization, WatchOutcome } from './watch-outcome.ts';

/** Looks overlap: clocks of the vendors' servers differ a little, and a list shows a change some moments after it was made. */
const overlapMs = 2 * 60_000;
/**
 * By so much at most the time between two looks counts, though they are a minute apart: a clock that was set forward must not make anything
 * be missed, and is made up for.
 */
const mostQuietMs = 55_000;
/** Before the first look there is only this machine's clock. */
const firstOverlapMs = 15 * 60_000;
/** A record that is dated this far in the future says nothing about how far a look has come: it would hide all that comes before. */
const mostAheadMs = 15 * 60_000;
/** Between looks of an organization that fails as a whole. */
const firstPauseMs = 2 * 60_000;
const longestPauseMs = 15 * 60_000;
/** More changes than this in one look are not gone through one by one. */
const mostUpdates = 1_000;

/** How far the watch of one organization has come. */
interface Watched {
  readonly organization: OrganizationId;
  readonly marks: NonNullable<OrganizationState['watched']>;
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
    return { seenTo: seenTo(marksOf(watched)), organizations, error: errorDocument(error) };
  }
  for (const { organization, marks } of watched) {
    if (services.signal.aborted) break;
    const own = { ...seen, itGlue: seen.itGlue.filter((contact) => contact.organizationId === organization) };
    const digest = services.hash(textOf(own));
    const isNew = digest !== marks.seen;
    const result = await watchOne(services, store, organization, isNew ? own : { ...own, itGlue: [], psa: [], tooMany: false });
    if (result !== null && result.error?.code !== 'INTERRUPTED') organizations.push(result);
    // Stopped half-way, it looks at the same again.
    if (services.signal.aborted) break;
    // A failure of the whole organization is looked at again, each time a little later; single records are left to later runs (A4).
    const next = result?.outcome === 'failed' ? paused(marks, result.error, services.now()) : { ...seen.marks, seen: digest };
    await keepMarks(store, organization, next);
  }
  if (services.signal.aborted) return { seenTo: seenTo(marksOf(watched)), organizations, error: errorDocument(stopped()) };
  const to = seenTo(seen.marks);
  return { seenTo: seen.psaTells ? to : { ...to, psa: null }, organizations, error: null };
}

function stopped(): RollcallError {
  return new RollcallError('INTERRUPTED', 'The look was stopped; the next one sees the same.');
}

function paused(marks: Watched['marks'], error: ErrorDocument | null, now: Moment): Watched['marks'] {
  const pauseMs = Math.min(longestPauseMs, (marks.failing?.pauseMs ?? firstPauseMs / 2) * 2);
  const { code, message, hint } = error ?? { code: 'INTERNAL', message: '', hint: '' };
  return { ...marks, failing: { code, message, hint, pauseMs, until: now + pauseMs } };
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
  readonly marks: Watched['marks'];
}

/** One request to each side where nothing is new, however many contacts and organizations there are. */
async function look(services: Services, any: OrganizationId, watched: readonly Watched[]): Promise<Seen> {
  const from = marksOf(watched);
  const startedAt = services.now();
  const quiet = from.quiet ?? { itGlue: 0, psa: 0, at: startedAt };
  const updates = await services.documentation(any).listUpdatedContacts(from.itGlue + quiet.itGlue - overlapMs, mostUpdates);
  const psa = services.psa(any);
  const told = psa === null ? null : await psa.listChangedContacts(null, from.psa + quiet.psa - overlapMs);
  const changed = told ?? [];
  const credible = (moment: Moment | null): Moment => (moment === null || moment > startedAt + mostAheadMs ? 0 : moment);
  const newest = {
    itGlue: updates.contacts.reduce((latest, { updatedAt }) => Math.max(latest, credible(updatedAt)), from.itGlue),
    psa: changed.reduce((latest, { modifiedAt }) => Math.max(latest, credible(modifiedAt)), from.psa),
  };
  const passed = Math.min(mostQuietMs, Math.max(0, startedAt - quiet.at));
  const quietNow = {
    itGlue: newest.itGlue > from.itGlue ? 0 : quiet.itGlue + passed,
    psa: newest.psa > from.psa ? 0 : quiet.psa + passed,
    at: services.now(),
  };
  return {
    psaTells: told !== null,
    itGlue: updates.contacts,
    psa: changed,
    tooMany: !updates.complete,
    // Where nothing is read again there is nothing to keep.
    marks: { ...newest, quiet: updates.contacts.length + changed.length === 0 ? quiet : quietNow },
  };
}

/** The organization that has come least far decides. */
function marksOf(watched: readonly Watched[]): Watched['marks'] {
  const least = (of: (marks: Watched['marks']) => number): number => Math.min(...watched.map(({ marks }) => of(marks)));
  const looks = watched.flatMap(({ marks }) => marks.quiet?.at ?? []);
  return {
    itGlue: least(({ itGlue }) => itGlue),
    psa: least(({ psa }) => psa),
    ...(looks.length === 0
      ? {}
      : {
          quiet: { itGlue: least(({ quiet }) => quiet?.itGlue ?? 0), psa: least(({ quiet }) => quiet?.psa ?? 0), at: Math.max(...looks) },
        }),
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

async function keepMarks(store: Store, organization: OrganizationId, marks: Watched['marks']): Promise<void> {
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

function seenTo({ itGlue, psa }: Watched['marks']): WatchOutcome['seenTo'] {
  return { itGlue: new Date(itGlue).toISOString(), psa: new Date(psa).toISOString() };
}
