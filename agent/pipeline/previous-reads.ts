import type { SourceKey, SourceReads, Store } from '../../core/ports/store.ts';

/** What the reads of a source have come to before the next one; `null`: there was none. */
export type PreviousReads = Pick<SourceReads, 'latestComplete' | 'latestFull' | 'logons'> & {
  readonly latest: SourceReads['latest'] | null;
};

export async function previousReads(
  store: Pick<Store, 'listReads'>,
  { organization, collector, directory }: SourceKey,
): Promise<PreviousReads> {
  const reads = await store.listReads(organization);
  const own = reads.find(({ latest }) => latest.directory === directory && latest.collector === collector);
  return own ?? { latest: null, latestComplete: null, latestFull: null, logons: null };
}
