import { afterDelivery, decideNotifications } from '../../../agent/notify/decide.ts';
import { type ChannelMemory, emptyMemory } from '../../../agent/notify/memory.ts';
import type { Notice, NotifiableProblem } from '../../../agent/notify/notice.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const start = Date.UTC(2026, 10, 22, 8);

export function problem(differences: Partial<NotifiableProblem> = {}): NotifiableProblem {
  return {
    code: 'X',
    severity: 'degraded',
    organization: '4711',
    message: 'Something is wrong.',
    hint: 'Mend it.',
    since: null,
    ...differences,
  };
}

/** One channel and its time: what the state machine says, message by message. */
export interface World {
  /** What arrived. */
  readonly sent: readonly Notice[];
  /** When, by the time that really passed. */
  readonly sentAt: readonly number[];
  /** What was tried, in vain or not. */
  readonly tried: readonly Notice[];
  delivers: boolean;
  /** The problems from now on. */
  report(...problems: readonly NotifiableProblem[]): World;
  /** Lets time pass, looking whenever something may be due; a look at its end. */
  pass(ms: number): World;
  setClockBack(ms: number): void;
  memory(): ChannelMemory;
  /** Like `problem A+B`. */
  log(): readonly string[];
}

export function createWorld(options: { readonly delivers?: boolean; readonly restarts?: boolean } = {}): World {
  let memory: ChannelMemory = emptyMemory;
  let problems: readonly NotifiableProblem[] = [];
  let elapsed = start;
  let behind = 0;
  const sent: Notice[] = [];
  const sentAt: number[] = [];
  const tried: Notice[] = [];

  /** One look and what follows from it; when to look again. */
  function look(): number | null {
    for (;;) {
      const now = elapsed - behind;
      const before = options.restarts === true ? (JSON.parse(JSON.stringify(memory)) as ChannelMemory) : memory;
      const decision = decideNotifications(before, problems, now);
      memory = decision.memory;
      const [notice] = decision.notices;
      if (notice === undefined) return decision.nextAt === null ? null : decision.nextAt + behind;
      tried.push(notice);
      if (!world.delivers) return elapsed + minute;
      sent.push(notice);
      sentAt.push(elapsed);
      memory = afterDelivery(memory, notice, now);
    }
  }

  const world: World = {
    sent,
    sentAt,
    tried,
    delivers: options.delivers ?? true,
    report(...now) {
      problems = now;
      look();
      return world;
    },
    pass(ms) {
      const end = elapsed + ms;
      for (let next = look(); next !== null && next <= end; next = look()) elapsed = Math.max(next, elapsed);
      elapsed = end;
      look();
      return world;
    },
    setClockBack(ms) {
      behind += ms;
      look();
    },
    memory: () => memory,
    log: () => sent.map(({ event, items }) => `${event} ${items.map(({ code }) => code).join('+')}`),
  };
  return world;
}
