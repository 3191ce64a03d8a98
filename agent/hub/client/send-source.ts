import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { AcknowledgedState, SourceKey, Store } from '../../../core/ports/store.ts';
import { largestPages, smallerPages } from './cut-pages.ts';
import { type SendContext, type SentState, sendState } from './send-state.ts';

/** What became of the state of one source. */
export interface SentSource {
  /** `nothing`: the hub has it, or nothing was read yet. */
  readonly state: SentState | 'nothing';
  /** All of it was sent, not only what changed. */
  readonly whole: boolean;
  readonly records: number;
}

const nothingSent: SentSource = { state: 'nothing', whole: false, records: 0 };

/** Whether the store has a state of the source that the hub is not known to have. */
export async function isUnsent(store: Store, key: SourceKey, latestComplete: number | null, collectorId: string): Promise<boolean> {
  return latestComplete !== null && (await acknowledgedBy(store, key, collectorId))?.read !== latestComplete;
}

/**
 * Brings the hub to the state of a source: by what changed, or, when the hub does not have what that builds on, by all of it. Pages that
 * are too large for the way are made smaller. What the hub landed is kept in mind.
 */
export async function sendSource(
  context: SendContext & { readonly store: Store; readonly collectorId: string },
  key: SourceKey,
): Promise<SentSource> {
  const { store, collectorId } = context;
  const reads = await store.listReads(key.organization);
  const own = reads.find(({ latest }) => latest.collector === key.collector && latest.directory === key.directory);
  if (!(await isUnsent(store, key, own?.latestComplete?.id ?? null, collectorId))) return nothingSent;
  try {
    return await sendSince(context, key, await acknowledgedBy(store, key, collectorId));
  } catch (error) {
    if (!isCode(error, 'HUB_BASE_UNKNOWN')) throw error;
    // The hub was restored, or lost what it had: from now on nobody builds on it.
    await store.acknowledge(key, null);
    return sendSince(context, key, null);
  }
}

async function acknowledgedBy(store: Store, key: SourceKey, collectorId: string): Promise<AcknowledgedState | null> {
  const known = await store.acknowledged(key);
  return known?.by === collectorId ? known : null;
}

async function sendSince(
  context: SendContext & { readonly store: Store; readonly collectorId: string },
  key: SourceKey,
  since: AcknowledgedState | null,
): Promise<SentSource> {
  const state = await context.store.sourceState(key, since);
  if (state === null) return nothingSent;
  try {
    const sent = await inPagesThatPass(context, state);
    if (sent === 'landed') await context.store.acknowledge(key, { by: context.collectorId, ...state.reaches });
    const { entries, absences, logons } = state.counts;
    return { state: sent, whole: state.base === null, records: entries + absences + logons };
  } finally {
    await state.close();
  }
}

async function inPagesThatPass(context: SendContext, state: Parameters<typeof sendState>[1]): Promise<SentState> {
  for (let size = largestPages; ; ) {
    try {
      return await sendState(context, state, size);
    } catch (error) {
      const smaller = isCode(error, 'HUB_UPLOAD_TOO_LARGE') ? smallerPages(size) : null;
      if (smaller === null) throw error;
      size = smaller;
    }
  }
}

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof RollcallError && error.code === code;
}
