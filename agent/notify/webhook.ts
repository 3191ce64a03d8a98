import type { MessageSender } from './delivery.ts';
import { sendToWeb, type WebReceiverOptions } from './web-receiver.ts';

/** Posts the documented JSON; any 2xx is a receipt. Follows no redirect. */
export function createWebhook(options: WebReceiverOptions): MessageSender {
  return {
    send: ({ document }) =>
      sendToWeb(options, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', accept: '*/*', 'user-agent': 'rollcall' },
        body: JSON.stringify(document),
      }),
  };
}
