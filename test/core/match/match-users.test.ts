import { describe, expect, it } from 'vitest';
import type { MatchInput, MatchOutcome } from '../../../core/match/match-outcome.ts';
import { matchUsers } from '../../../core/match/match-users.ts';
import type { Contact } from '../../../core/model/contact.ts';
import type { DirectoryUser, PersonFields } from '../../../core/model/directory-user.ts';
import { type ContactId, contactId } from '../../../core/model/ids.ts';
import type { UserState } from '../../../core/model/state.ts';
import { contact, contactEmail, directoryUser, testUserId, userState } from '../../fixtures/build.ts';

function user(
  name: string,
  person: Partial<PersonFields> = {},
  more: Partial<Omit<DirectoryUser, 'person' | 'account'>> = {},
): DirectoryUser {
  return directoryUser({
    id: testUserId(name),
    ...more,
    person: { firstName: null, lastName: null, displayName: name, email: null, samAccountName: `acc-${name}`, ...person },
  });
}

function person(id: string, firstName: string | null, lastName: string | null, ...emails: string[]): Contact {
  return contact({ id: contactId(id), firstName, lastName, emails: emails.map((email, at) => contactEmail(email, { primary: at === 0 })) });
}

function state(name: string, partial: Partial<UserState>): UserState {
  return userState({ userId: testUserId(name), ...partial });
}

/** A match of an earlier run that was applied. */
function earlier(name: string, contact: string, rule: string): UserState {
  return state(name, { state: 'matched', contactId: contactId(contact), appliedContactId: contactId(contact), rule });
}

function match(partial: Partial<MatchInput>): ReadonlyMap<string, MatchOutcome> {
  const { outcomes } = matchUsers({ users: [], contacts: [], states: [], lost: new Map(), matchByName: 'auto', ...partial });
  return new Map(outcomes.map((outcome) => [outcome.userId.slice(outcome.userId.lastIndexOf('/') + 1), outcome]));
}

function outcomeOf(name: string, partial: Partial<MatchInput>): MatchOutcome {
  const outcome = match(partial).get(name);
  expect(outcome).toBeDefined();
  return outcome!;
}

function listed(outcome: MatchOutcome): readonly (readonly [string, string])[] {
  return outcome.candidates.map((candidate) => [candidate.contactId, candidate.step] as const);
}

const lostContact = (id: string, how: 'deleted' | 'moved'): ReadonlyMap<ContactId, 'deleted' | 'moved'> => new Map([[contactId(id), how]]);

describe('M1', () => {
  it.each([
    ['the same', 'jane@acme.test', ['jane@acme.test']],
    ['another case', 'Jane@Acme.Test', ['JANE@acme.TEST']],
    ['white space around', ' jane@acme.test ', ['jane@acme.test ']],
    ['an e-mail that is not the first', 'jane@acme.test', ['first@acme.test', 'second@acme.test', 'jane@acme.test']],
    ['letters beyond ASCII in another case and form', 'JO\u0308RG@acme.test', ['jörg@acme.test']],
  ])('M1 matches by e-mail: %s', (_what, email, emails) => {
    const outcome = outcomeOf('jane', { users: [user('jane', { email })], contacts: [person('1', null, null, ...emails)] });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '1', rule: 'M1', isNew: true, contactPlace: 'listed' });
    expect(outcome.reason).toContain('@acme.test');
  });

  it('M1 comes before M2: the e-mail decides although another contact has the name', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { email: 'jane@acme.test', firstName: 'Jane', lastName: 'Doe' })],
      contacts: [person('1', 'Jane', 'Doe'), person('2', 'J.', 'D.', 'jane@acme.test')],
    });

    expect(outcome).toMatchObject({ contactId: '2', rule: 'M1' });
  });

  it('M1 does not compare aliases, userPrincipalName or parts of the address', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { email: 'jane@acme.test', aliases: ['doe@acme.test'], userPrincipalName: 'upn@acme.test' })],
      contacts: [
        person('1', null, null, 'doe@acme.test'),
        person('2', null, null, 'upn@acme.test'),
        person('3', null, null, 'jane@other.test'),
      ],
    });

    expect(outcome).toMatchObject({ state: 'unmatched', rule: null });
  });

  it('M1 does not take placeholders for e-mails', () => {
    const outcome = outcomeOf('jane', { users: [user('jane', { email: 'n/a' })], contacts: [person('1', null, null, 'n/a')] });

    expect(outcome).toMatchObject({ state: 'unmatched', contactId: null });
    expect(outcome.compared).toEqual({ email: null, firstName: null, lastName: null, contactsWithEmail: 0, contactsWithName: 0 });
  });
});

