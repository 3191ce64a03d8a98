import { describe, expect, it } from 'vitest';
import { textOf, type View } from '../../../../agent/cli/answer.ts';
import { exitOfAssess } from '../../../../agent/cli/exit-codes.ts';
import { renderAssess } from '../../../../agent/cli/render/assess.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { assessDocument } from '../../assess/sample-assessment.ts';

const view: View = { style: createStyle(false), width: 100, isTerminal: true, now: 0, sameOptions: '' };
const error = { code: 'ITGLUE_UNREACHABLE', message: 'IT Glue does not answer.', hint: 'Check the firewall.', place: {} };

describe('an assessment for people', () => {
  it('tells the findings, those to do first, and where the report is', () => {
    const files = ['/reports/acme.html', '/reports/acme-csv/some.csv'];
    const text = renderAssess(assessDocument('Acme', { files }), view);

    expect(text).toContain('5 accounts, 6 contacts, 2 PSA contacts; 3 of 4 active people have a contact');
    expect(text).toMatch(/to do +Some +3 contacts\n.*to check +Grouped +1 group/);
    expect(text).not.toContain('None');
    expect(text).toContain('/reports/acme.html');
    expect(text).toContain('1 CSV file beside it');
    expect(text).toMatch(/personal data: readable by this account only; nothing was changed/);
  });

  it('commands no terminal, whatever the names are', () => {
    expect(textOf([assessDocument('\u001b[2JAcme')], renderAssess)(view)).not.toContain('\u001b');
  });

  it('says why an organization has no report', () => {
    const text = renderAssess(assessDocument('Acme', { error }), view);

    expect(text).toContain('IT Glue does not answer.');
    expect(text).not.toContain('Report');
  });

  it('is partly done when one of several organizations has no report', () => {
    const fine = assessDocument('Acme');

    expect(exitOfAssess([fine])).toBe(0);
    expect(exitOfAssess([fine, assessDocument('Other', { error })])).toBe(3);
    expect(exitOfAssess([assessDocument('Other', { error })])).toBe(1);
  });
});
