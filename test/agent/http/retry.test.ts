import { describe, expect, it } from 'vitest';
import { checkAddress, loggablePath } from '../../../agent/http/address.ts';
import { growingPauseMs, isRetryableStatus } from '../../../agent/http/retry.ts';
import { retryAfterMs } from '../../../agent/http/retry-after.ts';

const now = Date.UTC(2026, 0, 5, 8);

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 7 ', 7000],
    ['0', 0],
    ['1.5', 1500],
    ['Mon, 05 Jan 2026 08:00:30 GMT', 30_000],
    ['Mon, 05 Jan 2026 07:00:00 GMT', 0],
    ['-5', null],
    ['soon', null],
    ['', null],
    [undefined, null],
    ['99999999999999', null],
  ])('%j is %j', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});

describe('pauses', () => {
  it.each([
    [1, 0, 250],
    [1, 0.999, 500],
    [2, 0, 500],
    [4, 0, 2000],
    [12, 0, 7500],
    [2000, 0.5, 11_250],
  ])('after failure %i with random %d: %i ms', (failures, random, expected) => {
    expect(growingPauseMs(500, 15_000, failures, random)).toBe(expected);
  });

  it.each([
    [500, true],
    [502, true],
    [503, true],
    [504, true],
    [408, true],
    [501, false],
    [404, false],
    [422, false],
    [302, false],
    [200, false],
  ])('status %i is retryable: %s', (status, expected) => {
    expect(isRetryableStatus(status)).toBe(expected);
  });
});

describe('addresses', () => {
  it.each(['https://api.example.test/x', 'http://127.0.0.1:8080', 'http://127.9.9.9', 'http://localhost:1', 'http://[::1]:2'])(
    'takes %s',
    (address) => {
      expect(checkAddress(address).href).toContain(address);
    },
  );

  it.each([
    'http://api.example.test',
    'http://127.0.0.1.example.test',
    'http://10.0.0.1',
    'ftp://127.0.0.1',
    'https://user:hush@api.example.test',
    'nonsense',
  ])('refuses %s, and does not repeat a password', (address) => {
    expect(() => checkAddress(address)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('hush') }),
    );
  });

  it('logs a path without the values of its query', () => {
    const url = new URL('https://api.example.test/contacts?filter[primary_email]=a%40example.test&page[size]=1&page[size]=2');

    expect(loggablePath(url)).toBe('/contacts?filter[primary_email]&page[size]');
  });
});
