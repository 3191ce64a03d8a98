import type { Change } from '../../core/model/plan.ts';
import type { JournalEntry, Store } from '../../core/ports/store.ts';

/** What became of a write whose answer never came (A2). */
export type Settlement = Parameters<Store['recordResult']>[1] & {
  readonly remember?: Parameters<Store['recordResult']>[2];
  /** The write was part of an undo: this entry of the journal is undone. */
  readonly undoes?: number;
};

export const notDone: Settlement = { state: 'not-done', result: { settled: 'nothing of it was found' } };

export function found(): { readonly settled: string } {
  return { settled: 'it was found carried out' };
}

/** The change that was sent; `null`: the entry was about something else. */
export function changeOf<Kind extends Change>({ request }: JournalEntry): Kind | null {
  if (request === null || typeof request !== 'object' || !('change' in request)) return null;
  return request.change as Kind;
}

/** Whether a write of the journal went to the PSA; all others went to IT Glue. */
export function isPsaWrite({ operation }: Pick<JournalEntry, 'operation'>): boolean {
  return operation.endsWith('psa-contact');
}
