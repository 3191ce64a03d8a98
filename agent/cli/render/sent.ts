import type { View } from '../answer.ts';
import type { HubStatusDocument, SentDocument } from '../documents-collector.ts';
import { renderError } from '../failure.ts';
import { formatAgo, formatDuration, plural } from '../terminal/format.ts';
import { itemLines } from './parts.ts';

/** What the hub has of each directory; the same reason is told once. */
export function sentLines(sent: readonly SentDocument[], view: View): readonly string[] {
  const told = new Set<string>();
  return sent.flatMap((each) => {
    const { error } = each;
    const isNew = error !== null && !told.has(error.message);
    if (error !== null) told.add(error.message);
    return [
      `${stateWord(each, view)}  ${view.style.strong(each.directory)}  ${sentInWords(each, view)}`,
      ...(isNew ? [renderError(error, view)] : []),
    ];
  });
}

function stateWord({ state }: SentDocument, { style }: View): string {
  if (state === 'landed' || state === 'nothing') return style.good('at the hub');
  return state === 'failed' ? style.bad('not sent') : style.warning('waits');
}

function sentInWords({ state, whole, records, since }: SentDocument, view: View): string {
  const what = whole ? 'everything' : 'what changed';
  if (state === 'nothing') return 'nothing new';
  if (state === 'landed') return `${what}: ${plural(records, 'record')}`;
  if (state === 'waiting') return `${what} was sent; the hub has not taken it in yet`;
  const age = since === null ? '' : `, read ${formatAgo(since, view.now)}`;
  return state === 'unsent' ? `kept here${age}; it is sent by itself when the hub is back` : `kept here${age}`;
}

/** The link to the hub, in one line or two. */
export function hubLines(
  { url, joined, lastContactAt, clockDifferenceMs, waiting, trust }: HubStatusDocument,
  view: View,
): readonly string[] {
  const { style, now } = view;
  const apart = Math.abs(clockDifferenceMs ?? 0);
  const facts = [
    url,
    joined === null ? style.bad('not joined') : `joined as ${joined.name}`,
    `certificate by ${trust}`,
    ...(lastContactAt === null ? [] : [`heard ${formatAgo(lastContactAt, now)}`]),
    ...(apart < 30_000
      ? []
      : [style.warning(`clock ${formatDuration(apart)} ${(clockDifferenceMs ?? 0) > 0 ? 'ahead of it' : 'behind it'}`)]),
    ...waiting.map(({ directory, since }) => style.warning(`${directory} waits since ${formatAgo(since, now)}`)),
  ];
  return itemLines(style.strong('Hub'), facts, view);
}
