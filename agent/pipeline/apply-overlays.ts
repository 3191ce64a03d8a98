import { indexOverlays, overlayDifference, writeOverlayNotes } from '../../core/enrich/overlay.ts';
import type { RollcallError } from '../../core/errors.ts';
import type { ContactId } from '../../core/model/ids.ts';
import type { OverlayChange } from '../../core/model/plan.ts';
import type { OverlayWrite } from '../../core/ports/documentation.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import { attempt } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';
import { journaled } from './journaled.ts';
import { overlayProblem } from './preconditions.ts';

interface Ready {
  readonly change: OverlayChange;
  readonly contactId: ContactId;
}

/** Writes the overlay: assets in bulk, notes one by one (E7). */
export async function applyOverlays(state: ApplyState, changes: readonly OverlayChange[]): Promise<void> {
  if (changes.length === 0) return;
  const { overlay } = state.run.settings.contacts;
  const ready = changes.flatMap((change) => {
    if (overlay === 'none' || (change.notes !== null) !== (overlay === 'notes')) {
      state.report.skip(change, 'contacts.overlay is another one now; the next run keeps it');
      return [];
    }
    const contactId = change.contactId ?? (change.user === null ? null : (state.created.get(change.user)?.id ?? null));
    const problem = contactId === null ? 'its contact was not created in IT Glue' : overlayProblem(state, change.user, contactId);
    if (problem !== null) state.report.fail(change, 'DEPENDENCY_FAILED', problem);
    return contactId === null || problem !== null ? [] : [{ change, contactId }];
  });
  const task = state.run.progress.start('Writing the Active Directory overlay to IT Glue');
  if (overlay === 'notes') await writeNotes(state, ready);
  else await writeAssets(state, ready);
  task.done();
}

async function writeAssets(state: ApplyState, ready: readonly Ready[]): Promise<void> {
  const typeId = ready.length === 0 ? null : await typeOf(state, ready);
  if (typeId === null) return;
  const { overlayBulkSize } = state.run.documentation;
  const groups = [ready.filter((item) => item.change.assetId === null), ready.filter((item) => item.change.assetId !== null)];
  for (const batch of groups.flatMap((group) => batches(group, overlayBulkSize))) {
    if (state.run.signal.aborted) return;
    const left = await writeBatch(state, typeId, batch);
    if (left.length === 0) continue;
    // Nobody documents whether a bulk write is all or nothing: look what is there, then send the rest one by one.
    for (const item of await withoutWritten(state, typeId, left)) {
      if (state.run.signal.aborted) return;
      await writeBatch(state, typeId, [item]);
    }
  }
}

/** Of a batch that was not wholly carried out: those that are still to be written. */
async function withoutWritten(state: ApplyState, typeId: string, items: readonly Ready[]): Promise<readonly Ready[]> {
  const left: Ready[] = [];
  const [first] = items;
  if (first === undefined) return left;
  await attempt(state.report, state.itGlue, first.change, async () => {
    const assets = indexOverlays(await state.run.documentation.listOverlays(state.run.organization, typeId));
    for (const item of items) {
      const asset = assets.get(item.contactId);
      if (asset !== undefined && overlayDifference(asset, item.change.write, 0) === null) state.report.done(item.change, asset.id);
      else left.push(asset === undefined ? item : { ...item, change: { ...item.change, assetId: asset.id } });
    }
  });
  return left;
}

function toWrite({ change, contactId }: Ready): OverlayWrite {
  return { ...change.write, contactId };
}

/** The type "AD User" is made once for the account. */
async function typeOf(state: ApplyState, ready: readonly Ready[]): Promise<string | null> {
  if (state.snapshot.overlayTypeId !== null) return state.snapshot.overlayTypeId;
  const [first] = ready;
  if (first === undefined || state.run.signal.aborted) return null;
  let typeId: string | null = null;
  await attempt(state.report, state.itGlue, first.change, async () => {
    const outcome = await journaled(
      state.run,
      { changes: [], operation: 'create-overlay-type', user: null, contactId: null, record: null, request: null, before: null },
      { send: () => state.run.documentation.createOverlayType(), onDone: (id) => ({ record: id, result: null }) },
    );
    if (outcome.kind === 'done') typeId = outcome.value;
    else for (const item of ready) state.report.failOutcome(item.change, outcome);
  });
  return typeId;
}

