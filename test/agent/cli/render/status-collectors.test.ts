import { describe, expect, it } from 'vitest';
import type { View } from '../../../../agent/cli/answer.ts';
import { collectorsLines } from '../../../../agent/cli/render/status-collectors.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { listedCollector } from '../../../fixtures/collectors.ts';

const now = Date.UTC(2026, 10, 22, 12);
const view: View = { style: createStyle(false), width: 160, isTerminal: false, now, sameOptions: '' };
const well = listedCollector(now);

describe('a hub in its status', () => {
  it('says in one line that nobody has joined', () => {
    expect(collectorsLines({ listen: '127.0.0.1:7443', collectors: [], uncovered: [] }, view)).toEqual([
      'Hub  listens on 127.0.0.1:7443 · no collector has joined',
    ]);
  });

  it('shows the collectors, what is wrong first, and cuts a long list', () => {
    const directories = [{ name: 'corp', type: 'active-directory' as const, lastReadAt: null, error: 'DIRECTORY_TIMEOUT' }];
    const collectors = [
      ...Array.from({ length: 30 }, (_, index) => ({ ...well, name: `site-${index}` })),
      { ...well, name: 'gone', state: 'revoked' as const },
      { ...well, name: 'old', version: '0.0.1', versionSkew: 'older' as const, lagMs: 3_600_000 },
      { ...well, name: 'ill', directories, lagMs: null },
      { ...well, name: 'quiet', state: 'silent' as const },
    ];
    const uncovered = [{ organization: '4711', subnet: '10.9.0.0/24', why: 'silent' as const }];

    const [head = '', , ...rows] = collectorsLines({ listen: '0.0.0.0:7443', collectors, uncovered }, view);
    expect(head).toBe('Hub  listens on 0.0.0.0:7443 · 32 joined · 1 revoked · 1 silent · 1 subnet without a collector');
    expect(rows.slice(0, 5).map((row) => row.trim().split(/ {2,}/u)[1])).toEqual(['quiet', 'ill', 'old', 'gone', 'site-0']);
    expect(rows[1]).toMatch(/joined +1 min ago +- +0\.1\.0 +corp: DIRECTORY_TIMEOUT$/u);
    expect(rows[2]).toMatch(/1 h +0\.0\.1 \(older\)/u);
    expect(rows.at(-1)).toMatch(/and 22 more/u);
  });
});
