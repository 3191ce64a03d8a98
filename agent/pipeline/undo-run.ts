import type { Store } from '../../core/ports/store.ts';
import type { UndoDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import type { UndoOptions } from '../cli/operations.ts';
import type { ApplyState } from './apply-state.ts';
import { settledState } from './reconcile-organization.ts';
import { getRun } from './runs.ts';
import type { Services } from './services.ts';
import { inRun } from './sync-organization.ts';
import { undoEntries } from './undo.ts';
import type { UndoLists } from './undo-items.ts';

/** Undoes one run of the journal; itself a run (A5). Throws `RUN_NOT_FOUND`. */
export async function undoRun(services: Services, store: Store, options: UndoOptions): Promise<UndoDocument> {
  const run = await getRun(store, options.run);
  return inRun(services, store, { organization: run.organization, command: 'undo' }, async (context) => {
    const state = await settledState(context, []);
    const entries = await store.journal(run.id);
    const document = (lists: UndoLists, more: Pick<UndoDocument, 'run' | 'declined'>): UndoDocument => ({
      formatVersion,
      organization: run.organization,
      organizationName: state.snapshot.organization.name,
      undone: run.id,
      ...lists,
      ...more,
      interrupted: services.signal.aborted,
    });
    if (options.deleteCreated) {
      const preview = await listsOf(state, entries, { deleteCreated: true, preview: true });
      const deletes = preview.created.some((item) => item.deleted || item.inactivated === true);
      if (deletes && !(await options.confirm(document(preview, { run: null, declined: false })))) {
        return {
          value: document(emptyLists(), { run: context.run, declined: true }),
          end: { outcome: 'done', planHash: null, counts: {} },
        };
      }
    }
    const lists = await listsOf(state, entries, { deleteCreated: options.deleteCreated, preview: false });
    const counts = {
      restored: lists.restored.length,
      deleted: lists.created.filter((item) => item.deleted).length,
      inactivated: lists.created.filter((item) => item.inactivated === true).length,
      skipped: lists.skipped.length,
      failed: lists.failed.length,
    };
    return {
      value: document(lists, { run: context.run, declined: false }),
      end: { outcome: lists.failed.length > 0 ? 'partly' : 'done', planHash: null, counts },
    };
  });
}

function emptyLists(): UndoLists {
  return { restored: [], created: [], skipped: [], failed: [], notices: [] };
}

async function listsOf(
  state: ApplyState,
  entries: Awaited<ReturnType<Store['journal']>>,
  how: { readonly deleteCreated: boolean; readonly preview: boolean },
): Promise<UndoLists> {
  const lists = emptyLists();
  await undoEntries({ state, lists, ...how }, entries);
  return lists;
}
