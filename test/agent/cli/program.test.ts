import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operations } from '../../../agent/cli/operations.ts';
import { RollcallError } from '../../../core/errors.ts';
import { canary, type EdgeSettings, type Outcome, runHere } from './program-edge.ts';
import * as samples from './samples.ts';
import { temporaryConfig } from './start-program.ts';

let config: ReturnType<typeof temporaryConfig>;

beforeAll(() => {
  config = temporaryConfig();
});

afterAll(() => config.dispose());

function run(words: readonly string[], settings: EdgeSettings = {}): Promise<Outcome> {
  return runHere(['--config', config.file, ...words], settings);
}

function syncs(...documents: readonly Parameters<typeof samples.syncDocument>[0][]): Partial<Operations> {
  return { sync: () => Promise.resolve(documents.map((differences) => samples.syncDocument(differences))) };
}

function throws(thrown: Error): Partial<Operations> {
  return {
    sync: () => {
      throw thrown;
    },
  };
}

const held = { reason: 'onboarding', hash: samples.hash };
const error = samples.failure;
const wrong = { ...error, code: 'SECRET_NOT_SET' };

/** What is run, the outcome behind it, and the exit code of the interface's table. */
const exits: readonly (readonly [string, readonly string[], Partial<Operations>, number])[] = [
  ['validate', ['validate'], {}, 0],
  ['doctor', ['doctor'], {}, 0],
  ['doctor with a problem', ['doctor'], { doctor: () => Promise.resolve(samples.doctorDocument({ state: 'problem' })) }, 1],
  ['validate with a failed check', ['validate'], { validate: () => Promise.resolve(failedChecks('ITGLUE_KEY_REJECTED')) }, 1],
  [
    'validate with a secret that is not set',
    ['validate'],
    { validate: () => Promise.resolve(failedChecks('ITGLUE_KEY_REJECTED', 'SECRET_NOT_SET')) },
    2,
  ],
  ['scan', ['scan'], {}, 0],
  [
    'scan without credentials (C8)',
    ['scan'],
    {
      scan: () =>
        Promise.resolve([
          samples.scanDocument({ message: samples.noUsers, directories: [{ ...samples.failedRead, outcome: 'none', error: null }] }),
        ]),
    },
    0,
  ],
  [
    'scan with one failed directory of two',
    ['scan'],
    { scan: () => Promise.resolve([samples.scanDocument(), samples.scanDocument({ directories: [samples.failedRead] })]) },
    3,
  ],
  [
    'scan with failed directories only',
    ['scan'],
    { scan: () => Promise.resolve([samples.scanDocument({ directories: [samples.failedRead] })]) },
    1,
  ],
  ['plan', ['plan'], {}, 0],
  ['plan with changes, --exit-code', ['plan', '--exit-code'], {}, 5],
  [
    'plan without changes, --exit-code',
    ['plan', '--exit-code'],
    { plan: () => Promise.resolve([samples.planDocument({ changes: [] })]) },
    0,
  ],
  ['plan that is held', ['plan'], { plan: () => Promise.resolve([samples.planDocument({ held })]) }, 0],
  [
    'plan of which one organization failed',
    ['plan', '--exit-code'],
    { plan: () => Promise.resolve([samples.planDocument(), samples.planDocument({ error })]) },
    3,
  ],
  ['sync', ['sync'], {}, 0],
  ['sync with conflicts alone', ['sync'], syncs({ conflicts: samples.planDocument().conflicts }), 0],
  ['sync with a skipped record', ['sync'], syncs({ skipped: [samples.skippedItem] }), 0],
  ['sync that is held', ['sync'], syncs({ applied: [], held }), 4],
  ['sync with a failed record', ['sync'], syncs({ failed: [samples.failedItem] }), 3],
  ['sync of two, one held', ['sync'], syncs({}, { held }), 4],
  ['sync of two, one failed', ['sync'], syncs({ error }, {}), 3],
  ['sync of two, both failed', ['sync'], syncs({ error }, { error: wrong }), 1],
  ['sync of two, both not configured', ['sync'], syncs({ error: wrong }, { error: wrong }), 2],
  ['sync that was interrupted', ['sync'], syncs({ interrupted: true, failed: [samples.failedItem] }), 130],
  ['sync without organizations', ['sync'], syncs(), 0],
  ['refused credentials', ['sync'], throws(new RollcallError('DIRECTORY_BIND_REJECTED', 'no')), 1],
  ['a secret that is not set', ['sync'], throws(new RollcallError('SECRET_NOT_SET', 'no')), 2],
  ['a hash that is not held', ['approve', 'x'], { approve: () => Promise.reject(new RollcallError('PLAN_NOT_HELD', 'no')) }, 2],
  ['approve', ['approve', 'x'], {}, 0],
  ['approve --all without anybody to ask', ['approve', '--all'], {}, 2],
  ['approve --all --yes', ['approve', '--all', '--yes'], {}, 0],
  ['approve of nothing', ['approve'], {}, 2],
  ['approve of one and all', ['approve', 'x', '--all'], {}, 2],
  ['reject', ['reject', 'x'], {}, 0],
  ['a fault of ours', ['sync'], throws(new TypeError('x is not a function')), 1],
  ['an interruption', ['sync'], throws(new RollcallError('INTERRUPTED', 'stopped')), 130],
  ['an abort', ['sync'], throws(new DOMException('stopped', 'AbortError')), 130],
  ['status healthy', ['status'], { status: () => Promise.resolve(samples.statusDocument({ health: 'healthy' })) }, 0],
  ['status degraded', ['status'], {}, 6],
  ['status failed', ['status'], { status: () => Promise.resolve(samples.statusDocument({ health: 'failed' })) }, 7],
  [
    'push --all with contacts that are not eligible',
    ['push', '--all', '--yes'],
    { push: () => Promise.resolve([samples.pushDocument({ notEligible })]) },
    0,
  ],
  [
    'push of a contact that is not eligible',
    ['push', '900', '--yes'],
    { push: () => Promise.resolve([samples.pushDocument({ notEligible })]) },
    3,
  ],
  ['push without anybody to ask', ['push', '--all'], {}, 2],
  ['undo', ['undo', 'R-1'], {}, 0],
  ['undo with a failed record', ['undo', 'R-1'], { undo: () => Promise.resolve(samples.undoDocument({ failed: [failedUndo] })) }, 3],
  ['undo --delete-created without anybody to ask', ['undo', 'R-1', '--delete-created'], {}, 2],
];
const notEligible = [{ contactId: '900', label: 'Bo Sample', missing: ['primary phone'] }];
const failedUndo = {
  system: 'it-glue',
  record: '1',
  label: 'x',
  fields: {},
  reason: 'refused',
  code: 'ITGLUE_REFUSED',
  retryable: true,
} as const;

