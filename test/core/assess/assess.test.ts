import { describe, expect, it } from 'vitest';
import type { AccountFacts } from '../../../core/model/directory-user.ts';
import { contactId, psaContactId } from '../../../core/model/ids.ts';
import {
  contactEmail,
  contactPhone,
  location,
  organizationSettings,
  organizationState,
  psaContact,
  testMoment,
  testUserId,
  userState,
} from '../../fixtures/build.ts';
import { namedContact, namedUser, psaSnapshot } from '../../fixtures/build-plan.ts';
import { assessmentOf, cellOf, findingOf, recordsOf } from './assess-world.ts';

const day = 86_400_000;
const work = [contactEmail('x@acme.test')];

function accountListsOf(account: Partial<AccountFacts>, more: Parameters<typeof namedUser>[1] = {}): readonly string[] {
  const assessment = assessmentOf({ users: [namedUser('jane', { ...more, account })], contacts: [namedContact('jane', 0)] });
  const section = assessment.sections.find(({ id }) => id === 'accounts');
  return (section?.findings ?? []).filter(({ count }) => count > 0).map(({ id }) => id);
}

const used: Partial<AccountFacts> = { lastLogon: testMoment - day, passwordExpires: testMoment + day };

describe('accounts', () => {
  it.each<{ what: string; account: Partial<AccountFacts>; lists: readonly string[] }>([
    { what: 'in use', account: {}, lists: [] },
    { what: 'unused for 89 days', account: { lastLogon: testMoment - 89 * day }, lists: [] },
    { what: 'unused for 90 days, within 14', account: { lastLogon: testMoment - 90 * day }, lists: ['account-perhaps-stale'] },
    { what: 'unused for 103 days, within 14', account: { lastLogon: testMoment - 103 * day }, lists: ['account-perhaps-stale'] },
    { what: 'unused for 104 days, within 14', account: { lastLogon: testMoment - 104 * day }, lists: ['account-stale'] },
    {
      what: 'unused for 90 days, exact',
      account: { lastLogon: testMoment - 90 * day, lastLogonAccuracy: 'exact' },
      lists: ['account-stale'],
    },
    { what: 'never used', account: { lastLogon: 'never' }, lists: ['account-never-used'] },
    { what: 'of which nothing is known', account: { lastLogon: null }, lists: ['account-logon-unknown'] },
    { what: 'unused and disabled', account: { lastLogon: 'never', disabled: true }, lists: ['account-left-with-contact'] },
    { what: 'expired', account: { expires: testMoment - day }, lists: ['account-left-with-contact', 'account-expired'] },
    { what: 'locked', account: { locked: true }, lists: ['account-locked'] },
    { what: 'to change its password', account: { mustChangePassword: true }, lists: ['account-must-change'] },
    { what: 'with an old password', account: { passwordExpires: testMoment }, lists: ['account-password-expired'] },
    { what: 'whose password stays', account: { passwordExpires: 'never' }, lists: ['account-password-never-expires'] },
  ])('C3 C4 an account $what is in its lists', ({ account, lists }) => {
    expect(accountListsOf({ ...used, ...account })).toEqual(lists);
  });

  it.each(['shared', 'room', 'equipment', 'system'] as const)(
    'a %s mailbox that can sign in is in no list of unused accounts',
    (mailbox) => {
      expect(accountListsOf({ ...used, lastLogon: 'never' }, { person: { mailbox } })).toEqual(['account-shared-enabled']);
    },
  );

  it('one without mail, and two with the same mail, are listed', () => {
    const users = [
      namedUser('ann', { person: { email: null } }),
      namedUser('bob', { person: { email: 'Desk@acme.test' } }),
      namedUser('cid', { person: { email: 'desk@acme.test' }, account: { disabled: true } }),
    ];
    const assessment = assessmentOf({ users });

    expect(recordsOf(assessment, 'account-without-mail')).toEqual([testUserId('ann')]);
    expect(recordsOf(assessment, 'account-shared-mail')).toEqual([testUserId('bob'), testUserId('cid')]);
    expect(findingOf(assessment, 'account-shared-mail').count).toBe(1);
  });

  it('that the latest read did not bring are counted and in no list', () => {
    const assessment = assessmentOf({
      users: [namedUser('ann'), namedUser('bob', { presence: 'absent' }), namedUser('cid', { presence: 'out' })],
    });

    expect(assessment.totals).toMatchObject({ accounts: 1, notSeen: 2 });
    expect(JSON.stringify(assessment.sections)).not.toContain('Bob');
    expect(assessment.inventories[0]?.rows).toHaveLength(1);
  });
});

