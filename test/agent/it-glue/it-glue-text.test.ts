import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readErrors, saysForeignId, saysSynced, saysTooLong, serverWords } from '../../../agent/it-glue/error-words.ts';
import { idToJson, parseJson, tryParseJson } from '../../../agent/it-glue/json.ts';
import { numberWithoutExtension, withExtension } from '../../../agent/it-glue/phone-text.ts';
import { itGlueAddress } from '../../../agent/it-glue/regions.ts';

describe('numbers', () => {
  it('ids keep every digit, both ways', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 30n }), (id) => {
        const sent = JSON.stringify({ id: idToJson(String(id)) });
        const read = parseJson(`{"data":[{"id":${id},"text":"${id}"}]}`) as { data: [{ id: unknown; text: unknown }] };

        expect(sent).toBe(`{"id":${id}}`);
        expect(String(read.data[0].id)).toBe(String(id));
        expect(read.data[0].text).toBe(String(id));
      }),
    );
  });

  it.each([
    ['{"a":1.5,"b":12345678901.015625,"c":1e400}', { a: 1.5, b: 12_345_678_901.015_625, c: Number.POSITIVE_INFINITY }],
    ['{"a":1234567890.1234567890}', { a: Number('1234567890.123456789') }],
    ['{"a":-9007199254740993}', { a: '-9007199254740993' }],
    ['[]', []],
  ])('%s', (text, expected) => {
    expect(parseJson(text)).toEqual(expected);
  });

  it.each(['', '<html>', '{"data":[', 'OK'])('%j is no JSON', (text) => {
    expect(tryParseJson(text)).toBeUndefined();
  });

  it.each(['0', 'abc', '1; DROP', '', '-5'])('%j goes as text, not as a number', (id) => {
    expect(JSON.stringify(idToJson(id))).toBe(JSON.stringify(id));
  });
});

describe('E5 phones', () => {
  it.each([
    ['+1 415 555 0100 x12', '12', '+1 415 555 0100'],
    ['415-555-0100 ext. 12', '12', '415-555-0100'],
    ['415-555-0100;ext=12', '12', '415-555-0100'],
    ['(415) 555-0100 #12', '12', '(415) 555-0100'],
    ['+49 30 5550100 Durchwahl 12', '12', '+49 30 5550100'],
    ['415-555-0100,12', '12', '415-555-0100'],
    ['415-555-0112', '12', '415-555-0112'],
    ['4155550100', '0100', '4155550100'],
    ['+1 415 555 0100', '0100', '+1 415 555 0100'],
    [' 415-555-0100 ', null, '415-555-0100'],
    ['x12', '12', 'x12'],
    ['415-555-0100 x(1', '(1', '415-555-0100 x(1'],
  ])('%j with extension %j: %j', (raw, extension, expected) => {
    expect(numberWithoutExtension({ raw, e164: null, extension })).toBe(expected);
  });

  it('a number and its extension survive being put together', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\+?[0-9]{3}[0-9 -]{3,12}[0-9]$/u),
        fc.option(fc.stringMatching(/^[0-9]{1,6}$/u)),
        (number, extension) => {
          expect(numberWithoutExtension({ raw: withExtension(number, extension), e164: null, extension })).toBe(number);
        },
      ),
    );
  });
});

describe('the server’s words', () => {
  const body = (...errors: readonly object[]) => JSON.stringify({ errors });

  it.each([
    [
      body({ status: 422, title: 'Unprocessable Entity', detail: 'must exist', source: { pointer: '/data/attributes/location' } }),
      'location: must exist',
    ],
    [
      body({ status: '422', title: 'Valid organization_id is required', source: { pointer: 'data/attributes/organization_id' } }),
      'organization_id: Valid organization_id is required',
    ],
    [body({ status: 'forbidden', title: 'Cannot index', source: { pointer: null } }), 'Cannot index'],
    [body({ title: 'A', detail: 'b' }, { detail: 'c' }), 'A: b; c'],
    [body({ detail: 'ada@example.test is taken, call +1 (415) 555-0100' }), '… is taken, call …'],
    [body({ detail: 'line\nbreak\u001b[31m' }), 'line break [31m'],
    [body({ detail: 'Ada Lovelace is not Ada' }), '… is not …'],
  ])('%s', (text, expected) => {
    expect(serverWords(422, text, ['Ada', 'Ada Lovelace'])).toBe(`status 422, ${expected}`);
  });

  it.each(['<html><h1>500</h1></html>', '', '{}', '{"errors":[]}', '{"errors":"none"}', 'null'])('%j has none', (text) => {
    expect(serverWords(500, text)).toBe('status 500');
    expect(readErrors(text)).toEqual([]);
  });

  it('are cut when they go on and on', () => {
    expect(serverWords(422, body({ detail: 'word '.repeat(500) })).length).toBeLessThan(330);
  });

  it('say what kind of trouble it is', () => {
    expect(saysTooLong(readErrors(body({ detail: 'The request took too long to process and timed out.' })))).toBe(true);
    expect(saysSynced(readErrors(body({ title: 'Contact is synced with your PSA' })))).toBe(true);
    expect(saysSynced(readErrors(body({ title: 'Asynchronous' })))).toBe(false);
    expect(saysForeignId(readErrors(body({ status: 401, source: { pointer: 'id' } })))).toBe(true);
    expect(saysForeignId(readErrors(body({ status: 401, title: 'Unauthorized' })))).toBe(false);
  });
});

describe('addresses', () => {
  it.each([
    ['us', '', 'https://api.itglue.com'],
    ['eu', '', 'https://api.eu.itglue.com'],
    ['au', '', 'https://api.au.itglue.com'],
    ['eu', 'https://gateway.example.test/itglue//', 'https://gateway.example.test/itglue'],
  ] as const)('%s with %j: %s', (region, baseUrl, expected) => {
    expect(itGlueAddress(region, baseUrl)).toBe(expected);
  });
});