function failedChecks(...codes: readonly string[]) {
  return samples.validateDocument({
    valid: false,
    checks: codes.map((code) => ({
      what: 'it-glue',
      name: 'IT Glue',
      outcome: 'failed',
      facts: {},
      note: null,
      error: { ...error, code },
    })),
  });
}

describe('exit code', () => {
  it.each(exits)('of %s', async (...[, words, operations, exit]) => {
    const people = await run(words, { operations });
    const json = await run([...words, '--json'], { operations });

    expect([people.exit, json.exit]).toEqual([exit, exit]);
    expect(JSON.parse(json.stdout)).toMatchObject({ formatVersion: 1 });
    expect(json.stdout.endsWith('}\n')).toBe(true);
  });
});

describe('words', () => {
  const all = { organization: null, scan: true, full: false, approve: null };

  it.each<[readonly string[], string, unknown]>([
    [['validate', '--offline'], 'validate', { offline: true }],
    [['scan', '--full'], 'scan', { organization: null, full: true }],
    [['plan'], 'plan', { organization: null, scan: true, full: false }],
    [['plan', '--no-scan', '--organization', '4711'], 'plan', { organization: '4711', scan: false, full: false }],
    [['--organization=4711', 'sync'], 'sync', { ...all, organization: '4711' }],
    [['sync', '--full', '--approve', 'abc'], 'sync', { ...all, full: true, approve: 'abc' }],
    [['sync', '--no-scan'], 'sync', { ...all, scan: false }],
    [['approve', 'abc'], 'approve', { organization: null, hash: 'abc' }],
    [['reject', 'abc'], 'reject', { organization: null, hash: 'abc' }],
    [['status'], 'status', { organization: null }],
    [['contacts', 'list'], 'listContacts', { organization: null, state: null, search: null, collector: null }],
    [
      ['contacts', 'list', '--state', 'ignored', '--search', 'ann', '--collector', 'hq'],
      'listContacts',
      { organization: null, state: 'ignored', search: 'ann', collector: 'hq' },
    ],
    [['contacts', 'show', 'ann'], 'showContact', { organization: null, user: 'ann' }],
    [['contacts', 'match', 'ann', '900'], 'matchContact', { organization: null, user: 'ann', contact: '900' }],
    [['contacts', 'create', 'ann', 'bo'], 'createContacts', { organization: null, users: ['ann', 'bo'] }],
    [['contacts', 'ignore', 'ann'], 'ignoreContacts', { organization: null, users: ['ann'] }],
    [['contacts', 'restore', 'ann'], 'restoreContacts', { organization: null, users: ['ann'] }],
    [['contacts', 'unmatch', 'ann'], 'unmatchContacts', { organization: null, users: ['ann'] }],
    [['explain', 'ann@example.test'], 'explain', { organization: null, user: 'ann@example.test' }],
    [['push', '900', '901', '--yes'], 'push', { organization: null, all: false, contacts: ['900', '901'], confirm: expect.any(Function) }],
    [['push', '--all', '--yes'], 'push', { organization: null, all: true, contacts: [], confirm: expect.any(Function) }],
    [['runs'], 'listRuns', { organization: null, limit: 20, since: null, outcome: null }],
    [
      ['runs', '--limit', '5', '--organization', '4711', '--since', '2026-11-21T22:00Z', '--outcome', 'failed'],
      'listRuns',
      { organization: '4711', limit: 5, since: Date.UTC(2026, 10, 21, 22), outcome: 'failed' },
    ],
    [['runs', 'show', 'R-1'], 'showRun', { run: 'R-1' }],
    [['undo', 'R-1', '--delete-created', '--yes'], 'undo', { run: 'R-1', deleteCreated: true, confirm: expect.any(Function) }],
  ])('%j ask for %s', async (words, method, options) => {
    const { calls } = await run(words);

    expect(calls).toEqual([
      { method, options },
      { method: 'close', options: null },
    ]);
  });

  it.each([
    [['--state', '/var/state', 'contacts', 'list']],
    [['contacts', '--state', '/var/state', 'list']],
    [['contacts', 'list', '--state', '/var/state']],
    [['contacts', 'list', '--state=/var/state', '--state', 'unmatched']],
    [['status', '--state', '/var/state']],
  ])('%j keep the store in the directory that was given', async (words) => {
    expect((await run(words)).opened?.stateDirectory).toBe('/var/state');
  });

  it('without --state use the place of the machine', async () => {
    expect((await run(['status'])).opened?.stateDirectory).toBe('/var/lib/rollcall');
  });

  it.each([
    ['sync without a terminal', ['sync'], {}, false],
    ['sync at a terminal', ['sync'], { columns: 80 }, true],
    ['scan without a terminal', ['scan'], {}, false],
    ['plan without a terminal', ['plan'], {}, false],
    ['validate without a terminal', ['validate'], {}, true],
  ])('takes %s for what it is: a person waits, or a program comes again and again', async (_what, words, settings, attended) => {
    expect((await run(words, settings)).opened?.attended).toBe(attended);
  });
});

