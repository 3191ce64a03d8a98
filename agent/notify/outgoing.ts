import type { Notice, NoticeEvent, NoticeItem, NotifiableProblem, Severity } from './notice.ts';

/** The document that the webhook gets as JSON. Members may be added, none is renamed or removed within one `formatVersion`. */
export interface WebhookDocument {
  readonly formatVersion: 1;
  readonly event: NoticeEvent | 'test';
  /** The same for a message that is sent again because its answer was lost. */
  readonly id: string;
  readonly collector: string;
  /** Of the whole collector, now. */
  readonly health: 'healthy' | Severity;
  /** The message for people, several lines; enough for Slack, Mattermost and the like. */
  readonly text: string;
  /** What the message is about; with `recovered` what is over. */
  readonly problems: readonly WebhookProblem[];
}

interface WebhookProblem {
  readonly code: string;
  readonly organization: string | null;
  /** Directory, server or the like. */
  readonly part: string | null;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
  readonly since: string;
  /** Of a held plan. */
  readonly hash: string | null;
}

/** A message in the words of every channel. */
export interface OutgoingMessage {
  readonly subject: string;
  readonly document: WebhookDocument;
  /** Ids of the messages that this one follows. */
  readonly threads: readonly string[];
}

export interface MessageContext {
  readonly collector: string;
  /** What is wrong now. */
  readonly problems: readonly NotifiableProblem[];
  /** Takes secrets out. */
  readonly redact: (text: string) => string;
}

const itemsShown = 10;
const longestText = 600;
const longestSubject = 110;

/** Puts a notice into words. Names no person: whatever looks like a mail address is left out. */
export function outgoingMessage(notice: Notice, context: MessageContext): OutgoingMessage {
  const items = notice.items.map((item) => cleanItem(item, context.redact));
  const health = healthOf(context.problems);
  const title = `[rollcall ${printable(context.collector)}] ${headline(notice.event, items, health)}`;
  return {
    subject: cut(title, longestSubject),
    document: {
      formatVersion: 1,
      event: notice.event,
      id: notice.id,
      collector: context.collector,
      health,
      text: [title, ...bodyOf(notice, items, health)].join('\n'),
      problems: items.map(({ code, organization, part, severity, message, hint, since, hash }) => {
        return { code, organization, part: part === '' ? null : part, severity, message, hint, since, hash };
      }),
    },
    threads: [...new Set(items.flatMap(({ thread }) => (thread === null ? [] : [thread])))].slice(0, 10),
  };
}

/** The message of `rollcall notify test`. */
export function testMessage(id: string, collector: string): OutgoingMessage {
  const title = `[rollcall ${printable(collector)}] test`;
  const text = `${title}\nThis is a test by "rollcall notify test". Messages about problems of this collector will come here.`;
  return {
    subject: cut(title, longestSubject),
    document: { formatVersion: 1, event: 'test', id, collector, health: 'healthy', text, problems: [] },
    threads: [],
  };
}

/** One line of printable text that names no person. */
export function cleanText(text: string, redact: (text: string) => string): string {
  return cut(printable(redact(text)).replaceAll(/[^\s<>"'(),;:=]+@[^\s<>"'(),;:]+/gu, '<address>'), longestText);
}

function cleanItem(item: NoticeItem, redact: (text: string) => string): NoticeItem {
  const clean = (text: string): string => cleanText(text, redact);
  return { ...item, message: clean(item.message), hint: clean(item.hint), part: clean(item.part) };
}

function healthOf(problems: readonly NotifiableProblem[]): 'healthy' | Severity {
  if (problems.length === 0) return 'healthy';
  return problems.some((problem) => problem.severity === 'failed') ? 'failed' : 'degraded';
}

function headline(event: NoticeEvent, items: readonly NoticeItem[], health: string): string {
  const more = items.length > 1 ? ` (and ${items.length - 1} more)` : '';
  const what = `${items[0]?.message ?? ''}${more}`;
  const heads = {
    problem: `${health}: ${what}`,
    reminder: `still ${health}: ${what}`,
    held: `a plan waits for you: ${what}`,
    recovered: health === 'healthy' ? `healthy again: over: ${what}` : `${health}; over: ${what}`,
  } as const;
  return heads[event];
}

function bodyOf(notice: Notice, items: readonly NoticeItem[], health: string): readonly string[] {
  const shown = items.slice(0, itemsShown);
  const rest = items.length - shown.length;
  return [
    ...shown.flatMap((item) => itemLines(notice.event, item)),
    ...(rest > 0 ? [`… and ${rest} more: "rollcall status" on that machine lists all.`] : []),
    ...(notice.event === 'recovered' && health !== 'healthy'
      ? ['Other problems remain: "rollcall status" on that machine lists them.']
      : []),
    ...(notice.quietUntil === null ? [] : [`Many messages in one hour: what follows comes in one after ${timeText(notice.quietUntil)}.`]),
  ];
}

function itemLines(event: NoticeEvent, item: NoticeItem): readonly string[] {
  const where = [
    ...(item.organization === null ? [] : [`organization ${item.organization}`]),
    ...(item.part === '' ? [] : [item.part]),
    item.code,
    `since ${timeText(Date.parse(item.since))}`,
  ].join(', ');
  if (event === 'recovered') return [`- Over: ${item.message} (${where})`];
  return [`- ${item.isWorse ? 'Worse: ' : ''}${item.message} (${where})`, ...nextLines(item).map((line) => `  ${line}`)];
}

function nextLines(item: NoticeItem): readonly string[] {
  if (item.hash === null) return [`Next: ${item.hint}`];
  const organization = item.organization === null ? '' : ` --organization ${item.organization}`;
  return [
    ...(item.hint.includes(item.hash) ? [] : [`Next: ${item.hint}`]),
    `Look: rollcall plan --no-scan${organization}`,
    `Let it through: rollcall approve ${item.hash}`,
    `Drop it: rollcall reject ${item.hash}`,
  ];
}

function timeText(at: number): string {
  return Number.isNaN(at) ? 'an unknown time' : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim();
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
}
