import { RollcallError } from '../../core/errors.ts';
import { mayPutBack } from '../../core/upgrade/standing.ts';
import type { PutBackOptions } from '../store/sqlite/put-back.ts';
import type { Logger } from '../telemetry/logger.ts';
import { releaseFacts } from './release-facts.ts';

export interface StoreToPutBack {
  readonly path: string;
  readonly stateDirectory: string;
  readonly command: string;
  readonly now: PutBackOptions['now'];
  readonly logger: Logger;
}

/**
 * Opens a store in a file. One that a release has migrated that was refused since is put back first; one that cannot be, or that
 * another release has migrated, is refused as `STORE_TOO_NEW`. Throws what `open` throws.
 */
export async function openPutBack<Opened>(store: StoreToPutBack, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof RollcallError) || error.code !== 'STORE_TOO_NEW' || !(await isPutBack(store))) throw error;
    return open();
  }
}

async function isPutBack({ stateDirectory, logger, ...store }: StoreToPutBack): Promise<boolean> {
  const isAllowed = async (): Promise<boolean> => mayPutBack(await releaseFacts(stateDirectory));
  if (!(await isAllowed())) return false;
  // Loaded only then: it never happens on most machines.
  const { putStoreBack } = await import('../store/sqlite/put-back.ts');
  const verdict = await putStoreBack({ ...store, isAllowed });
  if (verdict === 'put back') logger.warn('The store was put back to what it was before the refused release changed it');
  else if (verdict !== 'not needed')
    logger.error('The store cannot be put back to what it was before the refused release', { why: verdict });
  // Another process may have done it meanwhile.
  return verdict === 'put back' || verdict === 'not needed';
}