describe('documents', () => {
  it('are one object for one organization, and several in organizations[]', async () => {
    const one = await run(['sync', '--json']);
    const two = await run(['sync', '--json'], { operations: syncs({}, { organization: '4712' }) });

    expect(JSON.parse(one.stdout)).toMatchObject({ formatVersion: 1, organization: '4711', applied: expect.any(Array) as unknown });
    expect(JSON.parse(two.stdout)).toMatchObject({ formatVersion: 1, organizations: [{ organization: '4711' }, { organization: '4712' }] });
  });

  it('carry no secret that a server repeated', async () => {
    const { stdout } = await run(['sync', '--json'], { operations: syncs({ notices: [`IT Glue said ${canary}`] }) });

    expect(JSON.parse(stdout)).toMatchObject({ notices: ['IT Glue said <redacted>'] });
  });

  it('name an error with code, message, hint and place', async () => {
    const place = { server: 'ldaps://dc1.corp.example.test' };
    const { stdout, stderr } = await run(['sync', '--json', '--log-level', 'error'], {
      operations: throws(new RollcallError('DIRECTORY_BIND_REJECTED', `Refused with ${canary}.`, { place })),
    });

    expect(JSON.parse(stdout)).toEqual({
      formatVersion: 1,
      error: {
        code: 'DIRECTORY_BIND_REJECTED',
        message: 'Refused with <redacted>.',
        hint: expect.stringMatching(/bindDn/) as unknown,
        place,
      },
    });
    expect(stderr).toBe('');
  });

  it('name every problem of a configuration that is wrong, and nothing is opened', async () => {
    const file = config.write('wrong.json', { ...config.content, contcts: {}, log: { level: 'loud' } });

    const people = await runHere(['plan', '--config', file]);
    const json = await runHere(['plan', '--config', file, '--json']);

    expect([people.exit, json.exit, json.calls, json.opened]).toEqual([2, 2, [], null]);
    expect(people.stderr).toMatch(/- contcts is not a setting; did you mean "contacts"\?/);
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { code: 'CONFIG_INVALID', place: { file }, problems: [{ path: 'log.level', found: '"loud"' }, { path: 'contcts' }] },
    });
  });
});