describe('M2', () => {
  const jane = { firstName: 'Jane', lastName: 'Doe' };

  it.each([
    ['the same', ['Jane', 'Doe'], ['Jane', 'Doe']],
    ['another case', ['JANE', 'doe'], ['jane', 'DOE']],
    ['white space around', [' Jane ', 'Doe\u00a0'], ['Jane', ' Doe']],
    ['another Unicode form', ['Zoe\u0308', 'Doe'], ['Zoë', 'Doe']],
    ['full case folding', ['Jörg', 'GROSS'], ['JÖRG', 'Groß']],
    ['a final sigma', ['Νίκος', 'Παππάς'], ['ΝΊΚΟΣ', 'ΠΑΠΠΆΣ']],
  ] as const)('M2 matches by first and last name: %s', (_what, [firstName, lastName], [otherFirst, otherLast]) => {
    const outcome = outcomeOf('jane', { users: [user('jane', { firstName, lastName })], contacts: [person('1', otherFirst, otherLast)] });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '1', rule: 'M2', isNew: true });
  });

  it.each([
    ['accents differ', ['José', 'Doe'], ['Jose', 'Doe']],
    ['the dotless i is another letter', ['Işık', 'Doe'], ['Isik', 'Doe']],
    ['white space inside differs', ['Ann  Marie', 'Doe'], ['Ann Marie', 'Doe']],
    ['names are swapped', ['Doe', 'Jane'], ['Jane', 'Doe']],
    ['only the last name is equal', ['John', 'Doe'], ['Jane', 'Doe']],
    ['the border between the names is elsewhere', ['Jane Ann', 'Doe'], ['Jane', 'Ann Doe']],
  ] as const)('M2 does not match when %s', (_what, [firstName, lastName], [otherFirst, otherLast]) => {
    const outcome = outcomeOf('jane', { users: [user('jane', { firstName, lastName })], contacts: [person('1', otherFirst, otherLast)] });

    expect(outcome.state).toBe('unmatched');
  });

  it.each([
    ['the user has no first name', [null, 'Doe'], [null, 'Doe']],
    ['the user has no last name', ['Jane', ' '], ['Jane', ' ']],
    ['the contact has no last name', ['Jane', 'Doe'], ['Jane', null]],
    ['both lack both', [null, null], [null, null]],
  ] as const)('M2 needs both names: %s', (_what, [firstName, lastName], [otherFirst, otherLast]) => {
    const outcome = outcomeOf('jane', { users: [user('jane', { firstName, lastName })], contacts: [person('1', otherFirst, otherLast)] });

    expect(outcome.state).toBe('unmatched');
  });

  it.each([
    ['has none', null],
    ['has what is no address', 'unknown'],
    ['has one that no contact has', 'jane@acme.test'],
  ])('M2 is tried when the user, as to e-mail, %s', (_what, email) => {
    const outcome = outcomeOf('jane', { users: [user('jane', { ...jane, email })], contacts: [person('1', 'Jane', 'Doe', 'j@home.test')] });

    expect(outcome).toMatchObject({ state: 'matched', rule: 'M2' });
  });

  it('M2 is not tried when a contact has the e-mail, though that one is of no use', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { ...jane, email: 'info@acme.test' })],
      contacts: [person('1', 'Jane', 'Doe'), person('2', null, null, 'info@acme.test'), person('3', null, null, 'info@acme.test')],
    });

    expect(outcome).toMatchObject({ state: 'unmatched', rule: 'M3', ambiguous: true });
    expect(listed(outcome)).toEqual([
      ['2', 'M1'],
      ['3', 'M1'],
      ['1', 'M10'],
    ]);
  });

  it('M2 only suggests when matchByName says so', () => {
    const outcome = outcomeOf('jane', { users: [user('jane', jane)], contacts: [person('1', 'Jane', 'Doe')], matchByName: 'suggest' });

    expect(outcome).toMatchObject({ state: 'unmatched', contactId: null, rule: 'M2', ambiguous: false, contested: false });
    expect(outcome.candidates).toEqual([{ contactId: '1', name: 'Jane Doe', step: 'M2', evidence: ['same first and last name'] }]);
    expect(outcome.reason).toContain('matchByName');
  });

  it('M2 in suggest mode lets M1 match and earlier matches stand', () => {
    const outcomes = match({
      users: [user('jane', { email: 'jane@acme.test' }), user('joe')],
      contacts: [person('1', null, null, 'jane@acme.test'), person('2', 'Joe', 'Roe')],
      states: [earlier('joe', '2', 'M2')],
      matchByName: 'suggest',
    });

    expect(outcomes.get('jane')).toMatchObject({ state: 'matched', rule: 'M1' });
    expect(outcomes.get('joe')).toMatchObject({ state: 'matched', rule: 'M2', isNew: false });
  });
});

