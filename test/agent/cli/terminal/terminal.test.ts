import { Writable } from 'node:stream';
import ora from 'ora';
import { describe, expect, it } from 'vitest';
import { formatAgo, formatCount, formatDate, formatDay, formatDuration, plural } from '../../../../agent/cli/terminal/format.ts';
import { createProgress } from '../../../../agent/cli/terminal/progress.ts';
import { createStyle, wantsColour } from '../../../../agent/cli/terminal/style.ts';

describe('numbers and dates', () => {
  it.each([
    [0, '0 ms'],
    [850.4, '850 ms'],
    [1_000, '1.0 s'],
    [12_340, '12.3 s'],
    [59_990, '1 min'],
    [250_000, '4 min 10 s'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
    [-5, '0 ms'],
  ])('%i milliseconds are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('counts in words', () => {
    expect([formatCount(1_234_567), plural(1, 'contact'), plural(0, 'contact'), plural(2, 'entry', 'entries')]).toEqual([
      '1,234,567',
      '1 contact',
      '0 contacts',
      '2 entries',
    ]);
  });

  it('shows dates in local time, and the values that are no dates as they are', () => {
    const local = new Date(2026, 10, 22, 9, 5);

    expect(formatDate(local.toISOString())).toBe('2026-11-22 09:05');
    expect(formatDay(local.toISOString())).toBe('2026-11-22');
    expect([null, 'never', 'at next logon', 'nonsense'].map(formatDate)).toEqual(['-', 'never', 'at next logon', 'nonsense']);
    expect([null, 'never'].map(formatDay)).toEqual(['-', 'never']);
  });

  it('tells how long ago something was', () => {
    const now = Date.parse('2026-11-22T08:00:00Z');

    expect(formatAgo('2026-11-22T07:59:30Z', now)).toBe('just now');
    expect(formatAgo('2026-11-22T05:00:00Z', now)).toBe('3 h ago');
    expect(formatAgo('2026-11-22T10:00:00Z', now)).toBe('in 2 h');
    expect(formatAgo(null, now)).toBe('never');
  });
});

describe('colours', () => {
  it.each<[boolean, boolean, Record<string, string>]>([
    [true, true, {}],
    [false, false, {}],
    [false, true, { NO_COLOR: '1' }],
    [true, true, { NO_COLOR: '' }],
    [false, true, { TERM: 'dumb' }],
    [true, false, { FORCE_COLOR: '1' }],
    [false, true, { FORCE_COLOR: '0' }],
    [false, false, { FORCE_COLOR: '1', NO_COLOR: '1' }],
  ])('are %s for terminal %s with %j', (wanted, isTerminal, environment) => {
    expect(wantsColour(isTerminal, environment)).toBe(wanted);
  });

  it('leave a text as it is when they are off', () => {
    expect(createStyle(false).bad('x')).toBe('x');
    expect(createStyle(true).bad('x')).toBe('\u001B[31mx\u001B[39m');
  });
});

describe('progress', () => {
  function shown(settings: { readonly spinner: typeof ora | null; readonly quiet: boolean }): string {
    let text = '';
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    });
    let time = 0;
    const progress = createProgress({ stream, ...settings, now: () => (time += 1_500) });
    const first = progress.start('Reading corp\u0007');
    first.update(10, null);
    first.update(20, 250);
    first.done('Read corp: 250 users');
    progress.start('Reading branch').fail();
    return text;
  }

  it('is a line at start and end where it is no terminal', () => {
    expect(shown({ spinner: null, quiet: false })).toBe(
      'Reading corp  …\nRead corp: 250 users (1.5 s)\nReading branch …\nReading branch: failed\n',
    );
  });

  it('ends with a line that stays on a terminal', () => {
    expect(shown({ spinner: ora, quiet: false })).toMatch(/Read corp: 250 users \(1\.5 s\)/);
  });

  it('is nothing when it is to be quiet', () => {
    expect(shown({ spinner: ora, quiet: true })).toBe('');
  });
});
