import { RollcallError } from '../../core/errors.ts';
import type { LinkChange, PsaUpdateChange, PushChange } from '../../core/model/plan.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { JournalEntry } from '../../core/ports/store.ts';
import { isAsPushed, takeBack } from '../../core/undo/take-back.ts';
import type { ApplyState } from './apply-state.ts';
import { changeOf } from './settlement.ts';
import { itemOf, reversed, type UndoLists } from './undo-items.ts';
import { writeBack } from './undo-psa-write.ts';

interface UndoInPsa {
  readonly state: ApplyState;
  readonly lists: UndoLists;
  readonly deleteCreated: boolean;
  readonly preview: boolean;
}

/** The title that completed what an earlier run created is part of that creation. */
export function reportComplete(lists: UndoLists, entry: JournalEntry): void {
  lists.skipped.push({ ...itemOf(entry), system: 'psa', reason: 'it completed what an earlier run created, and stays with it' });
}

/**
 * Puts back what a run wrote to a contact of the PSA, value by value, where nobody changed it since (A5). The next sync takes that for a
 * person's choice and leaves it so (E4, E8, P9).
 */
export async function undoPsaUpdate(work: UndoInPsa, entry: JournalEntry): Promise<void> {
  const { state, lists } = work;
  const change = changeOf<LinkChange | PsaUpdateChange>(entry);
  const before = entry.before as PsaContact | null;
  const { contactId } = entry;
  const item = { ...itemOf(entry), system: 'psa' as const, fields: reversed(change?.fields ?? {}) };
  const skip = (reason: string): void => {
    lists.skipped.push({ ...item, reason });
  };
  if (change === null || before === null || contactId === null) return skip('the journal does not tell what was there before');
  await withContact(work, { item, psaContactId: change.psaContactId }, async (psa, now) => {
    if (now === null) return skip('the contact is not there any more');
    if (now.companyId !== before.companyId) return skip('the contact belongs to another company by now');
    const hasFields = psa.requirements.fields !== null;
    const { patch, fields, changedSince, cannot, result } = takeBack({ patch: change.patch, before, now, hasFields });
    const stays = reasonsToStay(changedSince, cannot, psa.displayName);
    if (Object.keys(patch).length === 0) {
      // A link without fillings writes nothing but its key, which stays.
      return skip(stays ?? 'it is as it was before');
    }
    if (stays !== null) lists.skipped.push({ ...item, fields: {}, reason: stays });
    const restored = { ...item, fields };
    if (work.preview) {
      lists.restored.push(restored);
      return;
    }
    const outcome = await writeBack(state, psa, { entry, contactId, label: item.label, patch, fields, now, result });
    if (outcome.kind === 'done') lists.restored.push(restored);
    else lists.failed.push({ ...restored, reason: outcome.reason, code: outcome.code, retryable: outcome.kind === 'unknown' });
  });
}

function reasonsToStay(changedSince: readonly string[], cannot: readonly string[], displayName: string): string | null {
  const values = cannot.filter((name) => name !== 'key');
  const reasons = [
    ...(changedSince.length > 0 ? [`somebody changed it since, it stays: ${changedSince.join(', ')}`] : []),
    ...(values.length > 0 ? [`${displayName} takes no blank: ${values.join(', ')}`] : []),
    ...(cannot.includes('key') ? ["rollcall's key stays in the contact"] : []),
  ];
  return reasons.length === 0 ? null : reasons.join('; ');
}

/**
 * Reports a contact that the run created in the PSA. When asked, and nobody changed it since, it is made inactive: tickets may hang on it,
 * so it is never deleted (A5, E8). Its link stays, so that the next sync does not push the contact again.
 */
export async function undoPsaCreate(work: UndoInPsa, entry: JournalEntry): Promise<void> {
  const { state, lists } = work;
  const change = changeOf<PushChange>(entry);
  const { contactId, record } = entry;
  const item = { ...itemOf(entry), system: 'psa' as const };
  const stays = (reason: string, deletable: boolean = false): void => {
    lists.created.push({ ...item, reason, deleted: false, deletable });
  };
  if (change === null || contactId === null || record === null) return stays('the journal does not tell what was created');
  await withContact(work, { item, psaContactId: record as PsaContact['id'] }, async (psa, now) => {
    if (now === null) return stays('it is not there any more');
    if (!now.active) return stays('it is inactive already');
    if (!isAsPushed(now, change.input)) return stays('it is not as it was created any more');
    if (!work.deleteCreated) return stays('created records stay; --delete-created makes it inactive', true);
    const inactive = { ...item, reason: null, deleted: false, inactivated: true };
    if (work.preview) {
      lists.created.push(inactive);
      return;
    }
    const fields = { active: { from: 'active', to: 'inactive' } };
    const result = { ...now, active: false };
    const outcome = await writeBack(state, psa, { entry, contactId, label: item.label, patch: { active: false }, fields, now, result });
    if (outcome.kind === 'done') lists.created.push(inactive);
    else lists.failed.push({ ...item, reason: outcome.reason, code: outcome.code, retryable: outcome.kind === 'unknown' });
  });
}

/** Reads the PSA's contact for one item of the undo; a failure is the item's, and the others go on (A4). */
async function withContact(
  { state, lists }: UndoInPsa,
  { item, psaContactId }: { readonly item: UndoLists['restored'][number]; readonly psaContactId: PsaContact['id'] },
  work: (psa: Psa, now: PsaContact | null) => Promise<void>,
): Promise<void> {
  const { psa } = state.run;
  if (psa === null) {
    lists.skipped.push({ ...item, reason: 'no PSA is configured any more' });
    return;
  }
  try {
    await work(psa, await psa.getContact(psaContactId));
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    lists.failed.push({ ...item, reason: error.message, code: error.code, retryable: error.retry === 'later' });
  }
}
