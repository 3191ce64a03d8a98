import { describe, expect, it } from 'vitest';
import type { MatchOutcome } from '../../../core/match/match-outcome.ts';
import { matchUsers } from '../../../core/match/match-users.ts';
import type { Contact } from '../../../core/model/contact.ts';
import type { PersonFields } from '../../../core/model/directory-user.ts';
import { contactId } from '../../../core/model/ids.ts';
import type { UserState } from '../../../core/model/state.ts';
import { contact, contactEmail, contactPhone, directoryUser, phone, testUserId, userState } from '../../fixtures/build.ts';

const blank: Partial<PersonFields> = { firstName: null, lastName: null, displayName: null, email: null, samAccountName: null };

function suggest(person: Partial<PersonFields>, contacts: readonly Contact[], states: readonly UserState[] = []): MatchOutcome {
  const users = [directoryUser({ person: { ...blank, ...person } })];
  return matchUsers({ users, contacts, states, lost: new Map(), matchByName: 'auto' }).outcomes[0]!;
}

/** Contacts are of another user when an earlier match says so. */
function takenBy(name: string, id: string): UserState {
  return userState({ userId: testUserId(name), state: 'matched', contactId: contactId(id), appliedContactId: contactId(id), rule: 'M5' });
}

const emptyContact: Partial<Contact> = { firstName: null, lastName: null, name: '' };
const one = contactId('1');

describe('M10 evidence', () => {
  it.each<readonly [string, Partial<PersonFields>, Partial<Contact>, string]>([
    [
      'an alias',
      { aliases: ['JD@acme.test'] },
      { emails: [contactEmail('jd@acme.test')] },
      'its e-mail jd@acme.test is an alias of the user',
    ],
    [
      'the userPrincipalName',
      { userPrincipalName: 'jd@corp.example.test' },
      { emails: [contactEmail('JD@corp.example.test')] },
      'its e-mail jd@corp.example.test is its userPrincipalName',
    ],
    [
      'accents',
      { firstName: 'José', lastName: 'Muñoz' },
      { firstName: 'Jose', lastName: 'Munoz' },
      'same name but for accents, spaces or punctuation',
    ],
    [
      'another border between the names',
      { firstName: 'Anna Maria', lastName: 'Roe' },
      { firstName: 'Anna', lastName: 'Maria Roe' },
      'same name but for accents, spaces or punctuation',
    ],
    [
      'a contact that has its name in one field',
      { firstName: 'Jane', lastName: 'Doe' },
      { name: 'Jane Doe', firstName: null, lastName: null },
      'same name but for accents, spaces or punctuation',
    ],
    ['the display name', { displayName: 'Front Desk' }, { name: 'front desk', firstName: 'front desk' }, 'its name is the display name'],
    ['swapped names', { firstName: 'Doe', lastName: 'Jane' }, { firstName: 'Jane', lastName: 'Doe' }, 'first and last name swapped'],
    ['the phone', { phone: phone('415 555 0100') }, { phones: [contactPhone('+1 (415) 555-0100')] }, 'same phone +14155550100'],
    [
      'the part of the e-mail before the @',
      { email: 'jane.doe@acme.test' },
      { emails: [contactEmail('Jane.Doe@acme-old.test')] },
      "its e-mail begins with jane.doe@, as the user's e-mail or account name",
    ],
    [
      'the account name',
      { samAccountName: 'JDoe' },
      { emails: [contactEmail('jdoe@acme.test')] },
      "its e-mail begins with jdoe@, as the user's e-mail or account name",
    ],
    [
      'last name and first initial',
      { firstName: 'Jane', lastName: 'Doe' },
      { firstName: 'J.', lastName: 'DOE' },
      'same last name and first initial',
    ],
  ])('M10 suggests by %s and never matches', (_what, person, fields, evidence) => {
    const outcome = suggest(person, [contact({ ...emptyContact, id: one, ...fields })]);

    expect(outcome).toMatchObject({ state: 'unmatched', contactId: null, rule: null });
    expect(outcome.candidates).toMatchObject([{ contactId: '1', step: 'M10', evidence: [evidence] }]);
  });

  it('M10 has nothing to suggest when nothing is alike (E3)', () => {
    const stranger = contact({
      id: one,
      firstName: 'Ada',
      lastName: 'Roe',
      emails: [contactEmail('ada@acme.test')],
      phones: [contactPhone('415 555 0177')],
    });
    const outcome = suggest(
      { firstName: 'Jane', lastName: 'Doe', displayName: 'Jane Doe', email: 'jane@acme.test', phone: phone('415 555 0100') },
      [stranger],
    );

    expect(outcome.candidates).toEqual([]);
    expect(outcome.candidatesCut).toBe(false);
  });

  it('M10 does not take blank fields for alike', () => {
    const hollow = contact({ ...emptyContact, id: one, emails: [contactEmail('')], phones: [contactPhone('')] });

    expect(suggest({ displayName: ' ', phone: phone('') }, [hollow]).candidates).toEqual([]);
  });
});

