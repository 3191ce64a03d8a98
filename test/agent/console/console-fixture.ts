import type { StatusSummary } from '../../../agent/cli/documents-status.ts';
import type { ConsoleSource } from '../../../agent/console/console-facts.ts';
import { RunTally } from '../../../agent/console/run-tally.ts';
import type { ServiceFacts, ServiceProblem } from '../../../agent/service/service-facts.ts';

export const problem: ServiceProblem = {
  code: 'CONFIG_NOT_JSON',
  message: 'The edit was refused.',
  hint: 'Correct it.',
  place: {},
  severity: 'degraded',
  since: '2026-11-22T08:00:00.000Z',
};

/** Facts of a service that is well. */
export function serviceFacts(change: Partial<ServiceFacts> = {}): ServiceFacts {
  return {
    pid: 4711,
    version: '0.1.0',
    startedAt: '2026-11-20T08:00:00.000Z',
    at: '2026-11-22T09:00:00.000Z',
    configFile: '/etc/rollcall/config.json',
    configLoadedAt: '2026-11-20T08:00:00.000Z',
    stoppedAt: null,
    schedule: { scan: '0 */4 * * *', fullScan: '30 2 * * 0', timezone: 'UTC' },
    next: [
      { command: 'sync', at: '2026-11-22T12:00:00.000Z' },
      { command: 'sync --full', at: '2026-11-23T02:30:00.000Z' },
    ],
    current: null,
    lastSuccessAt: '2026-11-22T08:02:00.000Z',
    watch: null,
    problems: [],
    eventLoop: { p50: 10.5, p99: 12, max: 31 },
    rssBytes: 80_000_000,
    ...change,
  };
}

/** A summary of one organization that is well. */
export function statusSummary(change: Partial<StatusSummary> = {}): StatusSummary {
  return {
    health: 'healthy',
    problems: [],
    counts: [
      {
        organization: '4711',
        users: 250,
        matched: 200,
        unmatched: 45,
        ignored: 5,
        notSeen: 2,
        conflicts: 3,
        psaHeld: 1,
        heldPlans: 0,
        lastSyncAt: '2026-11-22T08:02:00.000Z',
        lastSuccessAt: '2026-11-22T08:02:00.000Z',
      },
    ],
    ...change,
  };
}

export function consoleSource(change: Partial<ConsoleSource> = {}): ConsoleSource {
  const facts = serviceFacts();
  const summary = statusSummary();
  return {
    facts: () => facts,
    summary: () => summary,
    ready: () => true,
    tally: new RunTally(),
    hub: () => null,
    losses: () => ({ logLines: 0, notifications: 0 }),
    ...change,
  };
}
