import { describe, expect, it } from 'vitest';
import { textOf, type View } from '../../../../agent/cli/answer.ts';
import { renderContactDetails } from '../../../../agent/cli/render/contact-details.ts';
import { renderContactsChanged, renderContactsList } from '../../../../agent/cli/render/contacts.ts';
import { renderExplain } from '../../../../agent/cli/render/explain.ts';
import { renderPlan } from '../../../../agent/cli/render/plan.ts';
import { renderRun, renderRuns } from '../../../../agent/cli/render/runs.ts';
import { renderScan } from '../../../../agent/cli/render/scan.ts';
import { renderStatus } from '../../../../agent/cli/render/status.ts';
import { renderPush, renderReject, renderSync } from '../../../../agent/cli/render/sync.ts';
import { renderUndo } from '../../../../agent/cli/render/undo.ts';
import { renderValidate } from '../../../../agent/cli/render/validate.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { textWidth } from '../../../../agent/cli/terminal/text-width.ts';
import * as samples from '../samples.ts';

function view(differences: Partial<View> = {}): View {
  return {
    style: createStyle(false),
    width: 120,
    isTerminal: true,
    now: Date.parse('2026-11-22T09:00:00Z'),
    sameOptions: ' --config /etc/acme.json',
    ...differences,
  };
}

const held = { reason: 'onboarding,create', hash: samples.hash };

