import { describe, expect, it } from 'vitest';
import { makeTypeRules } from '../../../core/enrich/contact-type.ts';
import { type Leaver, leaverKindOf, leaverOf, sightLeaver } from '../../../core/enrich/leaver.ts';
import type { AdStatus } from '../../../core/model/directory-user.ts';
import type { ContactTypeRule, LeaverKind, LeaverRule } from '../../../core/model/settings.ts';
import { directoryUser, organizationSettings, testMoment } from '../../fixtures/build.ts';

const day = 86_400_000;
const types = ['Employee', 'Manager', 'Former'].map((name, index) => ({ id: String(31 + index), name }));
const nothing: LeaverRule = { contactType: '', psaInactive: false, afterDays: 0 };
const former: LeaverRule = { ...nothing, contactType: 'former' };

const staff = 'CN=Staff,OU=Groups,DC=corp,DC=example,DC=test';
const leads = 'CN=Leads,OU=Groups,DC=corp,DC=example,DC=test';

function rule(when: ContactTypeRule['when'], contactType = '', important: boolean | null = null): ContactTypeRule {
  return { when, contactType, important };
}

interface Case {
  readonly rules?: readonly ContactTypeRule[];
  readonly byDefault?: string;
  readonly user?: Parameters<typeof directoryUser>[0];
  readonly status?: AdStatus;
  readonly leaver?: Leaver | null;
  readonly leavers?: Partial<Record<LeaverKind, LeaverRule>>;
}

function choose({ rules = [], byDefault = '', user = {}, status = 'Enabled', leaver = null, leavers = {} }: Case) {
  const settings = organizationSettings({
    contacts: { contactTypeRules: rules, leavers: { disabled: nothing, gone: nothing, missing: nothing, ...leavers } },
    psa: { contactType: byDefault },
  });
  return makeTypeRules(settings, types).choose(directoryUser(user), status, leaver);
}

function leaving(kind: LeaverKind, rule: LeaverRule, acts = true): Leaver {
  return { kind, since: testMoment, leftAt: testMoment, rule, actsAt: testMoment, acts };
}

const known = { groups: [leads.toLowerCase()], groupsRead: [staff.toLowerCase(), leads.toLowerCase()] };

describe('the contact type that the rules name', () => {
  it.each<[string, Case, string | null, boolean | null, string]>([
    ['nothing is set', {}, null, null, 'E10'],
    ['psa.contactType alone', { byDefault: 'Employee' }, 'Employee', null, 'E2'],
    [
      'psa.contactType when no rule holds',
      { byDefault: 'Employee', rules: [rule({ status: 'Locked' }, 'Manager')] },
      'Employee',
      null,
      'E2',
    ],
    ['a rule of the status', { rules: [rule({ status: 'Expired' }, 'Former')], status: 'Expired' }, 'Former', null, 'E10'],
    ['a rule of the OU, and all below it', { rules: [rule({ ou: 'dc=corp, dc=EXAMPLE,dc=test' }, 'Employee')] }, 'Employee', null, 'E10'],
    ['no rule of another OU', { rules: [rule({ ou: 'OU=Board,DC=corp,DC=example,DC=test' }, 'Manager')] }, null, null, 'E10'],
    ['a rule of the group', { rules: [rule({ group: ` ${leads} ` }, 'Manager', true)], user: known }, 'Manager', true, 'E10'],
    ['no rule of a group without the user', { rules: [rule({ group: staff }, 'Employee')], user: known }, null, null, 'E10'],
    [
      'the first rule that holds, whatever comes after',
      {
        rules: [rule({ group: staff }, 'Employee'), rule({ group: leads }, 'Manager'), rule({ status: 'Enabled' }, 'Former')],
        user: known,
      },
      'Manager',
      null,
      'E10',
    ],
    [
      'the default type where a rule names only the flag',
      { rules: [rule({ status: 'Enabled' }, '', false)], byDefault: 'Employee' },
      'Employee',
      false,
      'E10',
    ],
    ['its name whatever the case', { rules: [rule({ status: 'Enabled' }, ' EMPLOYEE')] }, 'Employee', null, 'E10'],
  ])('E10 is that of %s', (_, given, ...[name, important, from]) => {
    expect(choose(given)).toMatchObject({ contactType: name === null ? null : { name }, important, rule: from, decided: true });
  });

  it('E10 is not decided while the members of a rule’s group are not known, and no later rule takes its place', () => {
    const rules = [rule({ group: staff }, 'Manager', true), rule({ status: 'Enabled' }, 'Employee')];
    const choice = choose({ rules, user: { groupsRead: [leads.toLowerCase()] } });

    expect(choice).toMatchObject({ contactType: null, important: null, decided: false });
    expect(choice.why).toContain('contacts.contactTypeRules[0]');
  });

  it('E10 takes a user of another domain for none of the group’s', () => {
    const rules = [rule({ group: 'CN=Staff,DC=other,DC=example,DC=test' }, 'Manager'), rule({ status: 'Enabled' }, 'Employee')];

    expect(choose({ rules })).toMatchObject({ contactType: { name: 'Employee' }, decided: true });
  });

  it('E10 says which rule of the list decided', () => {
    const rules = [rule({ status: 'Locked' }, 'Former'), rule({ group: leads }, 'Manager')];

    expect(choose({ rules, user: known }).why).toBe(`contacts.contactTypeRules[1] (group ${leads})`);
  });

  it('a type that IT Glue does not have is named with its settings, and decides nothing', () => {
    const settings = organizationSettings({
      contacts: {
        contactTypeRules: [rule({ status: 'Enabled' }, 'Nobody'), rule({ status: 'Locked' }, 'Employee')],
        leavers: { disabled: { ...nothing, contactType: 'Nobody' }, gone: nothing, missing: nothing },
      },
      psa: { contactType: 'Ghost' },
    });
    const rules = makeTypeRules(settings, types);

    expect(rules.unknown).toEqual([
      { name: 'Ghost', settings: ['psa.contactType'] },
      { name: 'Nobody', settings: ['contacts.contactTypeRules[0]', 'contacts.onDisabled'] },
    ]);
    expect(rules.choose(directoryUser(), 'Enabled', null)).toMatchObject({ contactType: null, decided: false });
    expect(rules.choose(directoryUser(), 'Enabled', null).why).toContain('IT Glue has no contact type "Nobody"');
    expect(rules.choose(directoryUser(), 'Locked', null)).toMatchObject({ contactType: { name: 'Employee' }, decided: true });
  });
});

