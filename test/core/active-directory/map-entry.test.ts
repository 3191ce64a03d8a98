import { describe, expect, it } from 'vitest';
import { formatFiletime } from '../../../core/active-directory/filetime.ts';
import { mailboxKind } from '../../../core/active-directory/mailbox.ts';
import { lastLogon, lastPasswordReset, mapEntry, notAPerson, stateUnreadable } from '../../../core/active-directory/map-entry.ts';
import { parseProxyAddresses } from '../../../core/active-directory/proxy-addresses.ts';
import { parseAccountControl } from '../../../core/active-directory/user-account-control.ts';
import { emptyRawUser, type RawUser, textAttributes, userAttributes } from '../../../core/active-directory/user-attributes.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';

const guid = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
const moment = Date.UTC(2026, 0, 2, 3, 4, 5);

function user(changes: Partial<RawUser> = {}): RawUser {
  return { ...emptyRawUser('CN=Ada,DC=test'), objectGUID: guid, userAccountControl: '512', ...changes };
}

function map(changes: Partial<RawUser> = {}): DirectoryEntry {
  const mapped = mapEntry(user(changes), (raw) => ({ raw, e164: null, extension: null }));
  if (!mapped.ok) throw new Error(mapped.error);
  return mapped.value;
}

describe('the fields of a person', () => {
  it('C7 maps each attribute to its field', () => {
    const { immutableId, dn, person } = map({
      givenName: 'Ada',
      sn: 'Byron',
      displayName: 'Ada Byron',
      title: 'Engineer',
      mail: 'ada@example.test',
      telephoneNumber: '555 0100',
      mobile: '555 0101',
      ipPhone: '0102',
      physicalDeliveryOfficeName: 'Head Office',
      department: 'R&D',
      company: 'Example',
      proxyAddresses: ['SMTP:ada@example.test', 'smtp:a.byron@example.test', 'X500:/o=x', 'SIP:ada@example.test'],
      userPrincipalName: 'ada@corp.example.test',
      sAMAccountName: 'ada',
      manager: 'CN=Boss,DC=test',
      'mS-DS-ConsistencyGuid': guid,
      msExchRecipientTypeDetails: '1',
    });

    expect(immutableId).toBe('04030201-0605-0807-090a-0b0c0d0e0f10');
    expect(dn).toBe('CN=Ada,DC=test');
    expect(person).toEqual({
      firstName: 'Ada',
      lastName: 'Byron',
      displayName: 'Ada Byron',
      title: 'Engineer',
      email: 'ada@example.test',
      phone: { raw: '555 0100', e164: null, extension: null },
      office: 'Head Office',
      department: 'R&D',
      company: 'Example',
      aliases: ['a.byron@example.test'],
      userPrincipalName: 'ada@corp.example.test',
      samAccountName: 'ada',
      manager: 'CN=Boss,DC=test',
      consistencyGuid: '04030201-0605-0807-090a-0b0c0d0e0f10',
      mailbox: 'user',
    });
  });

  it('C7 takes blank for absent and alters nothing else', () => {
    const { person } = map({ givenName: '  ', sn: '', title: ' Head of  IT ', mail: '\t', telephoneNumber: ' ' });

    expect(person).toMatchObject({ firstName: null, lastName: null, title: ' Head of  IT ', email: null, phone: null });
  });

  it.each([
    [{ telephoneNumber: '1', mobile: '2', ipPhone: '3' }, '1'],
    [{ telephoneNumber: ' ', mobile: '2', ipPhone: '3' }, '2'],
    [{ ipPhone: '3' }, '3'],
  ])('C7 chooses the phone from %j', (phones, raw) => {
    expect(map(phones).person.phone?.raw).toBe(raw);
  });

  it('C7 falls back to the primary SMTP: address, and lists the others', () => {
    const { person } = map({ proxyAddresses: ['smtp:old@example.test', 'SMTP:ada@example.test'] });

    expect(person.email).toBe('ada@example.test');
    expect(person.aliases).toEqual(['old@example.test']);
  });

  it('C7 keeps a primary address that differs from mail as an alias, and mail out of the aliases', () => {
    const { person } = map({ mail: 'ada@example.test', proxyAddresses: ['SMTP:ada@corp.example.test', 'smtp:ADA@example.test'] });

    expect(person.email).toBe('ada@example.test');
    expect(person.aliases).toEqual(['ada@corp.example.test']);
  });

  it.each([
    ['1', 'user'],
    ['2147483648', 'user'],
    ['4', 'shared'],
    ['34359738368', 'shared'],
    ['16', 'room'],
    ['8589934592', 'room'],
    ['32', 'equipment'],
    ['17179869184', 'equipment'],
    ['16384', 'system'],
    ['128', 'other'],
    ['12345', 'other'],
    ['0', null],
    [null, null],
  ])('knows recipient type %j as %j', (value, kind) => {
    expect(mailboxKind(value)).toBe(kind);
  });

  it('reads no address from kinds that are no mail', () => {
    expect(
      parseProxyAddresses(['x500:a', 'smtp:', 'smtp', 'SMTP: ', 'Smtp:b@example.test', 'SMTP:c@example.test', 'SMTP:d@example.test']),
    ).toEqual({
      primary: 'c@example.test',
      aliases: ['b@example.test', 'd@example.test'],
    });
  });
});

