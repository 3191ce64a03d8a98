import { describe, expect, it } from 'vitest';
import type { DiskFacts } from '../../../../agent/pipeline/services.ts';
import { judgeDisk } from '../../../../agent/pipeline/status/judge-disk.ts';
import { judgeHeld } from '../../../../agent/pipeline/status/judge-held.ts';
import { judgeKey } from '../../../../agent/pipeline/status/judge-key.ts';
import { judgeAbsence, judgeReads } from '../../../../agent/pipeline/status/judge-reads.ts';
import { judgeOpenWrites, judgeRuns } from '../../../../agent/pipeline/status/judge-runs.ts';
import { judgeService, judgeSuccess } from '../../../../agent/pipeline/status/judge-service.ts';
import { heldSince, type OrganizationFacts } from '../../../../agent/pipeline/status/organization-facts.ts';
import { partOf, spanText } from '../../../../agent/pipeline/status/problem.ts';
import { widestGap } from '../../../../agent/pipeline/status/widest-gap.ts';
import type { ServiceView } from '../../../../agent/service/service-facts.ts';
import { errorTable } from '../../../../core/error-table.ts';
import { contactId, organizationId, runId } from '../../../../core/model/ids.ts';
import type { ReadProof } from '../../../../core/ports/directory-source.ts';
import type { ReadRecord, RunRecord, SourceReads } from '../../../../core/ports/store.ts';
import { readProof } from '../../../fixtures/build.ts';
import { serviceFacts } from '../../console/console-fixture.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.UTC(2026, 10, 22, 9);
const organization = organizationId('4711');

function facts(change: Partial<OrganizationFacts> = {}): OrganizationFacts {
  return {
    organization,
    state: { onboarded: true, twoWaySince: null, canary: null, lastPlanAt: now, lastAppliedAt: now },
    counts: { users: 250, matched: 200, ignored: 5, notSeen: 0, vanished: 0, conflicts: 0, psaHeld: 0 },
    reads: [],
    refused: new Map(),
    held: null,
    heldSince: null,
    open: [],
    lastRuns: [],
    lastSuccess: null,
    ...change,
  };
}

function run(change: Partial<RunRecord> = {}): RunRecord {
  return {
    id: runId('17'),
    organization,
    command: 'sync',
    startedAt: now - hour,
    finishedAt: now - hour + minute,
    outcome: 'done',
    planHash: null,
    counts: {},
    error: null,
    trigger: 'schedule',
    detail: null,
    ...change,
  };
}

function read(change: Partial<ReadRecord> = {}): ReadRecord {
  return {
    id: 1,
    organization,
    collector: 'hq',
    directory: 'corp',
    sourceType: 'ldif',
    startedAt: now - hour,
    finishedAt: now - hour,
    outcome: 'complete',
    proof: null,
    error: null,
    ...change,
  };
}

type Findings = readonly { readonly code: string; readonly severity: string; readonly since?: number | null }[];

function readsOf(latest: ReadRecord, latestComplete: ReadRecord | null): SourceReads {
  return { latest, latestComplete, latestFull: latestComplete, logons: null };
}

function short(findings: Findings): readonly string[] {
  return findings.map(({ code, severity }) => `${severity} ${code}`);
}

