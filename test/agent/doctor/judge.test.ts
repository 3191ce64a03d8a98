import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeCheck } from '../../../agent/doctor/directory/judge-check.ts';
import { worstOf } from '../../../agent/doctor/finding.ts';
import { judgeContactTypes } from '../../../agent/doctor/it-glue.ts';
import {
  type FileFacts,
  judgeClock,
  judgeDaysLeft,
  judgeDisk,
  judgeFiles,
  judgeKeyIdle,
  judgeMemory,
  sizeText,
} from '../../../agent/doctor/judge.ts';
import type { EndpointProbe } from '../../../agent/doctor/probe-endpoint.ts';
import { judgeService } from '../../../agent/doctor/service-and-store.ts';
import { judgeEndpoint, judgeEnvironment, judgeSystemStore } from '../../../agent/doctor/ways.ts';
import type { ServiceFacts } from '../../../agent/service/service-facts.ts';
import { version } from '../../../agent/version.ts';

const megabyte = 1024 * 1024;
const day = 86_400_000;
const now = Date.UTC(2026, 10, 22, 8);
const topic = { part: 'it-glue', subject: 'api.itglue.com', code: 'CERTIFICATE' } as const;

describe('free space', () => {
  it.each([
    [600 * megabyte, 'ok'],
    [500 * megabyte, 'ok'],
    [500 * megabyte - 1, 'warning'],
    [100 * megabyte, 'warning'],
    [100 * megabyte - 1, 'problem'],
    [0, 'problem'],
    [null, 'note'],
  ])('%s bytes is %s', (free, state) => {
    expect(judgeDisk('/var/lib/rollcall', free)).toMatchObject({ state, subject: '/var/lib/rollcall' });
  });

  it.each([
    [0, '0 KB'],
    [1500, '2 KB'],
    [350 * megabyte, '350 MB'],
    [1.4 * 1024 * megabyte, '1.4 GB'],
  ])('%s bytes are told as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe('the clock', () => {
  const sample = (source: string, skewMs: number, uncertainMs = 1000) => ({ source, theirs: now, ours: now + skewMs, uncertainMs });

  it.each([
    ['right', [sample('IT Glue', 500)], 'ok', /^right \(IT Glue\)$/],
    ['a little off', [sample('IT Glue', 20_000)], 'ok', /19 s ahead/],
    ['ahead', [sample('IT Glue', 61_000), sample('BMS', 61_000)], 'warning', /60 s ahead \(IT Glue\), 60 s ahead \(BMS\)/],
    ['behind', [sample('IT Glue', -400_000)], 'problem', /399 s behind/],
    ['uncertain', [sample('IT Glue', 40_000, 20_000)], 'ok', /20 s ahead/],
    ['apart from one of two that disagree', [sample('IT Glue', 0), sample('BMS', -600_000)], 'warning', /disagree/],
    ['not compared', [], 'note', /not compared/],
  ])('%s', (_, samples, state, seen) => {
    expect(judgeClock(samples)).toMatchObject({ state, seen: expect.stringMatching(seen) });
  });

  it('is never accused when what is uncertain is larger than the difference', () => {
    fc.assert(
      fc.property(fc.integer({ min: -900_000, max: 900_000 }), (skew) => {
        expect(judgeClock([sample('IT Glue', skew, Math.abs(skew))]).state).toBe('ok');
      }),
    );
  });
});

describe('files', () => {
  const file = (more: Partial<FileFacts>): FileFacts => ({
    path: '/etc/rollcall/config.json',
    what: 'configuration',
    mode: 0o644,
    uid: 0,
    kind: 'shared file',
    reachable: true,
    ...more,
  });

  it.each<[string, Partial<FileFacts>, string, string | null]>([
    ['configuration that others read', {}, 'ok', null],
    ['configuration that others write', { mode: 0o666 }, 'warning', 'chmod go-w /etc/rollcall/config.json'],
    ['secret that others read', { kind: 'private file', path: '/etc/a b', mode: 0o644 }, 'warning', "chmod 600 '/etc/a b'"],
    ['secret that a group reads', { kind: 'private file', path: '/s', mode: 0o640 }, 'warning', 'chmod 600 /s'],
    ['secret in a folder that lets nobody in', { kind: 'private file', mode: 0o644, reachable: false }, 'ok', null],
    ['secret for its owner alone', { kind: 'private file', mode: 0o600 }, 'ok', null],
    ['state folder that others read', { kind: 'private folder', path: '/s', mode: 0o755 }, 'warning', 'chmod 700 /s'],
    ['file of another account', { uid: 1234 }, 'note', 'Have it belong to the account that runs rollcall, or to root.'],
    ['file of the own account', { uid: 990 }, 'ok', null],
  ])('%s', (_, more, state, remedy) => {
    const findings = judgeFiles([file(more)], 990);

    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ state, remedy });
  });

  it('that are as they should be are told in one finding', () => {
    const findings = judgeFiles([file({}), file({ what: 'store', kind: 'private file', mode: 0o600 }), file({ mode: 0o666 })], 0);

    expect(findings.map(({ state }) => state)).toEqual(['warning', 'ok']);
    expect(findings[1]?.seen).toBe('configuration 0644, store 0600');
  });
});

