import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFiletime, parseFiletime } from '../../../core/active-directory/filetime.ts';

describe('FILETIME', () => {
  it.each([
    ['0', 'zero'],
    ['000', 'zero'],
    ['9223372036854775807', 'never'],
    ['116444736000000000', 0],
    ['133700000000000000', Date.UTC(2024, 8, 5, 8, 53, 20)],
    // the last tick of a millisecond does not round up
    ['116444736000019999', 1],
    ['1', -11_644_473_600_000],
    // beyond the year 9999: arithmetic on a policy that never expires
    ['9223372036854775806', 'never'],
    ['2650467743999990000', 253_402_300_799_999],
    ['2650467744000000000', 'never'],
    ['', null],
    ['-1', null],
    ['13370000000000000x', null],
    ['99999999999999999999', null],
    [null, null],
  ])('reads %j as %j', (text, expected) => {
    expect(parseFiletime(text)).toBe(expected);
  });

  it('agrees with exact arithmetic on every tick', () => {
    const latest = 2_650_467_744_000_000_000n - 1n;
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: latest }), (ticks) => {
        expect(parseFiletime(String(ticks))).toBe(Number(ticks / 10_000n - 11_644_473_600_000n));
      }),
    );
  });

  it('writes what it reads', () => {
    fc.assert(
      fc.property(fc.integer({ min: -11_644_473_599_999, max: 253_402_300_799_999 }), (moment) => {
        expect(parseFiletime(formatFiletime(moment))).toBe(moment);
      }),
    );
  });
});
