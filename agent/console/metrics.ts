import { Counter, type Gauge, Registry, Summary } from 'prom-client';
import type { OrganizationCountsDocument } from '../cli/documents-status.ts';
import { type ConsoleSource, currentHealth } from './console-facts.ts';
import { hubMetrics } from './hub-metrics.ts';
import { gaugesOf, type Update } from './metric-parts.ts';

/** Organizations with series of their own; more than one machine serves. */
const mostOrganizations = 500;
const mostProblemKinds = 200;

export interface Metrics {
  readonly contentType: string;
  /** In Prometheus's text format, as it is now. */
  text(): Promise<string>;
}

/** Metrics in a registry of their own. No value and no label names a person; every label has few values. */
export function createMetrics(source: ConsoleSource): Metrics {
  const registry = new Registry();
  const updates = [serviceMetrics, problemMetrics, runMetrics, watchMetrics, organizationMetrics, hubMetrics].map((make) =>
    make(registry, source),
  );
  return {
    contentType: registry.contentType,
    async text() {
      for (const update of updates) update();
      return registry.metrics();
    },
  };
}

function serviceMetrics(registry: Registry, { facts, losses }: ConsoleSource): Update {
  const gauge = gaugesOf(registry);
  const build = gauge('rollcall_build_info', 'Version of rollcall and of Node.js; always 1.', 'version', 'node');
  const started = gauge('process_start_time_seconds', 'When the service started, seconds since 1970.');
  const resident = gauge('process_resident_memory_bytes', 'Resident memory of the service.');
  const success = gauge('rollcall_last_success_timestamp_seconds', 'When all organizations were last synced without a failure.');
  const next = gauge('rollcall_next_run_timestamp_seconds', 'When the next run of a command is due.', 'command');
  const busy = gauge('rollcall_run_active', '1 while a run is under way.');
  const delay = gauge('rollcall_event_loop_delay_seconds', 'Delay of the event loop since the start.', 'quantile');
  const lost = gauge('rollcall_log_lines_lost', 'Log lines that could not be written since the start.');
  const unsent = gauge('rollcall_notifications_failed', 'Notifications that could not be delivered since the start.');
  return () => {
    const now = facts();
    build.set({ version: now.version, node: process.versions.node }, 1);
    started.set(secondsOf(now.startedAt) ?? 0);
    resident.set(now.rssBytes);
    setMoment(success, now.lastSuccessAt);
    next.reset();
    for (const { command, at } of now.next.slice(0, 16).toReversed()) next.set({ command }, secondsOf(at) ?? 0);
    busy.set(now.current === null ? 0 : 1);
    delay.set({ quantile: '0.5' }, now.eventLoop.p50 / 1_000);
    delay.set({ quantile: '0.99' }, now.eventLoop.p99 / 1_000);
    delay.set({ quantile: '1' }, now.eventLoop.max / 1_000);
    lost.set(losses().logLines);
    unsent.set(losses().notifications);
  };
}

function problemMetrics(registry: Registry, source: ConsoleSource): Update {
  const gauge = gaugesOf(registry);
  const health = gauge('rollcall_health', '1 for the state that holds; none holds before the first look.', 'state');
  const problems = gauge('rollcall_problems', 'Problems by error code and severity.', 'code', 'severity');
  return () => {
    const current = currentHealth(source);
    for (const state of ['healthy', 'degraded', 'failed']) health.set({ state }, state === current ? 1 : 0);
    problems.reset();
    const seen = new Set<string>();
    const known = source.summary()?.problems ?? [];
    // What the service itself finds is in the summary as it was then.
    const others = known.filter(
      ({ organization, code }) => organization !== null || !source.facts().problems.some((own) => own.code === code),
    );
    for (const { code, severity } of [...source.facts().problems, ...others]) {
      seen.add(`${code} ${severity}`);
      if (seen.size <= mostProblemKinds) problems.inc({ code, severity });
    }
  };
}

function runMetrics(registry: Registry, { tally }: ConsoleSource): Update {
  const registers = [registry];
  const runs = new Counter({
    name: 'rollcall_runs_total',
    help: 'Runs of this service since its start.',
    labelNames: ['command', 'outcome'],
    registers,
  });
  const duration = new Summary({
    name: 'rollcall_run_duration_seconds',
    help: 'How long runs took.',
    labelNames: ['command'],
    percentiles: [0.5, 0.9, 0.99],
    registers,
  });
  return () => {
    runs.reset();
    for (const { command, outcome, count } of tally.counts()) runs.inc({ command, outcome }, count);
    for (const { command, seconds } of tally.takeDurations()) duration.observe({ command }, seconds);
  };
}

function watchMetrics(registry: Registry, { facts }: ConsoleSource): Update {
  const looks = new Counter({
    name: 'rollcall_watch_looks_total',
    help: 'Looks of two-way sync at IT Glue and the PSA since the start of the service, by what came of them.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const good = gaugesOf(registry)('rollcall_watch_last_good_timestamp_seconds', 'When the last look ended that saw both sides.');
  return () => {
    const { watch } = facts();
    looks.reset();
    good.remove();
    if (watch === null) return;
    for (const outcome of ['nothing', 'something', 'failed'] as const) looks.inc({ outcome }, watch.counts[outcome]);
    setMoment(good, watch.lastGoodAt);
  };
}

function organizationMetrics(registry: Registry, { summary }: ConsoleSource): Update {
  const gauge = gaugesOf(registry);
  const users = gauge('rollcall_users', 'Directory users by state of their match.', 'organization', 'state');
  const counted = (
    [
      ['notSeen', 'rollcall_users_not_seen', 'Directory users that no latest complete read brought.'],
      ['conflicts', 'rollcall_conflicts', 'Differences that the newest plan left alone.'],
      ['psaHeld', 'rollcall_psa_held', 'Contacts that wait for a choice before they go to the PSA.'],
      ['heldPlans', 'rollcall_held_plans', 'Plans that wait for approval.'],
    ] as const
  ).map(([name, metric, help]) => [name, gauge(metric, help, 'organization')] as const);
  const synced = gauge('rollcall_last_sync_timestamp_seconds', 'When a plan of the organization was last applied.', 'organization');
  const all = [users, synced, ...counted.map(([, metric]) => metric)];
  return () => {
    for (const metric of all) metric.reset();
    for (const counts of (summary()?.counts ?? []).slice(0, mostOrganizations)) {
      const { organization } = counts;
      for (const state of ['matched', 'unmatched', 'ignored'] as const) users.set({ organization, state }, counts[state]);
      for (const [name, metric] of counted) metric.set({ organization }, counts[name]);
      setMoment(synced, counts.lastSyncAt, { organization } satisfies Pick<OrganizationCountsDocument, 'organization'>);
    }
  };
}

function secondsOf(date: string | null): number | null {
  const moment = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(moment) ? null : moment / 1_000;
}

/** What never happened has no time: a series of 0 would look like 1970. */
function setMoment(metric: Gauge, date: string | null, labels: Readonly<Record<string, string>> = {}): void {
  const seconds = secondsOf(date);
  if (seconds !== null) metric.set({ ...labels }, seconds);
}