describe('plan for people', () => {
  it('begins with what it comes to', () => {
    expect(renderPlan(samples.planDocument(), view())).toContain(
      `Plan ${samples.hash}  1 to create · 1 to update · 1 to push · 1 with AD fields to write · 1 conflict`,
    );
  });

  it('shows each field from → to, with the reason and its rule, creates first', () => {
    const text = renderPlan(samples.planDocument(), view());

    expect(text).toMatch(/\+ create +Ann Example +firstName +Ann +E3: no contact has this mail or name/);
    expect(text).toMatch(/~ update +Bo Sample +title +Clerk → Head of Sales +E4: the directory/);
    expect(text).toMatch(/^ +phone +\+1 415 555 0102$/m);
    expect(text.indexOf('+ create')).toBeLessThan(text.indexOf('> push'));
    expect(text.indexOf('> push')).toBeLessThan(text.indexOf('AD Status Enabled'));
  });

  it('A3 says why it is held, with names, and the commands that end it', () => {
    const text = renderPlan(samples.planDocument({ held, guards: samples.guards }), view());

    expect(text).toMatch(/Held {2}this is the organization's first sync.*; more contacts would be created than\n {6}the limit allows/);
    expect(text).toMatch(/create {2}30, the limit is 25\n +for example Ann Example, Bo Sample, Chi Probe/);
    expect(text).toContain(`rollcall approve ${samples.hash} --config /etc/acme.json`);
    expect(text).toContain(`rollcall reject ${samples.hash} --config /etc/acme.json`);
    expect(text).not.toContain('update  3, the limit');
  });

  it('cuts each kind by itself and says how many more there are', () => {
    const many = Array.from({ length: 228 }, (_, index) => ({ ...samples.changes[1]!, id: `c${index}`, fields: {} }));

    const text = renderPlan(samples.planDocument({ changes: [...many, samples.changes[3]!] }), view());

    expect(text).toContain('228 to create · 1 to push');
    expect(text).toContain('… and 213 more (--json shows all)');
    expect(text).toMatch(/> push +Bo Sample/);
    expect(text.split('\n').length).toBeLessThan(40);
  });

  it('says that there is nothing to do, C8 says why', () => {
    const nothing = { changes: [], conflicts: [] };

    expect(renderPlan(samples.planDocument(nothing), view())).toContain('Nothing to do.');
    expect(renderPlan(samples.planDocument({ ...nothing, message: samples.noUsers }), view())).toContain(samples.noUsers);
  });

  it('shows conflicts, notices and the failure of an organization', () => {
    const text = renderPlan(samples.planDocument(), view());
    const failed = renderPlan(samples.planDocument({ error: samples.failure }), view());

    expect(text).toMatch(/1 conflict \(left as they are\)\n.*\n +Bo Sample +lastName +Sample +Sample-Jones +IT Glue/);
    expect(text).toContain('Note  hub takes effect');
    expect(failed).toMatch(
      /Acme Corporation \(4711\)\nError {2}IT Glue refused the API key \(403\)\.\nwhere {2}server https.*\n next .*\n code {2}ITGLUE_KEY_REJECTED/,
    );
  });
});

describe('sync for people', () => {
  it('says what was done and how to take it back', () => {
    const text = renderSync(samples.syncDocument(), view());

    expect(text).toContain('Done  1 created · 1 updated · 1 with AD fields written');
    expect(text).toContain('rollcall undo R-18 --config /etc/acme.json');
  });

  it('shows what failed, and whether it is tried again', () => {
    const text = renderSync(
      samples.syncDocument({ failed: [samples.failedItem, { ...samples.failedItem, retryable: false }], skipped: [samples.skippedItem] }),
      view(),
    );

    expect(text).toContain('Partly done');
    expect(text).toMatch(/~ update +Chi Probe +ITGLUE_REFUSED +title is too long +next run/);
    expect(text).toMatch(/ITGLUE_REFUSED +title is too long +needs you/);
    expect(text).toMatch(/> push +Chi Probe +waiting for the canary/);
  });

  it('A6 says that there was nothing to do', () => {
    expect(renderSync(samples.syncDocument({ applied: [] }), view())).toContain('nothing to do');
  });

  it('A6 says so too when there are only conflicts, which are left alone', () => {
    const { conflicts } = samples.planDocument();
    const text = renderSync(samples.syncDocument({ applied: [], conflicts }), view());

    expect(text).toContain('Done  nothing to do · 1 conflict');
  });

  it('A3 says that nothing was written when it is held, conflicts or not', () => {
    const { conflicts } = samples.planDocument();
    const text = renderSync(samples.syncDocument({ applied: [], held, guards: samples.guards, conflicts }), view());

    expect(text).toContain('Nothing was written.');
    expect(text).toContain(`rollcall approve ${samples.hash}`);
    expect(text).not.toContain('Done');
  });

  it('says that it was interrupted and that the next run goes on', () => {
    expect(renderSync(samples.syncDocument({ interrupted: true }), view())).toMatch(/Interrupted {2}1 created.*the next run goes on/);
  });

  it('P1 names what contacts lack that were to be pushed', () => {
    const notEligible = [{ contactId: '900', label: 'Bo Sample', missing: ['primary phone', 'location'] }];

    expect(renderPush(samples.pushDocument({ notEligible }), view())).toMatch(/Bo Sample +900 +primary phone, location/);
    expect(renderPush(samples.pushDocument({ declined: true }), view())).toContain('Nothing was pushed.');
  });

  it('says that a rejected plan was dropped', () => {
    const reject = {
      formatVersion: 1,
      organization: '4711',
      organizationName: null,
      hash: samples.hash,
      rejected: true,
      reason: 'onboarding',
    } as const;

    expect(renderReject(reject, view())).toMatch(/Organization 4711\nThe held plan 3f9c2a7be01d44aa was dropped/);
  });
});

describe('contacts for people', () => {
  it('are a table with state, status, last logon, contact, PSA and reason', () => {
    const text = renderContactsList(samples.contactsDocument(), view({ width: 200 }));

    expect(text).toContain('2 users: 1 matched · 1 unmatched · 0 ignored');
    expect(text).toMatch(/matched +Ann Example +ann@example\.test +Enabled +2026-11-20 +900 +● pushed +M1: the e-mail is equal/);
    expect(text).toMatch(/unmatched +Bo Sample +ann@example\.test +Disabled +- +2 candidates +not yet pushed +M3: two contacts/);
  });

  it.each([
    ['absent', 'not read'],
    ['missing', 'missing'],
    ['gone', 'deleted'],
    ['out', 'out of scope'],
  ] as const)('C10 shows that a user is %s, since when and why', (presence, words) => {
    const absence = { since: '2026-11-20T08:00:00.000Z', why: 'its tombstone is there' };
    const contacts = [samples.contactRow({ presence, scope: presence === 'out' ? 'out' : 'in', absence })];

    expect(renderContactsList(samples.contactsDocument({ contacts }), view({ width: 200 }))).toContain(`matched, ${words}`);
    expect(renderContactDetails(samples.contactsDocument({ contacts }), view({ width: 200 }))).toMatch(
      new RegExp(`not there +${words} since 2026-11-20.*: its tombstone is there`),
    );
  });

  it('C10 says nothing of absence where there is none', () => {
    const contacts = [samples.contactRow({ presence: 'present', absence: null })];

    expect(renderContactDetails(samples.contactsDocument({ contacts }), view())).not.toContain('not there');
  });

  it('C8 say why there are none', () => {
    const document = samples.contactsDocument({ message: samples.noUsers, contacts: [], counts: { matched: 0, unmatched: 0, ignored: 0 } });

    expect(renderContactsList(document, view())).toContain(samples.noUsers);
    expect(renderContactDetails({ ...document, contacts: [samples.contactRow()] }, view())).toContain(samples.noUsers);
  });

  it('C8 say why even where users of an earlier read are listed', () => {
    expect(renderContactsList(samples.contactsDocument({ message: samples.noUsers }), view())).toContain(samples.noUsers);
  });

  it('tell an empty search from an empty store', () => {
    const none = { contacts: [], counts: { matched: 0, unmatched: 0, ignored: 0 } };

    expect(renderContactsList(samples.contactsDocument(none), view())).toContain('run "rollcall scan"');
    expect(renderContactsList(samples.contactsDocument({ contacts: [] }), view())).toContain('No user fits.');
  });

  it('leave the PSA out where none is configured', () => {
    const contacts = [samples.contactRow({ psa: { badge: false, state: 'off', message: null, missing: [] } })];

    expect(renderContactsList(samples.contactsDocument({ contacts }), view())).not.toContain('PSA');
  });

  it('are cut on a terminal and whole elsewhere', () => {
    const contacts = Array.from({ length: 250 }, () => samples.contactRow());

    expect(renderContactsList(samples.contactsDocument({ contacts }), view())).toContain('… and 150 more (--json shows all)');
    expect(renderContactsList(samples.contactsDocument({ contacts }), view({ isTerminal: false })).split('\n').length).toBeGreaterThan(250);
  });

  it('show one user with candidates, rivals, conflicts and what the PSA misses', () => {
    const text = renderContactDetails(samples.contactsDocument({ contacts: [samples.unmatchedRow] }), view());

    expect(text).toMatch(/B\. Sample \(902\): e-mail is equal, last name is equal/);
    expect(text).toMatch(/Contested by\n +ad:corp\.example\.test\/9/);
    expect(text).toMatch(/title: ours Clerk, theirs - in IT Glue/);
    expect(text).toMatch(/not yet pushed, missing primary phone: Record not yet pushed to Kaseya BMS/);
  });

  it('say that a decision is carried out by the next sync', () => {
    expect(renderContactsChanged(samples.contactsDocument(), view())).toMatch(/Recorded\. The next sync carries it out\./);
  });

  it('fit the terminal', () => {
    const contacts = [
      samples.contactRow({ name: '山田 太郎'.repeat(5), email: `${'x'.repeat(60)}@example.test`, reason: 'y'.repeat(200) }),
      samples.unmatchedRow,
    ];

    const text = renderContactsList(samples.contactsDocument({ contacts }), view({ width: 110 }));

    expect(Math.max(...text.split('\n').map(textWidth))).toBeLessThanOrEqual(110);
    expect(text).toContain('…');
  });

  it('cannot command the terminal by their names', () => {
    const contacts = [samples.contactRow({ name: 'Ann\u001B[2J\nExample' })];

    const text = textOf([samples.contactsDocument({ contacts })], renderContactsList)(view());

    expect(text).not.toContain('\u001B');
    expect(text).toContain('Ann [2J Example');
  });
});

describe('explain for people', () => {
  it('M11 is a story in the order of the stages, each decision with its rule', () => {
    const text = renderExplain(samples.explainDocument(), view());

    expect(text).toMatch(/Read from the directory\n +C3 +AD status is Enabled\./);
    expect(text).toMatch(
      /Matched to a contact\n +▸ M1 +The e-mail is equal to that of contact 900\.\n +· ann@example\.test = Ann@Example\.test/,
    );
    expect(text.indexOf('Read from')).toBeLessThan(text.indexOf('Matched to'));
    expect(text.indexOf('Matched to')).toBeLessThan(text.indexOf('What the contact should be'));
    expect(text).toContain('As decided by the plan made 1 h ago.');
    expect(text).toMatch(/What it changes\n.*\n +~ update/);
  });

  it('says that no plan was made yet', () => {
    expect(renderExplain(samples.explainDocument({ decidedAt: null, steps: [], changes: [] }), view())).toContain('run "rollcall plan"');
  });
});

describe('status for people', () => {
  it('begins with health, then problems with their remedy, then what is held', () => {
    const text = renderStatus(samples.statusDocument(), view());

    expect(text).toMatch(/^● degraded\n\n! The certificate of dc1/);
    expect(text).toMatch(/next {2}Renew the certificate/);
    expect(text).toMatch(/code {2}DIRECTORY_TLS_EXPIRED · directory · organization 4711 · since 2 d 1 h ago/);
    expect(text).toMatch(/250 users · 200 matched · 45 unmatched · 5 ignored\n +3 conflicts \(rollcall plan --no-scan/);
    expect(text).toMatch(/last read 1 h ago · last sync never/);
    expect(text).toMatch(/R-18 +sync +done +1 h ago +1 created, 1 updated/);
  });

  it('names a store that is no file of this machine', () => {
    const store = { kind: 'postgresql', place: 'database "hub" on db.example.test:5432' } as const;

    expect(renderStatus(samples.statusDocument({ store }), view())).toMatch(/Store.*PostgreSQL, database "hub" on db\.example\.test:5432/);
    expect(renderStatus(samples.statusDocument(), view())).not.toContain('rollcall.db');
  });

  it('is calm when all is well: at most 12 lines for one organization with a service, none wider than 80', () => {
    const [organization] = samples.statusDocument().organizations;
    const old = samples.runDocument({ startedAt: '2026-11-20T08:00:00.000Z' });
    const document = samples.statusDocument({
      health: 'healthy',
      problems: [],
      held: [],
      organizations: organization === undefined ? [] : [{ ...organization, conflicts: 0, notSeen: 4 }],
      runs: [
        samples.runDocument(),
        { ...old, run: 'R-11', command: 'plan' },
        { ...old, run: 'R-10' },
        { ...old, run: 'R-9', command: 'prune' },
      ],
      service: {
        ...samples.statusDocument().service,
        state: 'running',
        startedAt: '2026-11-10T08:00:00.000Z',
        lastSuccessAt: '2026-11-22T08:00:12.300Z',
      },
      next: [{ organization: null, command: 'sync', at: '2026-11-22T12:00:00.000Z' }],
    });

    const lines = renderStatus(document, view({ width: 80 })).split('\n');

    expect(lines.length).toBeLessThanOrEqual(12);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines).toContainEqual(expect.stringMatching(/^Service {2}running for 12 d · next sync in 3 h · success 59 min /));
  });

  it.each([
    [{ state: 'not-running', stoppedAt: null, at: '2026-11-22T08:00:00.000Z' }, /^Service {2}not running · last seen 1 h ago/m],
    [{ state: 'not-running', stoppedAt: '2026-11-22T08:00:00.000Z' }, /^Service {2}stopped · last seen 1 h ago/m],
    [
      { state: 'running', current: { command: 'sync', startedAt: '2026-11-22T08:58:00.000Z' } },
      /^Service {2}running · sync under way since /m,
    ],
  ] as const)('tells of the service %j', (service, expected) => {
    const document = samples.statusDocument();

    expect(renderStatus({ ...document, service: { ...document.service, ...service } }, view())).toMatch(expected);
  });

  const watch = {
    lastLookAt: '2026-11-22T08:59:40.000Z',
    lastGoodAt: '2026-11-22T08:59:40.000Z',
    seenTo: { itGlue: '2026-11-22T08:48:00.000Z', psa: '2026-11-22T06:00:00.000Z' },
    nextLookAt: '2026-11-22T09:00:30.000Z',
    failing: null,
  } as const;

  it.each([
    [watch, /^Two-way sync {2}looked just now · newest change in IT Glue 12 min ago · newest change in the PSA 3 h ago$/m],
    [{ ...watch, lastLookAt: null, lastGoodAt: null, seenTo: { itGlue: null, psa: null } }, /^Two-way sync {2}not looked yet$/m],
    [
      {
        ...watch,
        lastGoodAt: '2026-11-22T08:30:00.000Z',
        nextLookAt: '2026-11-22T09:08:00.000Z',
        failing: { code: 'PSA_UNREACHABLE', message: 'No.', since: '2026-11-22T08:31:00.000Z' },
      },
      /^Two-way sync {2}fails \(PSA_UNREACHABLE\) · last good look 30 min ago · next look in 8 min$/m,
    ],
  ] as const)('P9 tells of the watch in one line: %j', (told, expected) => {
    const document = samples.statusDocument();
    const lines = renderStatus({ ...document, service: { ...document.service, state: 'running', watch: told } }, view({ width: 120 }));

    expect(lines).toMatch(expected);
  });

  it('A3 shows a held plan where its problem is: names, limit, and the commands that end it', () => {
    const document = samples.statusDocument();
    const held = {
      ...document.problems[0],
      code: 'PLAN_HELD',
      part: 'plan',
      message: 'A plan is held (create).',
      place: { hash: samples.hash },
    };
    const text = renderStatus({ ...document, problems: [held as (typeof document.problems)[number]] }, view({ width: 80 }));

    expect(text).toContain(`rollcall approve ${samples.hash}`);
    expect(text).toContain(`rollcall reject ${samples.hash}`);
    expect(text).toMatch(/create {2}\d+, the limit is \d+/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('has a colour for each health', () => {
    const style = createStyle(true);
    const first = (health: 'healthy' | 'degraded' | 'failed'): string =>
      renderStatus(samples.statusDocument({ health }), view({ style })).split('\n')[0] ?? '';

    expect([first('healthy'), first('degraded'), first('failed')]).toEqual([
      '\u001B[32m● healthy\u001B[39m',
      '\u001B[33m● degraded\u001B[39m',
      '\u001B[31m● failed\u001B[39m',
    ]);
  });
});

describe('scan, validate, runs and undo for people', () => {
  it('C1 C2 tell what each directory gave, what was left out and why a read failed', () => {
    const text = renderScan(samples.scanDocument({ directories: [...samples.scanDocument().directories, samples.failedRead] }), view());

    expect(text).toMatch(/complete {2}corp {2}1,250 users in 2\.3 s {2}ldaps:\/\/dc1/);
    expect(text).toContain('left out: 3 critical system objects, 2 managed service accounts');
    expect(text).toContain('not taken  CN=Odd,DC=corp: no objectGUID');
    expect(text).toMatch(/failed {2}branch[^]*Error {2}No server of "branch" answers\.[^]*code {2}DIRECTORY_UNREACHABLE/);
  });

  it('name each check with its facts, and the remedy of a failed one', () => {
    const check = { what: 'it-glue', name: 'eu', outcome: 'failed', facts: {}, note: null, error: samples.failure } as const;
    const text = renderValidate(samples.validateDocument({ valid: false, checks: [...samples.validateDocument().checks, check] }), view());

    expect(text).toMatch(/✔ Directory corp\n +server +ldaps:\/\/dc1/);
    expect(text).toMatch(/– PSA none\n +No PSA is configured\./);
    expect(text).toMatch(/✘ IT Glue eu\n +Error {2}IT Glue refused/);
    expect(text).toMatch(/1 check failed\.$/);
    expect(renderValidate(samples.validateDocument(), view())).toMatch(/The configuration works\.$/);
  });

  it('A5 list runs and the writes of one', () => {
    expect(renderRuns({ formatVersion: 1, summary: [], runs: [] }, view())).toBe('Nothing was run yet.');
    expect(renderRuns({ formatVersion: 1, summary: [], runs: [samples.runDocument()] }, view())).toMatch(
      /R-18 +sync +done .* 12\.3 s +schedule +1 created, 1 updated/,
    );
    const text = renderRun(samples.runDetail(), view());
    expect(text).toMatch(/create-contact +Ann Example +950 +done +firstName: Ann +undone by run R-19/);
    expect(text).toMatch(/update-contact +Bo Sample +900 +refused +title is too long/);
  });

  it('S3 tell an edit of the file setting by setting, values as the file has them', () => {
    const changes = [{ path: 'console.listen', from: '"127.0.0.1:7420"', to: null }];
    const reload = { command: 'reload', counts: { settings: 1, takenIn: 1, leftOut: 2 }, journal: [], detail: { changes } };

    expect(renderRun({ ...samples.runDetail(), ...reload }, view())).toContain('console.listen: "127.0.0.1:7420" → not set');
    expect(renderRuns({ formatVersion: 1, summary: [], runs: [samples.runDocument(reload)] }, view())).toContain(
      '1 setting changed, 1 user taken in, 2 users left out',
    );
  });

  it('put a message that lists several problems on one line', () => {
    const error = { code: 'CONFIG_INVALID', message: 'a.json has 2 problems:\n  - psa.type: no.\n  - itglue.region: neither.' };
    const run = samples.runDocument({ command: 'reload', outcome: 'failed', counts: {}, error });

    expect(renderRuns({ formatVersion: 1, summary: [], runs: [run] }, view({ width: 200 }))).toContain(
      'a.json has 2 problems: psa.type: no; itglue.region: neither.',
    );
  });

  it('A5 E8 tell what was put back, what stayed and how to delete it', () => {
    const text = renderUndo(samples.undoDocument(), view());

    expect(text).toContain('Undone of run R-18: 1 put back · 1 created by the run stayed · 1 left as they are');
    expect(text).toMatch(/Bo Sample +IT Glue +900 +title: Head of Sales → Clerk/);
    expect(text).toMatch(/Chi Probe +IT Glue +901 +changed since by a person/);
    expect(text).toContain('rollcall undo R-18 --delete-created --config /etc/acme.json');
    expect(renderUndo(samples.undoDocument({ run: null }), view())).toContain('Undo of run R-18: 1 to put back');
    expect(renderUndo(samples.undoDocument({ declined: true }), view())).toContain('Nothing was undone.');
  });
});