describe('reads', () => {
  const good = read({ finishedAt: now - 3 * hour });
  const failed = read({ outcome: 'failed', error: 'DIRECTORY_TIMEOUT' });
  const always = (): boolean => true;

  it.each<[string, ReadRecord, ReadRecord | null, readonly string[]]>([
    ['complete', good, good, []],
    ['running', read({ outcome: 'running' }), good, []],
    ['failed', failed, good, ['failed DIRECTORY_TIMEOUT']],
    ['unproven', read({ outcome: 'incomplete', error: 'DIRECTORY_INCOMPLETE' }), good, ['failed DIRECTORY_INCOMPLETE']],
    [
      'with a code that this version does not know',
      read({ outcome: 'failed', error: 'DIRECTORY_ECLIPSE' }),
      null,
      ['failed DIRECTORY_INCOMPLETE'],
    ],
  ])('C1 that are %s', (_words, latest, latestComplete, expected) => {
    expect(short(judgeReads(facts({ reads: [readsOf(latest, latestComplete)] }), now, always))).toEqual(expected);
  });

  it.each<[string, number, Partial<ReadProof>, readonly string[]]>([
    ['everything, and brought nobody', 0, {}, ['degraded DIRECTORY_RIGHTS']],
    ['changes, after one of everything that brought nobody', 0, { kind: 'changes' }, ['degraded DIRECTORY_RIGHTS']],
    ['changes, of which there were none', 30, { kind: 'changes' }, []],
  ])('C9 that were of %s', (_words, users, proof, expected) => {
    const full = read({ proof: readProof({ users }) });
    const latest = read({ id: 2, proof: readProof({ users: 0, ...proof }) });

    expect(short(judgeReads(facts({ reads: [{ ...readsOf(latest, latest), latestFull: full }] }), now, always))).toEqual(expected);
  });

  it.each(['DIRECTORY_BIND_REJECTED', 'DIRECTORY_BIND_WAITING'])('whose sign-in was refused are one problem, also after %s', (error) => {
    const refusal = { bindDn: 'svc', passwordVersion: 'one', since: now - 5 * hour, refusedAt: now - 2 * hour, early: 0 };
    const known = { ...refusal, times: 3, subCode: '52e', notBefore: now + hour };
    const latest = read({ outcome: 'failed', error });
    const told = (refused: OrganizationFacts['refused']) => judgeReads(facts({ reads: [readsOf(latest, good)], refused }), now, always);

    expect(told(new Map([[latest.id, known]]))).toEqual([
      {
        code: 'DIRECTORY_BIND_REJECTED',
        severity: 'failed',
        since: now - 5 * hour,
        message:
          'Directory corp refuses the sign-in since 2026-11-22 04:00 UTC: the password is wrong. ' +
          'It was tried 3 times, the last time 2 hours ago; the first run after 2026-11-22 10:00 UTC tries it again.',
        hint: 'Store the right password ("rollcall secret set"): the next run tries it. "rollcall scan" tries at once.',
        place: { directory: 'corp' },
      },
    ]);
    const [locked] = told(new Map([[latest.id, { ...known, times: 1, subCode: '775', notBefore: now }]]));
    expect(locked?.message).toContain('the account is locked out. It was tried once; the next run tries it again.');
    expect(locked?.hint).toContain('Correct the account');
    expect(short(told(new Map()))).toEqual([`failed ${error}`]);
  });

  it('tell since when they fail and how old the last good one is', () => {
    const [finding] = judgeReads(facts({ reads: [readsOf(failed, good)] }), now, always);
    const [never] = judgeReads(facts({ reads: [readsOf(failed, null)] }), now, always);

    expect(finding?.since).toBe(good.finishedAt);
    expect(finding?.message).toBe('The last read of directory corp failed; the last good one was 3 hours ago.');
    expect([never?.since, never?.message]).toEqual([failed.startedAt, 'The last read of directory corp failed; none was good yet.']);
  });

  it('of a directory that the configuration does not name any more are nobody’s problem', () => {
    expect(judgeReads(facts({ reads: [readsOf(failed, null)] }), now, ({ directory }) => directory !== 'corp')).toEqual([]);
  });

  it.each([
    [0, 250, false],
    [10, 250, false],
    [12, 250, false],
    [13, 250, true],
    [11, 20, true],
    [500, 10_000, false],
    [501, 10_000, true],
  ])('that %i of %i users left within days are worth a word: %s', (vanished, users, expected) => {
    const findings = judgeAbsence(facts({ counts: { ...facts().counts, users, vanished, notSeen: vanished } }));

    expect(short(findings)).toEqual(expected ? ['degraded DIRECTORY_USERS_MISSING'] : []);
  });
});

