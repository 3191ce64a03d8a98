import type { View } from '../answer.ts';
import type { HubCollectorDocument, ListeningHubDocument } from '../documents-hub.ts';
import { formatAgo, formatDuration, plural } from '../terminal/format.ts';
import type { Cell } from '../terminal/table.ts';
import { cutTable, itemLines } from './parts.ts';

const mostRows = 12;
const states = ['silent', 'revoked', 'joined'] as const;

/** The hub in one line, and its collectors: those first that something is wrong with. `rollcall hub collectors` tells more. */
export function collectorsLines({ listen, collectors, uncovered }: ListeningHubDocument, view: View): readonly string[] {
  const { style } = view;
  const counts = states.toReversed().flatMap((state) => {
    const count = collectors.filter((each) => each.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const open = uncovered.length === 0 ? [] : [style.warning(`${plural(uncovered.length, 'subnet')} without a collector`)];
  const head = [`listens on ${listen}`, ...(collectors.length === 0 ? ['no collector has joined'] : counts), ...open];
  const rows = collectors.toSorted((left, right) => urgency(left) - urgency(right)).map((each) => rowOf(each, view));
  const columns = [
    { title: 'organization' },
    { title: 'collector', givesWay: 1 },
    { title: 'state', givesWay: 0 },
    { title: 'last contact', givesWay: 0 },
    { title: 'behind', align: 'right' as const },
    { title: 'version', givesWay: 0 },
    { title: 'reads', givesWay: 2 },
  ];
  const table = cutTable({ columns, rows }, mostRows, view);
  return [...itemLines(style.strong('Hub'), head, view), ...(table === '' ? [] : table.split('\n').map((line) => `  ${line}`))];
}

function urgency({ state, directories, versionSkew }: HubCollectorDocument): number {
  if (state === 'silent') return 0;
  if (state === 'revoked') return 3;
  if (directories.some(({ error }) => error !== null)) return 1;
  return versionSkew === null ? 4 : 2;
}

function rowOf(collector: HubCollectorDocument, { style, now }: View): readonly Cell[] {
  const { organization, name, state, lastContactAt, lagMs, version, versionSkew, directories } = collector;
  const failed = directories.flatMap((each) => (each.error === null ? [] : [`${each.name}: ${each.error}`]));
  return [
    organization,
    name,
    { text: state, paint: { joined: style.good, silent: style.warning, revoked: style.bad }[state] },
    formatAgo(lastContactAt, now),
    behind(lagMs),
    versionSkew === null ? version : { text: `${version} (${versionSkew})`, paint: style.warning },
    failed.length === 0 ? '' : { text: failed.join(', '), paint: style.warning },
  ];
}

function behind(lagMs: number | null): string {
  if (lagMs === null) return '-';
  return lagMs === 0 ? 'nothing' : formatDuration(lagMs);
}
