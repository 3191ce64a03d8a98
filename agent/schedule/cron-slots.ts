import { createTask } from 'node-cron';
import type { Moment } from '../../core/model/time.ts';

/**
 * The next moments at which the expression fires, after now, soonest first; empty when it never does (31 February). `timezone` is an
 * IANA name; empty: the machine's.
 */
export function nextSlots(expression: string, timezone: string, count: number): readonly Moment[] {
  const task = createTask(expression, () => undefined, timezone === '' ? {} : { timezone });
  try {
    return task.getNextRuns(count).map((date) => date.getTime());
  } finally {
    void task.destroy();
  }
}
