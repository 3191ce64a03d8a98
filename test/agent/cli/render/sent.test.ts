import { describe, expect, it } from 'vitest';
import type { View } from '../../../../agent/cli/answer.ts';
import type { HubStatusDocument, SentDocument } from '../../../../agent/cli/documents-collector.ts';
import { renderEnroll } from '../../../../agent/cli/render/enroll.ts';
import { hubLines, sentLines } from '../../../../agent/cli/render/sent.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';

const now = Date.UTC(2026, 0, 5, 12);
const view: View = { style: createStyle(false), width: 200, isTerminal: false, now, sameOptions: ' --config c.json' };
const hour = new Date(now - 3_600_000).toISOString();

function sent(change: Partial<SentDocument>): SentDocument {
  return { directory: 'corp', state: 'landed', whole: false, records: 3, since: null, error: null, ...change };
}

describe('what a collector tells of its hub', () => {
  it.each<[Partial<SentDocument>, RegExp]>([
    [{}, /^at the hub {2}corp {2}what changed: 3 records$/u],
    [{ whole: true, records: 1 }, /everything: 1 record$/u],
    [{ state: 'nothing' }, /^at the hub {2}corp {2}nothing new$/u],
    [{ state: 'waiting', since: hour }, /^waits {2}corp {2}what changed was sent; the hub has not taken it in yet$/u],
    [{ state: 'unsent', since: hour }, /^waits {2}corp {2}kept here, read 1 h ago; it is sent by itself when the hub is back$/u],
    [{ state: 'failed', since: hour }, /^not sent {2}corp {2}kept here, read 1 h ago$/u],
  ])('H2 says %j in words', (change, words) => {
    expect(sentLines([sent(change)], view)[0]).toMatch(words);
  });

  it('tells a reason once', () => {
    const error = { code: 'HUB_UNREACHABLE', message: 'No connection.', hint: 'Look.', place: {} };
    const text = sentLines([sent({ state: 'unsent', error }), sent({ directory: 'labs', state: 'unsent', error })], view).join('\n');
    expect(text.match(/No connection\./gu)).toHaveLength(1);
  });

  it('shows the link in one line, with what is wrong of it', () => {
    const hub: HubStatusDocument = {
      url: 'https://hub.example',
      joined: { collector: 'c', name: 'branch', organization: '4711', at: hour },
      trust: 'pinned key',
      lastContactAt: hour,
      clockDifferenceMs: 2_000,
      waiting: [],
    };
    expect(hubLines(hub, view).join('\n')).toBe('Hub  https://hub.example · joined as branch · certificate by pinned key · heard 1 h ago');
    const ill = { ...hub, joined: null, clockDifferenceMs: -120_000, waiting: [{ directory: 'corp', since: hour }] };
    expect(hubLines(ill, view).join('\n')).toMatch(/not joined .* clock 2 min behind it · corp waits since 1 h ago/u);
  });

  it('says after joining what was written and what comes next', () => {
    const joined = {
      formatVersion: 1,
      hub: { url: 'https://hub.example', name: 'msp' },
      collector: { id: 'c', name: 'branch', organization: '4711' },
      again: true,
      configFile: 'c.json',
      backup: null,
      organizationOfFile: '4711',
    };
    expect(renderEnroll(joined, view)).toMatch(/^Joined anew {2}msp .*c\.json names the hub already.*rollcall --config c\.json validate/su);
    expect(renderEnroll({ ...joined, configFile: null, organizationOfFile: null }, view)).toMatch(
      /Write a configuration with .*"https:\/\/hub\.example"/u,
    );
    expect(renderEnroll({ ...joined, organizationOfFile: '9' }, view)).toMatch(/Correct collector\.organization/u);
  });
});
