import type { View } from '../answer.ts';
import type { HubCollectorDocument, HubCollectorsDocument, HubRevokeDocument } from '../documents-hub.ts';
import { formatAgo, formatDate, formatDuration, plural } from '../terminal/format.ts';
import type { Cell } from '../terminal/table.ts';
import { cutTable, sections } from './parts.ts';

const mostRows = 200;
const dayMs = 86_400_000;
/** Clocks that are apart by less are told as right. */
const tellClockFromMs = 5_000;

export function renderHubCollectors(document: HubCollectorsDocument, view: View): string {
  const { collectors, invitations, uncovered } = document;
  if (collectors.length === 0 && invitations.length === 0) {
    return `No collector has joined. Invite one: rollcall hub invite --organization ID --subnet CIDR${view.sameOptions}`;
  }
  const columns = [
    { title: 'Organization' },
    { title: 'Collector', givesWay: 1 },
    { title: 'State' },
    { title: 'Subnets', givesWay: 2 },
    { title: 'Version', givesWay: 1 },
    { title: 'Last contact' },
    { title: 'Behind', align: 'right' as const },
    { title: 'Clock', align: 'right' as const },
    { title: 'Key', align: 'right' as const },
    { title: 'Wrong there', givesWay: 3 },
  ];
  return sections(
    cutTable({ columns, rows: collectors.map((each) => rowOf(each, view)) }, mostRows, view),
    invitations.map(
      ({ organization, subnets, name, expiresAt }) =>
        `${view.style.accent('invited')}  ${name ?? 'a collector'} of ${organization} for ${subnets.join(', ')}, until ${formatDate(expiresAt)}`,
    ),
    uncovered.map(
      ({ organization, subnet, why }) => `${view.style.warning('uncovered')}  ${subnet} of ${organization}: ${uncoveredWords[why]}`,
    ),
  );
}

const uncoveredWords = {
  invited: 'the invitation was not used yet',
  silent: 'its collector is silent',
  revoked: 'its collector was revoked',
} as const;

function rowOf(collector: HubCollectorDocument, view: View): readonly Cell[] {
  const { state, lagMs, keyMadeAt, directories, problems } = collector;
  const paint = { joined: view.style.good, silent: view.style.warning, revoked: view.style.bad }[state];
  const failed = directories.flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error}`]));
  return [
    collector.organization,
    collector.name,
    { text: state, paint },
    collector.subnets.join(', '),
    collector.version,
    formatAgo(collector.lastContactAt, view.now),
    lagMs === null ? '-' : formatLag(lagMs),
    clockWords(collector.clockAheadMs),
    keyMadeAt === null ? '-' : `${Math.max(0, Math.floor((view.now - Date.parse(keyMadeAt)) / dayMs))} d`,
    [...failed, ...problems].join(', '),
  ];
}

function formatLag(ms: number): string {
  return ms === 0 ? 'nothing' : formatDuration(ms);
}

function clockWords(aheadMs: number | null): string {
  if (aheadMs === null) return '-';
  return Math.abs(aheadMs) < tellClockFromMs ? 'right' : `${aheadMs < 0 ? '-' : '+'}${formatDuration(Math.abs(aheadMs))}`;
}

export function renderHubRevoke({ revoked, name, organization, droppedUploads }: HubRevokeDocument, view: View): string {
  if (!revoked) return 'Nothing was revoked.';
  const dropped = droppedUploads === 0 ? '' : ` ${plural(droppedUploads, 'upload')} that had not landed went with it.`;
  return `${view.style.good('Revoked')}  ${name} of organization ${organization}: its next request is refused.${dropped}`;
}
