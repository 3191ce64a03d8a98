import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MatchInput, MatchOutcome } from '../../../core/match/match-outcome.ts';
import { matchUsers } from '../../../core/match/match-users.ts';
import { type Contact, type ContactEmail } from '../../../core/model/contact.ts';
import type { DirectoryUser } from '../../../core/model/directory-user.ts';
import { type ContactId, contactId, type UserId } from '../../../core/model/ids.ts';
import type { UserState } from '../../../core/model/state.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import { nameKey } from '../../../core/normalize/person-name.ts';
import { contact, contactEmail, contactPhone, directoryUser, phone, testUserId, userState } from '../../fixtures/build.ts';

// Few different values, so that everything collides.
const anyEmail = fc.constantFrom('a@acme.test', 'A@ACME.test', 'b@acme.test', 'c@acme.test', 'd@acme.test', 'none', '', ' ');
const anyName = fc.constantFrom('Jane', 'JANE', 'Doe', 'Zoë', 'Zoe\u0308', 'ZOE', 'Straße', 'STRASSE', ' ', null);
const anyPhone = fc.constantFrom('415 555 0100', '415 555 0101', '', 'x');
const userNames = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'];
const contactIds = ['1', '2', '3', '10', '20', '30'].map(contactId);
const anyContactId = fc.constantFrom(...contactIds);

const anyUser = fc
  .record({
    name: fc.constantFrom(...userNames),
    firstName: anyName,
    lastName: anyName,
    email: fc.option(anyEmail),
    aliases: fc.array(anyEmail, { maxLength: 2 }),
    phone: fc.option(anyPhone.map((text) => phone(text))),
    presence: fc.constantFrom('present' as const, 'present' as const, 'present' as const, 'absent' as const, 'out' as const),
    disabled: fc.boolean(),
  })
  .map(({ name, presence, disabled, ...person }) =>
    directoryUser({ id: testUserId(name), presence, account: { disabled }, person: { ...person, displayName: null } }),
  );

const anyContact: fc.Arbitrary<Contact> = fc
  .record({
    id: anyContactId,
    firstName: anyName,
    lastName: anyName,
    name: fc.constantFrom('', 'Jane Doe', 'x'),
    emails: fc.array(
      fc.tuple(anyEmail, fc.boolean()).map(([value, primary]): ContactEmail => contactEmail(value, { primary })),
      { maxLength: 4 },
    ),
    phones: fc.array(
      anyPhone.map((text) => contactPhone(text)),
      { maxLength: 3 },
    ),
  })
  .map((fields) => contact(fields));

const anyState = fc
  .record({
    name: fc.constantFrom(...userNames, 'gone1', 'gone2'),
    state: fc.constantFrom('matched' as const, 'unmatched' as const, 'ignored' as const),
    contactId: fc.option(anyContactId),
    rule: fc.constantFrom('M1', 'M2', 'M5', 'E3', null, 'M99'),
    appliedContactId: fc.option(anyContactId),
    returned: fc.boolean(),
    rejectedContactIds: fc.uniqueArray(anyContactId, { maxLength: 2 }),
  })
  .map(({ name, ...fields }) => userState({ userId: testUserId(name), ...fields }));

const anyWorld: fc.Arbitrary<MatchInput> = fc.record({
  users: fc.uniqueArray(anyUser, { selector: (user) => user.id }),
  contacts: fc.uniqueArray(anyContact, { selector: (each) => each.id }),
  states: fc.uniqueArray(anyState, { selector: (state) => state.userId }),
  lost: fc.array(fc.tuple(anyContactId, fc.constantFrom('deleted' as const, 'moved' as const))).map((entries) => new Map(entries)),
  matchByName: fc.constantFrom('auto' as const, 'suggest' as const),
});

const runs = { numRuns: 500 };

/** What the plan remembers after it was applied. */
function applied(states: readonly UserState[], outcomes: readonly MatchOutcome[]): readonly UserState[] {
  const before = new Map(states.map((state) => [state.userId, state]));
  for (const outcome of outcomes) {
    const known = before.get(outcome.userId) ?? userState({ userId: outcome.userId });
    before.set(outcome.userId, {
      ...known,
      state: outcome.state,
      contactId: outcome.contactId,
      rule: outcome.rule,
      returned: outcome.returned,
      appliedContactId: outcome.contactId ?? known.appliedContactId,
    });
  }
  return [...before.values()];
}

/** All but the words and what tells new from old. */
function gist({ reason: _reason, rule, isNew: _isNew, ...rest }: MatchOutcome) {
  return { ...rest, rule: rest.state === 'matched' ? null : rule };
}

