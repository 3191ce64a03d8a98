import { describe, expect, it } from 'vitest';
import type { ChangeDocument } from '../../../../agent/cli/documents.ts';
import type { PushOutlookDocument, PushReconciliationDocument } from '../../../../agent/cli/documents-push.ts';
import { exitOfPush } from '../../../../agent/cli/exit-codes.ts';
import { renderPushPlan } from '../../../../agent/cli/render/push.ts';
import { renderPush } from '../../../../agent/cli/render/sync.ts';
import { renderUndo } from '../../../../agent/cli/render/undo.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import * as samples from '../samples.ts';

const view = { style: createStyle(false), width: 120, isTerminal: true, now: 0, sameOptions: '' };

const outlook: PushOutlookDocument = {
  psa: 'Autotask',
  create: 4_321,
  link: 12,
  complete: 0,
  groups: [
    { state: 'not-eligible', reason: 'Not pushed to Autotask: lastName missing', count: 37, names: ['Ann A.', 'Bo B.'] },
    { state: 'held', reason: 'Held: 2 contacts in Autotask have its e-mail', count: 1, names: ['Chi Probe'] },
  ],
  canary: null,
};

const pushes: readonly ChangeDocument[] = Array.from({ length: 4_321 }, (_, index) => ({
  id: `push:${index}`,
  kind: 'push',
  system: 'psa',
  user: null,
  label: `Person ${index}`,
  record: null,
  rule: 'P5',
  fields: {},
  reason: 'a one-time push was asked for',
}));

describe('P5 the plan of a push of thousands', () => {
  const text = renderPushPlan({ ...samples.planDocument({ changes: pushes, conflicts: [] }), outlook }, view);

  it('P5 begins with the counts by what happens', () => {
    expect(text.split('\n')[1]).toBe('Push to Autotask  4,321 to create · 12 there already, to link');
  });

  it('P5 says who is left out, how many, why, and some of the names', () => {
    expect(text).toMatch(/not eligible +37 +Not pushed to Autotask: lastName missing +Ann A\., Bo B\. …/);
    expect(text).toMatch(/held +1 +Held: 2 contacts in Autotask have its e-mail +Chi Probe/);
  });

  it('P5 names some of those to push and counts the rest', () => {
    expect(text).toMatch(/Person 9/);
    expect(text).not.toMatch(/Person 11\b/);
    expect(text).toContain('and 4,311 more');
    expect(text.split('\n').length).toBeLessThan(40);
  });

  it('P10 explains the canary', () => {
    const canary = 'Ann A. goes first, as the canary';
    expect(renderPushPlan({ ...samples.planDocument({ changes: pushes }), outlook: { ...outlook, canary } }, view)).toContain(
      `Note  ${canary}`,
    );
  });
});

describe('P5 the end of a push of all', () => {
  const reconciliation: PushReconciliationDocument = {
    itGlue: { contacts: 4_400, eligible: 4_334, linked: 4_333, notLinked: { held: 1 } },
    psa: { name: 'Autotask', company: 'Acme', contacts: 4_340, active: 4_335, pushed: 4_321 },
    missing: [],
    doubled: [],
  };

  it('P5 tells both sides in words', () => {
    const text = renderPush(samples.pushDocument({ reconciliation }), view);
    expect(text).toContain('IT Glue  4,400 contacts, 4,334 eligible, 4,333 linked now (1 held)');
    expect(text).toContain('Autotask  4,340 contacts of Acme, 4,335 active, 4,321 pushed by this run');
    expect(text).toContain('Nothing is missing, and nothing is there twice.');
    expect(exitOfPush([samples.pushDocument({ reconciliation })], false)).toBe(0);
  });

  it.each([
    [{ missing: [{ contactId: '900', label: 'Bo Sample', psaContactId: '77' }] }, /1 missing .*Bo Sample \(77\)/],
    [{ doubled: [{ by: 'e-mail' as const, psaContacts: ['77', '78'] }] }, /1 there twice .*77 and 78 have the same e-mail/],
  ])('P5 tells what is missing or there twice, and exits with 3', (more, words) => {
    const document = samples.pushDocument({ reconciliation: { ...reconciliation, ...more } });
    expect(renderPush(document, view)).toMatch(words);
    expect(exitOfPush([document], false)).toBe(3);
  });

  it.each([
    ['held', 3],
    ['linked', 0],
  ] as const)('P5 a named contact that is %s exits with %i, and says why', (state, exit) => {
    const document = samples.pushDocument({ notPushed: [{ contactId: '900', label: 'Bo Sample', state, reason: 'for a reason' }] });
    expect(renderPush(document, view)).toMatch(/Bo Sample +900 .*for a reason/);
    expect(exitOfPush([document], true)).toBe(exit);
  });
});

describe('A5 E8 an undo in the PSA', () => {
  it('E8 counts what became inactive by itself', () => {
    const item = { system: 'psa' as const, record: '77', label: 'Bo Sample', fields: {}, reason: null, deleted: false };
    const text = renderUndo(samples.undoDocument({ created: [{ ...item, inactivated: true }] }), view);
    expect(text).toContain('1 made inactive in the PSA');
    expect(text).not.toContain('created by the run stayed');
  });
});