/** Writes assets with one request; returns those of which it is not certain that they were written. */
async function writeBatch(state: ApplyState, typeId: string, batch: readonly Ready[]): Promise<readonly Ready[]> {
  const [first] = batch;
  if (first === undefined) return [];
  const { documentation, organization } = state.run;
  const creates = first.change.assetId === null;
  let left: readonly Ready[] = [];
  let settled = false;
  await attempt(state.report, state.itGlue, first.change, async () => {
    const outcome = await journaled<ReadonlySet<string>>(
      state.run,
      {
        changes: batch.map((item) => item.change.id),
        operation: creates ? 'create-overlays' : 'update-overlays',
        user: null,
        contactId: null,
        record: null,
        request: { writes: batch.map(toWrite) },
        before: null,
      },
      {
        send: async () => {
          if (creates)
            return writtenContacts(
              await documentation.createOverlays(organization, typeId, batch.map(toWrite)),
              (asset) => asset.contactIds,
            );
          const writes = batch.map((item) => ({ ...toWrite(item), id: item.change.assetId ?? '' }));
          const byId = new Map(batch.map((item) => [item.change.assetId, item.contactId]));
          return writtenContacts(await documentation.updateOverlays(typeId, writes), (id) => [byId.get(id) ?? '']);
        },
        onDone: (written) => ({ result: { written: written.size } }),
      },
    );
    settled = true;
    if (outcome.kind === 'done') {
      for (const item of batch) if (outcome.value.has(item.contactId)) state.report.done(item.change);
      left = batch.filter((item) => !outcome.value.has(item.contactId));
    } else if (batch.length > 1) left = batch;
    else state.report.failOutcome(first.change, outcome);
  });
  if (!settled && state.itGlue.closed !== null) failRest(state, batch.slice(1), state.itGlue.closed);
  return batch.length > 1 ? left : [];
}

function writtenContacts<Item>(
  outcome: WriteOutcome<readonly Item[]>,
  contactsOf: (item: Item) => readonly string[],
): WriteOutcome<ReadonlySet<string>> {
  return outcome.kind === 'done' ? { kind: 'done', value: new Set(outcome.value.flatMap(contactsOf)) } : outcome;
}

function failRest(state: ApplyState, rest: readonly Ready[], error: RollcallError): void {
  for (const { change } of rest) state.report.fail(change, error.code, error.message);
}

async function writeNotes(state: ApplyState, ready: readonly Ready[]): Promise<void> {
  const { documentation, organization, signal } = state.run;
  for (const { change, contactId } of ready) {
    if (signal.aborted) return;
    await attempt(state.report, state.itGlue, change, async () => {
      // People write into the same field: the block goes into the notes as they are now, not as the plan saw them.
      const [fresh] = await documentation.listContactsById(organization, [contactId]);
      if (fresh === undefined) return state.report.fail(change, 'RECORD_CHANGED', 'its contact is not there any more');
      const notes = writeOverlayNotes(fresh.notes, change.write.values);
      const before = { notes: fresh.notes };
      const outcome = await journaled(
        state.run,
        {
          changes: [change.id],
          operation: 'update-contact',
          user: change.user,
          contactId,
          record: contactId,
          request: { notes },
          before,
        },
        { send: () => documentation.updateContact(organization, contactId, { notes }), onDone: () => ({ result: null }) },
      );
      if (outcome.kind === 'done') state.report.done(change);
      else state.report.failOutcome(change, outcome);
    });
  }
}

function batches<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const result: Item[][] = [];
  for (let start = 0; start < items.length; start += size) result.push(items.slice(start, start + size));
  return result;
}
