import { organizationId } from '../../core/model/ids.ts';
import type { PruneCounts, Store } from '../../core/ports/store.ts';
import { durationMs } from '../config/value-types.ts';
import { restorableMs } from './change-collector.ts';
import type { Services } from './services.ts';

/**
 * Forgets what is older than `retention.journal`; for a service to call once a day. A run of its own says so, with the collector's
 * organization, but only when something that people look at went: runs or backups.
 */
export async function prune(services: Services, store: Store): Promise<PruneCounts> {
  const { config } = services;
  const at = services.now();
  await store.purgeCollectors(at - restorableMs);
  const kept = durationMs(config.retention.journal);
  if (kept === null) return { runs: 0, entries: 0, reads: 0, backups: 0 };
  const counts = await store.prune(at - kept);
  if (counts.runs + counts.backups > 0) {
    const organization = organizationId(config.collector.organization);
    const run = await store.startRun({ organization, command: 'prune', trigger: services.trigger, at });
    await store.finishRun(run, { outcome: 'done', planHash: null, counts: { ...counts }, error: null, at: services.now() });
  }
  return counts;
}
