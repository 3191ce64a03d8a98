import type { Moment } from '../../core/model/time.ts';

/** What `schedule` of the configuration asks for. */
export interface ScheduleSettings {
  readonly scan: string;
  readonly fullScan: string;
  /** IANA name; empty: the machine's. */
  readonly timezone: string;
  readonly jitterSeconds: number;
  /** Two-way sync is on: both sides are compared as a whole once a day at least (P9). */
  readonly reconcileDaily: boolean;
}

const slotNames = ['scan', 'fullScan'] as const;
type SlotName = (typeof slotNames)[number];

interface Slot {
  readonly expression: string;
  readonly timezone: string;
  /** When it fires next, without jitter; `null`: never. */
  readonly next: Moment | null;
  /** How long after `next` the run starts, in milliseconds. */
  readonly jitterMs: number;
}

/** What is remembered between starts of the service: a slot that passed meanwhile is caught up. */
export interface ScheduleState {
  readonly scan: Slot;
  readonly fullScan: Slot;
  /** A failed run that is worth trying again before its next slot. */
  readonly retry: { readonly at: Moment; readonly attempt: number } | null;
  /** A full scan began and none has succeeded since: whatever runs next is one. */
  readonly owesFull: boolean;
  readonly lastStartedAt: Moment | null;
  readonly lastSuccessAt: Moment | null;
  readonly reconcile: {
    /** When the last one began that ended well; a sync is one. */
    readonly doneAt: Moment | null;
    /** When the last one began that was no sync by its slot. */
    readonly triedAt: Moment | null;
    /** An edit asked for one at this moment, and none that began later has ended well (P7). */
    readonly owedSince: Moment | null;
  };
  /** The clock when it was last looked at: an earlier one means that it was set back. */
  readonly seenAt: Moment;
}

/** A run that is to start now. */
export interface DueRun {
  /** The directories are read before; `false`: IT Glue and the PSA are compared with what is known of them. */
  readonly scan: boolean;
  readonly full: boolean;
  readonly trigger: 'schedule' | 'catch-up' | 'retry' | 'first start' | 'daily reconcile' | 'reload';
}

export interface ScheduleParts {
  /** The next moments after now at which an expression fires, soonest first. */
  readonly nextSlots: (expression: string, timezone: string, count: number) => readonly Moment[];
  /** A number from 0 to below 1 for a text; the same text gives the same number. */
  readonly spread: (text: string) => number;
}

/** However often an expression fires, runs start at least this far apart. */
const shortestGapMs = 60_000;
/** A run that starts later than this after its slot was missed, by a sleep or a stop. */
const missedAfterMs = 120_000;
const backwardsMs = 60_000;
const dayMs = 86_400_000;
/** A sync that comes so soon by its slot takes the place of a reconcile. */
const slotIsNearMs = 30 * 60_000;
/** A reconcile that failed is tried again after this long. */
const reconcilePauseMs = 3_600_000;
const retryPausesMs = [5, 15, 60].map((minutes) => minutes * 60_000);

/** The state of a service that never ran: its first run is due at once. */
export function newSchedule(settings: ScheduleSettings, now: Moment, parts: ScheduleParts): ScheduleState {
  return {
    scan: slotOf('scan', settings, parts),
    fullScan: slotOf('fullScan', settings, parts),
    retry: null,
    owesFull: true,
    lastStartedAt: null,
    lastSuccessAt: null,
    reconcile: { doneAt: null, triedAt: null, owedSince: null },
    seenAt: now,
  };
}

/** The state with these settings in force: an expression that did not change keeps its slot, also one that has passed (S1). */
export function withSettings(state: ScheduleState, settings: ScheduleSettings, parts: ScheduleParts): ScheduleState {
  const keep = (name: SlotName): Slot => {
    const known = state[name];
    const isSame = known.expression === settings[name] && known.timezone === settings.timezone;
    const fresh = slotOf(name, settings, parts);
    // A slot that lies farther away than the next one is left from a clock that ran ahead.
    return isSame && known.next !== null && fresh.next !== null && known.next <= fresh.next ? { ...fresh, next: known.next } : fresh;
  };
  return { ...state, scan: keep('scan'), fullScan: keep('fullScan') };
}

