import type { StatusSummary } from '../cli/documents-status.ts';
import type { HubTally } from '../hub/server/hub-tally.ts';
import type { CollectorCounts } from '../service/collector-counts.ts';
import type { ServiceFacts } from '../service/service-facts.ts';
import type { RunTally } from './run-tally.ts';

/** Where the console gets what it tells. Every call is cheap. */
export interface ConsoleSource {
  readonly facts: () => ServiceFacts;
  /** The status as it was last worked out; `null`: not yet. */
  readonly summary: () => StatusSummary | null;
  /** The service can do its work. */
  readonly ready: () => boolean;
  readonly tally: RunTally;
  /** `null`: this service is no hub. */
  readonly hub: () => HubFigures | null;
  readonly losses: () => { readonly logLines: number; readonly notifications: number };
}

/** A hub in numbers. */
export interface HubFigures {
  readonly tally: Readonly<HubTally>;
  /** As of the latest look, a minute ago at most; `null`: there was none yet. */
  readonly collectors: CollectorCounts | null;
}

type Health = StatusSummary['health'] | 'unknown';

/** The status as it was last worked out, made worse by what the service itself has found since. */
export function currentHealth({ facts, summary }: Pick<ConsoleSource, 'facts' | 'summary'>): Health {
  const known = summary()?.health ?? 'unknown';
  const own = facts().problems;
  if (known === 'failed' || own.some(({ severity }) => severity === 'failed')) return 'failed';
  return own.length > 0 ? 'degraded' : known;
}
