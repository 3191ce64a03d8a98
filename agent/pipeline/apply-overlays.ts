import type { ContactId } from '../../core/model/ids.ts';
import type { OverlayChange } from '../../core/model/plan.ts';
import type { OverlayWrite } from '../../core/ports/documentation.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import { attempt } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';
import { journaled } from './journaled.ts';

interface Ready {
  readonly change: OverlayChange;
  readonly contactId: ContactId;
}

/** Writes the overlay: assets in bulk, notes one by one (E7). */
export async function applyOverlays(state: ApplyState, changes: readonly OverlayChange[]): Promise<void> {
  if (changes.length === 0) return;
  const ready = changes.flatMap((change) => {
    const contactId = change.contactId ?? (change.user === null ? null : (state.created.get(change.user)?.id ?? null));
    if (contactId === null) state.report.fail(change, 'DEPENDENCY_FAILED', 'its contact was not created in IT Glue');
    return contactId === null ? [] : [{ change, contactId }];
  });
  const task = state.run.progress.start('Writing the Active Directory overlay to IT Glue');
  if (state.run.settings.contacts.overlay === 'notes') await writeNotes(state, ready);
  else await writeAssets(state, ready);
  task.done();
}

async function writeAssets(state: ApplyState, ready: readonly Ready[]): Promise<void> {
  const typeId = ready.length === 0 ? null : await typeOf(state, ready);
  if (typeId === null) return;
  const { documentation, signal, organization } = state.run;
  const fresh = ready.filter((item) => item.change.assetId === null);
  const existing = ready.filter((item) => item.change.assetId !== null);

  for (const batch of batches(fresh, documentation.overlayBulkSize)) {
    if (signal.aborted) return;
    await writeBatch(state, batch, {
      operation: 'create-overlays',
      send: () => documentation.createOverlays(organization, typeId, batch.map(toWrite)),
    });
  }
  for (const batch of batches(existing, documentation.overlayBulkSize)) {
    if (signal.aborted) return;
    const writes = batch.map((item) => ({ ...toWrite(item), id: item.change.assetId ?? '' }));
    await writeBatch(state, batch, { operation: 'update-overlays', send: () => documentation.updateOverlays(typeId, writes) });
  }
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

async function writeBatch<Value>(
  state: ApplyState,
  batch: readonly Ready[],
  write: { readonly operation: 'create-overlays' | 'update-overlays'; readonly send: () => Promise<WriteOutcome<Value>> },
): Promise<void> {
  const [first, ...others] = batch;
  if (first === undefined) return;
  await attempt(state.report, state.itGlue, first.change, async () => {
    const outcome = await journaled(
      state.run,
      {
        changes: batch.map((item) => item.change.id),
        operation: write.operation,
        user: null,
        contactId: null,
        record: null,
        request: { writes: batch.map(toWrite) },
        before: null,
      },
      { send: write.send, onDone: () => ({ result: null }) },
    );
    for (const { change } of batch) {
      if (outcome.kind === 'done') state.report.done(change);
      else state.report.failOutcome(change, outcome);
    }
  });
  if (state.itGlue.closed === null) return;
  const { code, message } = state.itGlue.closed;
  for (const { change } of others)
    if (!state.report.failed.some((item) => item.change === change)) state.report.fail(change, code, message);
}

async function writeNotes(state: ApplyState, ready: readonly Ready[]): Promise<void> {
  const { documentation, organization, signal } = state.run;
  for (const { change, contactId } of ready) {
    if (signal.aborted) return;
    await attempt(state.report, state.itGlue, change, async () => {
      const before = { notes: state.current(contactId)?.notes ?? null };
      const outcome = await journaled(
        state.run,
        {
          changes: [change.id],
          operation: 'update-contact',
          user: change.user,
          contactId,
          record: contactId,
          request: { notes: change.notes },
          before,
        },
        { send: () => documentation.updateContact(organization, contactId, { notes: change.notes }), onDone: () => ({ result: null }) },
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
