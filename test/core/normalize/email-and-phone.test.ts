import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emailKey, emailLocalPart } from '../../../core/normalize/email.ts';
import { phoneKey } from '../../../core/normalize/phone.ts';
import { phone } from '../../fixtures/build.ts';

describe('M1 e-mail key', () => {
  it.each([
    [' Jane.Doe@ACME.test ', 'jane.doe@acme.test'],
    ['JÖRG@ACME.TEST', 'jörg@acme.test'],
    ['JO\u0308RG@acme.test', 'jörg@acme.test'],
    ['jane+news@acme.test', 'jane+news@acme.test'],
    ['jane@localhost', 'jane@localhost'],
  ])('compares %j as %j', (text, key) => {
    expect(emailKey(text)).toBe(key);
  });

  it.each([
    [null],
    [''],
    ['   '],
    ['n/a'],
    ['none'],
    ['@acme.test'],
    ['jane@'],
    ['@'],
    ['jane doe@acme.test'],
    ['jane@acme.test; joe@acme.test'],
    ['jane@acme@test'],
  ])('takes %j for no address', (text) => {
    expect(emailKey(text)).toBeNull();
  });

  it('keeps dots and tags apart', () => {
    expect(emailKey('janedoe@acme.test')).not.toBe(emailKey('jane.doe@acme.test'));
    expect(emailKey('jane+a@acme.test')).not.toBe(emailKey('jane@acme.test'));
  });

  it('is done once and for all', () => {
    const part = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(part, part, (local, domain) => {
        const key = emailKey(`${local}@${domain}`);
        return emailKey(key) === key;
      }),
    );
  });

  it('gives the part before the @', () => {
    expect(emailLocalPart('jane.doe@acme.test')).toBe('jane.doe');
  });
});

describe('E5 phone key', () => {
  it.each([
    [phone('(415) 555-0100'), '+14155550100'],
    [phone('+1 415 555 0100'), '+14155550100'],
    [phone('0100'), '0100'],
    [phone('555 0100'), '5550100'],
    [phone('555-0100 x12', { e164: null, extension: '12' }), '5550100'],
    [phone('12', { e164: null, extension: '12' }), '12'],
    [phone('+1 415 555 0100 ext. 7', { e164: '+14155550100', extension: '7' }), '+14155550100'],
    [phone('٠١٠٠', { e164: null }), '٠١٠٠'],
  ])('compares %j as %s', (value, key) => {
    expect(phoneKey(value)).toBe(key);
  });

  it('gives nothing for text without a digit', () => {
    expect(phoneKey(phone('call the desk', { e164: null }))).toBeNull();
  });
});