describe('standard error', () => {
  it('has progress as plain lines and the log as JSON when it is no terminal', async () => {
    const { stderr } = await run(['scan']);

    expect(stderr).toMatch(/^Reading corp …$/m);
    expect(stderr).toMatch(/^Read corp: 250 users \(.*\)$/m);
    const log = stderr.split('\n').filter((line) => line.startsWith('{'));
    expect(log.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 'info', message: 'Operations were opened', secretish: '<redacted>' }),
    ]);
  });

  it('has plain lines on a terminal that does not know its width: a spinner would never end there', async () => {
    const { stderr } = await run(['scan'], { columns: 0, environment: { TERM: 'xterm' } });

    expect(stderr).toMatch(/^Reading corp …\nRead corp: 250 users/m);
  });

  it('has no progress with --json', async () => {
    expect((await run(['scan', '--json', '--log-level', 'warn'])).stderr).toBe('');
  });

  it('has no information of the log on a terminal, unless it is asked for', async () => {
    expect((await run(['scan'], { columns: 100 })).stderr).not.toContain('Operations were opened');
    expect((await run(['scan', '--log-level', 'info'], { columns: 100 })).stderr).toMatch(
      /INFO {2}Operations were opened secretish=<redacted>/,
    );
  });

  it('has what happened, where, what to do next and the code of an error, without a stack', async () => {
    const place = { server: 'https://api.example.test', record: '' };
    const { stderr, stdout } = await run(['sync'], {
      operations: throws(new RollcallError('ITGLUE_KEY_REJECTED', `Refused ${canary}.`, { place })),
    });

    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Error {2}Refused <redacted>\.$/m);
    expect(stderr).toMatch(/^where {2}server https:\/\/api\.example\.test$/m);
    expect(stderr).toMatch(/^ next {2}Check the API key and the region/m);
    expect(stderr).toMatch(/^ code {2}ITGLUE_KEY_REJECTED$/m);
    expect(stderr).not.toContain('.ts:');
  });

  it('has the stacks of an error and its causes with --log-level debug only, without secrets', async () => {
    const cause = new TypeError(`x is not a function ${canary}`);
    const { stderr } = await run(['sync', '--log-level=debug'], { operations: throws(new RollcallError('INTERNAL', 'Odd', { cause })) });

    expect(stderr).toMatch(/RollcallError: Odd\n\s+at .*\.ts:/);
    expect(stderr).toMatch(/caused by TypeError: x is not a function <redacted>/);
  });

  it('does not let the text of an error command the terminal', async () => {
    const { stderr } = await run(['sync'], { operations: throws(new RollcallError('INTERNAL', 'a\u001B[2Jb\u0007c')) });

    expect(stderr).toContain('a [2Jb c');
  });
});

describe('operations', () => {
  it('are closed after a failure too', async () => {
    const { calls } = await run(['sync'], { operations: throws(new Error('x')) });

    expect(calls.map((call) => call.method)).toEqual(['close']);
  });

  it('that cannot be opened are a failure of the command', async () => {
    const { exit, stderr } = await run(['sync'], {
      open: () => Promise.reject(new RollcallError('STORE_LOCKED', 'Another rollcall runs.')),
    });

    expect(exit).toBe(1);
    expect(stderr).toMatch(/Another rollcall runs/);
  });

  it('that fail because they were stopped are an interruption, whatever they throw', async () => {
    const stop = new AbortController();
    stop.abort();

    expect((await run(['sync'], { signal: stop.signal, operations: throws(new Error('socket closed')) })).exit).toBe(130);
  });
});

