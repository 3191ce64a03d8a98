import { describe, expect, it } from 'vitest';
import { createPhoneParser } from '../../../agent/directory/parse-phone.ts';

describe('parsing phones', () => {
  it.each([
    ['US', '(415) 555-0100', '+14155550100', null],
    ['us', '+1 415 555 0100', '+14155550100', null],
    ['US', '415-555-0100 x123', '+14155550100', '123'],
    ['US', '415.555.0100 ext. 45', '+14155550100', '45'],
    ['US', '+14155550100;ext=7', '+14155550100', '7'],
    ['GB', '020 7946 0018', '+442079460018', null],
    ['US', '+44 20 7946 0018', '+442079460018', null],
    ['US', '4711', null, null],
    ['US', '555-0100', null, null],
    ['US', 'Reception x12', null, '12'],
    ['US', '0100 #9', null, '9'],
    ['US', 'call me', null, null],
    ['', '+1 415 555 0100', '+14155550100', null],
    ['ZZ', '415 555 0100', null, null],
  ])('in %s reads %j', (country, raw, e164, extension) => {
    expect(createPhoneParser(country)(raw)).toEqual({ raw, e164, extension });
  });

  it('keeps what was written, however long, and remembers only so much', () => {
    const parse = createPhoneParser('US');
    const long = '4'.repeat(10_000);

    expect(parse(long)).toEqual({ raw: long, e164: null, extension: null });
    for (let index = 0; index < 21_000; index += 1) parse(String(index));
    expect(parse('+1 415 555 0100').e164).toBe('+14155550100');
    expect(parse('+1 415 555 0100')).toBe(parse('+1 415 555 0100'));
  });
});
