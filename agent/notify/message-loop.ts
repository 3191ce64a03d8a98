import { errorTable } from '../../core/error-table.ts';
import type { HttpClock } from '../http/http-clock.ts';
import { growingPauseMs } from '../http/retry.ts';
import type { Logger } from '../telemetry/logger.ts';
import { afterDelivery, decideNotifications } from './decide.ts';
import type { Delivery, MessageSender } from './delivery.ts';
import { emptyMemory } from './memory.ts';
import type { ChannelFailure, ChannelRecord } from './memory-file.ts';
import type { MessageChannel, Notice, NotifiableProblem } from './notice.ts';
import { outgoingMessage } from './outgoing.ts';
import { createSleeper } from './sleeper.ts';

const minuteMs = 60_000;
/** A look at least this often while something is to come: timers do not know of a clock that was set, or of a machine that slept. */
const longestSleepMs = minuteMs;
const firstPauseMs = minuteMs / 2;
const longestPauseMs = minuteMs * 30;
/** What may have arrived is sent again less and less often: a receiver that never answers is not to be flooded. */
const longestUncertainPauseMs = minuteMs * 360;
const longestRetryAfterMs = minuteMs * 360;
/** A break of this length is told to the channel itself when it is over and there is nothing else to say. */
const noteworthyBreakMs = minuteMs * 15;

export interface MessageLoopOptions {
  readonly channel: MessageChannel;
  readonly sender: MessageSender;
  readonly collector: string;
  readonly clock: HttpClock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly redact: (text: string) => string;
  /** What is wrong now, but for this channel's own failure; `null`: not known yet. */
  readonly problems: () => readonly NotifiableProblem[] | null;
  /** What was remembered, once it is read. */
  readonly before: Promise<ChannelRecord | undefined>;
  /** Called with each change of the record; resolves when it is kept. Never throws. */
  readonly keep: (record: ChannelRecord) => Promise<void>;
}

export interface MessageLoop {
  /** Something changed: look again. */
  wake(): void;
  readonly failure: () => ChannelFailure | null;
  /** Resolves when nothing is under way. */
  close(): Promise<void>;
}

/** Keeps one channel up to date: decides, sends one message at a time, tries again what did not arrive while it still matters. */
export function startMessageLoop(options: MessageLoopOptions): MessageLoop {
  const { clock, channel, logger } = options;
  const sleeper = createSleeper(clock);
  let record: ChannelRecord = { memory: emptyMemory, failure: null };
  let failures = 0;
  let quietUntil = Number.NEGATIVE_INFINITY;
  const stop = new AbortController();

  async function keep(next: ChannelRecord): Promise<void> {
    record = next;
    await options.keep(next);
  }

  /** One look; answers how long to sleep. */
  async function look(): Promise<number | null> {
    const problems = options.problems();
    if (problems === null) return null;
    const now = clock.now();
    const decision = decideNotifications(record.memory, problems, now);
    await keep({ ...record, memory: decision.memory });
    const notice = decision.notices[0] ?? worksAgain(record.failure, channel, now);
    const pauseMs = quietUntil - clock.elapsed();
    if (notice === null) return sleepUntil(decision.nextAt, now);
    if (pauseMs > 0) return Math.min(longestSleepMs, pauseMs);
    const message = outgoingMessage(notice, { collector: options.collector, problems, redact: options.redact });
    const delivery = await options.sender.send(message);
    if (stop.signal.aborted && delivery.kind === 'failed') return null;
    await remember(notice, delivery);
    return 0;
  }

  function sleepUntil(nextAt: number | null, now: number): number | null {
    if (nextAt !== null) return Math.min(longestSleepMs, Math.max(1, nextAt - now));
    return record.failure === null ? null : longestSleepMs;
  }

  async function remember(notice: Notice, delivery: Delivery): Promise<void> {
    const now = clock.now();
    const since = Math.min(record.failure?.since ?? now, now);
    if (delivery.kind === 'delivered') {
      failures = 0;
      quietUntil = Number.NEGATIVE_INFINITY;
      logger.info('Notification sent', { channel, event: notice.event, problems: notice.items.length });
      const failure = delivery.remark === null ? null : { ...delivery.remark, since, isPartial: true };
      await keep({ memory: afterDelivery(record.memory, notice, now), failure });
      return;
    }
    failures += 1;
    const longest = delivery.isUncertain ? longestUncertainPauseMs : longestPauseMs;
    const own = growingPauseMs(firstPauseMs, longest, failures, options.random());
    quietUntil = clock.elapsed() + Math.max(own, Math.min(delivery.retryAfterMs ?? 0, longestRetryAfterMs));
    logger.warn('Notification not sent', { channel, event: notice.event, reason: delivery.failure.message, failures });
    await keep({ ...record, failure: { ...delivery.failure, since, isPartial: false } });
  }

  /** A fault of ours ends no service, but it is no secret either. */
  async function faulty(error: unknown): Promise<number> {
    logger.error('Notifying failed', { channel, error });
    const { hint } = errorTable.INTERNAL;
    await keep({ ...record, failure: { message: 'Something unforeseen happened.', hint, since: clock.now(), isPartial: true } });
    return longestSleepMs;
  }

  async function run(): Promise<void> {
    record = (await options.before) ?? record;
    while (!stop.signal.aborted) {
      const pauseMs = await look().catch(faulty);
      if (!stop.signal.aborted && pauseMs !== 0) await sleeper.sleep(pauseMs);
    }
  }

  const ended = run();
  return {
    wake: () => sleeper.wake(),
    failure: () => record.failure,
    close() {
      stop.abort();
      sleeper.wake();
      return ended;
    },
  };
}

/**
 * With nothing else to say, a channel that failed is tried with the word that it works again, so that it does not count as broken
 * for ever and its readers know that something may be missing.
 */
function worksAgain(failure: ChannelFailure | null, channel: MessageChannel, now: number): Notice | null {
  if (failure === null || failure.isPartial) return null;
  // A clock that was set back does not keep it waiting.
  if (failure.since <= now && now - failure.since < noteworthyBreakMs) return null;
  const since = new Date(failure.since).toISOString();
  return {
    event: 'recovered',
    id: `works-again-${channel}-${failure.since}`,
    quietUntil: null,
    items: [
      {
        key: '',
        code: 'NOTIFY_FAILED',
        organization: null,
        part: channel,
        severity: 'degraded',
        message: `messages by ${channel} did not arrive since ${since.slice(0, 16).replace('T', ' ')} UTC`,
        hint: failure.hint,
        since,
        hash: null,
        isWorse: false,
        thread: null,
      },
    ],
  };
}
