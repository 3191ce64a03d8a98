import { describe, expect, it } from 'vitest';
import { bindError, describeResult, referredDomain, searchError } from '../../../../agent/directory/active-directory/ldap-error.ts';
import type { LdapResult } from '../../../../agent/directory/active-directory/messages.ts';
import { judgeReference } from '../../../../agent/directory/active-directory/references.ts';
import { ReadTally } from '../../../../agent/directory/read-tally.ts';

const place = { directory: 'corp', server: 'ldaps://dc1.corp.example.test' };

function result(code: number, message = '', more: Partial<LdapResult> = {}): LdapResult {
  return { code, message, matchedDn: '', referrals: [], extendedName: null, extendedValue: null, cookie: null, dirSync: null, ...more };
}

describe('a refused sign-in', () => {
  it.each([
    ['525', 'no such user'],
    ['52e', 'password is wrong'],
    ['530', 'at this hour'],
    ['531', 'from this machine'],
    ['532', 'password has expired'],
    ['533', 'disabled'],
    ['701', 'account has expired'],
    ['773', 'must be changed'],
    ['775', 'locked out'],
    ['999', 'sub-code 999'],
  ])('says in words what sub-code %s means', (subCode, words) => {
    const message = `80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data ${subCode}, v4563`;

    const error = bindError(result(49, message), place);

    expect(error.code).toBe('DIRECTORY_BIND_REJECTED');
    expect(error.message).toContain(words);
    expect(error.message).toContain(place.server);
    expect(error.place).toMatchObject({ subCode });
  });

  it.each([
    [49, '', 'DIRECTORY_BIND_REJECTED'],
    [8, '00002028: LdapErr', 'DIRECTORY_SIGNING_REQUIRED'],
    [13, '', 'DIRECTORY_SIGNING_REQUIRED'],
    [51, '', 'DIRECTORY_UNREACHABLE'],
    [52, '', 'DIRECTORY_UNREACHABLE'],
    [48, '', 'DIRECTORY_BIND_REJECTED'],
    [53, 'no', 'DIRECTORY_BIND_REJECTED'],
  ])('tells result %i (%j) as %s', (code, message, expected) => {
    expect(bindError(result(code, message), place).code).toBe(expected);
  });
});

describe('a search that failed', () => {
  it.each([
    [32, 'DIRECTORY_BASE_NOT_FOUND'],
    [34, 'DIRECTORY_BASE_NOT_FOUND'],
    [10, 'DIRECTORY_REFERRAL'],
    [50, 'DIRECTORY_RIGHTS'],
    [51, 'DIRECTORY_UNREACHABLE'],
    [3, 'DIRECTORY_TIMEOUT'],
    [53, 'DIRECTORY_INCOMPLETE'],
    [12, 'DIRECTORY_INCOMPLETE'],
    [1, 'DIRECTORY_INCOMPLETE'],
  ])('tells result %i as %s', (code, expected) => {
    expect(searchError(result(code), 'the search base DC=test', place).code).toBe(expected);
  });

  it('says how much of a base exists', () => {
    expect(searchError(result(32, '', { matchedDn: 'DC=test' }), 'the search base OU=a,DC=test', place).message).toContain(
      'the search base OU=a,DC=test does not exist or cannot be read; the part that exists is DC=test',
    );
  });

  it('P10 names the domain that a referral leads to', () => {
    const error = searchError(result(10, '', { referrals: ['ldap://Child.example.test/DC=child'] }), 'the base', place);

    expect(error.message).toContain('child.example.test');
    expect(error.place).toMatchObject({ domain: 'child.example.test' });
    expect(referredDomain('ref 1: nothing')).toBeNull();
  });

  it.each<[string, Partial<LdapResult>, string]>([
    [
      'a child domain',
      { referrals: ['ldap://child.corp.example.test/OU=Staff,DC=child,DC=corp,DC=example,DC=test'] },
      'child.corp.example.test',
    ],
    ['another forest, by LDAPS and port', { referrals: ['ldaps://other.test:636/DC=other,DC=test??sub'] }, 'other.test'],
    [
      'a domain that the message alone names',
      { message: "0000202B: RefErr: DSID-0310084A, data 0, 1 access points\n\tref 1: 'Other.Test'\n" },
      'other.test',
    ],
    ['the first of several', { referrals: ['nonsense', 'ldap://a.test/', 'ldap://b.test/'] }, 'a.test'],
    ['a referral without a host', { referrals: ['ldap:///OU=Staff%20A,DC=child,DC=corp,DC=test'] }, 'child.corp.test'],
    ['nothing that can be read', { referrals: ['ldap://\u001b[31m/'], message: 'no' }, 'another domain'],
  ])('P10 says of %s what the base belongs to', (_, answer, domain) => {
    const error = searchError(result(10, '', answer), 'the search base OU=Staff', place);

    expect(error.code).toBe('DIRECTORY_REFERRAL');
    expect(error.message.endsWith(`the search base OU=Staff belongs to ${domain}`)).toBe(true);
  });

  it('keeps what a server says to one line without control characters', () => {
    const words = describeResult(result(80, `evil\u001b[31m\r\nline ${'x'.repeat(500)}`));

    expect(words).toMatch(/^LDAP result 80: evil \[31m line x+$/);
    expect(words.length).toBeLessThan(230);
    expect(describeResult(result(50))).toBe('LDAP result 50 (insufficientAccessRights)');
  });
});

describe('references to other servers', () => {
  it.each([
    ['ldap://DomainDnsZones.corp.example.test/DC=DomainDnsZones,DC=corp,DC=example,DC=test'],
    ['ldap://ForestDnsZones.corp.example.test/DC=ForestDnsZones,DC=corp,DC=example,DC=test'],
    ['ldap://corp.example.test/CN=Configuration,DC=corp,DC=example,DC=test'],
    ['ldap://corp.example.test/CN=Configuration,DC=corp,DC=example,DC=test??base'],
  ])('C1 %s holds no users', (url) => {
    const tally = new ReadTally();
    judgeReference(url, tally);

    expect(tally.summary()).toMatchObject({ complete: true, leftOut: {} });
  });

  it('C1 notes a child domain without making the read unproven', () => {
    const tally = new ReadTally();
    judgeReference('ldap://child.corp.example.test/DC=child,DC=corp,DC=example,DC=test', tally);

    expect(tally.summary()).toMatchObject({
      complete: true,
      leftOut: { 'everything in child.corp.example.test: add it as a directory of its own': 1 },
    });
  });

  it.each([['ldap://other.example.test/OU=Sales,DC=corp,DC=example,DC=test'], ['ldap://other.example.test/%zz'], ['nonsense']])(
    'C1 %s is a part that was not read',
    (url) => {
      const tally = new ReadTally();
      judgeReference(url, tally);

      expect(tally.summary().complete).toBe(false);
      expect(tally.summary().gaps).toHaveLength(1);
    },
  );
});