describe('M10 order and bounds', () => {
  const jane: Partial<PersonFields> = {
    firstName: 'Jane',
    lastName: 'Doe',
    email: 'jane@acme.test',
    aliases: ['jd@acme.test'],
    phone: phone('415 555 0100'),
  };

  it('M10 lists the best first, equally good ones by id', () => {
    const contacts = [
      contact({ id: contactId('10'), firstName: 'Jim', lastName: 'Doe' }),
      contact({ id: contactId('9'), firstName: 'Jack', lastName: 'Doe' }),
      contact({ id: contactId('8'), firstName: 'Jim', lastName: 'Doe', phones: [contactPhone('415 555 0100')] }),
      contact({ ...emptyContact, id: contactId('11'), emails: [contactEmail('jd@acme.test')] }),
    ];

    expect(suggest(jane, contacts).candidates.map((candidate) => candidate.contactId)).toEqual(['11', '8', '9', '10']);
  });

  it('M10 lists five at most, and says that there are more', () => {
    const contacts = Array.from({ length: 7 }, (_, at) => contact({ id: contactId(String(at + 1)), firstName: `J${at}`, lastName: 'Doe' }));
    const outcome = suggest(jane, contacts);

    expect(outcome.candidates).toHaveLength(5);
    expect(outcome.candidatesCut).toBe(true);
    expect(suggest(jane, contacts.slice(0, 5))).toMatchObject({ candidatesCut: false });
  });

  it('M10 says so when a key has more contacts than are looked at', () => {
    const contacts = Array.from({ length: 40 }, (_, at) =>
      contact({ id: contactId(String(at + 1)), firstName: `J${at}`, lastName: 'Doe' }),
    );

    expect(suggest(jane, contacts)).toMatchObject({ candidatesCut: true });
  });

  it('M3 lists fifty of very many candidates, and says that there are more', () => {
    const contacts = Array.from({ length: 60 }, (_, at) =>
      contact({ ...emptyContact, id: contactId(String(at + 1)), emails: [contactEmail('jane@acme.test')] }),
    );
    const outcome = suggest(jane, contacts);

    expect(outcome.candidates).toHaveLength(50);
    expect(outcome).toMatchObject({ rule: 'M3', candidatesCut: true });
    expect(outcome.compared.contactsWithEmail).toBe(60);
    expect(outcome.reason).toContain('60 contacts');
  });

  it('M4 names twenty of very many rivals, and says that there are more', () => {
    const users = Array.from({ length: 40 }, (_, at) =>
      directoryUser({ id: testUserId(`u${String(at).padStart(2, '0')}`), person: { email: 'all@acme.test' } }),
    );
    const contacts = [contact({ id: one, emails: [contactEmail('all@acme.test')] })];
    const { outcomes } = matchUsers({ users, contacts, states: [], lost: new Map(), matchByName: 'auto' });

    for (const outcome of outcomes) {
      expect(outcome.rivals).toHaveLength(20);
      expect(outcome.rivals).not.toContain(outcome.userId);
      expect(outcome).toMatchObject({ contested: true, rivalsCut: true });
    }
  });
});

describe('M10 taken contacts and shared lines', () => {
  it.each<readonly [string, Partial<PersonFields>, Partial<Contact>, boolean]>([
    ['an alias', { aliases: ['jd@acme.test'] }, { emails: [contactEmail('jd@acme.test')] }, true],
    ['the name but for accents', { firstName: 'Zoë', lastName: 'Doe' }, { firstName: 'Zoe', lastName: 'Doe' }, true],
    ['swapped names', { firstName: 'Doe', lastName: 'Jane' }, { firstName: 'Jane', lastName: 'Doe' }, false],
    ['the phone', { phone: phone('415 555 0100') }, { phones: [contactPhone('415 555 0100')] }, false],
    ['the part before the @', { email: 'jane@acme.test' }, { emails: [contactEmail('jane@other.test')] }, false],
    ['last name and initial', { firstName: 'Jane', lastName: 'Doe' }, { firstName: 'Jim', lastName: 'Doe' }, false],
  ])('M10 suggests by %s a contact that another user has: %j', (_what, person, fields, isSuggested) => {
    const theirs = contact({ ...emptyContact, id: one, ...fields });

    expect(suggest(person, [theirs], [takenBy('joe', '1')]).candidates).toHaveLength(isSuggested ? 1 : 0);
    expect(suggest(person, [theirs]).candidates).toHaveLength(1);
  });

  it('M10 takes a phone of many contacts, or of many users, for a shared line that says nothing', () => {
    const mainLine = phone('415 555 0100');
    const contacts = Array.from({ length: 4 }, (_, at) =>
      contact({ ...emptyContact, id: contactId(String(at + 1)), phones: [contactPhone(mainLine)] }),
    );
    const users = Array.from({ length: 4 }, (_, at) => directoryUser({ id: testUserId(`u${at}`), person: { ...blank, phone: mainLine } }));
    const suggestionsOf = (userCount: number, contactCount: number) =>
      matchUsers({
        users: users.slice(0, userCount),
        contacts: contacts.slice(0, contactCount),
        states: [],
        lost: new Map(),
        matchByName: 'auto',
      }).outcomes[0]!.candidates.length;

    expect(suggestionsOf(3, 3)).toBe(3);
    expect(suggestionsOf(1, 4)).toBe(0);
    expect(suggestionsOf(4, 1)).toBe(0);
  });

  it('M10 counts a contact once that has the number several times', () => {
    const line = contactPhone('415 555 0100');
    const outcome = suggest({ phone: phone('415 555 0100') }, [contact({ ...emptyContact, id: one, phones: [line, line, line, line] })]);

    expect(outcome.candidates).toHaveLength(1);
  });
});
