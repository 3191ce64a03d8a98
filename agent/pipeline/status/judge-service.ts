import type { Moment } from '../../../core/model/time.ts';
import type { ServiceView } from '../../service/service-facts.ts';
import { type Finding, spanText } from './problem.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const weekMs = 7 * 24 * hourMs;

/** Runs start at least this far apart and take their time. */
const shortestAllowance = 15 * minuteMs;
/** A service that was just started catches up by itself. */
const startAllowance = 5 * minuteMs;
const runAllowance = 6 * hourMs;

/** A service that ran here once and does not now. */
export function judgeService(view: ServiceView): readonly Finding[] {
  if (view.state !== 'not-running') return [];
  const { stoppedAt, at, pid } = view.facts;
  if (stoppedAt !== null) {
    const message = 'The service was stopped and does not run: nothing is synced by itself.';
    return [{ code: 'SERVICE_NOT_RUNNING', severity: 'degraded', message, since: Date.parse(stoppedAt) }];
  }
  const message = `The service (process ${pid}) ended without being stopped, by a crash, a kill or a loss of power: nothing is synced by itself.`;
  return [{ code: 'SERVICE_NOT_RUNNING', severity: 'failed', message, since: Date.parse(at) }];
}

export interface LastSuccess {
  /** When the newest sync that did not fail ended; `null`: none did yet. */
  readonly at: Moment | null;
  /** When the first run of the organization that is still known began. */
  readonly firstRunAt: Moment | null;
}

/**
 * Syncs that do not come. With a service, its schedule says how often they should: overdue is what missed two of its slots. Without
 * one nobody here knows the schedule, so only more than a week is worth a word.
 */
export function judgeSuccess(
  last: LastSuccess,
  view: ServiceView,
  now: Moment,
  gapOf: (schedule: ScheduleFacts) => number,
): readonly Finding[] {
  const since = last.at ?? last.firstRunAt;
  if (since === null) return [];
  const age = now - since;
  const words = last.at === null ? 'No sync has succeeded yet' : `The last sync that did not fail ended ${spanText(age)} ago`;
  if (view.state === 'none') {
    return age > weekMs ? [{ code: 'SYNC_OVERDUE', severity: 'degraded', message: `${words}.`, since }] : [];
  }
  const { schedule } = view.facts;
  const allowed = Math.max(shortestAllowance, 2 * gapOf(schedule) + jitterAllowance);
  if (age <= allowed || isCatchingUp(view, now)) return [];
  const message = `${words}; by the schedule (${schedule.scan}) two should have come since.`;
  return [{ code: 'SYNC_OVERDUE', severity: age > Math.max(weekMs, 2 * allowed) ? 'failed' : 'degraded', message, since }];
}

/** A run is under way, or about to start: it deserves to be waited for. */
function isCatchingUp(view: ServiceView, now: Moment): boolean {
  if (view.state !== 'running') return false;
  const { current, startedAt } = view.facts;
  return now - Date.parse(startedAt) < startAllowance || (current !== null && now - Date.parse(current.startedAt) < runAllowance);
}

export type ScheduleFacts = { readonly scan: string; readonly fullScan: string; readonly timezone: string };

/** The facts do not tell the jitter of the schedule; its default and some more. */
const jitterAllowance = 10 * minuteMs;

/** What the service noticed itself. */
export function serviceProblems(view: ServiceView): Extract<ServiceView, { readonly facts: unknown }>['facts']['problems'] {
  // What the last facts say was true when they were written; a service that does not run has one problem.
  return view.state === 'running' ? view.facts.problems : [];
}