describe('M3', () => {
  it('M3 leaves a user unmatched whose e-mail several contacts have, with all of them listed', () => {
    const contacts = Array.from({ length: 12 }, (_, at) => person(String(at + 1), `First ${at}`, null, 'shared@acme.test'));
    const outcome = outcomeOf('jane', { users: [user('jane', { email: 'shared@acme.test' })], contacts });

    expect(outcome).toMatchObject({
      state: 'unmatched',
      contactId: null,
      rule: 'M3',
      ambiguous: true,
      contested: false,
      candidatesCut: false,
    });
    expect(listed(outcome)).toEqual(contacts.map((each) => [each.id, 'M1']));
    expect(outcome.reason).toContain('12 contacts');
  });

  it('M3 leaves a user unmatched whose name several contacts have', () => {
    const contacts = [person('1', 'Jane', 'Doe'), person('2', 'jane', 'DOE'), person('3', 'Jane', 'Roe')];
    const outcome = outcomeOf('jane', { users: [user('jane', { firstName: 'Jane', lastName: 'Doe' })], contacts });

    expect(outcome).toMatchObject({ state: 'unmatched', rule: 'M3', ambiguous: true });
    expect(listed(outcome)).toEqual([
      ['1', 'M2'],
      ['2', 'M2'],
    ]);
  });

  it('M3 counts a contact once that has the e-mail twice', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { email: 'jane@acme.test' })],
      contacts: [person('1', null, null, 'jane@acme.test', 'JANE@acme.test')],
    });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '1' });
  });

  it('M3 lists a contact once that has the e-mail twice, among others that have it', () => {
    const twice = ['jane@acme.test', 'JANE@acme.test'];
    const contacts = [person('1', null, null, ...twice), person('2', null, null, ...twice), person('3', null, null, ...twice)];
    const outcome = outcomeOf('jane', { users: [user('jane', { email: 'jane@acme.test' })], contacts });

    expect(outcome.compared.contactsWithEmail).toBe(3);
    expect(outcome.reason).toContain('3 contacts');
  });

  it('M3 counts a contact that another user has, and one that the user was taken off: which is left is a guess', () => {
    const contacts = [person('1', null, null, 'shared@acme.test'), person('2', null, null, 'shared@acme.test')];
    const users = [user('jane', { email: 'shared@acme.test' }), user('joe')];

    expect(outcomeOf('jane', { users, contacts, states: [earlier('joe', '1', 'M5')] })).toMatchObject({ state: 'unmatched', rule: 'M3' });
    const rejecting = [state('jane', { rejectedContactIds: [contactId('1')] })];
    expect(outcomeOf('jane', { users, contacts, states: rejecting })).toMatchObject({ state: 'unmatched', rule: 'M3' });
  });

  it('M3 puts the candidate first for which the name speaks too', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { email: 'desk@acme.test', firstName: 'Jane', lastName: 'Doe' })],
      contacts: [person('1', 'Joe', 'Roe', 'desk@acme.test'), person('2', 'Jane', 'Doe', 'desk@acme.test')],
    });

    expect(outcome.candidates.map((candidate) => candidate.evidence)).toEqual([
      ['same e-mail desk@acme.test', 'same first and last name'],
      ['same e-mail desk@acme.test'],
    ]);
    expect(outcome.candidates[0]?.contactId).toBe('2');
  });
});

