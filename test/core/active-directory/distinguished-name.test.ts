import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalDn,
  createSubtreeTest,
  dnsNameOf,
  isBelow,
  isWithin,
  parseDn,
  withoutNested,
} from '../../../core/active-directory/distinguished-name.ts';

function valuesOf(text: string): string[] | string {
  const parsed = parseDn(text);
  return parsed.ok ? parsed.value.map((rdn) => rdn.map(({ type, value }) => `${type}=${value}`).join(' & ')) : parsed.error;
}

describe('distinguished names', () => {
  it.each([
    ['CN=Ada,OU=Staff,DC=example,DC=test', ['cn=Ada', 'ou=Staff', 'dc=example', 'dc=test']],
    ['CN=Quill\\, Q,DC=test', ['cn=Quill, Q', 'dc=test']],
    ['CN=Quill\\2C Q,DC=test', ['cn=Quill, Q', 'dc=test']],
    ['CN="Quill, Q",DC=test', ['cn=Quill, Q', 'dc=test']],
    ['CN="a \\"b\\"" , DC=test', ['cn=a "b"', 'dc=test']],
    ['CN=Zo\\C3\\AB,DC=test', ['cn=Zoë', 'dc=test']],
    ['CN=Zoë,DC=test', ['cn=Zoë', 'dc=test']],
    ['CN=Ada+UID=7,DC=test', ['cn=Ada & uid=7', 'dc=test']],
    ['CN=#04024869,DC=test', ['cn=#04024869', 'dc=test']],
    ['CN=\\#1\\ ,DC=test', ['cn=#1 ', 'dc=test']],
    ['CN = Ada ; DC = test', ['cn=Ada', 'dc=test']],
    ['OID.2.5.4.3=Ada', ['2.5.4.3=Ada']],
    ['CN=a\\/b', ['cn=a/b']],
    ['CN=,DC=test', ['cn=', 'dc=test']],
    ['', []],
    ['   ', []],
  ])('reads %j', (text, expected) => {
    expect(valuesOf(text)).toEqual(expected);
  });

  it.each([
    ['Ada', 'without "="'],
    ['CN=Ada,', 'without "="'],
    ['1CN=Ada', 'attribute name'],
    ['CN="Ada', 'without its end'],
    ['CN="Ada" x', 'text after a value'],
    ['CN=A"da', 'quote inside'],
    ['CN="a\\', 'backslash at the end'],
    ['CN=Ada\\', 'backslash at the end'],
    ['CN=\\C3', 'no UTF-8'],
    ['CN="\\FF"', 'no UTF-8'],
    ['CN=#xy', 'hexadecimal'],
    ['CN=#04 x', 'text after a value'],
  ])('says what is wrong with %j', (text, problem) => {
    expect(valuesOf(text)).toContain(problem);
  });

  it.each([
    ['CN=Ada, OU=Staff', 'cn=ADA,ou=staff'],
    ['CN=Quill\\, Q,DC=test', 'CN="Quill, Q",DC=test'],
    ['CN=Quill\\2C Q,DC=test', 'CN=Quill\\, Q,DC=test'],
    ['CN=Ada  B,DC=test', 'CN=Ada B,DC=test'],
    ['CN=Ada+UID=7,DC=test', 'UID=7+CN=Ada,DC=test'],
  ])('has one form for %j and %j', (one, other) => {
    expect(canonicalDn(one)).toBe(canonicalDn(other));
  });

  it('keeps names apart that differ by an escaped comma', () => {
    expect(canonicalDn('CN=a\\,OU=b,DC=test')).not.toBe(canonicalDn('CN=a,OU=b,DC=test'));
    expect(canonicalDn('no name')).toBeNull();
  });

  it('has one form however a value is escaped', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const hex = [...new TextEncoder().encode(value)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
        const quoted = `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
        expect(canonicalDn(`CN=${hex},DC=test`)).toBe(canonicalDn(`CN=${quoted},DC=test`));
      }),
    );
  });

  it('does not throw, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('C', '=', ',', '\\', '"', '#', '+', ' ', '4', 'é') }), (text) => void parseDn(text)),
    );
  });
});

describe('what lies below what', () => {
  const staff = 'OU=Staff,DC=example,DC=test';

  it.each([
    ['CN=Ada,OU=Staff,DC=example,DC=test', true, true],
    ['cn=ada,ou=STAFF,dc=EXAMPLE,dc=test', true, true],
    ['CN=Ada, OU=Staff, DC=example, DC=test', true, true],
    ['CN=Ada,OU=Sales,OU=Staff,DC=example,DC=test', true, true],
    [staff, false, true],
    ['CN=Ada,OU=Other Staff,DC=example,DC=test', false, false],
    ['CN=x\\,OU=Staff,DC=example,DC=test', false, false],
    ['CN="x,OU=Staff",DC=example,DC=test', false, false],
    ['CN=Ada,XOU=Staff,DC=example,DC=test', false, false],
    ['CN=Ada+OU=Staff,DC=example,DC=test', false, false],
    ['DC=example,DC=test', false, false],
    ['nonsense', false, false],
  ])('%j is below: %s, within: %s', (dn, below, within) => {
    expect(isBelow(dn, staff)).toBe(below);
    expect(isWithin(dn, staff)).toBe(within);
    expect(createSubtreeTest(staff)(dn)).toBe(within);
  });

  it('takes the empty base for the root, and nonsense for nothing', () => {
    expect(isWithin(staff, '')).toBe(true);
    expect(createSubtreeTest('nonsense')(staff)).toBe(false);
  });

  it('finds a base by another spelling', () => {
    expect(createSubtreeTest('OU=R\\26D,DC=test')('CN=Ada,OU=R&D,DC=test')).toBe(true);
    expect(createSubtreeTest('OU=a\\,b,DC=test')('CN=Ada,OU=a\\2Cb,DC=test')).toBe(true);
  });

  it('leaves out bases within others, and doubles', () => {
    expect(withoutNested([staff, 'DC=test', 'OU=b,DC=other', 'ou=B,dc=other', 'OU=Sales,OU=Staff,DC=example,DC=test'])).toEqual([
      'DC=test',
      'OU=b,DC=other',
    ]);
  });

  it.each([
    ['OU=Staff,DC=corp,DC=Example,DC=test', 'corp.example.test'],
    ['CN=Ada,O=Example', null],
    ['nonsense', null],
  ])('spells %j as %j', (dn, name) => {
    expect(dnsNameOf(dn)).toBe(name);
  });
});