/** The state at a start of the service: a run that a crash or a power cut ended, or that failed, is tried again at once. */
export function resumed(before: ScheduleState, now: Moment): ScheduleState {
  const state = { ...before, reconcile: { ...before.reconcile, triedAt: null } };
  const { lastStartedAt, lastSuccessAt } = state;
  if (lastStartedAt === null || (lastSuccessAt !== null && lastSuccessAt >= lastStartedAt)) return state;
  return { ...state, retry: { at: now, attempt: state.retry?.attempt ?? 0 } };
}

/** Looks at the clock: which run is due, and whether the clock was set back. */
export function lookAtClock(
  state: ScheduleState,
  settings: ScheduleSettings,
  now: Moment,
  parts: ScheduleParts,
): { readonly state: ScheduleState; readonly due: DueRun | null; readonly wentBackMs: number } {
  const wentBackMs = state.seenAt - now > backwardsMs ? state.seenAt - now : 0;
  const seen = wentBackMs > 0 ? afterStepBack(state, settings, now, parts) : { ...state, seenAt: now };
  return { state: seen, due: dueRun(seen, settings, now), wentBackMs };
}

/** Whatever was waited for by the old clock is worked out anew; nothing waits for times that come twice. */
function afterStepBack(state: ScheduleState, settings: ScheduleSettings, now: Moment, parts: ScheduleParts): ScheduleState {
  return {
    ...withSettings(state, settings, parts),
    retry: state.retry === null ? null : { ...state.retry, at: Math.min(state.retry.at, now) },
    lastStartedAt: notAfter(state.lastStartedAt, now),
    // By the clock that ran ahead; it would look fresh until that time has come.
    lastSuccessAt: notAfter(state.lastSuccessAt, now),
    reconcile: {
      doneAt: notAfter(state.reconcile.doneAt, now),
      triedAt: null,
      owedSince: notAfter(state.reconcile.owedSince, now),
    },
    seenAt: now,
  };
}

function notAfter(moment: Moment | null, now: Moment): Moment | null {
  return moment === null ? null : Math.min(moment, now);
}

function dueRun(state: ScheduleState, settings: ScheduleSettings, now: Moment): DueRun | null {
  if (state.lastStartedAt === null) return { scan: true, full: true, trigger: 'first start' };
  const byTheClock = now - state.lastStartedAt < shortestGapMs ? null : runByTheClock(state, now);
  if (byTheClock !== null) return byTheClock;
  const { owedSince } = state.reconcile;
  if (owedSince !== null && mayReconcileFrom(state, owedSince) <= now) return { scan: false, full: false, trigger: 'reload' };
  return dailyReconcileAt(state, settings) <= now ? { scan: false, full: false, trigger: 'daily reconcile' } : null;
}

function runByTheClock(state: ScheduleState, now: Moment): DueRun | null {
  const due = slotNames.filter((name) => startOf(state[name]) <= now);
  if (due.length > 0) {
    const isMissed = due.every((name) => now - startOf(state[name]) > missedAfterMs);
    return { scan: true, full: state.owesFull || due.includes('fullScan'), trigger: isMissed ? 'catch-up' : 'schedule' };
  }
  return state.retry !== null && state.retry.at <= now ? { scan: true, full: state.owesFull, trigger: 'retry' } : null;
}

/** When the two sides are to be compared for want of a sync; never while two-way sync is off, and before the first sync. */
function dailyReconcileAt(state: ScheduleState, settings: ScheduleSettings): Moment {
  const { doneAt } = state.reconcile;
  const last = Math.max(doneAt ?? Number.NEGATIVE_INFINITY, state.lastSuccessAt ?? Number.NEGATIVE_INFINITY);
  if (!settings.reconcileDaily || !Number.isFinite(last)) return Number.POSITIVE_INFINITY;
  const at = mayReconcileFrom(state, last + dayMs);
  return slotNames.some((name) => startOf(state[name]) <= at + slotIsNearMs) ? Number.POSITIVE_INFINITY : at;
}

function mayReconcileFrom({ reconcile: { triedAt } }: ScheduleState, wanted: Moment): Moment {
  return triedAt === null ? wanted : Math.max(wanted, triedAt + reconcilePauseMs);
}