describe('M4', () => {
  it.each([
    ['e-mail', { email: 'desk@acme.test' }, person('1', null, null, 'desk@acme.test'), 'M1'],
    ['name', { firstName: 'Jane', lastName: 'Doe' }, person('1', 'Jane', 'Doe'), 'M2'],
  ] as const)('M4 leaves both users unmatched that claim one contact by %s, each naming the other', (_what, fields, only, step) => {
    const outcomes = match({ users: [user('jane', fields), user('joe', fields)], contacts: [only] });

    for (const [name, other] of [
      ['jane', 'joe'],
      ['joe', 'jane'],
    ] as const) {
      const outcome = outcomes.get(name)!;
      expect(outcome).toMatchObject({
        state: 'unmatched',
        contactId: null,
        rule: 'M4',
        contested: true,
        ambiguous: false,
        rivals: [testUserId(other)],
      });
      expect(listed(outcome)).toEqual([['1', step]]);
      expect(outcome.reason).toContain(other);
    }
  });

  it.each([
    ['by hand', earlier('joe', '1', 'M5')],
    ['by e-mail earlier', earlier('joe', '1', 'M1')],
    ['by name earlier', earlier('joe', '1', 'M2')],
    ['by being created', earlier('joe', '1', 'E3')],
  ])('M4 lets the user keep the contact that has it %s', (_how, joes) => {
    const contacts = [person('1', 'Jane', 'Doe', 'jane@acme.test'), person('2', 'Jane', 'Doe')];
    const jane = user('jane', { email: 'jane@acme.test', firstName: 'Jane', lastName: 'Doe' });
    const outcomes = match({ users: [jane, user('joe')], contacts, states: [joes] });

    expect(outcomes.get('joe')).toMatchObject({ state: 'matched', contactId: '1', isNew: false });
    // No fall through to M2, where contact 2 would be free.
    expect(outcomes.get('jane')).toMatchObject({ state: 'unmatched', rule: 'M4', contested: true, rivals: [testUserId('joe')] });
  });

  it('M4 gives a contact to the user with its e-mail before the one with its name', () => {
    const outcomes = match({
      users: [user('jane', { firstName: 'Jane', lastName: 'Doe' }), user('joe', { email: 'jane@acme.test' })],
      contacts: [person('1', 'Jane', 'Doe', 'jane@acme.test')],
    });

    expect(outcomes.get('joe')).toMatchObject({ state: 'matched', contactId: '1', rule: 'M1' });
    expect(outcomes.get('jane')).toMatchObject({ state: 'unmatched', rule: 'M4', contested: true, rivals: [testUserId('joe')] });
  });

  it('M4 needs sole candidates: one who has several does not stand in the way of one who has this only', () => {
    const outcomes = match({
      users: [user('jane', { firstName: 'Jane', lastName: 'Doe', email: 'a@acme.test' }), user('joe', { email: 'b@acme.test' })],
      contacts: [person('1', null, null, 'a@acme.test', 'b@acme.test'), person('2', null, null, 'a@acme.test')],
    });

    expect(outcomes.get('joe')).toMatchObject({ state: 'matched', contactId: '1' });
    expect(outcomes.get('jane')).toMatchObject({ state: 'unmatched', rule: 'M3' });
  });

  it('M4 does not let an ignored user claim a contact, nor one out of scope', () => {
    const contacts = [person('1', null, null, 'desk@acme.test')];
    const jane = user('jane', { email: 'desk@acme.test' });
    const joe = user('joe', { email: 'desk@acme.test' });

    expect(outcomeOf('jane', { users: [jane, joe], contacts, states: [state('joe', { state: 'ignored' })] })).toMatchObject({
      state: 'matched',
    });
    expect(outcomeOf('jane', { users: [jane, { ...joe, presence: 'out' }], contacts })).toMatchObject({ state: 'matched' });
    expect(outcomeOf('jane', { users: [jane, { ...joe, presence: 'absent' }], contacts })).toMatchObject({
      state: 'unmatched',
      contested: true,
    });
  });

  it('M4 gives the contact to the other claimant after one was taken off it by hand', () => {
    const outcomes = match({
      users: [user('jane', { email: 'desk@acme.test' }), user('joe', { email: 'desk@acme.test' })],
      contacts: [person('1', null, null, 'desk@acme.test')],
      states: [state('joe', { rejectedContactIds: [contactId('1')] })],
    });

    expect(outcomes.get('jane')).toMatchObject({ state: 'matched', contactId: '1' });
    expect(outcomes.get('joe')).toMatchObject({ state: 'unmatched', contested: false, rule: 'M5' });
  });

  it('M4 holds when a damaged store gives one contact to two users: by hand wins, the other is worked out anew', () => {
    const outcomes = match({
      users: [user('jane', { email: 'jane@acme.test' }), user('joe')],
      contacts: [person('1', null, null, 'joe@acme.test'), person('2', null, null, 'jane@acme.test')],
      states: [earlier('jane', '1', 'M1'), earlier('joe', '1', 'M5')],
    });

    expect(outcomes.get('joe')).toMatchObject({ state: 'matched', contactId: '1' });
    expect(outcomes.get('jane')).toMatchObject({ state: 'matched', contactId: '2', isNew: true });
    expect(outcomes.get('jane')?.reason).toContain('belongs to joe');
  });
});