describe('certificates and keys', () => {
  it.each([
    [-2, 'problem'],
    [0, 'warning'],
    [6, 'warning'],
    [7, 'note'],
    [20, 'note'],
    [21, 'ok'],
  ])('%i days left is %s', (days, state) => {
    expect(judgeDaysLeft(topic, now + days * day + 1000, now, '').state).toBe(state);
  });

  it.each([
    [null, 'ok'],
    [0, 'ok'],
    [60, 'ok'],
    [61, 'warning'],
  ])('a key that was idle for %s days is %s', (days, state) => {
    expect(judgeKeyIdle(days === null ? null : now - days * day, now).state).toBe(state);
  });

  it('little memory is a warning', () => {
    expect(judgeMemory(1024 * megabyte, 200 * megabyte).state).toBe('warning');
    expect(judgeMemory(1024 * megabyte, 300 * megabyte).state).toBe('ok');
  });
});

describe('the proxy of the environment', () => {
  it.each([
    ['is not there', {}, false, []],
    ['is empty', { HTTPS_PROXY: '' }, false, []],
    ['is set, and the configuration has none', { https_proxy: 'http://me:hush@proxy:1' }, false, ['warning']],
    ['is set, and the configuration has its own', { HTTPS_PROXY: 'http://proxy:1' }, true, ['ok']],
  ])('%s', (_, environment, hasProxy, states) => {
    const findings = judgeEnvironment(environment, hasProxy);

    expect(findings.map(({ state }) => state)).toEqual(states);
    expect(JSON.stringify(findings)).not.toContain('hush');
  });
});

describe('the certificate store of the system', () => {
  it.each<[string, () => number, string]>([
    ['with CAs', () => 140, 'ok'],
    ['that is empty', () => 0, 'note'],
    [
      'that cannot be read',
      () => {
        throw new Error('access denied');
      },
      'warning',
    ],
  ])('%s', (_, count, state) => {
    expect(judgeSystemStore(count)[0]?.state).toBe(state);
  });
});

describe('the way to an API', () => {
  const endpoint = { part: 'it-glue', name: 'IT Glue', url: 'https://api.itglue.com' } as const;
  const probe = (more: Partial<EndpointProbe>): EndpointProbe => ({
    route: 'direct',
    proxy: null,
    steps: [
      { stage: 'name', ms: 3, seen: '192.0.2.1' },
      { stage: 'connection', ms: 20, seen: 'port 443' },
    ],
    certificate: { issuer: 'Example R1', validTo: now + 60 * day, root: 'Example Root', isPublic: true },
    clock: null,
    rateLeft: null,
    failure: null,
    ...more,
  });

  it('tells each step with its time, and who signed', () => {
    expect(judgeEndpoint(endpoint, probe({ rateLeft: '2900' }), now).map(({ code, state, seen }) => [code, state, seen])).toEqual([
      ['REACHABLE', 'ok', 'direct; name 3 ms (192.0.2.1), connection 20 ms'],
      ['CERTIFICATE', 'ok', '60 days left, issued by "Example R1"'],
      ['RATE_LIMIT', 'ok', '2900 requests left'],
    ]);
  });

  it('notes TLS inspection when the chain ends in a CA that is not public', () => {
    const certificate = { issuer: 'Example Inspection CA', validTo: now + 60 * day, root: 'Example Inspection CA', isPublic: false };
    const found = judgeEndpoint(endpoint, probe({ route: 'proxy', proxy: 'http://proxy.example.test:3128', certificate }), now);

    expect(found.find(({ code }) => code === 'TLS_INSPECTION')).toMatchObject({
      state: 'note',
      seen: expect.stringContaining('"Example Inspection CA", which is no public CA'),
    });
    expect(found[0]?.seen).toMatch(/^through the proxy http:\/\/proxy\.example\.test:3128;/);
  });

  it.each([
    ['name', null, /DNS servers/],
    ['connection', null, /firewall/],
    ['tls', 'HTTP_CERTIFICATE_REJECTED', /proxy\.caFile/],
    ['proxy', 'HTTP_PROXY_CREDENTIALS_REJECTED', /proxy\.userName/],
    ['answer', null, /baseUrl/],
  ] as const)('that fails at its %s says what to do there', (stage, error, remedy) => {
    const [finding] = judgeEndpoint(endpoint, probe({ certificate: null, failure: { stage, reason: 'refused', error } }), now);

    expect(finding).toMatchObject({ state: 'problem', error, remedy: expect.stringMatching(remedy) });
  });
});

