import { tooLongFor } from '../eligibility/eligibility.ts';
import type { PsaContext } from '../eligibility/psa-context.ts';
import type { ContactEmail, ContactPhone } from '../model/contact.ts';
import type { PsaEmail, PsaPhone } from '../model/psa-contact.ts';
import type { SyncedItem, SyncedSide, SyncedValues } from '../model/state.ts';
import { type ItemEdits, mergeItems } from '../two-way/merge-items.ts';
import { mergeValues } from '../two-way/merge-values.ts';
import { contactSide, psaSide, type SyncedField, withDefaults } from '../two-way/sides.ts';
import { conflictNames, type TwoWay, TwoWayDraft, type TwoWayQuestion } from './two-way-draft.ts';
import { editOurs, editTheirs, emailKind, type ListKind, phoneKind } from './two-way-lists.ts';

/**
 * Two-way sync of one linked contact (P9): each mapped field goes where it was not changed; the PSA wins what both changed. A field that
 * is in step, or can be brought no closer, becomes the base again; one that is to be written stays as it was until it is.
 */
export function twoWaySync(question: TwoWayQuestion): TwoWay {
  const { twin, base } = question;
  const seen: SyncedValues = { psaContactId: twin.id, itGlue: contactSide(question.contact), psa: psaSide(twin) };
  // At the first meeting there is no telling who changed what (P8): it is the base, and nothing is written.
  if (base?.psaContactId !== twin.id) return { toPsa: null, toItGlue: null, conflicts: firstDifferences(question, seen), observed: seen };
  const draft = new TwoWayDraft({ ...question, base: withDefaults(base, seen.psa) }, seen, { ...seen, itGlue: contactSide(question.ours) });
  for (const field of ['firstName', 'lastName', 'title'] as const) mergeText(draft, field);
  mergeLocation(draft);
  mergeEmails(draft);
  mergePhones(draft);
  const result = draft.finish();
  return base.unseen === true && result.observed === null ? { ...result, observed: draft.base } : result;
}

function mergeText(draft: TwoWayDraft, field: 'firstName' | 'lastName' | 'title'): void {
  const { now, base, question } = draft;
  const [ours, theirs] = [now.itGlue[field], now.psa[field]];
  const sides = { itGlue: { now: ours, base: base.itGlue[field] }, psa: { now: theirs, base: base.psa[field] }, same: ours === theirs };
  const turn = draft.turnOf(field, mergeValues(sides));
  if (turn === 'same') return;
  if (turn === 'wait') return wait(draft, field, ours, theirs);
  if (turn === 'differs') return isConflict(ours, theirs) ? draft.conflict(field, ours, theirs) : undefined;
  if (turn === 'to-psa') {
    const { requirements, displayName } = question.psa.snapshot;
    const needed = field === 'firstName' || (field === 'lastName' && requirements.lastName);
    if (ours === null && needed) return draft.block(field, ours, theirs);
    const [tooLong] = tooLongFor(requirements.longest, { [field]: ours });
    if (tooLong !== undefined) return draft.block(field, `${ours ?? ''} (${displayName} takes no ${tooLong})`, theirs);
    Object.assign(draft.toPsa.patch, { [field]: ours });
    draft.toPsa.fields[field] = { from: theirs, to: ours };
    draft.toPsa.blanks += ours === null ? 1 : 0;
    return draft.pending(field, 'psa');
  }
  // A contact without a first name is none (P1): it is not emptied.
  if (theirs === null && field === 'firstName') return draft.block(field, ours, theirs);
  if (turn === 'both-changed') {
    draft.conflict(field, ours, theirs);
    draft.won(field);
  }
  draft.toItGlue.patch[field] = theirs;
  draft.toItGlue.fields[field] = { from: ours, to: theirs };
  draft.toItGlue.blanks += theirs === null ? 1 : 0;
  draft.pending(field, 'it-glue');
}

/** Whoever changed it is not forgotten: the difference is told until it can be written, or the other side follows by itself. */
function wait(draft: TwoWayDraft, field: SyncedField, ours: string | null, theirs: string | null): void {
  const { pulled, taken } = draft.question;
  draft.wait(field);
  if (!pulled && !taken.has(field)) draft.conflict(conflictNames[field], ours, theirs);
}

/** Two values that nobody decided between; a blank beside a value is none. */
function isConflict(ours: string | null, theirs: string | null): boolean {
  return ours !== null && theirs !== null && ours !== theirs;
}

