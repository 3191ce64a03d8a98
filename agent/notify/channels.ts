import type { HttpClient } from '../http/http-client.ts';
import type { Trust } from '../http/trust.ts';
import type { Redacted } from '../secrets/redacted.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import type { MessageSender } from './delivery.ts';
import { createEmail } from './email.ts';
import type { MessageChannel } from './notice.ts';
import type { NotifySettings, ResolveSecret } from './notify-settings.ts';
import type { WebReceiverOptions } from './web-receiver.ts';
import { createWebhook } from './webhook.ts';

/** The channels that the settings name. */
export interface Channels {
  readonly senders: readonly { readonly channel: MessageChannel; readonly sender: MessageSender }[];
  readonly heartbeat: WebReceiverOptions | null;
}

export interface ChannelsOptions {
  readonly settings: NotifySettings;
  readonly collector: string;
  readonly http: HttpClient;
  readonly resolveSecret: ResolveSecret;
  readonly redactor: Redactor;
  readonly trust: Trust;
  readonly signal: AbortSignal;
}

/** Builds the channels; nothing is opened or read before the first message. */
export function channelsOf(options: ChannelsOptions): Channels {
  const { settings, collector, http, resolveSecret, redactor, signal, trust } = options;
  const redact = (text: string): string => redactor.text(text);
  const conceal = (secret: Redacted): void => redactor.register(secret);
  const receiver = (setting: string, address: string): WebReceiverOptions => ({ setting, address, http, resolveSecret, conceal, redact });
  return {
    senders: [
      ...(settings.webhook === ''
        ? []
        : [{ channel: 'webhook' as const, sender: createWebhook(receiver('notify.webhook', settings.webhook)) }]),
      ...(settings.email === ''
        ? []
        : [{ channel: 'email' as const, sender: createEmail({ settings, collector, resolveSecret, redact, trust, signal }) }]),
    ],
    heartbeat: settings.heartbeatUrl === '' ? null : receiver('notify.heartbeatUrl', settings.heartbeatUrl),
  };
}