describe('runs', () => {
  const partly = { outcome: 'partly', counts: { failed: 3 } } as const;

  it.each<[string, readonly RunRecord[], readonly string[]]>([
    ['that went well', [run()], []],
    ['that are held', [run({ outcome: 'held' })], []],
    ['that failed', [run({ outcome: 'failed', error: { code: 'ITGLUE_KEY_REJECTED', message: 'No.' } })], ['failed ITGLUE_KEY_REJECTED']],
    [
      'that failed for a reason of another version',
      [run({ outcome: 'failed', error: { code: 'MOON_FULL', message: 'No.' } })],
      ['failed INTERNAL'],
    ],
    ['that were stopped', [run({ outcome: 'interrupted' })], ['degraded INTERRUPTED']],
    ['with failed records of an earlier version', [run(partly)], ['degraded ITGLUE_REFUSED']],
    [
      'with failed records, the most frequent first',
      [run({ ...partly, detail: { failures: { RECORD_CHANGED: 1, PSA_REFUSED: 2 } } })],
      ['degraded PSA_REFUSED', 'degraded RECORD_CHANGED'],
    ],
    [
      'from before a good one',
      [run(), run({ command: 'approve', outcome: 'failed', startedAt: now - day, error: { code: 'INTERNAL', message: '' } })],
      [],
    ],
    ['that only looked', [run({ command: 'plan', outcome: 'failed', error: { code: 'INTERNAL', message: '' } })], []],
    [
      'P9 of the watch with failed records, since the last sync',
      [run({ id: runId('18'), command: 'watch', ...partly, detail: { failures: { PSA_REFUSED: 1 } } }), run()],
      ['degraded PSA_REFUSED'],
    ],
    [
      'P9 of the watch with failed records, before the last sync, which looked at all',
      [run({ id: runId('16'), command: 'watch', ...partly, detail: { failures: { PSA_REFUSED: 1 } } }), run()],
      [],
    ],
    [
      'P9 of the watch that failed: the service tells it when it lasts',
      [run({ id: runId('18'), command: 'watch', outcome: 'failed', error: { code: 'PSA_UNREACHABLE', message: 'No.' } }), run()],
      [],
    ],
    [
      'P9 that failed before the watch did something small',
      [run({ id: runId('18'), command: 'watch' }), run({ outcome: 'failed', error: { code: 'DIRECTORY_TIMEOUT', message: 'No.' } })],
      ['failed DIRECTORY_TIMEOUT'],
    ],
    [
      'that have no company in the PSA',
      [run({ detail: { psaProblem: 'BMS has no company named "Acme"' } })],
      ['degraded PSA_COMPANY_NOT_FOUND'],
    ],
  ])('%s', (_words, lastRuns, expected) => {
    expect(short(judgeRuns(facts({ lastRuns })))).toEqual(expected);
  });

  it('C11 say of a refused sign-in that it is over once a read was let in, and only then', () => {
    const refused = { code: 'DIRECTORY_BIND_WAITING', message: 'it is tried again after 08:46' };
    const lastRuns = [run({ outcome: 'failed', error: refused, startedAt: now - hour })];
    const later = readsOf(read({ startedAt: now - minute }), null);
    const earlier = readsOf(read({ startedAt: now - 2 * hour }), null);
    const words = (reads: readonly SourceReads[]) => judgeRuns(facts({ lastRuns, reads })).map(({ message }) => message);

    expect(words([later])).toEqual([expect.stringContaining('accepted since')]);
    expect(words([later, earlier])).toEqual([expect.stringContaining('tried again after')]);
    expect(judgeRuns(facts({ lastRuns, reads: [later] }))).toMatchObject([{ hint: expect.stringContaining('rollcall sync') as unknown }]);
  });

  it('name the run and how many records it is about', () => {
    const [finding] = judgeRuns(facts({ lastRuns: [run({ ...partly, detail: { failures: { PSA_REFUSED: 3 } } })] }));

    expect(finding?.message).toBe('3 records failed in the last sync; "rollcall runs show 17" tells which.');
  });

  it('A2 tell of writes that nobody knows the end of', () => {
    const open = [
      { system: 'it-glue' as const, at: now - hour },
      { system: 'psa' as const, at: now - minute },
      { system: 'it-glue' as const, at: now - day },
    ];
    const lost = run({ outcome: 'partly', detail: { failures: { PSA_ANSWER_LOST: 1, PSA_REFUSED: 1 } } });

    expect(judgeOpenWrites(facts({ open }))).toMatchObject([
      { code: 'ITGLUE_ANSWER_LOST', severity: 'degraded', since: now - day, message: expect.stringContaining('2 writes') as unknown },
      { code: 'PSA_ANSWER_LOST', severity: 'degraded', since: now - minute },
    ]);
    expect(short(judgeRuns(facts({ open, lastRuns: [lost] })))).toEqual(['degraded PSA_REFUSED']);
    expect(short(judgeRuns(facts({ lastRuns: [lost] })))).toEqual(['degraded PSA_ANSWER_LOST', 'degraded PSA_REFUSED']);
    expect(judgeOpenWrites(facts())).toEqual([]);
  });
});