describe('the facts of an account', () => {
  it('C3 takes lockout and password expiry from the computed attribute only', () => {
    const stored = map({ userAccountControl: String(512 | 0x10 | 0x800000) });
    const computed = map({ 'msDS-User-Account-Control-Computed': String(0x800010) });

    expect(stored.account).toMatchObject({ locked: false, passwordExpired: false });
    expect(computed.account).toMatchObject({ locked: true, passwordExpired: true });
  });

  it.each([
    ['512', false],
    ['514', true],
    ['66050', true],
    ['-2147483646', true],
  ])('C3 reads userAccountControl %s as disabled: %s', (userAccountControl, disabled) => {
    expect(map({ userAccountControl }).account.disabled).toBe(disabled);
  });

  it.each([
    ['0', 'never'],
    ['9223372036854775807', 'never'],
    [null, 'never'],
    ['nonsense', 'never'],
    [formatFiletime(moment), moment],
  ])('C3 reads accountExpires %j as %j', (accountExpires, expires) => {
    expect(map({ accountExpires }).account.expires).toBe(expires);
  });

  it.each([
    ['0', true, null],
    [null, false, null],
    [formatFiletime(moment), false, moment],
  ])('C5 reads pwdLastSet %j', (pwdLastSet, mustChangePassword, passwordLastSet) => {
    expect(map({ pwdLastSet }).account).toMatchObject({ mustChangePassword, passwordLastSet });
    expect(lastPasswordReset(pwdLastSet)).toBe(passwordLastSet);
  });

  it.each([
    [formatFiletime(moment), '512', null, moment],
    ['9223372036854775807', '512', null, 'never'],
    ['0', '512', '0', 'at next logon'],
    // without the computed attribute: only what the stored bits prove
    [null, '512', formatFiletime(moment), null],
    [null, '512', '0', 'at next logon'],
    [null, String(512 | 0x10000), formatFiletime(moment), 'never'],
  ])('C6 reads expiry %j with userAccountControl %s and pwdLastSet %j as %j', (computed, userAccountControl, pwdLastSet, expected) => {
    const { account } = map({ 'msDS-UserPasswordExpiryTimeComputed': computed, userAccountControl, pwdLastSet });

    expect(account.passwordExpires).toBe(expected);
  });

  const [early, late] = [formatFiletime(moment), formatFiletime(moment + 5)];
  it.each([
    [early, late, moment + 5],
    [late, early, moment + 5],
    [early, '0', moment],
    [early, null, moment],
    [null, early, moment],
    ['0', early, moment],
    [null, '0', 'never'],
    ['0', '0', 'never'],
    [null, null, null],
    ['0', null, null],
  ])('C4 takes the latest of lastLogonTimestamp %j and lastLogon %j: %j', (replicated, here, expected) => {
    expect(lastLogon(replicated, here)).toBe(expected);
  });

  it('C4 states how exact the last logon is', () => {
    expect(map().account.lastLogonAccuracy).toBe('within 14 days');
  });
});

describe('what is no usable user', () => {
  it.each([
    [{ objectGUID: null }, 'no objectGUID'],
    [{ objectGUID: guid.subarray(1) }, 'an objectGUID that has not 16 bytes'],
    [{ userAccountControl: null }, stateUnreadable],
    [{ userAccountControl: 'x' }, 'a userAccountControl that is no number'],
  ])('D1 reports %j', (changes, reason) => {
    const mapped = mapEntry(user(changes), (raw) => ({ raw, e164: null, extension: null }));

    expect(mapped).toEqual({ ok: false, error: reason });
  });

  it('D1 takes the identity of a server without objectGUID', () => {
    expect(map({ objectGUID: null, immutableId: 'id-1' }).immutableId).toBe('id-1');
  });

  it.each([
    [{ isCriticalSystemObject: 'TRUE' }, 'critical system object'],
    [{ isCriticalSystemObject: 'FALSE' }, null],
    [{ userAccountControl: '4096' }, 'computer, service or trust account'],
    [{ userAccountControl: '2080' }, 'computer, service or trust account'],
    [{ userAccountControl: '512' }, null],
    [{ userAccountControl: null }, null],
  ])('C2 leaves out %j for: %j', (changes, reason) => {
    expect(notAPerson(user(changes))).toBe(reason);
  });

  it.each([
    ['4294967298', null],
    ['2147483650', -2147483646],
    ['', null],
  ])('reads %j as a 32-bit number or not at all', (text, value) => {
    expect(parseAccountControl(text)).toBe(value);
  });

  it('makes empty users with every attribute that is read', () => {
    const names = Object.keys(emptyRawUser(''));

    expect(names).toEqual(expect.arrayContaining([...userAttributes]));
    expect(names).toHaveLength(userAttributes.length + 2);
    expect(textAttributes).toContain('mail');
  });
});
