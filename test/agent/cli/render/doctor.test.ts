import { describe, expect, it } from 'vitest';
import type { View } from '../../../../agent/cli/answer.ts';
import { renderDoctor } from '../../../../agent/cli/render/doctor.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { textWidth } from '../../../../agent/cli/terminal/text-width.ts';
import { doctorDocument } from '../samples.ts';

function view(width = Number.POSITIVE_INFINITY): View {
  return { style: createStyle(false), width, isTerminal: false, now: 0, sameOptions: '' };
}

const [warning, fine] = doctorDocument().findings;
if (warning === undefined || fine === undefined) throw new Error('the sample has two findings');
const problem = { ...warning, state: 'problem', part: 'psa', subject: null, code: 'PSA_SIGN_IN', error: 'PSA_UNREACHABLE' } as const;
const mixed = doctorDocument({
  state: 'problem',
  counts: { ok: 1, note: 0, warning: 1, problem: 1 },
  findings: [fine, warning, problem],
  notices: ['A notice.'],
});

describe('doctor for people', () => {
  it('has the worst first, each with why and what to do, and what is well in short', () => {
    const text = renderDoctor(mixed, view());

    expect(text).toMatch(
      /^✘ Problem {2}PSA \(PSA_SIGN_IN, PSA_UNREACHABLE\)\n {10}350 MB free\n {4}why {3}With a full disk[^\n]*\n {4}next {2}Free some space\./,
    );
    expect(text.indexOf('! Warning')).toBeGreaterThan(text.indexOf('✘ Problem'));
    expect(text).toContain('✔ IT Glue\n    reachable api.itglue.com: direct; connection 20 ms');
    expect(text).toMatch(/A notice\.\n\n1 problem, 1 warning; 1 look without objection\.$/);
  });

  it('keeps to the width of the terminal', () => {
    const long = { ...problem, seen: 'many words '.repeat(30), remedy: 'do this and that '.repeat(20) };
    const text = renderDoctor(doctorDocument({ findings: [{ ...fine, seen: 'so many words '.repeat(20) }, long] }), view(72));

    expect(Math.max(...text.split('\n').map(textWidth))).toBeLessThanOrEqual(72);
  });

  it('is calm when all is well', () => {
    const text = renderDoctor(
      doctorDocument({ state: 'ok', counts: { ok: 1, note: 0, warning: 0, problem: 0 }, findings: [fine] }),
      view(),
    );

    expect(text).toMatch(/All is well: 1 look and no objection\.$/);
  });
});
