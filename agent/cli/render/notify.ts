import type { View } from '../answer.ts';
import type { ChannelTestDocument, NotifyTestDocument } from '../documents-notify.ts';
import { wrapText } from '../terminal/text-width.ts';
import { sections } from './parts.ts';

const words = { webhook: 'Webhook', email: 'E-mail', heartbeat: 'Heartbeat' } as const;
const arrivedWords = {
  webhook: 'took the test message',
  email: 'the mail server took the test message; look into the mailbox, the spam folder too',
  heartbeat: 'took the sign of life; a dead-man switch counts it as one',
} as const;

/** One line a channel, the failed ones with their remedy. */
export function renderNotifyTest(document: NotifyTestDocument, view: View): string {
  return sections(...document.channels.map((channel) => channelLines(channel, view)));
}

function channelLines(channel: ChannelTestDocument, view: View): readonly string[] {
  const { style } = view;
  const name = words[channel.channel];
  if (channel.error === null) return [`${style.good('✔')} ${style.strong(name)}  ${arrivedWords[channel.channel]} (${channel.took} ms)`];
  const [first = '', ...rest] = wrapText(channel.error.message, Math.max(30, view.width - 4 - name.length));
  return [
    `${style.bad('✘')} ${style.strong(name)}  ${first}`,
    ...rest.map((line) => `  ${line}`),
    ...wrapText(channel.error.hint, Math.max(30, view.width - 8)).map(
      (line, index) => `  ${style.quiet(index === 0 ? 'next' : '    ')}  ${line}`,
    ),
    `  ${style.quiet(`code  ${channel.error.code}`)}`,
  ];
}
