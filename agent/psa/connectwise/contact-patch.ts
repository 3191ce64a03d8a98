import type { Phone } from '../../../core/model/phone.ts';
import type { PsaContactPatch } from '../../../core/ports/psa.ts';
import { customField, type KeyPlace, keyOf } from './external-key.ts';
import { type PatchOperation, planItems } from './item-patch.ts';
import type { ContactRow } from './schema.ts';

/** What brings a contact to what a patch asks for; nothing to do is an empty list. */
export interface ContactPlan {
  readonly operations: readonly PatchOperation[];
  /** Ids of the items that must still be there afterwards. */
  readonly keptItems: readonly string[];
  /** In words, for messages: `title`, `e-mails or phones`. */
  readonly parts: readonly string[];
  /** Something new has no type of the PSA: it cannot be sent. */
  readonly untyped: boolean;
}

export interface PatchPlanOptions {
  readonly parsePhone: (raw: string) => Phone;
  readonly keyPlace: KeyPlace;
}

/**
 * Works out the JSON Patch from the contact as it was read just before: only what differs, so that planning anew on the answer tells
 * whether everything was taken. A contact that has custom fields is refused without them in the patch, so they go along as they are.
 */
export function planPatch(row: ContactRow, patch: PsaContactPatch, { parsePhone, keyPlace }: PatchPlanOptions): ContactPlan {
  const names = [
    ...textOperation('firstName', row.firstName, patch.firstName),
    ...textOperation('lastName', row.lastName, patch.lastName),
    ...textOperation('title', row.title, patch.title),
  ];
  const site = siteOperation(row.site?.id ?? null, patch.locationId);
  const active = activeOperation(row.inactiveFlag !== true, patch.active);
  const key = keyOf(row, keyPlace) === null ? (patch.externalKey ?? null) : null;
  const keyField = key !== null && keyPlace.kind === 'user-defined' ? textOperation(keyPlace.field, null, key) : [];
  const keyCustom = key !== null && keyPlace.kind === 'custom' && customField(row, keyPlace.caption) !== undefined;
  const items = planItems(row.communicationItems ?? [], patch, parsePhone);
  const ordered = [...names, ...site, ...active, ...keyField, ...items.operations];
  const isEmpty = ordered.length === 0 && !keyCustom;
  return {
    operations: isEmpty ? [] : [...ordered, ...customFieldsOperation(row, keyCustom ? { place: keyPlace, key } : null)],
    keptItems: (row.communicationItems ?? []).flatMap((item, index) =>
      items.removed.has(index) || item.id === null || item.id === undefined ? [] : [item.id],
    ),
    parts: [
      ...names.map(({ path }) => path.slice(1)),
      ...(site.length > 0 ? ['site'] : []),
      ...(active.length > 0 ? ['inactiveFlag'] : []),
      ...(keyField.length > 0 || keyCustom ? ['external key'] : []),
      ...(items.operations.length > 0 ? ['e-mails or phones'] : []),
    ],
    untyped: items.untyped,
  };
}

/** `remove` clears; `add` sets a member that is absent because it was blank. */
function textOperation(member: string, now: string | null, wanted: string | null | undefined): PatchOperation[] {
  const value = wanted === undefined || wanted === null ? null : wanted.trim();
  if (wanted === undefined || (now?.trim() ?? '') === (value ?? '')) return [];
  if (value === null || value === '') return [{ op: 'remove', path: `/${member}` }];
  return [{ op: now === null ? 'add' : 'replace', path: `/${member}`, value }];
}

function siteOperation(now: string | null, wanted: string | null | undefined): PatchOperation[] {
  if (wanted === undefined || wanted === now) return [];
  if (wanted === null) return [{ op: 'remove', path: '/site' }];
  return [{ op: now === null ? 'add' : 'replace', path: '/site', value: { id: Number(wanted) } }];
}

function activeOperation(now: boolean, wanted: boolean | undefined): PatchOperation[] {
  return wanted === undefined || wanted === now ? [] : [{ op: 'replace', path: '/inactiveFlag', value: !wanted }];
}

function customFieldsOperation(row: ContactRow, own: { readonly place: KeyPlace; readonly key: string | null } | null): PatchOperation[] {
  const fields = row.customFields ?? [];
  if (fields.length === 0) return [];
  const ownField = own?.place.kind === 'custom' ? customField(row, own.place.caption) : undefined;
  const value = fields.map((field) => (field === ownField ? { ...field, value: own?.key } : field));
  return [{ op: 'replace', path: '/customFields', value }];
}
