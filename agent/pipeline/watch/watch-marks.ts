import type { OrganizationState } from '../../../core/model/state.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { ErrorDocument } from '../../cli/documents.ts';

/** Looks overlap: clocks of the vendors' servers differ a little, and a list shows a change some moments after it was made. */
const overlapMs = 2 * 60_000;
/**
 * By so much at most the time between two looks counts, though they are a minute apart: a clock that was set forward must not make anything
 * be missed, and is made up for.
 */
const mostQuietMs = 55_000;
/** A record that is dated this far in the future says nothing about how far a look has come: it would hide all that comes before. */
const mostAheadMs = 15 * 60_000;
/** Between looks of an organization that fails as a whole. */
const firstPauseMs = 2 * 60_000;
const longestPauseMs = 15 * 60_000;

/** How far the looks of an organization have come, by the clocks of IT Glue and of the PSA. */
export type WatchMarks = NonNullable<OrganizationState['watched']>;

/** The organization that has come least far decides. */
export function leastOf(marks: readonly WatchMarks[]): WatchMarks {
  const least = (of: (each: WatchMarks) => number): number => Math.min(...marks.map(of));
  const looks = marks.flatMap(({ quiet }) => quiet?.at ?? []);
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

/** From when on changes are asked for. */
export function askFrom({ itGlue, psa, quiet }: WatchMarks): { readonly itGlue: Moment; readonly psa: Moment } {
  return { itGlue: itGlue + (quiet?.itGlue ?? 0) - overlapMs, psa: psa + (quiet?.psa ?? 0) - overlapMs };
}

/** The marks after a look that listed records of these dates: as far as the newest of them, and the quiet time since it. */
export function marksAfter(
  from: WatchMarks,
  dates: { readonly itGlue: readonly (Moment | null)[]; readonly psa: readonly (Moment | null)[] },
  look: { readonly startedAt: Moment; readonly endedAt: Moment },
): WatchMarks {
  const quiet = from.quiet ?? { itGlue: 0, psa: 0, at: look.startedAt };
  const credible = (moment: Moment | null): Moment => (moment === null || moment > look.startedAt + mostAheadMs ? 0 : moment);
  const newest = (listed: readonly (Moment | null)[], before: Moment): Moment =>
    listed.reduce<Moment>((latest, moment) => Math.max(latest, credible(moment)), before);
  const itGlue = newest(dates.itGlue, from.itGlue);
  const psa = newest(dates.psa, from.psa);
  // Where nothing is read again there is nothing to keep.
  if (dates.itGlue.length + dates.psa.length === 0) return { itGlue, psa, quiet };
  const passed = Math.min(mostQuietMs, Math.max(0, look.startedAt - quiet.at));
  return {
    itGlue,
    psa,
    quiet: {
      itGlue: itGlue > from.itGlue ? 0 : quiet.itGlue + passed,
      psa: psa > from.psa ? 0 : quiet.psa + passed,
      at: look.endedAt,
    },
  };
}

/** After a failure of the whole organization: it is looked at again a little later each time. */
export function paused(marks: WatchMarks, error: ErrorDocument | null, now: Moment): WatchMarks {
  const pauseMs = Math.min(longestPauseMs, (marks.failing?.pauseMs ?? firstPauseMs / 2) * 2);
  const { code, message, hint } = error ?? { code: 'INTERNAL', message: '', hint: '' };
  return { ...marks, failing: { code, message, hint, pauseMs, until: now + pauseMs } };
}
