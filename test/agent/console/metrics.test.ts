import { describe, expect, it } from 'vitest';
import type { HubCollectorsDocument } from '../../../agent/cli/documents-hub.ts';
import type { HubFigures } from '../../../agent/console/console-facts.ts';
import { createMetrics } from '../../../agent/console/metrics.ts';
import { RunTally } from '../../../agent/console/run-tally.ts';
import { HubTally } from '../../../agent/hub/server/hub-tally.ts';
import { countCollectors } from '../../../agent/service/collector-counts.ts';
import { listedCollector } from '../../fixtures/collectors.ts';
import { consoleSource, problem, serviceFacts, statusSummary } from './console-fixture.ts';

const start = Date.UTC(2026, 10, 22, 9);

/** Samples of the text format by `name{labels}`; throws at a line that is none, as Prometheus would. */
function parse(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  const types = new Set<string>();
  for (const line of text.split('\n').filter((item) => item !== '')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment !== null) {
      if (comment[1] === 'TYPE') types.add(comment[2] ?? '');
      continue;
    }
    const sample = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\})? (-?[\d.e+-]+|NaN|[+-]Inf)$/.exec(line);
    if (sample === null) throw new Error(`no sample: ${line}`);
    const [, name = '', labels = '', value] = sample;
    if (!types.has(name.replace(/_(?:sum|count)$/, '')) && !types.has(name)) throw new Error(`no type: ${line}`);
    if (samples.has(name + labels)) throw new Error(`twice: ${line}`);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

