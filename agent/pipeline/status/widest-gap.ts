import type { Moment } from '../../../core/model/time.ts';

const weekMs = 7 * 86_400_000;
const firstLook = 8;
const mostSlots = 400;

/** The next moments after now at which an expression fires, soonest first. */
export type NextSlots = (expression: string, timezone: string, count: number) => readonly Moment[];

/**
 * The longest time in milliseconds between two slots of the week to come: a schedule of office hours has its nights and its
 * weekend. Infinite when the expression fires once or never.
 */
export function widestGap({ scan, timezone }: { readonly scan: string; readonly timezone: string }, nextSlots: NextSlots): number {
  const few = nextSlots(scan, timezone, firstLook).filter(Number.isFinite);
  const usual = gapsOf(few).toSorted((left, right) => left - right)[0] ?? Number.POSITIVE_INFINITY;
  const wanted = Math.min(mostSlots, Math.ceil((weekMs * 1.2) / usual));
  const slots = wanted > firstLook ? nextSlots(scan, timezone, wanted) : few;
  return slots.length < 2 ? Number.POSITIVE_INFINITY : Math.max(...gapsOf(slots));
}

function gapsOf(slots: readonly Moment[]): readonly number[] {
  return slots.slice(1).map((slot, index) => slot - (slots[index] ?? slot));
}
