import type { View } from '../answer.ts';
import type { CollectorChangeDocument } from '../documents-collector-change.ts';
import { formatCount, formatDate, plural } from '../terminal/format.ts';
import { sections } from './parts.ts';

/** What became, or would become, of what a collector saw (D5). */
export function renderCollectorChange(document: CollectorChangeDocument, view: View): string {
  const { action, collector, replacement, organization, applied } = document;
  const of = `${collector} of organization ${organization}`;
  if (action === 'restore') {
    return sections(
      [`${view.style.good('Restored')}  ${of}: what it saw is back, with its matches.`],
      [`Its key stays revoked. To let it send again: rollcall hub invite --organization ${organization} --name ${collector} --subnet CIDR`],
    );
  }
  if (action === 'replace') {
    const done = `${replacement ?? ''} takes the place of ${of}; what that saw stays, with its matches.`;
    return applied ? `${view.style.good('Replaced')}  ${done}` : `${replacement ?? ''} would take the place of ${of}.`;
  }
  return sections(
    [applied ? `${view.style.good('Deleted')}  ${of}` : `${of} would be deleted.`],
    impactLines(document),
    restoreLines(document),
  );
}

function impactLines({ impact, applied }: CollectorChangeDocument): readonly string[] {
  if (impact === null) return ['Nothing that is here was read by it.'];
  const { directories, users, onlyHere, matchesLost, names } = impact;
  const goes = applied ? 'went' : 'go';
  const stay = users - onlyHere;
  const rest = onlyHere - names.length;
  return [
    `It read ${directories.join(', ')}: ${plural(users, 'user')}${stay === 0 ? '' : `, of whom ${formatCount(stay)} stay, for others see them too`}.`,
    ...(onlyHere === 0 ? [] : [`${plural(onlyHere, 'user')} ${goes} with it, and ${plural(matchesLost, 'match', 'matches')}:`]),
    ...(onlyHere === 0 ? [] : [`  ${names.join(', ')}${rest > 0 ? ` and ${formatCount(rest)} more` : ''}`]),
    'Contacts in IT Glue and the PSA stay as they are.',
  ];
}

function restoreLines({ restorableUntil, collector, impact, applied }: CollectorChangeDocument): readonly string[] {
  if (restorableUntil === null || impact === null) return [];
  const until = `until ${formatDate(restorableUntil)}`;
  return [applied ? `To bring it back, ${until}: rollcall hub restore ${collector}` : `It can be brought back ${until}.`];
}