describe('held plans', () => {
  const held = { organization, hash: 'abc', madeAt: now - minute, guards: [], held: { reason: 'create', hash: 'abc' } };

  it.each([
    [minute, null],
    [23 * hour, null],
    [30 * hour, 'It has waited for 30 hours.'],
    [5 * day, 'It has waited for 5 days.'],
  ])('A3 after %i ms remind how long they wait: %s', (waited, words) => {
    const [finding] = judgeHeld(facts({ held, heldSince: now - waited }), now);

    expect(finding).toMatchObject({ code: 'PLAN_HELD', severity: 'degraded', since: now - waited, place: { hash: 'abc' } });
    expect(finding?.hint).toContain('rollcall approve abc');
    if (words === null) expect(finding?.message).not.toContain('waited');
    else expect(finding?.message).toContain(words);
  });

  it.each<[string, readonly RunRecord[], number]>([
    ['no run is known', [], now - minute],
    ['held once', [run({ outcome: 'held' })], now - hour],
    ['held again and again', [run({ outcome: 'held' }), run({ outcome: 'held', command: 'plan', startedAt: now - day })], now - day],
    ['with a failure in between', [run({ outcome: 'failed' }), run({ outcome: 'held', startedAt: now - day })], now - day],
    [
      'after one that was let through',
      [run({ outcome: 'held' }), run({ command: 'approve' }), run({ outcome: 'held', startedAt: now - day })],
      now - hour,
    ],
    [
      'scans and reloads do not count',
      [run({ command: 'scan' }), run({ command: 'reload' }), run({ outcome: 'held', startedAt: now - day })],
      now - day,
    ],
  ])('A3 wait since they were first held: %s', (_words, runs, since) => {
    expect(heldSince(runs, now - minute)).toBe(since);
  });

  it('P10 say once that IT Glue pushes by itself', () => {
    const canary = { contactId: contactId('7'), psaContactId: null, startedAt: now - day, state: 'tripped' as const };
    const tripped = facts({ state: { ...facts().state, canary } });
    const doublePush = { ...held, held: { reason: 'PSA_DOUBLE_PUSH', hash: 'abc' } };

    expect(short(judgeHeld(tripped, now))).toEqual(['degraded PSA_DOUBLE_PUSH']);
    expect(short(judgeHeld({ ...tripped, held: doublePush }, now))).toEqual(['degraded PSA_DOUBLE_PUSH']);
    expect(short(judgeHeld({ ...tripped, held }, now))).toEqual(['degraded PLAN_HELD', 'degraded PSA_DOUBLE_PUSH']);
    expect(judgeHeld(facts({ state: { ...facts().state, canary: { ...canary, state: 'clear' } } }), now)).toEqual([]);
  });
});

