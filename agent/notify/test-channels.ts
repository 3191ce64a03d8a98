import { randomUUID } from 'node:crypto';
import { type ChannelsOptions, channelsOf } from './channels.ts';
import type { Delivery, DeliveryFailure } from './delivery.ts';
import { sendHeartbeat } from './heartbeat-loop.ts';
import type { Channel } from './notice.ts';
import { testMessage } from './outgoing.ts';

/** What became of one channel's test. */
export interface ChannelResult {
  readonly channel: Channel;
  readonly arrived: boolean;
  /** Why it did not arrive, or not everywhere. */
  readonly failure: DeliveryFailure | null;
  readonly ms: number;
}

/** Sends a test message through each configured channel, all at once, each tried once. A heartbeat counts as a sign of life. */
export function testChannels(options: ChannelsOptions): Promise<readonly ChannelResult[]> {
  const channels = channelsOf(options);
  const message = testMessage(`test-${randomUUID()}`, options.collector);
  return Promise.all([
    ...channels.senders.map(({ channel, sender }) => result(channel, () => sender.send(message))),
    ...(channels.heartbeat === null ? [] : [result('heartbeat', sendingHeartbeat(channels.heartbeat))]),
  ]);
}

function sendingHeartbeat(receiver: Parameters<typeof sendHeartbeat>[0]): () => Promise<Delivery> {
  return () => sendHeartbeat(receiver);
}

async function result(channel: Channel, send: () => Promise<Delivery>): Promise<ChannelResult> {
  const startedAt = performance.now();
  const delivery = await send();
  const ms = Math.round(performance.now() - startedAt);
  if (delivery.kind === 'failed') return { channel, arrived: false, failure: delivery.failure, ms };
  return { channel, arrived: delivery.remark === null, failure: delivery.remark, ms };
}