function firstDifferences({ contact, psa, locations }: TwoWayQuestion, { itGlue, psa: there }: SyncedValues): TwoWay['conflicts'] {
  const texts = (['firstName', 'lastName', 'title'] as const).flatMap((field) =>
    isConflict(itGlue[field], there[field]) ? [{ field, ours: itGlue[field], theirs: there[field] }] : [],
  );
  const mine = locations.find(({ id }) => id === contact.locationId) ?? null;
  const mapped = mine === null ? null : (psa.location(mine)?.id ?? null);
  if (!isConflict(mapped, there.location)) return texts;
  const theirs = psa.snapshot.locations.find(({ id }) => id === there.location)?.name ?? there.location;
  return [...texts, { field: 'location', ours: mine?.name ?? null, theirs }];
}

function mergeLocation(draft: TwoWayDraft): void {
  const { now, base, question } = draft;
  const { psa, locations } = question;
  const mine = locations.find(({ id }) => id === now.itGlue.location) ?? null;
  const mapped = mine === null ? null : (psa.location(mine)?.id ?? null);
  const candidates = now.psa.location === null ? [] : locations.filter((location) => psa.location(location)?.id === now.psa.location);
  const counterpart = candidates.length === 1 ? (candidates[0] ?? null) : null;
  const sides = {
    itGlue: { now: now.itGlue.location, base: base.itGlue.location },
    psa: { now: now.psa.location, base: base.psa.location },
    same: mapped === now.psa.location && (mine === null) === (now.itGlue.location === null),
  };
  const turn = draft.turnOf('location', mergeValues(sides));
  const words = {
    ours: mine?.name ?? now.itGlue.location,
    theirs: psa.snapshot.locations.find(({ id }) => id === now.psa.location)?.name ?? now.psa.location,
  };
  if (turn === 'same') return;
  if (turn === 'wait') return wait(draft, 'location', words.ours, words.theirs);
  const toPsa = turn === 'to-psa' && (mapped !== null || (now.itGlue.location === null && !psa.snapshot.requirements.location));
  const toItGlue = (turn === 'to-it-glue' || turn === 'both-changed') && (counterpart !== null || now.psa.location === null);
  if (turn === 'differs' && !isConflict(mapped, now.psa.location)) return;
  if (turn === 'differs') return draft.conflict('location', words.ours, words.theirs);
  if (!toPsa && !toItGlue) return draft.block('location', words.ours, words.theirs);
  if (turn === 'both-changed') draft.conflict('location', words.ours, words.theirs);
  if (toPsa) {
    draft.toPsa.patch.locationId = mapped;
    draft.toPsa.fields['location'] = { from: words.theirs, to: mapped === null ? null : words.ours };
    draft.toPsa.blanks += mapped === null ? 1 : 0;
    draft.pending('location', 'psa');
  } else if (toItGlue) {
    if (turn === 'both-changed') draft.won('location');
    draft.toItGlue.patch.locationId = counterpart?.id ?? null;
    draft.toItGlue.fields['location'] = { from: words.ours, to: counterpart?.name ?? null };
    draft.toItGlue.blanks += counterpart === null ? 1 : 0;
    draft.pending('location', 'it-glue');
  }
}

/** One kind of list, with what it needs of both sides' patches. */
interface ListMerge<Ours extends ContactEmail | ContactPhone, Theirs extends PsaEmail | PsaPhone> {
  readonly field: 'emails' | 'phones';
  readonly kind: ListKind<Ours, Theirs>;
  readonly ours: readonly Ours[];
  readonly theirs: readonly Theirs[];
  readonly keepOurs: (list: readonly Ours[]) => void;
  readonly keepTheirs: (list: readonly Theirs[]) => void;
  readonly tooLong: (list: readonly Theirs[]) => readonly string[];
  /** Whether the PSA's contact may be without any. */
  readonly needed: boolean;
  /** What stands for none where the PSA needs one; `null`: nothing. */
  readonly placeholder: Theirs | null;
}

function mergeEmails(draft: TwoWayDraft): void {
  const { psa, ours, twin } = draft.question;
  const { requirements } = psa.snapshot;
  mergeList<ContactEmail, PsaEmail>(draft, {
    field: 'emails',
    kind: emailKind(psa),
    ours: ours.emails,
    theirs: twin.emails,
    keepOurs: (list) => Object.assign(draft.toItGlue.patch, { emails: list }),
    keepTheirs: (list) => Object.assign(draft.toPsa.patch, { emails: list }),
    tooLong: (list) => tooLongFor(requirements.longest, { emails: list }),
    needed: requirements.primaryEmail,
    placeholder: null,
  });
}

