import type { Moment } from '../model/time.ts';

/** How a contact stands that IT Glue is to push by itself (P10). */
export interface AwaitedPush {
  /** `null`: not looked for yet, it is from this plan on. */
  readonly since: Moment | null;
  /** Whole minutes. */
  readonly waited: number;
  /** It did not come in time. */
  readonly isOverdue: boolean;
}

const minuteMs = 60_000;

/** A contact has `settleMinutes`, at least one, to arrive. */
export function awaitedPush(since: Moment | null, settleMinutes: number, now: Moment): AwaitedPush {
  const waited = since === null ? 0 : Math.max(0, Math.floor((now - since) / minuteMs));
  return { since, waited, isOverdue: waited >= Math.max(1, settleMinutes) };
}

/** What is told of it. */
export function awaitedText({ since, waited, isOverdue }: AwaitedPush, displayName: string): string {
  if (since === null) return `IT Glue is to push it to ${displayName} by itself`;
  if (!isOverdue) return `IT Glue is to push it to ${displayName} by itself, since ${clockText(since)}`;
  return `IT Glue has not pushed it to ${displayName} since ${clockText(since)}, ${durationText(waited)}`;
}

/** In UTC, to the minute. */
export function clockText(moment: Moment): string {
  return `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Minutes in the largest unit that they fill. */
export function durationText(minutes: number): string {
  if (minutes < 120) return `${minutes} minute${minutes === 1 ? '' : 's'}`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1_440)} days`;
}
