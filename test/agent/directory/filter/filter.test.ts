import * as fc from 'fast-check';
import { BerWriter } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { encodeFilter } from '../../../../agent/directory/filter/encode-filter.ts';
import { asksForGroups, type FilterSubject, matchesFilter, unsupportedPart } from '../../../../agent/directory/filter/match-filter.ts';
import { type LdapFilter, parseFilter } from '../../../../agent/directory/filter/parse-filter.ts';
import { escapeFilterBytes } from '../../../../core/active-directory/object-guid.ts';

function parse(text: string): LdapFilter {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function encoded(text: string): string {
  const writer = new BerWriter();
  encodeFilter(parse(text)).write(writer);
  return writer.buffer.toString('hex');
}

describe('reading a filter', () => {
  it.each<[string, LdapFilter]>([
    ['(cn=Ada)', { kind: 'equal', attribute: 'cn', value: 'Ada' }],
    ['cn=Ada', { kind: 'equal', attribute: 'cn', value: 'Ada' }],
    ['(cn=a=b)', { kind: 'equal', attribute: 'cn', value: 'a=b' }],
    ['(cn=)', { kind: 'equal', attribute: 'cn', value: '' }],
    ['(mail=*)', { kind: 'present', attribute: 'mail' }],
    ['(cn=A*b*c)', { kind: 'substrings', attribute: 'cn', initial: 'A', any: ['b'], final: 'c' }],
    ['(cn=*b*)', { kind: 'substrings', attribute: 'cn', initial: '', any: ['b'], final: '' }],
    ['(pwdLastSet>=5)', { kind: 'atLeast', attribute: 'pwdLastSet', value: '5' }],
    ['(pwdLastSet<=5)', { kind: 'atMost', attribute: 'pwdLastSet', value: '5' }],
    ['(cn~=Ada)', { kind: 'approximate', attribute: 'cn', value: 'Ada' }],
    [
      '(userAccountControl:1.2.840.113556.1.4.803:=2)',
      { kind: 'extensible', attribute: 'userAccountControl', rule: '1.2.840.113556.1.4.803', dnAttributes: false, value: '2' },
    ],
    ['(ou:dn:=Staff)', { kind: 'extensible', attribute: 'ou', rule: '', dnAttributes: true, value: 'Staff' }],
    ['(cn:caseExactMatch:=Ada)', { kind: 'extensible', attribute: 'cn', rule: 'caseExactMatch', dnAttributes: false, value: 'Ada' }],
    ['(2.5.4.3=Ada)', { kind: 'equal', attribute: '2.5.4.3', value: 'Ada' }],
    ['(cn;lang-de=Ada)', { kind: 'equal', attribute: 'cn;lang-de', value: 'Ada' }],
    ['(cn=\\28a\\29\\2a\\5c)', { kind: 'equal', attribute: 'cn', value: '(a)*\\' }],
    ['(cn=Zo\\c3\\ab)', { kind: 'equal', attribute: 'cn', value: 'Zoë' }],
    ['(objectGUID=\\ff\\00)', { kind: 'equal', attribute: 'objectGUID', value: Buffer.from([0xff, 0]) }],
    [
      ' ( & (a=1) ( ! (b=2) ) (|(c=3)(d=4)) ) ',
      {
        kind: 'and',
        parts: [
          { kind: 'equal', attribute: 'a', value: '1' },
          { kind: 'not', part: { kind: 'equal', attribute: 'b', value: '2' } },
          {
            kind: 'or',
            parts: [
              { kind: 'equal', attribute: 'c', value: '3' },
              { kind: 'equal', attribute: 'd', value: '4' },
            ],
          },
        ],
      },
    ],
  ])('reads %s', (text, filter) => {
    expect(parse(text)).toEqual(filter);
  });

  it.each([
    ['(cn=Ada', 'not closed'],
    ['cn=Ada)', 'after its end'],
    ['(&(a=1)(b=2)', '")" expected'],
    ['(a=1)(b=2)', 'after its end'],
    ['(&)', 'nothing follows'],
    ['(|a=1)', 'nothing follows'],
    ['(!a=1)', '"(" expected'],
    ['(cn)', 'without "="'],
    ['(c n=Ada)', 'attribute name'],
    ['(=Ada)', 'attribute name'],
    ['(cn=a(b)', '"(" inside'],
    ['(cn=\\zz)', 'backslash'],
    ['(cn=\\4)', 'backslash'],
    ['(cn=\\ff*)', 'no UTF-8'],
    ['(cn>=\\ff)', 'no UTF-8'],
    ['(:=x)', 'neither attribute'],
    ['(cn:a b:=x)', 'matching rule'],
    ['(cn:dn:1.2:3.4:=x)', 'matching rule'],
    ['', 'without "="'],
    [`${'(!'.repeat(100)}(a=1)${')'.repeat(100)}`, 'nested too deeply'],
  ])('says what is wrong with %s', (text, problem) => {
    const parsed = parseFilter(text);

    expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(problem) });
  });

  it('does not throw, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('(', ')', '&', '|', '!', '=', '*', ':', '\\', 'a', '1', '>', 'é') }),
        (text) => void parseFilter(text),
      ),
    );
  });

  it.each([
    // RFC 4511: and [0], or [1], not [2], equality [3], substrings [4], >= [5], <= [6], present [7], approximate [8], extensible [9]
    ['(&(a=1)(|(!(b=*))))', 'a00f a306 0401 61 0401 31 a105 a203 8701 62'],
    ['(a=1*2*3)', 'a40e 0401 61 3009 8001 31 8101 32 8201 33'],
    ['(a>=1)', 'a506 0401 61 0401 31'],
    ['(a<=1)', 'a606 0401 61 0401 31'],
    ['(a~=1)', 'a806 0401 61 0401 31'],
    ['(a:1.2:=3)', 'a90b 8103 312e32 8201 61 8301 33'],
    ['(a:dn:=3)', 'a909 8201 61 8301 33 8401 ff'],
    ['(a=\\ff\\00)', 'a307 0401 61 0402 ff00'],
    ['(a=\\c3\\ab)', 'a307 0401 61 0402 c3ab'],
    ['(a=ë)', 'a307 0401 61 0402 c3ab'],
  ])('sends %s byte by byte as the standard has it', (text, hex) => {
    expect(encoded(text)).toBe(hex.replaceAll(' ', ''));
  });
});