describe('the contact type of a leaver', () => {
  const rules = [rule({ status: 'Disabled' }, 'Employee', true), rule({ status: 'Gone' }, 'Manager')];
  const leavers = { disabled: former, gone: former, missing: former };

  it.each<[string, Case, string | null, string, boolean]>([
    ['its own setting before the rules', { rules, leavers, status: 'Disabled', leaver: leaving('disabled', former) }, 'Former', 'E8', true],
    [
      'the rules while its days are not over',
      { rules, leavers, status: 'Disabled', leaver: leaving('disabled', former, false) },
      'Employee',
      'E10',
      true,
    ],
    [
      'the rules when its setting names none',
      {
        rules,
        leavers: { disabled: { ...nothing, psaInactive: true } },
        status: 'Disabled',
        leaver: leaving('disabled', { ...nothing, psaInactive: true }),
      },
      'Employee',
      'E10',
      true,
    ],
    [
      'onGone for a deleted user',
      { rules, leavers, status: 'Gone', user: { presence: 'gone' }, leaver: leaving('gone', former) },
      'Former',
      'E8',
      true,
    ],
    ['a rule of the status Gone', { rules, status: 'Gone', user: { presence: 'gone' } }, 'Manager', 'E10', true],
    [
      'what the contact has, for a deleted user without any',
      { rules: [rule({ ou: 'DC=test' }, 'Employee')], byDefault: 'Employee', status: 'Gone', user: { presence: 'gone' } },
      null,
      'E8',
      false,
    ],
    [
      'onMissing for a missing user',
      { rules, leavers, user: { presence: 'missing' }, leaver: leaving('missing', former) },
      'Former',
      'E8',
      true,
    ],
    [
      'what the contact has, for a missing user',
      { rules, byDefault: 'Employee', status: 'Disabled', user: { presence: 'missing' } },
      null,
      'E8',
      false,
    ],
  ])('E8 is %s', (_, given, ...[name, from, decided]) => {
    expect(choose(given)).toMatchObject({ contactType: name === null ? null : { name }, rule: from, decided });
  });

  it('E8 keeps the flag that the rules name, and says since when the user left', () => {
    const choice = choose({ rules, leavers, status: 'Disabled', leaver: leaving('disabled', { ...former, afterDays: 30 }) });

    expect(choice).toMatchObject({ important: true, why: 'contacts.onDisabled: disabled since 2026-01-05, 30 days or more' });
  });
});

describe('who left', () => {
  it.each<[Parameters<typeof leaverKindOf>[0]['presence'], AdStatus, ReturnType<typeof leaverKindOf>]>([
    ['present', 'Disabled', 'disabled'],
    ['present', 'Expired', null],
    ['present', 'Locked', null],
    ['present', 'Enabled', null],
    ['gone', 'Gone', 'gone'],
    ['missing', 'Disabled', 'missing'],
    ['missing', 'Enabled', 'missing'],
    ['absent', 'Disabled', 'unknown'],
    ['out', 'Disabled', 'unknown'],
  ])('E8 C10 %s and %s is %s', (presence, status, kind) => {
    expect(leaverKindOf({ presence }, status)).toBe(kind);
  });

  const since = { kind: 'disabled', since: 5, leftAt: 3 } as const;

  it.each([
    ['counts from the first sight', 'disabled', null, { kind: 'disabled', since: 9, leftAt: 9 }],
    ['goes on counting', 'disabled', since, since],
    ['counts anew for another kind, but not the leaving', 'gone', since, { kind: 'gone', since: 9, leftAt: 3 }],
    ['forgets who came back', null, since, null],
    ['keeps what it knew of an absent user', 'unknown', since, since],
    ['knows nothing of an absent user', 'unknown', null, null],
  ] as const)('E8 %s', (_, kind, before, after) => {
    expect(sightLeaver(kind, before, 9)).toEqual(after);
  });

  it.each([
    ['at once without days', former, 0, true],
    ['not a moment before its days are over', { ...former, afterDays: 30 }, 30 * day - 1, false],
    ['when its days are over', { ...former, afterDays: 30 }, 30 * day, true],
    ['not while the clock is set back', former, -day, false],
    ['not when it asks for nothing', nothing, 30 * day, false],
    ['for the PSA alone', { ...nothing, psaInactive: true }, 0, true],
  ])('E8 its setting acts %s', (_, setting, passed, acts) => {
    const rules = { disabled: setting, gone: nothing, missing: nothing };
    const known = { kind: 'disabled', since: testMoment, leftAt: testMoment } as const;

    expect(leaverOf('disabled', known, { rules, now: testMoment + passed })).toMatchObject({
      acts,
      actsAt: testMoment + setting.afterDays * day,
    });
    expect(leaverOf('unknown', known, { rules, now: testMoment + passed })).toBeNull();
  });
});
