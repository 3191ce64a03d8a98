import type { PushChange } from '../../core/model/plan.ts';
import type { ContactView } from '../../core/reconcile-input.ts';
import type { NotPushedDocument, PushGroupDocument, PushOutlookDocument } from '../cli/documents-push.ts';
import type { Reconciliation } from './reconcile-organization.ts';

const mostNames = 5;
const mostGroups = 20;

/** What a one-time push comes to, before it starts (P5). `asked` tells whose views are told of. */
export function outlookOf({ plan, snapshot, state, contactViews }: Reconciliation, asked: (id: string) => boolean): PushOutlookDocument {
  const count = (kind: string): number => plan.changes.filter((change) => change.kind === kind).length;
  return {
    psa: snapshot.psa?.displayName ?? '',
    create: count('push'),
    link: count('link'),
    complete: count('complete'),
    groups: groupsOf(notPushedOf({ plan, contactViews }, asked)),
    canary: canaryWords(
      plan.changes.filter((change) => change.kind === 'push'),
      state.run.settings.psa.settleMinutes,
    ),
  };
}

/** Contacts that were asked for and that nothing is done about, with the reason. */
export function notPushedOf(
  { plan, contactViews }: Pick<Reconciliation, 'plan' | 'contactViews'>,
  asked: (id: string) => boolean,
): readonly NotPushedDocument[] {
  const planned = new Set(plan.changes.map((change) => ('contactId' in change ? change.contactId : null)));
  return contactViews
    .filter(({ contactId }) => asked(contactId) && !planned.has(contactId))
    .map((view) => ({ contactId: view.contactId, label: view.label, state: view.psa.state, reason: reasonOf(view) }));
}

function reasonOf({ psa }: ContactView): string {
  const isThere = psa.state === 'pushed' || psa.state === 'linked';
  const there = isThere ? 'it is in the PSA already' : null;
  return [there, psa.message].filter((part) => part !== null).join('; ') || 'nothing goes to the PSA';
}

function groupsOf(items: readonly NotPushedDocument[]): readonly PushGroupDocument[] {
  const groups = new Map<string, { readonly first: NotPushedDocument; readonly labels: string[] }>();
  for (const item of items) {
    // In the PSA is in the PSA, whoever created it.
    const key = `${item.state === 'linked' ? 'pushed' : item.state} ${item.reason}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: item, labels: [item.label] });
    else group.labels.push(item.label);
  }
  const sorted = [...groups.values()].sort((one, other) => other.labels.length - one.labels.length);
  const told = sorted.slice(0, mostGroups).map(({ first, labels }) => ({
    state: first.state,
    reason: first.reason,
    count: labels.length,
    names: labels.slice(0, mostNames),
  }));
  const rest = sorted.slice(mostGroups).reduce((sum, { labels }) => sum + labels.length, 0);
  return rest === 0 ? told : [...told, { state: 'other', reason: 'other reasons', count: rest, names: [] }];
}

/** P10: why only one of many goes at once. */
function canaryWords(pushes: readonly PushChange[], settleMinutes: number): string | null {
  const canary = pushes.find(({ turn }) => turn === 'canary');
  const waiting = pushes.filter(({ turn }) => turn === 'wait').length;
  if (waiting === 0) return null;
  const first = canary === undefined ? 'One contact went first' : `${canary.label} goes first`;
  const others = waiting === 1 ? 'the other one goes' : `the other ${waiting} go`;
  return `${first}, as the canary: for ${settleMinutes} minutes it is watched whether IT Glue pushes it too. After that ${others} with the next sync, which the service makes by itself, or with "rollcall push --all" again`;
}
