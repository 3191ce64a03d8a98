import type { View } from '../answer.ts';
import type { DirectoryReadStatus, DirectoryStatusDocument } from '../documents-status.ts';
import { formatAgo, formatCount, plural } from '../terminal/format.ts';
import { itemLines } from './parts.ts';

/** One line for each Active Directory that was read: how and when, of which server, how exact; LDIF files have no more to tell. */
export function directoryLines(directories: readonly DirectoryStatusDocument[], view: View): readonly string[] {
  return directories.flatMap((directory) => {
    const items = itemsOf(directory, view);
    if (directory.type === 'ldif' || items.length === 0) return [];
    return itemLines(`  ${view.style.strong(directory.directory)}`, items, { ...view, width: view.width - 2 }).map((line, index) =>
      index === 0 ? line : `  ${line}`,
    );
  });
}

function itemsOf({ lastRead, lastComplete, lastFull, logons, tombstones }: DirectoryStatusDocument, view: View): readonly string[] {
  const { style, now } = view;
  const failed = lastRead.outcome === 'failed' || lastRead.outcome === 'incomplete';
  return [
    ...(failed ? [style.bad(`${lastRead.outcome === 'failed' ? 'failed' : 'not proven complete'} ${formatAgo(lastRead.at, now)}`)] : []),
    ...(lastComplete?.kind === 'changes' ? [`changes ${formatAgo(lastComplete.at, now)}${fromWords(lastComplete)}`] : []),
    ...(lastFull === null ? [] : [`in full ${formatAgo(lastFull.at, now)}${lastComplete?.kind === 'changes' ? '' : fromWords(lastFull)}`]),
    ...logonItems(logons, view),
    ...(tombstones === 'hidden' ? ['deleted users hidden (rollcall doctor)'] : []),
  ];
}

function fromWords({ server, site }: DirectoryReadStatus): string {
  if (server === null) return '';
  return ` from ${server}${site === null ? '' : ` (${site})`}`;
}

function logonItems(logons: DirectoryStatusDocument['logons'], { style, now }: View): readonly string[] {
  if (logons === null) return [];
  const of = `${formatCount(logons.answered)} of ${plural(logons.asked, 'controller')} ${formatAgo(logons.at, now)}`;
  return [logons.exact ? `last logons exact, ${of}` : style.warning(`last logons within 14 days, ${of}`)];
}