describe('accounts and contacts together', () => {
  it('M3 M4 M10 an account without a contact is in the list of its reason', () => {
    const twice = { firstName: 'Desk', emails: [contactEmail('ann.doe@acme.test')] };
    const users = [
      namedUser('ann'),
      namedUser('bob', { person: { lastName: 'Roe', email: 'bob.roe@acme.test', phone: null } }),
      namedUser('cid'),
      namedUser('dee', { account: { disabled: true } }),
      namedUser('eve'),
      namedUser('fay'),
    ];
    const contacts = [
      namedContact('ann', 0, twice),
      namedContact('ann', 1, twice),
      namedContact('bo', 2, { lastName: 'Roe', emails: [contactEmail('b.roe@home.test')], phones: [] }),
      namedContact('fay', 3),
    ];
    const assessment = assessmentOf({ users, contacts, userStates: [userState({ userId: testUserId('eve'), state: 'ignored' })] });

    expect(recordsOf(assessment, 'account-undecided')).toEqual([testUserId('ann')]);
    expect(recordsOf(assessment, 'account-comes-close')).toEqual([testUserId('bob')]);
    expect(recordsOf(assessment, 'account-without-contact')).toEqual([testUserId('cid')]);
    expect(recordsOf(assessment, 'account-needs-no-contact')).toEqual([testUserId('dee')]);
    expect(recordsOf(assessment, 'account-ignored')).toEqual([testUserId('eve')]);
    expect(recordsOf(assessment, 'contact-could-be-accounts')).toEqual(['1003', '1001', '1002']);
    expect(assessment.totals).toMatchObject({ contacts: 4, contactsWithAccount: 1 });
  });

  it('a contact with the own mail domain and no account is told from those outside', () => {
    const users = ['ann', 'bob', 'cid', 'dee'].map((name) => namedUser(name));
    const contacts = [
      namedContact('old', 0, { lastName: 'Leaver' }),
      namedContact('sue', 1, { lastName: 'Plier', emails: [contactEmail('sue@supplier.test')] }),
      namedContact('tom', 2, { lastName: 'Nomail', emails: [] }),
    ];
    const assessment = assessmentOf({ users, contacts });

    expect(recordsOf(assessment, 'contact-own-domain-without-account')).toEqual(['1001']);
    expect(recordsOf(assessment, 'contact-without-account')).toEqual(['1002', '1003']);
  });

  it('a private address of one account does not make its domain the own one', () => {
    const users = [
      ...['ann', 'bob', 'cid', 'dee'].map((name) => namedUser(name)),
      namedUser('eve', { person: { email: 'eve@mail.test' } }),
    ];
    const contacts = [namedContact('old', 0, { lastName: 'Friend', emails: [contactEmail('old@mail.test')] })];

    expect(recordsOf(assessmentOf({ users, contacts }), 'contact-own-domain-without-account')).toEqual([]);
  });
});

