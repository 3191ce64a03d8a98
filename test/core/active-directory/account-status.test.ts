import { describe, expect, it } from 'vitest';
import { accountStatus } from '../../../core/active-directory/account-status.ts';
import type { AccountFacts } from '../../../core/model/directory-user.ts';

const now = Date.UTC(2026, 10, 20);
const enabled: AccountFacts = {
  disabled: false,
  expires: 'never',
  locked: false,
  mustChangePassword: false,
  passwordLastSet: now - 1000,
  passwordExpired: false,
  passwordExpires: now + 1000,
  lastLogon: null,
  lastLogonAccuracy: 'within 14 days',
};
const everything: AccountFacts = {
  ...enabled,
  disabled: true,
  expires: now - 1,
  locked: true,
  mustChangePassword: true,
  passwordExpired: true,
  passwordExpires: now - 1,
};

describe('AD status', () => {
  it.each([
    ['Disabled', everything],
    ['Expired', { ...everything, disabled: false }],
    ['Locked', { ...everything, disabled: false, expires: 'never' }],
    ['Must change password', { ...everything, disabled: false, expires: now + 1, locked: false }],
    ['Password expired', { ...everything, disabled: false, expires: 'never', locked: false, mustChangePassword: false }],
    ['Enabled', enabled],
  ] as const)('C3 is %s when that is the first that holds', (status, facts) => {
    expect(accountStatus(facts, now)).toBe(status);
  });

  it('C3 lets an account expire with the moment, without a write', () => {
    const facts = { ...enabled, expires: now };
    expect(accountStatus(facts, now - 1)).toBe('Enabled');
    expect(accountStatus(facts, now)).toBe('Expired');
  });

  it('C3 lets a password expire with the moment, without a write', () => {
    const facts = { ...enabled, passwordExpires: now };
    expect(accountStatus(facts, now - 1)).toBe('Enabled');
    expect(accountStatus(facts, now)).toBe('Password expired');
  });

  it('C3 believes the computed bit when no date could be read', () => {
    expect(accountStatus({ ...enabled, passwordExpires: null, passwordExpired: true }, now)).toBe('Password expired');
  });

  it.each(['never', 'at next logon', null] as const)('C3 does not take %j for a date that passed', (passwordExpires) => {
    expect(accountStatus({ ...enabled, passwordExpires }, now)).toBe('Enabled');
  });
});