describe('questions', () => {
  it.each([
    ['y\n', false],
    ['Yes\n', false],
    ['n\n', true],
    ['\n', true],
    ['maybe\n', true],
  ])('%j to a push: declined is %s', async (typed, declined) => {
    const { exit, stdout, stderr } = await run(['push', '--all'], { typed, columns: 100 });

    expect(exit).toBe(0);
    expect(stderr).toContain('Push 1 contact to the PSA? [y/N]');
    expect(stderr).toContain('P3: a new match');
    expect(stdout.includes('Nothing was pushed.')).toBe(declined);
  });

  it('that nobody answers end the command', async () => {
    expect((await run(['push', '--all'], { typed: '', columns: 100 })).exit).toBe(130);
  });

  it('are not asked with --json, even at a terminal', async () => {
    const { exit, stdout } = await run(['push', '--all', '--json'], { typed: 'y\n', columns: 100 });

    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CONFIRMATION_NEEDED' } });
  });

  it('of an undo name how much would be deleted', async () => {
    const { stderr } = await run(['undo', 'R-1', '--delete-created'], { typed: 'y\n', columns: 100 });

    expect(stderr).toContain('Delete 0 records that this run created? [y/N]');
  });
});

describe('help', () => {
  it('is on standard output, in a document with --json', async () => {
    const people = await runHere(['plan', '--help']);
    const json = await runHere(['plan', '--help', '--json']);

    expect([people.exit, json.exit, people.stderr]).toEqual([0, 0, '']);
    for (const option of '--no-scan --full --exit-code --config --state --organization --json --log-level --help --version'.split(' ')) {
      expect(people.stdout).toContain(option);
    }
    expect(JSON.parse(json.stdout)).toEqual({ formatVersion: 1, text: people.stdout });
  });

  it('names every command', async () => {
    const { stdout } = await runHere(['--help']);

    for (const command of 'validate scan plan sync approve reject status contacts explain push runs undo init doctor assess run secret hub enroll service bundle'.split(
      ' ',
    )) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });

  it('tells the version anywhere in the words', async () => {
    expect((await runHere(['contacts', 'list', '--version'])).stdout).toBe('1.2.3\n');
    expect((await runHere(['--version', '--json'])).stdout).toBe('{\n  "formatVersion": 1,\n  "text": "1.2.3\\n"\n}\n');
  });
});

describe('wrong words', () => {
  it.each([
    [[], /A command is needed: validate, scan/],
    [['contacts'], /"rollcall contacts" needs a command: list, show/],
    [['pln'], /Unknown command 'pln'\n.*Did you mean plan\?/],
    [['contacts', 'lst'], /Did you mean list\?/],
    [['plan', '--ful'], /Did you mean --full\?/],
    [['plan', 'now'], /too many arguments/i],
    [['explain'], /missing required argument 'user'/i],
    [['sync', '--approve'], /argument missing/],
    [['contacts', 'match', 'ann'], /missing required argument 'contact'/i],
    [['contacts', 'create'], /missing required argument/i],
    [['contacts', 'list', '--state', 'unmached'], /unmatched, matched, ignored/],
    [['plan', '--log-level', 'loud'], /error, warn, info, debug/],
    [['runs', '--limit', 'many'], /whole number/],
    [['runs', '--since', 'yesterday'], /24h or 7d/],
    [['runs', '--outcome', 'fine'], /done, partly, held/],
    [['push'], /Name the contacts to push, or use --all/],
    [['push', '--all', '900'], /not both/],
    [['status', '--config', '/nowhere/config.json'], /no configuration file at \/nowhere\/config\.json/],
  ])('%j are refused with exit 2 and the reason', async (words, why) => {
    const people = await runHere(words);
    const json = await runHere([...words, '--json']);

    expect([people.exit, json.exit, people.stdout]).toEqual([2, 2, '']);
    expect(people.stderr).toMatch(why);
    expect(JSON.parse(json.stdout)).toMatchObject({
      formatVersion: 1,
      error: { code: expect.stringMatching(/^USAGE|CONFIG_NOT_FOUND$/) as unknown },
    });
  });
});