function mergePhones(draft: TwoWayDraft): void {
  const { psa, ours, twin } = draft.question;
  const { requirements } = psa.snapshot;
  mergeList<ContactPhone, PsaPhone>(draft, {
    field: 'phones',
    kind: phoneKind(psa),
    ours: ours.phones,
    theirs: twin.phones,
    keepOurs: (list) => Object.assign(draft.toItGlue.patch, { phones: list }),
    keepTheirs: (list) => Object.assign(draft.toPsa.patch, { phones: list }),
    tooLong: (list) => tooLongFor(requirements.longest, { phones: list }),
    needed: requirements.primaryPhone,
    placeholder: placeholderOf(psa),
  });
}

function mergeList<Ours extends ContactEmail | ContactPhone, Theirs extends PsaEmail | PsaPhone>(
  draft: TwoWayDraft,
  list: ListMerge<Ours, Theirs>,
): void {
  const { field } = list;
  const { now, base, question } = draft;
  const merged = mergeItems({
    itGlue: { now: now.itGlue[field], base: base.itGlue[field] },
    psa: { now: now.psa[field], base: base.psa[field] },
    typed: question.psa.snapshot.requirements.fields === null,
  });
  // Some PSAs' types are learned from their contacts: who has seen few of them does not know whether there is none of that name.
  const { partial, requirements } = question.psa.snapshot;
  const isUntyped = ({ type }: SyncedItem): boolean => list.kind.typeOf(type ?? '') === null;
  if (partial && requirements.fields === null && merged.toPsa?.add.some(isUntyped) === true) return draft.wait(field);
  if (merged.conflict) draft.conflict(conflictNames[field], textOf(now.itGlue[field]), textOf(now.psa[field]));
  if (merged.toItGlue !== null) listToItGlue(draft, list, { edits: merged.toItGlue, won: merged.conflict });
  if (merged.toPsa !== null) listToPsa(draft, list, merged.toPsa);
}

function listToItGlue<Ours extends ContactEmail | ContactPhone, Theirs extends PsaEmail | PsaPhone>(
  draft: TwoWayDraft,
  { field, kind, ours, theirs, keepOurs }: ListMerge<Ours, Theirs>,
  { edits, won }: { readonly edits: ItemEdits; readonly won: boolean },
): void {
  const from = textOf(draft.now.itGlue[field]);
  if (draft.turnOf(field, 'to-it-glue') === 'wait') return wait(draft, field, from, textOf(draft.now.psa[field]));
  const list = editOurs(kind, { ours, theirs }, edits);
  if (sameText(list, ours)) return;
  keepOurs(list);
  draft.toItGlue.fields[conflictNames[field]] = { from, to: keysOf(kind.ourKeys(list)) };
  draft.toItGlue.blanks += list.length === 0 ? 1 : 0;
  draft.pending(field, 'it-glue');
  if (won) draft.won(field);
}

function listToPsa<Ours extends ContactEmail | ContactPhone, Theirs extends PsaEmail | PsaPhone>(
  draft: TwoWayDraft,
  { field, kind, ours, theirs, keepTheirs, tooLong, needed, placeholder }: ListMerge<Ours, Theirs>,
  edits: ItemEdits,
): void {
  const from = textOf(draft.now.psa[field]);
  const mine = textOf(draft.now.itGlue[field]);
  const turn = draft.turnOf(field, 'to-psa');
  if (turn === 'wait') return wait(draft, field, mine, from);
  // One-way: what was changed in IT Glue is shown; a list is not put back item by item.
  if (turn !== 'to-psa') return draft.block(field, mine, from);
  const edited = editTheirs(kind, { ours, theirs }, edits);
  const list = edited.length === 0 && needed && placeholder !== null ? [placeholder] : edited;
  if (sameText(list, theirs)) return;
  if ((needed && list.length === 0) || tooLong(list).length > 0) return draft.block(field, mine, from);
  keepTheirs(list);
  draft.toPsa.fields[conflictNames[field]] = { from, to: keysOf(kind.theirKeys(list)) };
  draft.toPsa.blanks += edited.length === 0 ? 1 : 0;
  draft.pending(field, 'psa');
}

/** P2: where a phone is needed, the last one that goes leaves the placeholder. */
function placeholderOf(psa: PsaContext): PsaPhone | null {
  const { blankPhone, phoneType } = psa.settings;
  const type = psa.phoneType(phoneType);
  if (!psa.snapshot.requirements.blankPhoneAllowed || blankPhone === '' || type === null) return null;
  return { phone: { raw: blankPhone, e164: null, extension: null }, typeId: type.id, typeName: type.name, primary: true };
}

function sameText(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function textOf(items: SyncedSide['emails']): string | null {
  return items.map(({ key, extension }) => (extension === undefined ? key : `${key} x${extension}`)).join(', ') || null;
}

function keysOf(keys: readonly (string | null)[]): string | null {
  return keys.flatMap((key) => key ?? []).join(', ') || null;
}
