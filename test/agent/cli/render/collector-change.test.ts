import { describe, expect, it } from 'vitest';
import type { View } from '../../../../agent/cli/answer.ts';
import type { CollectorChangeDocument } from '../../../../agent/cli/documents-collector-change.ts';
import { renderCollectorChange } from '../../../../agent/cli/render/collector-change.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { collectorChangeDocument } from '../samples.ts';

const view: View = { style: createStyle(false), width: 90, isTerminal: false, now: 0, sameOptions: '' };

function shown(differences: Partial<CollectorChangeDocument>): string {
  return renderCollectorChange(collectorChangeDocument(differences), view);
}

describe('D5 what becomes of what a collector saw', () => {
  it('is shown before it goes: who goes, who stays, and how long it can be brought back', () => {
    expect(shown({ applied: false })).toBe(
      [
        'branch of organization 4711 would be deleted.',
        '',
        'It read corp: 250 users, of whom 238 stay, for others see them too.',
        '12 users go with it, and 9 matches:',
        '  Ann Example, Bo Sample and 10 more',
        'Contacts in IT Glue and the PSA stay as they are.',
        '',
        'It can be brought back until 2026-12-22 08:00.',
      ].join('\n'),
    );
  });

  it.each<[string, Partial<CollectorChangeDocument>, RegExp, RegExp]>([
    [
      'nobody stays',
      { impact: { directories: ['corp'], users: 2, onlyHere: 2, matchesLost: 0, names: ['A', 'B'] } },
      /: 2 users\./u,
      /stay,/u,
    ],
    ['nobody goes', { impact: { directories: ['corp'], users: 2, onlyHere: 0, matchesLost: 0, names: [] } }, /whom 2 stay/u, /went/u],
    ['it read nothing', { impact: null }, /Nothing that is here was read by it/u, /brought back|bring it back/u],
    ['it was restored', { action: 'restore', impact: null }, /Restored.*invite/su, /Deleted/u],
    ['it was replaced', { action: 'replace', replacement: 'new', impact: null }, /Replaced {2}new takes the place of branch/u, /Deleted/u],
    ['it would be replaced', { action: 'replace', replacement: 'new', applied: false }, /would take the place/u, /Replaced/u],
  ])('says so when %s', (_name, differences, has, hasNot) => {
    expect(shown(differences)).toMatch(has);
    expect(shown(differences)).not.toMatch(hasNot);
  });
});
