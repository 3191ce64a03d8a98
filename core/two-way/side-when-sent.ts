import type { PsaContactInput } from '../model/psa-contact.ts';
import type { SyncedItem, SyncedSide } from '../model/state.ts';
import { psaSide } from './sides.ts';

/**
 * IT Glue's half of the base (P9) for a create that was found carried out later: what it had when the create was sent, so that an edit
 * between then and now still is one. `now` is the contact as it is; its location is taken to have stayed, for the PSA has other ids.
 */
export function sideWhenSent(now: SyncedSide, input: PsaContactInput): SyncedSide {
  const sent = psaSide(input);
  return {
    ...now,
    firstName: sent.firstName,
    lastName: sent.lastName,
    title: sent.title,
    emails: itemsWhenSent(now.emails, sent.emails, (id) => typeName(input.emails, id)),
    phones: itemsWhenSent(now.phones, sent.phones, (id) => typeName(input.phones, id)),
  };
}

/** Items that are still there keep their labels; what was not sent is new, or goes nowhere anyway. */
function itemsWhenSent(
  now: readonly SyncedItem[],
  sent: readonly SyncedItem[],
  labelOf: (typeId: string | null) => string | null,
): readonly SyncedItem[] {
  const known = new Map(now.map((item) => [item.key, item]));
  const isSame = now.length === sent.length && sent.every(({ key }) => known.has(key));
  if (isSame) return now;
  return sent.map((item) => known.get(item.key) ?? { ...item, type: labelOf(item.type) });
}

function typeName(
  items: readonly { readonly typeId: string | null; readonly typeName: string | null }[],
  id: string | null,
): string | null {
  return items.find(({ typeId }) => typeId === id)?.typeName ?? null;
}
