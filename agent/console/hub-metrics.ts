import { Counter, type Registry } from 'prom-client';
import type { ConsoleSource } from './console-facts.ts';
import { gaugesOf, type Update } from './metric-parts.ts';

/** Collectors with a series of their own. */
const mostCollectors = 500;

/** What a hub was asked, what has landed, and how its collectors are; nothing where the service is no hub. */
export function hubMetrics(registry: Registry, { hub }: Pick<ConsoleSource, 'hub'>): Update {
  const updates = [trafficMetrics(registry), collectorMetrics(registry)];
  return () => {
    const figures = hub();
    for (const update of updates) update(figures);
  };
}

type Figures = ReturnType<ConsoleSource['hub']>;
type UpdateFrom = (figures: Figures) => void;

function trafficMetrics(registry: Registry): UpdateFrom {
  const registers = [registry];
  const requests = new Counter({
    name: 'rollcall_hub_requests_total',
    help: 'Requests to the hub since the start of the service, by error code of the refusal; done: it was not refused.',
    labelNames: ['outcome'],
    registers,
  });
  const uploads = new Counter({
    name: 'rollcall_hub_uploads_total',
    help: 'Uploads since the start of the service: begun, whole, landed in the store, and refused after they were whole.',
    labelNames: ['outcome'],
    registers,
  });
  const bytes = new Counter({
    name: 'rollcall_hub_page_bytes_total',
    help: 'Bytes of the pages of uploads, as they were sent.',
    registers,
  });
  return (figures) => {
    requests.reset();
    uploads.reset();
    bytes.remove();
    if (figures === null) return;
    const { tally } = figures;
    for (const [outcome, count] of tally.requests) requests.inc({ outcome }, count);
    uploads.inc({ outcome: 'begun' }, tally.begun);
    uploads.inc({ outcome: 'whole' }, tally.complete);
    uploads.inc({ outcome: 'landed' }, tally.landed);
    uploads.inc({ outcome: 'refused' }, tally.refused);
    bytes.inc(tally.pageBytes);
  };
}

function collectorMetrics(registry: Registry): UpdateFrom {
  const gauge = gaugesOf(registry);
  const collectors = gauge('rollcall_hub_collectors', 'Collectors by state.', 'state');
  const failing = gauge('rollcall_hub_collectors_failing', 'Collectors that are heard and cannot read.');
  const uncovered = gauge('rollcall_hub_subnets_uncovered', 'Subnets that no living collector stands for.');
  const waiting = gauge('rollcall_hub_inbox_uploads', 'Uploads that are whole and have not landed.');
  const lag = gauge('rollcall_hub_lag_seconds', 'The longest that something a collector has read has not landed.');
  const contact = gauge(
    'rollcall_hub_collector_last_contact_timestamp_seconds',
    'When a collector was last heard, by its id.',
    'organization',
    'collector',
  );
  return (figures) => {
    const known = figures?.collectors ?? null;
    collectors.reset();
    contact.reset();
    // What is not known has no series: 0 would say that all is well.
    for (const metric of [failing, uncovered, waiting, lag]) metric.remove();
    if (known === null) return;
    for (const state of ['joined', 'silent', 'revoked'] as const) collectors.set({ state }, known[state]);
    failing.set(known.failing);
    uncovered.set(known.uncovered);
    waiting.set(known.waiting);
    if (known.lagMs !== null) lag.set(known.lagMs / 1_000);
    for (const { id, organization, at } of known.contacts.slice(0, mostCollectors)) {
      if (at !== null) contact.set({ organization, collector: id }, at);
    }
  };
}