/** An edit asks for a reconcile (P7). */
export function withReconcileOwed(state: ScheduleState, now: Moment): ScheduleState {
  return { ...state, reconcile: { ...state.reconcile, triedAt: null, owedSince: now } };
}

/** A reconcile that is no sync by its slot has started. */
export function reconcileStarted(state: ScheduleState, now: Moment): ScheduleState {
  return { ...state, reconcile: { ...state.reconcile, triedAt: now } };
}

/** All organizations were synced without a failure by something that began at `startedAt`, whatever it was. */
export function reconciled(state: ScheduleState, startedAt: Moment): ScheduleState {
  const { doneAt, triedAt, owedSince } = state.reconcile;
  const isPaid = owedSince === null || owedSince <= startedAt;
  return { ...state, reconcile: { doneAt: Math.max(doneAt ?? startedAt, startedAt), triedAt, owedSince: isPaid ? null : owedSince } };
}

/** The run has started: all slots that have passed are dealt with by it. */
export function started(
  state: ScheduleState,
  settings: ScheduleSettings,
  run: { readonly full: boolean; readonly now: Moment },
  parts: ScheduleParts,
): ScheduleState {
  const { full, now } = run;
  const renew = (name: SlotName): Slot => (startOf(state[name]) <= now ? slotOf(name, settings, parts) : state[name]);
  return { ...state, scan: renew('scan'), fullScan: renew('fullScan'), retry: null, owesFull: state.owesFull || full, lastStartedAt: now };
}

/** The run has ended; one that failed for a reason that may pass is tried again after 5, 15, then each 60 minutes. */
export function ended(
  state: ScheduleState,
  outcome: 'success' | 'passing failure' | 'failure',
  now: Moment,
  attempt: number,
): ScheduleState {
  if (outcome === 'success') return { ...state, retry: null, owesFull: false, lastSuccessAt: now };
  if (outcome === 'failure') return { ...state, retry: null };
  const pause = retryPausesMs[Math.min(attempt, retryPausesMs.length - 1)] ?? shortestGapMs;
  return { ...state, retry: { at: now + pause, attempt: attempt + 1 } };
}

/** The runs to come, soonest first. */
export function comingRuns(state: ScheduleState, settings: ScheduleSettings): readonly { readonly command: string; readonly at: Moment }[] {
  const slots = slotNames.flatMap((name) =>
    state[name].next === null ? [] : [{ command: name === 'scan' ? 'sync' : 'sync --full', at: startOf(state[name]) }],
  );
  const retry = state.retry === null ? [] : [{ command: 'sync (again)', at: state.retry.at }];
  const reconcileAt = dailyReconcileAt(state, settings);
  const reconcile = Number.isFinite(reconcileAt) ? [{ command: 'sync --no-scan', at: reconcileAt }] : [];
  return [...slots, ...retry, ...reconcile].sort((left, right) => left.at - right.at);
}

/** When two firings are closer together than runs may be, the schedule is not kept as written. */
export function firesTooOften(expression: string, timezone: string, parts: ScheduleParts): boolean {
  const slots = parts.nextSlots(expression, timezone, 5);
  return slots.some((slot, index) => index > 0 && slot - (slots[index - 1] ?? slot) < shortestGapMs);
}

function startOf(slot: Slot): Moment {
  return slot.next === null ? Number.POSITIVE_INFINITY : slot.next + slot.jitterMs;
}

/** Jitter stays below half the distance to the slot after, so that no slot is passed over for it. */
function slotOf(name: SlotName, settings: ScheduleSettings, parts: ScheduleParts): Slot {
  const expression = settings[name];
  const [next, after] = parts.nextSlots(expression, settings.timezone, 2);
  if (next === undefined) return { expression, timezone: settings.timezone, next: null, jitterMs: 0 };
  const widest = Math.min(settings.jitterSeconds * 1000, after === undefined ? Number.POSITIVE_INFINITY : (after - next) / 2);
  return { expression, timezone: settings.timezone, next, jitterMs: Math.floor(parts.spread(`${name} ${next}`) * widest) };
}