describe('the metrics', () => {
  it('tell what the service is, how it is, and what there is of each organization', async () => {
    const tally = new RunTally();
    tally.ended('sync', 'success', 2_000);
    tally.ended('sync', 'success', 4_000);
    tally.ended('plan', 'failure', 500);
    const own = { ...problem, code: 'CONSOLE_UNAVAILABLE' };
    const about = {
      part: 'directory',
      message: 'x',
      hint: 'x',
      place: {},
      since: null,
      severity: 'failed',
      code: 'DIRECTORY_TIMEOUT',
    } as const;
    const summary = statusSummary({
      health: 'failed',
      problems: [
        { ...about, organization: '1' },
        { ...about, organization: '2' },
      ],
    });
    const facts = serviceFacts({ problems: [own] });

    const metrics = createMetrics(
      consoleSource({ tally, facts: () => facts, summary: () => summary, losses: () => ({ logLines: 7, notifications: 2 }) }),
    );
    const samples = parse(await metrics.text());

    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(Object.fromEntries(samples)).toMatchObject({
      [`rollcall_build_info{version="0.1.0",node="${process.versions.node}"}`]: 1,
      'rollcall_health{state="failed"}': 1,
      'rollcall_health{state="healthy"}': 0,
      'rollcall_problems{code="DIRECTORY_TIMEOUT",severity="failed"}': 2,
      'rollcall_problems{code="CONSOLE_UNAVAILABLE",severity="degraded"}': 1,
      rollcall_last_success_timestamp_seconds: Date.UTC(2026, 10, 22, 8, 2) / 1_000,
      'rollcall_next_run_timestamp_seconds{command="sync"}': Date.UTC(2026, 10, 22, 12) / 1_000,
      'rollcall_runs_total{command="sync",outcome="success"}': 2,
      'rollcall_runs_total{command="plan",outcome="failure"}': 1,
      'rollcall_run_duration_seconds_sum{command="sync"}': 6,
      'rollcall_run_duration_seconds_count{command="sync"}': 2,
      'rollcall_users{organization="4711",state="unmatched"}': 45,
      'rollcall_conflicts{organization="4711"}': 3,
      'rollcall_psa_held{organization="4711"}': 1,
      'rollcall_held_plans{organization="4711"}': 0,
      'rollcall_users_not_seen{organization="4711"}': 2,
      'rollcall_event_loop_delay_seconds{quantile="0.99"}': 0.012,
      'rollcall_event_loop_delay_seconds{quantile="1"}': 0.031,
      process_resident_memory_bytes: 80_000_000,
      rollcall_log_lines_lost: 7,
      rollcall_notifications_failed: 2,
      rollcall_run_active: 0,
    });
  });

  it('count a scrape later what came in between, and forget what is over', async () => {
    const tally = new RunTally();
    let summary = statusSummary({
      problems: [
        { part: 'plan', message: '', hint: '', place: {}, since: null, severity: 'degraded', code: 'PLAN_HELD', organization: '4711' },
      ],
    });
    const metrics = createMetrics(consoleSource({ tally, summary: () => summary }));
    tally.ended('sync', 'success', 1_000);
    const first = parse(await metrics.text());
    summary = statusSummary({ counts: [] });
    tally.ended('sync', 'success', 3_000);
    const second = parse(await metrics.text());

    const held = 'rollcall_problems{code="PLAN_HELD",severity="degraded"}';
    expect([first.get(held), second.get(held)]).toEqual([1, undefined]);
    expect(second.get('rollcall_runs_total{command="sync",outcome="success"}')).toBe(2);
    expect(second.get('rollcall_run_duration_seconds_sum{command="sync"}')).toBe(4);
    expect([...second.keys()].filter((name) => name.startsWith('rollcall_users'))).toEqual([]);
  });

  it('P9 count the looks of two-way sync, and tell when the last good one was', async () => {
    const watch = {
      lastLookAt: '2026-11-22T09:00:00.000Z',
      lastGoodAt: '2026-11-22T08:50:00.000Z',
      seenTo: { itGlue: null, psa: null },
      nextLookAt: '2026-11-22T09:01:00.000Z',
      failing: null,
      counts: { nothing: 1_200, something: 7, failed: 3 },
    };
    let facts = serviceFacts({ watch });
    const metrics = createMetrics(consoleSource({ facts: () => facts }));
    const on = parse(await metrics.text());
    facts = serviceFacts({ watch: null });
    const off = parse(await metrics.text());

    expect(Object.fromEntries(on)).toMatchObject({
      'rollcall_watch_looks_total{outcome="nothing"}': 1_200,
      'rollcall_watch_looks_total{outcome="something"}': 7,
      'rollcall_watch_looks_total{outcome="failed"}': 3,
      rollcall_watch_last_good_timestamp_seconds: Date.UTC(2026, 10, 22, 8, 50) / 1_000,
    });
    expect([...off.keys()].filter((name) => name.startsWith('rollcall_watch'))).toEqual([]);
  });

  it('H3 tell of a hub what it was asked, what landed and how its collectors are, by ids alone', async () => {
    const hubTally = new HubTally();
    for (const code of ['done', 'done', 'HUB_KEY_REJECTED']) hubTally.answered(code);
    Object.assign(hubTally, { begun: 5, complete: 4, landed: 2, refused: 1, pageBytes: 12_345 });
    const well = listedCollector(start);
    const directories = [{ name: 'corp', type: 'ldif' as const, lastReadAt: null, error: 'LDIF_UNREADABLE' }];
    const listed: HubCollectorsDocument = {
      formatVersion: 1,
      collectors: [
        { ...well, lagMs: 90_000, directories },
        { ...well, id: '2'.repeat(32), organization: '4712', name: 'Nora Linden', state: 'silent', lastContactAt: null, lagMs: null },
        { ...well, id: '3'.repeat(32), state: 'revoked', lagMs: 9_000_000 },
      ],
      invitations: [],
      uncovered: [{ organization: '4712', subnet: '10.0.0.0/8', why: 'silent' }],
    };
    let figures: HubFigures | null = { tally: hubTally, collectors: countCollectors(listed, 3) };
    const metrics = createMetrics(consoleSource({ hub: () => figures }));
    const text = await metrics.text();

    expect(Object.fromEntries([...parse(text)].filter(([name]) => name.startsWith('rollcall_hub')))).toEqual({
      'rollcall_hub_requests_total{outcome="done"}': 2,
      'rollcall_hub_requests_total{outcome="HUB_KEY_REJECTED"}': 1,
      'rollcall_hub_uploads_total{outcome="begun"}': 5,
      'rollcall_hub_uploads_total{outcome="whole"}': 4,
      'rollcall_hub_uploads_total{outcome="landed"}': 2,
      'rollcall_hub_uploads_total{outcome="refused"}': 1,
      rollcall_hub_page_bytes_total: 12_345,
      'rollcall_hub_collectors{state="joined"}': 1,
      'rollcall_hub_collectors{state="silent"}': 1,
      'rollcall_hub_collectors{state="revoked"}': 1,
      rollcall_hub_collectors_failing: 1,
      rollcall_hub_subnets_uncovered: 1,
      rollcall_hub_inbox_uploads: 3,
      rollcall_hub_lag_seconds: 90,
      [`rollcall_hub_collector_last_contact_timestamp_seconds{organization="4711",collector="${well.id}"}`]: (start - 60_000) / 1_000,
    });
    expect(text).not.toMatch(/Nora|acme-hq|10\.0\.0\.0/u);

    // Counters go on from what they were; nobody was looked at yet; and then it is no hub any more.
    hubTally.answered('done');
    figures = { tally: hubTally, collectors: null };
    const unseen = parse(await metrics.text());
    expect(unseen.get('rollcall_hub_requests_total{outcome="done"}')).toBe(3);
    expect([...unseen.keys()].filter((name) => /hub_(?:collector|subnet|inbox|lag)/u.test(name))).toEqual([]);
    figures = null;
    expect([...parse(await metrics.text()).keys()].filter((name) => name.startsWith('rollcall_hub'))).toEqual([]);
  });

  it('show nothing for what never happened or is not known yet', async () => {
    const facts = serviceFacts({ lastSuccessAt: null, next: [] });
    const samples = parse(await createMetrics(consoleSource({ facts: () => facts, summary: () => null })).text());

    expect([...samples.keys()].filter((name) => /next_run|rollcall_users/.test(name))).toEqual([]);
    expect(samples.get('rollcall_health{state="healthy"}')).toBe(0);
    expect(samples.get('rollcall_last_success_timestamp_seconds') ?? 0).toBe(0);
  });

  it('stay small and name nobody, whatever comes', async () => {
    const tally = new RunTally();
    for (let index = 0; index < 20_000; index += 1) tally.ended(`command ${index}`, 'success', 1);
    const [counts] = statusSummary().counts;
    if (counts === undefined) throw new Error('no counts');
    const message = 'Nora Linden <nora@acme.test> is not well';
    const problems = Array.from({ length: 1_000 }, (_, index) => ({
      part: 'plan' as const,
      message,
      hint: message,
      place: {},
      since: null,
      severity: 'failed' as const,
      code: `CODE_${index}`,
      organization: null,
    }));
    const summary = statusSummary({
      problems,
      counts: Array.from({ length: 2_000 }, (_, index) => ({ ...counts, organization: String(index) })),
    });

    const text = await createMetrics(consoleSource({ tally, summary: () => summary })).text();

    expect(parse(text).size).toBeLessThan(500 * 8 + 200 + 64 * 6 + 40);
    expect(text).not.toMatch(/Nora|acme/);
  });
});