describe('M5', () => {
  const contacts = [person('1', 'Joe', 'Roe', 'joe@acme.test'), person('2', 'Jane', 'Doe', 'jane@acme.test')];

  it('M5 lets a match by hand win over every rule', () => {
    const byHand = state('jane', { state: 'matched', contactId: contactId('1'), rule: 'M5' });
    const outcomes = match({
      users: [user('jane', { email: 'jane@acme.test', firstName: 'Jane', lastName: 'Doe' }), user('joe', { email: 'joe@acme.test' })],
      contacts,
      states: [byHand],
    });

    expect(outcomes.get('jane')).toMatchObject({ state: 'matched', contactId: '1', rule: 'M5', isNew: true });
    expect(outcomes.get('joe')).toMatchObject({ state: 'unmatched', rule: 'M4', contested: true, rivals: [testUserId('jane')] });
  });

  it('M5 lasts after it was applied, whatever changes', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { email: 'new@acme.test' })],
      contacts,
      states: [earlier('jane', '1', 'M5')],
    });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '1', rule: 'M5', isNew: false, reason: 'Matched by hand.' });
  });

  it('M5 ends when the contact is gone', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane')],
      contacts,
      states: [earlier('jane', '9', 'M5')],
      lost: lostContact('9', 'deleted'),
    });

    expect(outcome).toMatchObject({ state: 'unmatched', rule: 'M7', returned: true });
  });

  it('M5 keeps a user off a contact that it was taken off by hand: no fall through to the name either', () => {
    const jane = user('jane', { email: 'jane@acme.test', firstName: 'Jane', lastName: 'Doe' });
    const taken = [state('jane', { rejectedContactIds: [contactId('2')] })];
    const outcome = outcomeOf('jane', { users: [jane], contacts: [...contacts, person('3', 'Jane', 'Doe')], states: taken });

    expect(outcome).toMatchObject({ state: 'unmatched', rule: 'M5', contested: false, ambiguous: false });
    expect(outcome.candidates[0]).toMatchObject({ contactId: '3', step: 'M10' });
    expect(outcome.candidates[1]).toMatchObject({ contactId: '2', step: 'M1' });
    expect(outcome.candidates[1]?.evidence).toContain('taken off by hand');
  });

  it('M5 keeps a user off by name too, and lists the contact that has nothing else in common', () => {
    const jane = user('jane', { firstName: 'Jane', lastName: 'Doe' });
    const byName = outcomeOf('jane', { users: [jane], contacts, states: [state('jane', { rejectedContactIds: [contactId('2')] })] });
    const unlike = outcomeOf('jane', {
      users: [user('jane')],
      contacts,
      states: [state('jane', { rejectedContactIds: [contactId('1')] })],
    });

    expect(byName).toMatchObject({ state: 'unmatched', rule: 'M5' });
    expect(unlike.candidates).toEqual([{ contactId: '1', name: 'Joe Roe', step: 'M10', evidence: ['taken off by hand'] }]);
  });

  it('M5 lets a rule match a user to another contact than the one it was taken off', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { email: 'jane@acme.test' })],
      contacts,
      states: [state('jane', { rejectedContactIds: [contactId('1')], appliedContactId: contactId('1') })],
    });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '2', rule: 'M1', isNew: true });
  });
});