describe('the key of IT Glue', () => {
  it.each<[number | null, readonly string[]]>([
    [null, []],
    [0, []],
    [59.9, []],
    [60, ['degraded ITGLUE_KEY_IDLE']],
    [84.9, ['degraded ITGLUE_KEY_IDLE']],
    [85, ['failed ITGLUE_KEY_IDLE']],
    [400, ['failed ITGLUE_KEY_IDLE']],
  ])('idle for %s days', (days, expected) => {
    expect(short(judgeKey(days === null ? null : now - days * day, now))).toEqual(expected);
  });

  it('says how much time is left', () => {
    expect(judgeKey(now - 60 * day, now)[0]?.message).toBe(
      'The API key of IT Glue was last used 60 days ago; IT Glue revokes it in 30 days.',
    );
    expect(judgeKey(now - 88.5 * day, now)[0]?.message).toMatch(/revokes it in 1 day\.$/);
    expect(judgeKey(now - 91 * day, now)[0]?.message).toMatch(/any time now/);
  });
});

describe('the disk', () => {
  const megabyte = 1024 * 1024;

  it.each<[number, number, readonly string[]]>([
    [10_000, 50, []],
    [512, 50, []],
    [511, 50, ['degraded STORE_DISK_LOW']],
    [900, 450, []],
    [899, 450, ['degraded STORE_DISK_LOW']],
    [64, 1, ['degraded STORE_DISK_LOW']],
    [63, 1, ['failed STORE_DISK_LOW']],
    [0, 1, ['failed STORE_DISK_LOW']],
  ])('with %i MB free and a store of %i MB', (free, store, expected) => {
    const disk: DiskFacts = { folder: '/var/lib/rollcall', free: free * megabyte, store: store * megabyte };

    expect(short(judgeDisk(disk))).toEqual(expected);
  });

  it('that cannot be looked at is no problem', () => {
    expect(judgeDisk(null)).toEqual([]);
  });
});

describe('the service', () => {
  const running: ServiceView = { state: 'running', facts: serviceFacts() };
  const crashed: ServiceView = { state: 'not-running', facts: serviceFacts() };
  const stopped: ServiceView = { state: 'not-running', facts: serviceFacts({ stoppedAt: '2026-11-22T07:00:00.000Z' }) };
  const none: ServiceView = { state: 'none' };

  it.each<[string, ServiceView, readonly string[], number | null]>([
    ['runs', running, [], null],
    ['never ran', none, [], null],
    ['was stopped', stopped, ['degraded SERVICE_NOT_RUNNING'], Date.UTC(2026, 10, 22, 7)],
    ['crashed', crashed, ['failed SERVICE_NOT_RUNNING'], Date.UTC(2026, 10, 22, 9)],
  ])('that %s', (_words, view, expected, since) => {
    const findings = judgeService(view);

    expect(short(findings)).toEqual(expected);
    expect(findings[0]?.since ?? null).toBe(since);
  });

  /** Every four hours. */
  const gap = (): number => 4 * hour;
  const started = (agoMs: number): ServiceView => ({
    state: 'running',
    facts: serviceFacts({ startedAt: new Date(now - agoMs).toISOString() }),
  });
  const atWork = (agoMs: number): ServiceView => ({
    state: 'running',
    facts: serviceFacts({ current: { command: 'sync', startedAt: new Date(now - agoMs).toISOString() } }),
  });

  it.each<[string, number | null, ServiceView, readonly string[]]>([
    ['S1 within two slots', now - 8 * hour, running, []],
    ['S1 after two slots and the jitter', now - 8.2 * hour, running, ['degraded SYNC_OVERDUE']],
    ['S1 for more than a week', now - 7.1 * day, running, ['failed SYNC_OVERDUE']],
    ['S1 that is under way', now - 9 * hour, atWork(hour), []],
    ['S1 that is under way for ever', now - 9 * hour, atWork(7 * hour), ['degraded SYNC_OVERDUE']],
    ['S1 right after the service started', now - 30 * day, started(minute), []],
    ['with a service that was stopped', now - 9 * hour, stopped, ['degraded SYNC_OVERDUE']],
    ['without a service, after days', now - 6.9 * day, none, []],
    ['without a service, after a week', now - 7.1 * day, none, ['degraded SYNC_OVERDUE']],
    ['without a service, after months', now - 100 * day, none, ['degraded SYNC_OVERDUE']],
  ])('a success %s', (_words, at, view, expected) => {
    expect(short(judgeSuccess({ at, firstRunAt: null }, view, now, gap))).toEqual(expected);
  });

  it('that never had a success is judged from the first run on, and not before there was one', () => {
    expect(judgeSuccess({ at: null, firstRunAt: null }, running, now, gap)).toEqual([]);
    expect(judgeSuccess({ at: null, firstRunAt: now - hour }, running, now, gap)).toEqual([]);
    const [finding] = judgeSuccess({ at: null, firstRunAt: now - day }, running, now, gap);
    expect([finding?.code, finding?.message]).toEqual([
      'SYNC_OVERDUE',
      'No sync has succeeded yet; by the schedule (0 */4 * * *) two should have come since.',
    ]);
  });

  it('allows for the time that a run takes, however often the schedule fires', () => {
    expect(judgeSuccess({ at: now - 14 * minute, firstRunAt: null }, running, now, () => 1_000)).toEqual([]);
    expect(short(judgeSuccess({ at: now - 16 * minute, firstRunAt: null }, running, now, () => 1_000))).toEqual(['degraded SYNC_OVERDUE']);
    expect(judgeSuccess({ at: now - 400 * day, firstRunAt: null }, running, now, () => Number.POSITIVE_INFINITY)).toEqual([]);
  });
});