describe('contact types', () => {
  const types = { part: 'it-glue', subject: null, code: 'ITGLUE_CONTACT_TYPES' } as const;

  it.each([
    [[], ['Approver'], 'ok'],
    [['approver'], ['Approver'], 'ok'],
    [['Former', 'Approver'], ['Approver'], 'problem'],
  ])('%j among %j is %s', (wanted, known, state) => {
    expect(judgeContactTypes(types, wanted, known).state).toBe(state);
  });
});

describe("a directory's own test", () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['that is well', { users: 'readable', domain: 'corp.example.test' }, ['ok', 'ok']],
    ['in which nobody is visible', { users: 'none visible below the search bases' }, ['ok', 'problem']],
    ['that hides account states', { users: 'visible, but their account state cannot be read: rights' }, ['ok', 'problem']],
    ['of an empty file', { users: '0' }, ['ok', 'problem']],
  ])('%s', (_, facts, states) => {
    const findings = judgeCheck('corp', 'ldaps://dc1.corp.example.test', { 'signed in as': 'svc@corp', ...facts });

    expect(findings.map(({ state }) => state)).toEqual(states);
    expect(JSON.stringify(findings)).not.toContain('svc@corp');
  });
});

describe('the service', () => {
  const facts: ServiceFacts = {
    pid: 7,
    version,
    startedAt: '2026-11-22T01:00:00.000Z',
    at: '2026-11-22T08:00:00.000Z',
    configFile: '/etc/rollcall/config.json',
    configLoadedAt: '2026-11-22T01:00:00.000Z',
    stoppedAt: null,
    schedule: { scan: '', fullScan: '', timezone: 'UTC' },
    next: [],
    current: null,
    lastSuccessAt: null,
    watch: null,
    problems: [],
    eventLoop: { p50: 1, p99: 2, max: 12 },
    rssBytes: 90 * megabyte,
  };
  const problem = {
    code: 'LOG_UNWRITABLE',
    message: 'The log cannot be written.',
    hint: 'Free space.',
    place: {},
    severity: 'degraded',
    since: null,
  };

  it.each<[string, Parameters<typeof judgeService>[0], string, RegExp]>([
    ['runs', { state: 'running', facts }, 'ok', /running since .* 90 MB, event loop at most 12 ms late/],
    ['is of another version', { state: 'running', facts: { ...facts, version: '0.0.1' } }, 'warning', /it is rollcall 0\.0\.1/],
    ['uses another file', { state: 'running', facts: { ...facts, configFile: '/other.json' } }, 'warning', /it uses \/other\.json/],
    [
      'has a problem of its own',
      { state: 'running', facts: { ...facts, problems: [{ ...problem, severity: 'degraded' }] } },
      'warning',
      /log cannot be written/,
    ],
    ['crashed', { state: 'not-running', facts }, 'problem', /without a word/],
    ['was stopped', { state: 'not-running', facts: { ...facts, stoppedAt: '2026-11-22T07:00:00.000Z' } }, 'warning', /was stopped 2026/],
    ['never ran', { state: 'none' }, 'note', /no service ever ran/],
  ])('%s', (_, view, state, seen) => {
    expect(judgeService(view, '/etc/rollcall/config.json')).toMatchObject({ state, seen: expect.stringMatching(seen) });
  });
});

describe('the worst of all', () => {
  it.each([
    [[], 'ok'],
    [['ok', 'note'], 'note'],
    [['warning', 'note', 'ok'], 'warning'],
    [['ok', 'problem', 'warning'], 'problem'],
  ] as const)('%j is %s', (states, worst) => {
    expect(worstOf(states.map((state) => ({ state })))).toBe(worst);
  });
});