describe('a match lasts', () => {
  it.each([
    ['the mail of the user changed', user('jane', { email: 'new@acme.test' })],
    ['the mail is on another contact now', user('jane', { email: 'joe@acme.test' })],
    ['the name changed', user('jane', { firstName: 'Jane', lastName: 'Smith' })],
    ['several contacts have the mail now', user('jane', { email: 'shared@acme.test' })],
    ['the user left the scope', user('jane', {}, { presence: 'out' })],
    ['the user is absent', user('jane', {}, { presence: 'absent' })],
  ])('although %s', (_what, jane) => {
    const contacts = [
      person('1', 'Jane', 'Doe', 'jane@acme.test', 'shared@acme.test'),
      person('2', 'Joe', 'Roe', 'joe@acme.test', 'shared@acme.test'),
    ];

    const outcome = outcomeOf('jane', { users: [jane], contacts, states: [earlier('jane', '1', 'M1')] });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '1', rule: 'M1', isNew: false });
  });

  it('is new until a plan that has it was applied', () => {
    const recorded = state('jane', { state: 'matched', contactId: contactId('1'), rule: 'M1', appliedContactId: contactId('2') });

    expect(outcomeOf('jane', { users: [user('jane')], contacts: [person('1', null, null)], states: [recorded] })).toMatchObject({
      isNew: true,
    });
  });
});

describe('M6', () => {
  it('M6 neither matches an ignored user nor suggests anything', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { email: 'jane@acme.test' })],
      contacts: [person('1', null, null, 'jane@acme.test')],
      states: [state('jane', { state: 'ignored' })],
    });

    expect(outcome).toMatchObject({ state: 'ignored', contactId: null, rule: 'M6', candidates: [], rivals: [], isNew: false });
  });

  it('M6 matches a restored user again', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { email: 'jane@acme.test' })],
      contacts: [person('1', null, null, 'jane@acme.test')],
      states: [state('jane', { state: 'unmatched' })],
    });

    expect(outcome).toMatchObject({ state: 'matched', rule: 'M1' });
  });
});

describe('M7', () => {
  const jane = user('jane', { email: 'jane@acme.test' });
  const states = [earlier('jane', '9', 'M1')];

  it('M7 returns a user to unmatched, marked, whose contact was deleted', () => {
    const outcome = outcomeOf('jane', { users: [jane], states, lost: lostContact('9', 'deleted') });

    expect(outcome).toMatchObject({ state: 'unmatched', contactId: null, rule: 'M7', returned: true, contactPlace: null, candidates: [] });
  });

  it('M7 keeps the mark on later runs', () => {
    const later = [state('jane', { state: 'unmatched', returned: true, rule: 'M7' })];

    expect(outcomeOf('jane', { users: [jane], states: later })).toMatchObject({ state: 'unmatched', rule: 'M7', returned: true });
  });

  it('M7 lets a rule match the user to another contact, also at once', () => {
    const contacts = [person('1', null, null, 'jane@acme.test')];
    const outcome = outcomeOf('jane', { users: [jane], states, contacts, lost: lostContact('9', 'deleted') });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '1', rule: 'M1', returned: false, isNew: true });
    expect(outcome.reason).toContain('M7');
  });

  it('M7 keeps the mark of a user that is ambiguous or contested besides', () => {
    const contacts = [person('1', null, null, 'jane@acme.test'), person('2', null, null, 'jane@acme.test')];

    expect(outcomeOf('jane', { users: [jane], states, contacts, lost: lostContact('9', 'deleted') })).toMatchObject({
      state: 'unmatched',
      rule: 'M3',
      returned: true,
    });
  });

  it('C11 keeps the match of a contact that moved: it is not deleted', () => {
    const outcome = outcomeOf('jane', { users: [jane], states, lost: lostContact('9', 'moved') });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '9', returned: false, contactPlace: 'moved', isNew: false });
    expect(outcome.reason).toContain('moved');
  });

  it('C11 keeps the match of a contact that is missing without a proof', () => {
    const contacts = [person('1', null, null, 'jane@acme.test')];
    const outcome = outcomeOf('jane', { users: [jane], states, contacts });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '9', contactPlace: 'unknown' });
  });

  it('C11 takes a listed contact for there, whatever a look-up said', () => {
    const outcome = outcomeOf('jane', { users: [jane], states, contacts: [person('9', null, null)], lost: lostContact('9', 'deleted') });

    expect(outcome).toMatchObject({ state: 'matched', contactId: '9', contactPlace: 'listed' });
  });
});