describe('the widest gap of a schedule', () => {
  const everyHours = (hours: number) => (_expression: string, _zone: string, count: number) =>
    Array.from({ length: count }, (_, index) => now + (index + 1) * hours * hour);

  it('is the distance of its slots when they come evenly', () => {
    expect(widestGap({ scan: 'x', timezone: '' }, everyHours(4))).toBe(4 * hour);
  });

  it('S1 is the weekend of a schedule of office hours', () => {
    const slots: number[] = [];
    for (let at = now; slots.length < 1_000; at += hour) {
      const date = new Date(at);
      const isOffice = date.getUTCDay() % 6 !== 0 && date.getUTCHours() >= 8 && date.getUTCHours() < 18;
      if (isOffice) slots.push(at);
    }
    const gap = widestGap({ scan: 'x', timezone: '' }, (_expression, _zone, count) => slots.slice(0, count));

    expect(gap / hour).toBe(63);
  });

  it('is without end when the schedule fires once, never, or at no moment that exists', () => {
    for (const slots of [[], [now], [Number.NaN, Number.NaN]]) {
      expect(widestGap({ scan: 'x', timezone: '' }, () => slots)).toBe(Number.POSITIVE_INFINITY);
    }
  });
});

describe('problems', () => {
  it('have a part each, by their code', () => {
    expect(
      Object.keys(errorTable).filter(
        (code) => partOf(code) === 'plan' && /^(?:DIRECTORY|ITGLUE|PSA_|STORE|CONFIG|NOTIFY|SERVICE)/.test(code),
      ),
    ).toEqual([]);
    expect(['LDIF_INVALID', 'VAULT_LOCKED', 'CONSOLE_UNAVAILABLE', 'SYNC_OVERDUE', 'PLAN_HELD'].map(partOf)).toEqual([
      'directory',
      'configuration',
      'service',
      'service',
      'plan',
    ]);
  });

  it.each([
    [0, 'less than a minute'],
    [minute, '1 minute'],
    [119 * minute, '119 minutes'],
    [2 * hour, '2 hours'],
    [47.5 * hour, '47 hours'],
    [48 * hour, '2 days'],
  ])('tell %i ms as %s', (ms, words) => {
    expect(spanText(ms)).toBe(words);
  });
});