describe('the quality of the contact data', () => {
  it('E4 tells blank in IT Glue, blank in both and different apart', () => {
    const person = { title: 'Buyer', phone: null, office: 'Head Office' };
    const contacts = [namedContact('ann', 0, { title: null, phones: [], locationId: null }), namedContact('bob', 1, { title: 'Seller' })];
    const assessment = assessmentOf({
      users: [namedUser('ann', { person }), namedUser('bob', { person })],
      contacts,
      locations: [location()],
    });

    expect(findingOf(assessment, 'field-blank-in-it-glue').breakdown).toEqual([
      { label: 'Location', count: 1 },
      { label: 'Title', count: 1 },
    ]);
    expect(recordsOf(assessment, 'field-in-neither')).toEqual(['1001']);
    expect(cellOf(assessment, 'field-in-neither', '1001', 'missing')).toBe('Phone');
    expect(recordsOf(assessment, 'field-conflict')).toEqual(['1002']);
    expect(cellOf(assessment, 'field-conflict', '1002', 'theirs')).toBe('Seller');
  });

  it('the shares of each field are those of all compared contacts', () => {
    const assessment = assessmentOf({
      users: [namedUser('ann'), namedUser('bob')],
      contacts: [namedContact('ann', 0), namedContact('bob', 1)],
    });
    const section = assessment.sections.find(({ id }) => id === 'fields');

    expect(section?.bars).toHaveLength(6);
    for (const { shares } of section?.bars ?? []) expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  it('E6 names offices that are no location', () => {
    const users = [
      namedUser('ann', { person: { office: 'Depot' } }),
      namedUser('bob', { person: { office: 'HQ' } }),
      namedUser('cid', { person: { office: 'head office' } }),
    ];
    const settings = organizationSettings({ contacts: { locationMap: { HQ: 'Head Office' } } });

    expect(recordsOf(assessmentOf({ users, settings }), 'office-without-location')).toEqual(['Depot']);
  });
});

describe('contacts in IT Glue', () => {
  it('advises to keep the one that is linked, and what may be merged', () => {
    const adapters = [{ adapter: 'Kaseya BMS', remoteId: '9001', sync: true, orphaned: false }];
    const contacts = [namedContact('ann', 0), namedContact('ann', 1, { adapters }), namedContact('ann', 2, { adapters })];
    const assessment = assessmentOf({ contacts });

    expect(recordsOf(assessment, 'contact-duplicates')).toEqual(['1001', '1002', '1003']);
    expect(cellOf(assessment, 'contact-duplicates', '1001', 'advice')).toBe('safe to merge into 1002: nothing is linked with it');
    expect(cellOf(assessment, 'contact-duplicates', '1002', 'advice')).toBe('keep: linked with Kaseya BMS');
    expect(cellOf(assessment, 'contact-duplicates', '1003', 'advice')).toBe('in use (linked with Kaseya BMS): a person has to decide');
  });

  it('names addresses and numbers that cannot be right, and contacts that cannot be reached', () => {
    const contacts = [
      namedContact('ann', 0, { emails: [contactEmail('ann at acme')], phones: [contactPhone('4711')] }),
      namedContact('bob', 1, { emails: [], phones: [] }),
    ];
    const assessment = assessmentOf({ contacts });

    expect(cellOf(assessment, 'contact-malformed-email', '1001', 'problem')).toBe('a space in it');
    expect(cellOf(assessment, 'contact-malformed-phone', '1001', 'problem')).toBe('too short: perhaps an extension');
    expect(recordsOf(assessment, 'contact-unreachable')).toEqual(['1002']);
  });

  it('without any account only what the contacts show is assessed', () => {
    expect(assessmentOf({ contacts: [namedContact('ann', 0)] }).sections.map(({ id }) => id)).toEqual(['contacts']);
  });
});

describe('the PSA', () => {
  const linkedTo = new Map([[psaContactId('9100'), contactId('2000')]]);
  function psaWith(...contacts: readonly ReturnType<typeof psaContact>[]) {
    return psaSnapshot({ contacts, linkedTo });
  }

  it('P1 counts what is missing today and what a first sync leaves missing', () => {
    const users = [namedUser('ann', { person: { office: 'Head Office' } })];
    const contacts = [namedContact('ann', 0, { locationId: null }), namedContact('bob', 1, { phones: [], locationId: null })];
    const assessment = assessmentOf({ users, contacts, psa: psaSnapshot() });

    expect(recordsOf(assessment, 'psa-made-eligible')).toEqual(['1001']);
    expect(cellOf(assessment, 'psa-made-eligible', '1001', 'today')).toBe('location');
    expect(cellOf(assessment, 'psa-not-eligible', '1002', 'after')).toBe('primary phone of a type that is sent, location');
  });

  it('P8 tells sure twins, unclear ones, those of accounts, and what is only there', () => {
    const psa = psaWith(
      psaContact({ id: psaContactId('9001'), firstName: 'Ann', emails: [psaMail('ann.doe@acme.test')] }),
      psaContact({ id: psaContactId('9002'), firstName: 'Bob', lastName: 'Doe', emails: [] }),
      psaContact({ id: psaContactId('9003'), firstName: 'Cid', active: false, emails: [psaMail('cid.doe@acme.test')] }),
      psaContact({ id: psaContactId('9004'), firstName: 'Dee', emails: [psaMail('dee.doe@acme.test')] }),
      psaContact({ id: psaContactId('9005'), firstName: 'Zoe', lastName: 'Zorn', emails: [psaMail('twice@acme.test')] }),
      psaContact({ id: psaContactId('9006'), firstName: 'Yan', lastName: 'Yard', emails: [psaMail('twice@acme.test')] }),
      psaContact({ id: psaContactId('9100'), firstName: 'Eve', emails: [psaMail('eve.doe@acme.test')] }),
    );
    const contacts = ['ann', 'bob', 'cid', 'eve', 'fay'].map((name, index) => namedContact(name, index));
    const assessment = assessmentOf({ users: [namedUser('dee')], contacts, psa });

    expect(recordsOf(assessment, 'psa-twin-sure')).toEqual(['1001']);
    expect(recordsOf(assessment, 'psa-twin-unclear')).toEqual(['1002', '1003', '1004']);
    expect(cellOf(assessment, 'psa-twin-unclear', '1003', 'twins')).toBe('Cid Doe (9003, inactive)');
    expect(cellOf(assessment, 'psa-twin-unclear', '1004', 'why')).toMatch(/linked to another IT Glue contact/);
    expect(recordsOf(assessment, 'psa-twin-of-account')).toEqual([testUserId('dee')]);
    expect(recordsOf(assessment, 'psa-duplicates')).toEqual(['9005', '9006']);
    expect(recordsOf(assessment, 'psa-only')).toEqual(['9006', '9005']);
    expect(assessment.totals).toMatchObject({ psaContacts: 7, psaInactive: 1 });
  });

  function psaMail(value: string) {
    return { value, typeId: '1', typeName: 'Work', primary: true };
  }

  it('P7 says why nothing goes there, and P12 that the company is not known', () => {
    const excluded = assessmentOf({ psa: psaSnapshot({ excluded: 'Nothing goes to Kaseya BMS: its type' }) });
    const unknown = assessmentOf({ psa: psaSnapshot({ company: null, companyProblem: 'there are two' }) });

    expect(excluded.sections.find(({ id }) => id === 'psa')).toMatchObject({
      notes: ['Nothing goes to Kaseya BMS: its type'],
      findings: [],
    });
    expect(findingOf(unknown, 'psa-company-unknown').rows.map(({ cells }) => cells)).toEqual([['there are two']]);
    expect(unknown.totals.psaContacts).toBeNull();
  });

  it('a link that is orphaned is listed', () => {
    const adapters = [{ adapter: 'Kaseya BMS', remoteId: '9001', sync: true, orphaned: true }];
    const assessment = assessmentOf({ contacts: [namedContact('ann', 0, { adapters, emails: work })], psa: psaSnapshot() });

    expect(recordsOf(assessment, 'psa-link-broken')).toEqual(['1001']);
  });
});

describe('what a sync would do', () => {
  it('A3 lists each change of the plan once, and the limits that it would exceed', () => {
    const users = Array.from({ length: 25 }, (_, index) => namedUser(`p${'abcdefghijklmnopqrstuvwxyz'.charAt(index)}`));
    const settings = organizationSettings({ contacts: { create: 'auto' }, psa: { type: 'none' }, limits: { firstRun: 'hold' } });
    const state = organizationState({ onboarded: false });
    const assessment = assessmentOf({ users, settings, organizationState: state });
    const section = assessment.sections.find(({ id }) => id === 'sync');

    expect(section?.title).toBe('What a first sync would do');
    expect(findingOf(assessment, 'sync-create').count).toBe(25);
    expect(findingOf(assessment, 'sync-overlay').count).toBe(25);
    expect(recordsOf(assessment, 'sync-guards')).toEqual(['create']);
    expect(section?.notes.join(' ')).toContain('waits for a person to approve');
  });
});