describe('for any organization', () => {
  it('each user has one outcome, in the order of ids', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { outcomes } = matchUsers(world);

        expect(outcomes.map((outcome) => outcome.userId)).toEqual(world.users.map((user) => user.id).toSorted());
      }),
      runs,
    );
  });

  it('M4 no contact is in two matches', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { outcomes, owners } = matchUsers(world);
        const matched = outcomes.filter((outcome) => outcome.state === 'matched');

        expect(new Set(matched.map((outcome) => outcome.contactId)).size).toBe(matched.length);
        for (const { contactId, userId } of matched) expect(owners.get(contactId!)).toBe(userId);
      }),
      runs,
    );
  });

  it('the order of the input does not matter', () => {
    fc.assert(
      fc.property(anyWorld, fc.infiniteStream(fc.nat()), (world, random) => {
        const shuffle = <Item>(list: readonly Item[]) =>
          list
            .map((item) => ({ item, at: random.next().value as number }))
            .sort((left, right) => left.at - right.at)
            .map(({ item }) => item);
        const shuffled = { ...world, users: shuffle(world.users), contacts: shuffle(world.contacts), states: shuffle(world.states) };

        expect(matchUsers(shuffled).outcomes).toEqual(matchUsers(world).outcomes);
      }),
      runs,
    );
  });

  it('matching again after the outcomes were applied changes nothing', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const first = matchUsers(world).outcomes;
        const states = applied(world.states, first);
        const second = matchUsers({ ...world, states }).outcomes;

        expect(second.map(gist)).toEqual(first.map(gist));
        expect(second.filter((outcome) => outcome.isNew)).toEqual([]);
        expect(matchUsers({ ...world, states: applied(states, second) }).outcomes).toEqual(second);
      }),
      runs,
    );
  });

  it('M5, M6, M7 what people decided and what was deleted is respected', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { outcomes } = matchUsers(world);
        const states = new Map(world.states.map((state) => [state.userId, state]));
        for (const outcome of outcomes) {
          const state = states.get(outcome.userId);
          const isSame = state?.state === 'matched' && state.contactId === outcome.contactId;
          expect(outcome.state === 'ignored').toBe(state?.state === 'ignored');
          if (outcome.contactId === null) continue;
          // No rule matches a user to a contact that it was taken off, nor to one that is not in the list.
          expect(isSame || !state?.rejectedContactIds.includes(outcome.contactId)).toBe(true);
          expect(isSame || world.contacts.some((each) => each.id === outcome.contactId)).toBe(true);
          expect(outcome.contactPlace === 'listed').toBe(world.contacts.some((each) => each.id === outcome.contactId));
          expect(outcome.returned).toBe(false);
        }
      }),
      runs,
    );
  });

  it('M1 to M4 decide as their words say', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { outcomes } = matchUsers(world);

        expect(new Map(outcomes.map((outcome) => [outcome.userId, outcome.contactId]))).toEqual(bySlowRules(world));
      }),
      runs,
    );
  });

  it('M10 an unmatched user without candidates has nothing in common with any contact that is free', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { outcomes } = matchUsers(world);
        for (const outcome of outcomes) {
          if (outcome.state !== 'unmatched' || outcome.candidates.length > 0) continue;
          const user = world.users.find((each) => each.id === outcome.userId)!;
          expect(world.contacts.filter((each) => hasEmail(each, user) || hasName(each, user))).toEqual([]);
          expect(outcome.ambiguous || outcome.contested).toBe(false);
        }
      }),
      runs,
    );
  });
});

function hasEmail(each: Contact, user: DirectoryUser): boolean {
  const key = emailKey(user.person.email);
  return key !== null && each.emails.some((email) => emailKey(email.value) === key);
}

function hasName(each: Contact, { person }: DirectoryUser): boolean {
  const pairs = [
    [nameKey(each.firstName), nameKey(person.firstName)],
    [nameKey(each.lastName), nameKey(person.lastName)],
  ];
  return pairs.every(([left, right]) => left !== null && left === right);
}

/** The rules once more, word by word and with no thought for time. Where a damaged store breaks M4, the first by its strength has the contact. */
function bySlowRules(world: MatchInput): Map<UserId, ContactId | null> {
  const { users, contacts, states, lost } = world;
  const stateOf = (user: DirectoryUser) => states.find((state) => state.userId === user.id);
  const isListed = (id: ContactId) => contacts.some((each) => each.id === id);
  const standing = states
    .filter(
      (state) =>
        state.state === 'matched' && state.contactId !== null && (lost.get(state.contactId) !== 'deleted' || isListed(state.contactId)),
    )
    .toSorted((left, right) => rank(right) - rank(left) || (left.userId < right.userId ? -1 : 1));
  const owner = new Map<ContactId, UserId>();
  for (const state of standing) if (!owner.has(state.contactId!)) owner.set(state.contactId!, state.userId);

  const reserved = new Set<ContactId>();
  const result = new Map<UserId, ContactId | null>(users.map((user) => [user.id, null]));
  for (const [id, user] of owner) if (result.has(user)) result.set(user, id);
  const left = users.filter((user) => result.get(user.id) === null && stateOf(user)?.state !== 'ignored' && user.presence !== 'out');
  const withEmail = left.filter((user) => contacts.some((each) => hasEmail(each, user)));

  const decide = (group: readonly DirectoryUser[], meets: (each: Contact, user: DirectoryUser) => boolean, isAutomatic: boolean) => {
    const taken = new Set([...owner.keys(), ...reserved]);
    for (const each of contacts) {
      const claimants = group.filter((user) => {
        const candidates = contacts.filter((other) => meets(other, user));
        return candidates.length === 1 && candidates[0] === each && !stateOf(user)?.rejectedContactIds.includes(each.id);
      });
      const [sole] = claimants;
      if (sole === undefined || claimants.length > 1 || taken.has(each.id) || !isAutomatic) continue;
      if (sole.presence !== 'present') {
        reserved.add(each.id);
        continue;
      }
      owner.set(each.id, sole.id);
      result.set(sole.id, each.id);
    }
  };
  decide(withEmail, hasEmail, true);
  decide(
    left.filter((user) => !withEmail.includes(user)),
    hasName,
    world.matchByName === 'auto',
  );
  return result;
}

function rank(state: UserState): number {
  return (state.rule === 'M5' ? 2 : 0) + (state.appliedContactId === state.contactId ? 1 : 0);
}