describe('M9', () => {
  const contacts = [person('1', 'Jane', 'Doe', 'sales@acme.test')];
  const newcomer = user('newcomer', { email: 'sales@acme.test', firstName: 'Nora', lastName: 'Roe' });

  it.each([
    ['is disabled', { account: { disabled: true } }],
    ['was deleted', { presence: 'gone' }],
    ['is missing', { presence: 'missing' }],
    ['is out of scope', { presence: 'out' }],
    ['did not bring', { presence: 'absent' }],
  ] as const)('M9 does not give a newcomer the contact of a leaver who %s', (what, how) => {
    const leaver = directoryUser({ id: testUserId('leaver'), ...how });
    const outcomes = match({ users: [newcomer, leaver], contacts, states: [earlier('leaver', '1', 'M1')] });

    expect(outcomes.get('newcomer')).toMatchObject({ state: 'unmatched', rule: 'M4', contested: true, rivals: [testUserId('leaver')] });
    expect(outcomes.get('newcomer')?.reason).toMatch(new RegExp(`${what}.*a newcomer does not take over the contact \\(M9\\)`));
    expect(outcomes.get('leaver')).toMatchObject({ state: 'matched', contactId: '1' });
  });

  it('M9 holds for a leaver that no collector sees any more', () => {
    const { outcomes, owners } = matchUsers({
      users: [newcomer],
      contacts,
      states: [earlier('leaver', '1', 'M1')],
      lost: new Map(),
      matchByName: 'auto',
    });

    expect(outcomes[0]).toMatchObject({ state: 'unmatched', contested: true, rivals: [testUserId('leaver')] });
    expect(owners.get(contactId('1'))).toBe(testUserId('leaver'));
  });
});

describe('absence', () => {
  const contacts = [person('1', 'Jane', 'Doe', 'jane@acme.test')];

  it.each([
    ['absent', { presence: 'absent' }],
    ['out', { presence: 'out' }],
  ] as const)('C10 does not match a user anew that is %s, and says so', (_what, more) => {
    const outcome = outcomeOf('jane', { users: [user('jane', { email: 'jane@acme.test' }, more)], contacts });

    expect(outcome).toMatchObject({ state: 'unmatched', rule: 'C10', contactId: null });
    expect(listed(outcome)).toEqual([['1', 'M1']]);
  });

  it('C10 does not give the contact of an absent user to one who has its name: absence triggers nothing', () => {
    const outcomes = match({
      users: [user('jane', { email: 'jane@acme.test' }, { presence: 'absent' }), user('twin', { firstName: 'Jane', lastName: 'Doe' })],
      contacts,
    });

    expect(outcomes.get('jane')).toMatchObject({ state: 'unmatched', rule: 'C10' });
    expect(outcomes.get('twin')).toMatchObject({ state: 'unmatched', rule: 'M4', contested: true, rivals: [testUserId('jane')] });
  });
});

describe('M11', () => {
  it('M11 tells what was compared', () => {
    const outcome = outcomeOf('jane', {
      users: [user('jane', { email: ' Jane@Acme.test', firstName: 'Jane', lastName: 'Doe' })],
      contacts: [person('1', 'Jane', 'Doe', 'jane@acme.test'), person('2', 'Jane', 'Doe'), person('3', 'Joe', 'Roe')],
    });

    expect(outcome.compared).toEqual({
      email: 'jane@acme.test',
      firstName: 'Jane',
      lastName: 'Doe',
      contactsWithEmail: 1,
      contactsWithName: 2,
    });
  });

  it('M11 tells which other contacts came close to a match', () => {
    const contacts = [person('1', 'Jane', 'Doe', 'jane@acme.test'), person('2', 'Jane', 'Doe')];
    const jane = user('jane', { email: 'jane@acme.test', firstName: 'Jane', lastName: 'Doe' });

    const fresh = outcomeOf('jane', { users: [jane], contacts });
    const later = outcomeOf('jane', { users: [jane], contacts, states: [earlier('jane', '2', 'M2')] });

    expect(fresh.candidates).toEqual([{ contactId: '2', name: 'Jane Doe', step: 'M10', evidence: ['same first and last name'] }]);
    expect(later.candidates).toEqual([
      { contactId: '1', name: 'Jane Doe', step: 'M10', evidence: ['same e-mail jane@acme.test', 'same first and last name'] },
    ]);
  });

  it.each([
    ['No contact has the e-mail jane@acme.test, and it lacks a first or last name to compare.', { email: 'jane@acme.test' }],
    ['The user has no e-mail, and no contact has the first and last name Jane Doe.', { firstName: 'Jane', lastName: 'Doe' }],
    ['What the user has as e-mail is no address, and it lacks a first or last name to compare.', { email: 'none' }],
  ])('M11 says: %s', (reason, fields) => {
    expect(outcomeOf('jane', { users: [user('jane', fields)] })).toMatchObject({ reason, rule: null, state: 'unmatched' });
  });
});
