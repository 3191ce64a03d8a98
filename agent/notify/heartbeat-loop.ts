import type { HttpClock } from '../http/http-clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Delivery } from './delivery.ts';
import { emptyMemory } from './memory.ts';
import type { ChannelFailure, ChannelRecord } from './memory-file.ts';
import { createSleeper } from './sleeper.ts';
import { sendToWeb, type WebReceiverOptions } from './web-receiver.ts';

const secondTryMs = 30_000;

export interface HeartbeatLoopOptions {
  readonly receiver: WebReceiverOptions;
  readonly clock: HttpClock;
  readonly logger: Logger;
  readonly before: Promise<ChannelRecord | undefined>;
  readonly keep: (record: ChannelRecord) => Promise<void>;
}

export interface HeartbeatLoop {
  /** A run succeeded: give a sign of life. Several in a row are one. */
  beat(): void;
  readonly failure: () => ChannelFailure | null;
  close(): Promise<void>;
}

/** One GET: the sign of life that a dead-man switch waits for. */
export function sendHeartbeat(receiver: WebReceiverOptions): Promise<Delivery> {
  return sendToWeb(receiver, { method: 'GET', headers: { accept: '*/*', 'user-agent': 'rollcall' } });
}

/** Sends a sign of life after each success, tried a second time at most: a late one would hide that the next run is missing. */
export function startHeartbeatLoop(options: HeartbeatLoopOptions): HeartbeatLoop {
  const { clock, logger } = options;
  const sleeper = createSleeper(clock);
  const pause = createSleeper(clock);
  let failure: ChannelFailure | null = null;
  let isWanted = false;
  const stop = new AbortController();

  async function beat(): Promise<void> {
    isWanted = false;
    let delivery = await sendHeartbeat(options.receiver);
    if (delivery.kind === 'failed' && !stop.signal.aborted) {
      await pause.sleep(secondTryMs);
      if (!stop.signal.aborted) delivery = await sendHeartbeat(options.receiver);
    }
    if (stop.signal.aborted && delivery.kind === 'failed') return;
    if (delivery.kind === 'failed') {
      logger.warn('Heartbeat not sent', { reason: delivery.failure.message });
      failure = { ...delivery.failure, since: Math.min(failure?.since ?? clock.now(), clock.now()), isPartial: false };
    } else {
      failure = null;
    }
    await options.keep({ memory: emptyMemory, failure });
  }

  async function run(): Promise<void> {
    failure = (await options.before)?.failure ?? null;
    while (!stop.signal.aborted) {
      if (isWanted) await beat();
      else await sleeper.sleep(null);
    }
  }

  const ended = run();
  return {
    beat() {
      isWanted = true;
      sleeper.wake();
    },
    failure: () => failure,
    close() {
      stop.abort();
      pause.wake();
      sleeper.wake();
      return ended;
    },
  };
}
