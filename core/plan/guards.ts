import type { Change, Guard } from '../model/plan.ts';
import { type GuardKind, guardKinds, type LimitSettings } from '../model/settings.ts';

const namesShown = 10;

/** What is counted against the limits of one plan (A3). */
export interface GuardInput {
  /** The changes that count: without those that were let through before. */
  readonly changes: readonly Change[];
  readonly limits: LimitSettings;
  /** Directory users in scope; the share of a limit is a share of them. */
  readonly usersInScope: number;
  /** Names of users who became Disabled, Expired or Gone since the last plan that was applied. */
  readonly deactivated: readonly string[];
}

/** Counts the six kinds against their limits: max(floor, share of the users in scope); strictly beyond is exceeded (A3). */
export function countGuards(input: GuardInput): readonly Guard[] {
  return guardKinds.map((kind) => {
    const { count, names } = countKind(kind, input);
    const { floor, share } = input.limits.guards[kind];
    const limit = Math.max(floor, shareOf(share, input.usersInScope));
    return { kind, count, limit, exceeded: count > limit, names: names.slice(0, namesShown) };
  });
}

/** 29 % of 100 is 29, not the 28.999999999999996 of binary fractions: at the limit is not beyond it. */
function shareOf(share: number, users: number): number {
  return Math.round(share * users * 1e6) / 1e6;
}

function countKind(kind: GuardKind, { changes, deactivated }: GuardInput): { readonly count: number; readonly names: readonly string[] } {
  switch (kind) {
    case 'create':
      return countOf(changes.filter((change) => change.kind === 'create'));
    case 'update':
      return countUpdated(changes);
    case 'blank':
      return countBlanked(changes);
    case 'rematch':
      return countOf(changes.filter((change) => change.kind === 'match' && change.previousContactId !== null));
    case 'deactivate':
      return { count: deactivated.length, names: deactivated };
    case 'push':
      return countOf(changes.filter((change) => change.kind === 'push' && change.pushWant.rule !== 'P5'));
  }
}

function countOf(changes: readonly Change[]): { readonly count: number; readonly names: readonly string[] } {
  return { count: changes.length, names: changes.map((change) => change.label) };
}

/** Values that become empty: one that goes on both sides by the same plan counts once. */
function countBlanked(changes: readonly Change[]): { readonly count: number; readonly names: readonly string[] } {
  const blanked = new Map<string, { readonly label: string; readonly fields: Set<string>; most: number }>();
  for (const change of changes) {
    if ((change.kind !== 'update' && change.kind !== 'psa-update') || (change.blanks ?? 0) === 0) continue;
    const of = blanked.get(change.contactId) ?? { label: change.label, fields: new Set(), most: 0 };
    for (const [field, { to }] of Object.entries(change.fields)) if (to === null) of.fields.add(field);
    of.most = Math.max(of.most, change.blanks ?? 0);
    blanked.set(change.contactId, of);
  }
  const all = [...blanked.values()];
  return {
    count: all.reduce((sum, { fields, most }) => sum + Math.max(fields.size, most), 0),
    names: all.map(({ label }) => label),
  };
}

/** Contacts changed in IT Glue or in the PSA, each once. */
function countUpdated(changes: readonly Change[]): { readonly count: number; readonly names: readonly string[] } {
  const updated = new Map<string, string>();
  for (const change of changes) {
    const changesContact =
      change.kind === 'update' || change.kind === 'psa-update' || (change.kind === 'link' && Object.keys(change.patch).length > 0);
    if (changesContact) updated.set(change.contactId ?? change.id, change.label);
  }
  return { count: updated.size, names: [...updated.values()] };
}
