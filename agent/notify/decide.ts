import { createHash } from 'node:crypto';
import type { ChannelMemory, Episode, Told } from './memory.ts';
import type { Notice, NoticeEvent, NoticeItem, NotifiableProblem } from './notice.ts';
import { observe, overAt } from './observe.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** How long a new problem stays before it is told: what passes by itself pages nobody. A held plan is told at once. */
const settleMs = { failed: 5 * minuteMs, degraded: 15 * minuteMs } as const;
/** What is due so soon joins a message that goes out now. */
const joinMs = 2 * minuteMs;
/** How long the first due reminder waits for others. */
const reminderJoinMs = hourMs;
const messagesAnHour = 6;
const hashesKept = 50;

/** What a channel is to say, and what it is to remember. */
export interface Decision {
  /** With what was seen now; keep it whether or not something is sent. */
  readonly memory: ChannelMemory;
  /** In the order of sending. Each counts as told only by `afterDelivery`. */
  readonly notices: readonly Notice[];
  /** When something may be due next, in milliseconds since 1970; `null`: not before another report. */
  readonly nextAt: number | null;
}

/**
 * Decides what one channel says: a new problem once it settled, one that got worse, a plan that is held (once per hash), a
 * reminder a day later, and one word when it is over. At most six messages an hour: what is due beyond that waits and goes as
 * one message. Pure. `problems` is everything that is wrong now.
 */
export function decideNotifications(before: ChannelMemory, problems: readonly NotifiableProblem[], now: number): Decision {
  const memory = observe(before, problems, now);
  const dues = duesOf(memory.episodes);
  const allowed = messagesAnHour - memory.sentAt.length;
  const groups = groupsOf(dues, now);
  const freeAt = Math.min(...memory.sentAt) + hourMs;
  const notices = groups
    .slice(0, Math.max(0, allowed))
    .map(({ event, episodes }, index) => noticeOf(event, episodes, index + 1 === allowed ? Math.min(freeAt, now + hourMs) : null));
  const ahead = dues.map((due) => due.at).filter((at) => at > now);
  const waiting = groups.length > notices.length ? [freeAt] : [];
  const moments = [...ahead, ...waiting, ...(notices.length > 0 ? [now] : [])];
  return { memory, notices, nextAt: moments.length === 0 ? null : Math.min(...moments) };
}

/** The memory after a message of `decideNotifications` arrived. */
export function afterDelivery(memory: ChannelMemory, notice: Notice, now: number): ChannelMemory {
  const items = new Map(notice.items.map((item) => [item.key, item]));
  return {
    episodes: memory.episodes.map((episode) => {
      const item = items.get(episode.key);
      if (item === undefined) return episode;
      if (notice.event === 'recovered')
        return { ...episode, phase: 'quiet', goneAt: null, failedAt: null, told: null, lastRecoveredAt: now };
      return { ...episode, told: toldBy(episode.told, item, { id: notice.id, now }) };
    }),
    sentAt: [...memory.sentAt, now],
  };
}

function toldBy(before: Told | null, item: NoticeItem, message: { readonly id: string; readonly now: number }): Told {
  const hashes = before?.hashes ?? [];
  return {
    at: message.now,
    severity: item.severity,
    times: (before?.times ?? 0) + 1,
    thread: before?.thread ?? message.id,
    hashes: item.hash === null || hashes.includes(item.hash) ? hashes : [...hashes, item.hash].slice(-hashesKept),
  };
}

/** Problems before all else, for the hour may not have room for more. */
const eventOrder: readonly NoticeEvent[] = ['problem', 'held', 'recovered', 'reminder'];

interface Due {
  readonly event: NoticeEvent;
  readonly at: number;
  readonly joins: boolean;
  readonly episode: Episode;
}

function duesOf(episodes: readonly Episode[]): readonly Due[] {
  const open = episodes.filter((episode) => episode.phase === 'open');
  const codes = new Set(open.map(({ code }) => code));
  return [...open.filter((episode) => !isCovered(episode, codes)).flatMap((episode) => dueOf(episode)), ...remindersOf(open)];
}

/** What its cause is told of, until the cause is over, needs no message of its own; one that was told is taken back all the same. */
function isCovered({ told, cause, code }: Episode, open: ReadonlySet<string>): boolean {
  return told === null && cause !== null && cause !== code && open.has(cause);
}

/** One message for each event that is due. What one of them tells no other one repeats. */
function groupsOf(dues: readonly Due[], now: number): readonly { readonly event: NoticeEvent; readonly episodes: readonly Episode[] }[] {
  const taken = new Set<string>();
  return eventOrder.flatMap((event) => {
    const group = dues.filter((due) => due.event === event && !taken.has(due.episode.key));
    if (!group.some((due) => due.at <= now)) return [];
    const episodes = group.filter((due) => due.at <= now + (due.joins ? joinMs : 0)).map((due) => due.episode);
    for (const { key } of episodes) taken.add(key);
    return [{ event, episodes }];
  });
}

function dueOf(episode: Episode): readonly Due[] {
  const { told, goneAt, failedAt, hash } = episode;
  if (goneAt !== null) {
    // An episode that was never told is dropped by `observe` at this time.
    const over = overAt({ ...episode, goneAt });
    return told === null ? [] : [{ event: 'recovered', at: over, joins: true, episode }];
  }
  if (hash !== null && told?.hashes.includes(hash) !== true) return [{ event: 'held', at: episode.seenAt, joins: true, episode }];
  const settledFailed = failedAt === null ? Number.POSITIVE_INFINITY : failedAt + settleMs.failed;
  if (told === null) {
    return [{ event: 'problem', at: Math.min(settledFailed, episode.seenAt + settleMs.degraded), joins: true, episode }];
  }
  return told.severity === 'degraded' && failedAt !== null ? [{ event: 'problem', at: settledFailed, joins: true, episode }] : [];
}

/** All reminders go together: when the last of them is due, or an hour after the first. */
function remindersOf(open: readonly Episode[]): readonly Due[] {
  const dues = open.flatMap((episode) =>
    episode.told === null || episode.goneAt !== null ? [] : [{ at: episode.told.at + dayMs, episode }],
  );
  const times = dues.map(({ at }) => at);
  const together = Math.min(Math.max(...times), Math.min(...times) + reminderJoinMs);
  return dues.map(({ at, episode }) => ({ event: 'reminder', at: Math.max(at, together), joins: false, episode }));
}

function noticeOf(event: NoticeEvent, episodes: readonly Episode[], quietUntil: number | null): Notice {
  const worstFirst = [...episodes].sort((left, right) => Number(right.severity === 'failed') - Number(left.severity === 'failed'));
  return { event, id: idOf(event, episodes), items: worstFirst.map(itemOf), quietUntil };
}

function itemOf(episode: Episode): NoticeItem {
  const { key, code, organization, part, severity, message, hint, hash, told, seenAt } = episode;
  const since = episode.since ?? new Date(seenAt).toISOString();
  const isWorse = told?.severity === 'degraded' && severity === 'failed';
  return { key, code, organization, part, severity, message, hint, since, hash, isWorse, thread: told?.thread ?? null };
}

function idOf(event: NoticeEvent, episodes: readonly Episode[]): string {
  const facts = episodes.map(({ key, seenAt, told, severity, hash }) => [key, seenAt, told?.times ?? 0, severity, hash]);
  return createHash('sha256')
    .update(JSON.stringify([event, facts]))
    .digest('hex')
    .slice(0, 24);
}