describe('judging an entry by a filter', () => {
  const guid = Buffer.from([0xff, 1, 2]);
  const subject: FilterSubject = {
    dn: 'CN=Ada,DC=test',
    values: (attribute) =>
      ({
        cn: ['Ada Byron'],
        mail: ['ada@example.test', 'Byron@example.test'],
        useraccountcontrol: ['514'],
        pwdlastset: ['133700000000000002'],
        objectguid: [guid],
        manager: ['CN=Boss\\, B,DC=test'],
        objectcategory: ['CN=Person,CN=Schema,CN=Configuration,DC=test'],
      })[attribute] ?? [],
    isMemberOf: (group, nested) => group === 'CN=Direct' || (nested && group === 'CN=Nested'),
  };

  it.each([
    ['(cn=ada byron)', true],
    ['(CN=Ada*)', true],
    ['(cn=*byron)', true],
    ['(cn=a*b*n)', true],
    ['(cn=*da*da*)', false],
    ['(cn=ada byron*ada byron)', false],
    ['(mail=BYRON@example.test)', true],
    ['(mail=x)', false],
    ['(title=*)', false],
    ['(!(title=x))', true],
    ['(&(cn=ada*)(mail=*))', true],
    ['(&(cn=ada*)(title=*))', false],
    ['(|(title=*)(mail=*))', true],
    ['(|(title=*)(sn=*))', false],
    ['(userAccountControl:1.2.840.113556.1.4.803:=2)', true],
    ['(userAccountControl:1.2.840.113556.1.4.803:=3)', false],
    ['(userAccountControl:1.2.840.113556.1.4.804:=3)', true],
    ['(userAccountControl:1.2.840.113556.1.4.804:=x)', false],
    ['(cn:1.2.840.113556.1.4.804:=3)', false],
    ['(pwdLastSet>=133700000000000002)', true],
    ['(pwdLastSet>=133700000000000003)', false],
    ['(pwdLastSet<=133700000000000001)', false],
    ['(pwdLastSet<=9)', false],
    ['(cn>=aaa)', true],
    ['(cn<=aaa)', false],
    ['(cn<=ada byron)', true],
    [`(objectGUID=${escapeFilterBytes(guid)})`, true],
    ['(objectGUID=\\ff\\00)', false],
    ['(manager=cn="Boss, B",dc=test)', true],
    ['(objectCategory=person)', true],
    ['(objectCategory=user)', true],
    ['(objectCategory=computer)', false],
    ['(memberOf=CN=Direct)', true],
    ['(memberOf=CN=Nested)', false],
    ['(memberOf:1.2.840.113556.1.4.1941:=CN=Nested)', true],
    ['(cn:caseIgnoreMatch:=ada byron)', true],
    ['(cn~=ada byron)', true],
  ])('%s holds: %s', (text, holds) => {
    expect(matchesFilter(parse(text), subject)).toBe(holds);
  });

  it.each([
    ['(ou:dn:=Staff)', 'the ":dn" option'],
    ['(:caseExactMatch:=x)', 'a comparison without an attribute'],
    ['(!(cn:1.2.3:=x))', 'the matching rule 1.2.3'],
    ['(manager:1.2.840.113556.1.4.1941:=CN=x)', 'the matching rule 1.2.840.113556.1.4.1941'],
    ['(&(cn=a)(memberOf:1.2.840.113556.1.4.1941:=CN=x))', null],
  ])('cannot judge %s: %s', (text, part) => {
    expect(unsupportedPart(parse(text))).toBe(part);
  });

  it.each([
    ['(memberOf=CN=x)', true],
    ['(&(cn=a)(!(memberof:1.2.840.113556.1.4.1941:=CN=x)))', true],
    ['(|(cn=a)(mail=*))', false],
  ])('%s asks for groups: %s', (text, asks) => {
    expect(asksForGroups(parse(text))).toBe(asks);
  });
});
