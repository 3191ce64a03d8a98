import { describe, expect, it } from 'vitest';
import type { View } from '../../../../agent/cli/answer.ts';
import type { DirectoryReadDocument } from '../../../../agent/cli/documents-reads.ts';
import { renderPlan } from '../../../../agent/cli/render/plan.ts';
import { renderRun } from '../../../../agent/cli/render/runs.ts';
import { renderScan } from '../../../../agent/cli/render/scan.ts';
import { renderSync } from '../../../../agent/cli/render/sync.ts';
import { renderValidate } from '../../../../agent/cli/render/validate.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { storyOfReads } from '../../../../agent/pipeline/run-story.ts';
import * as samples from '../samples.ts';

const view: View = { style: createStyle(false), width: 120, isTerminal: true, now: Date.parse('2026-11-22T09:00:00Z'), sameOptions: '' };

const names = { leftOut: ['Ann Example', 'Bo Sample'], takenIn: ['Chi Probe'] };
const scope = [{ directory: 'corp', leftOut: 412, takenIn: 1, names }];

function read(differences: Partial<DirectoryReadDocument>): DirectoryReadDocument {
  const [first] = samples.scanDocument().directories;
  if (first === undefined) throw new Error('no sample');
  return { ...first, leftOut: {}, rejected: [], ...differences };
}

function scanOf(differences: Partial<DirectoryReadDocument>): string {
  return renderScan(samples.scanDocument({ directories: [read(differences)] }), view);
}

describe('a changed scope for people', () => {
  it('C10 stands in front of the changes of a plan, with names and with what becomes of who leaves', () => {
    const text = renderPlan(samples.planDocument({ scope }), view);

    expect(text).toContain(
      [
        'Scope  corp was read with another scope than before: 412 users leave, 1 comes in',
        '  leaving    Ann Example, Bo Sample … and 410 more',
        '  coming in  Chi Probe',
        '  Who leaves is out of scope: keeps status and match, and nothing is written for them until the scope takes them in',
        '  again.',
      ].join('\n'),
    );
    expect(text.indexOf('Scope  corp')).toBeLessThan(text.indexOf('+ create'));
  });

  it('stands in a sync too, and nowhere when no scope has changed', () => {
    expect(renderSync(samples.syncDocument({ scope }), view)).toContain('412 users leave, 1 comes in');
    expect(renderSync(samples.syncDocument(), view)).not.toContain('cope');
    expect(renderPlan(samples.planDocument(), view)).not.toContain('Scope');
  });

  it('says nothing of leavers where nobody leaves', () => {
    const grown = [{ directory: 'corp', leftOut: 0, takenIn: 2, names: { leftOut: [], takenIn: ['Ann', 'Bo'] } }];
    const text = renderPlan(samples.planDocument({ scope: grown }), view);

    expect(text).toContain('0 users leave, 2 come in\n  coming in  Ann, Bo\n');
    expect(text).not.toContain('Who leaves');
  });

  it('is told by validate before anything is read for good', () => {
    const [, directory] = samples.validateDocument().checks;
    if (directory === undefined) throw new Error('no sample');
    const preview = { directory: 'corp', users: 8, leftOut: 2, takenIn: 1, names, unknown: null };
    const told = renderValidate(samples.validateDocument({ checks: [{ ...directory, scope: preview }] }), view);
    const unknown = { ...preview, unknown: 'DIRECTORY_TIMEOUT' };
    const untold = renderValidate(samples.validateDocument({ checks: [{ ...directory, scope: unknown }] }), view);

    expect(told).toContain(
      '    Scope  it is not that of the latest read: 2 users would leave, 1 would come in\n      leaving    Ann Example, Bo Sample\n      coming in  Chi Probe\n',
    );
    expect(untold).toContain('could not be found out (DIRECTORY_TIMEOUT)');
    expect(untold).not.toContain('would leave');
  });
});

describe('a read for people', () => {
  it('C9 tells changes from everything, and why it was everything', () => {
    expect(scanOf({ kind: 'changes', users: 12, durationMs: 300 })).toContain(
      'complete  corp  12 changed users in 300 ms  ldaps://dc1.corp.example.test',
    );
    expect(scanOf({ fullBecause: "the domain's password policy has changed" })).toContain(
      "complete  corp  1,250 users in 2.3 s  ldaps://dc1.corp.example.test\n  everything was read: the domain's password policy has changed",
    );
    expect(scanOf({})).not.toContain('everything');
  });

  it('C10 counts those who are not there in the words of the contact list', () => {
    expect(scanOf({ absent: { gone: 3, missing: 1, absent: 2, out: 4000 } })).toContain(
      '\n  not there: 3 deleted, 1 missing, 2 not read, 4,000 out of scope',
    );
    expect(scanOf({})).not.toContain('not there');
  });

  it('C4 says how exact the last logons are, and which controller did not tell them', () => {
    const asked = [{ server: 'ldaps://dc1', users: 5, requests: 1, durationMs: 10 }];
    const failed = [{ server: 'ldaps://dc2', code: 'DIRECTORY_TIMEOUT', message: 'It did not answer\nin time.' }];

    expect(scanOf({ logons: { exact: true, asked: [...asked, ...asked], failed: [], durationMs: 40 } })).toContain(
      '\n  last logons: exact, from 2 of 2 domain controllers, in 40 ms',
    );
    expect(scanOf({ logons: { exact: false, asked, failed, durationMs: 40 } })).toContain(
      '\n  last logons: within 14 days, from 1 domain controller: not all of them answered, in 40 ms\n    ldaps://dc2: It did not answer in time. DIRECTORY_TIMEOUT',
    );
  });

  it('is told again by the story of its run', () => {
    const reads = [
      read({
        kind: 'full',
        fullBecause: 'who is read has been changed',
        absent: { gone: 1, missing: 0, absent: 0, out: 412 },
        rescoped: { leftOut: 412, takenIn: 1, names },
        logons: { exact: false, asked: [], failed: [{ server: 'ldaps://dc2', code: 'DIRECTORY_TIMEOUT', message: 'x' }], durationMs: 1 },
      }),
      read({ kind: 'changes', users: 1 }),
    ];
    const text = renderRun({ ...samples.runDetail(), detail: JSON.parse(JSON.stringify(storyOfReads(reads))) }, view);

    for (const words of [
      'corp: 1,250 users, in 2.3 s',
      'everything was read: who is read has been changed',
      'not there: 1 deleted, 412 out of scope',
      'last logons within 14 days, from 0 domain controllers: not all of them answered',
      'another scope than before: 412 users leave, 1 comes in',
      'leaving: Ann Example, Bo Sample … and 410 more',
      'coming in: Chi Probe',
      'corp: 1 changed user, in',
    ]) {
      expect(text).toContain(words);
    }
  });

  it('is told of a run of an earlier version as far as it was kept', () => {
    const kept = { directory: 'corp', outcome: 'complete' as const, users: 3, leftOut: 0, server: null, durationMs: 5, code: null };

    expect(renderRun({ ...samples.runDetail(), detail: { reads: [kept] } }, view)).toContain('corp: 3 users, in 5 ms');
  });
});
