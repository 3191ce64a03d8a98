import { describe, expect, it } from 'vitest';
import { contactId, psaContactId } from '../../../core/model/ids.ts';
import type { CompleteChange, CreateChange, LinkChange, MatchChange, PushChange, UpdateChange } from '../../../core/model/plan.ts';
import {
  afterComplete,
  afterCreate,
  afterLink,
  afterMatch,
  afterPush,
  afterRefusal,
  afterUpdate,
  canaryAfter,
} from '../../../core/plan/after-write.ts';
import { contactFingerprint } from '../../../core/plan/fingerprint.ts';
import { contact, contactEmail, contactPhone, contactState, testMoment, testUserId, userState } from '../../fixtures/build.ts';

const base = { user: testUserId('jane'), label: 'Jane', record: null, rule: 'M1', fields: {}, reason: '' };
const id = contactId('1001');
const psaId = psaContactId('9001');
const want = { rule: 'P3', since: 1 } as const;
const input = {
  companyId: '250',
  locationId: null,
  firstName: 'Jane',
  lastName: null,
  title: 'CEO',
  emails: [],
  phones: [],
  contactTypeId: null,
  externalKey: null,
};
const now = testMoment;

describe('what is remembered after a write', () => {
  it('M1 a match is applied, and ends returned and asked-for', () => {
    const change: MatchChange = {
      ...base,
      id: 'm',
      kind: 'match',
      system: 'rollcall',
      contactId: id,
      previousContactId: null,
      pushWant: null,
    };
    const state = userState({ returned: true, createRequested: true, createdContact: true, contactId: contactId('2') });
    expect(afterMatch(change, state, now)).toMatchObject({
      state: 'matched',
      contactId: id,
      appliedContactId: id,
      rule: 'M1',
      decidedAt: now,
      returned: false,
      createRequested: false,
      createdContact: false,
    });
  });

  it('E3 a created contact is matched, its fields are written ones, and it wants its push', () => {
    const bases = { title: { value: 'CEO', origin: 'written' } } as const;
    const change: CreateChange = { ...base, id: 'c', kind: 'create', system: 'it-glue', contact: {}, bases, pushWant: want };
    const made = contact({ title: 'CEO' });
    const after = afterCreate(change, made, { user: userState({ createRequested: true }), now });
    expect(after.users).toMatchObject([{ state: 'matched', contactId: id, rule: 'E3', createdContact: true, createRequested: false }]);
    expect(after.bases).toEqual([{ userId: base.user, contactId: id, fields: bases }]);
    expect(after.contacts).toMatchObject([{ contactId: id, fingerprint: contactFingerprint(made), pushWant: want }]);
  });

  it("P4 rollcall's own update is no update by a person, and ends a refusal", () => {
    const change: UpdateChange = {
      ...base,
      id: 'u',
      kind: 'update',
      system: 'it-glue',
      contactId: id,
      patch: {},
      before: {},
      bases: {},
      blanks: 0,
    };
    const after = afterUpdate(change, contact({ title: 'CEO' }), contactState({ refusedAtUpdate: 5, pushWant: want }));
    expect(after.contacts).toEqual([contactState({ fingerprint: contactFingerprint(contact({ title: 'CEO' })), pushWant: want })]);
    expect(afterUpdate({ ...change, user: null }, contact(), contactState()).bases).toBeUndefined();
  });

  it('E9 a refusal holds for the update time that was refused', () => {
    expect(afterRefusal(contact({ updatedAt: 7 }), contactState()).contacts).toMatchObject([{ refusedAtUpdate: 7 }]);
    expect(afterRefusal(contact({ updatedAt: null }), contactState()).contacts).toMatchObject([{ refusedAtUpdate: 'unknown' }]);
  });

  it('P3 a push ends the want, and is complete only without what a create cannot carry', () => {
    const change: PushChange = { ...base, id: 'p', kind: 'push', system: 'psa', contactId: id, input, turn: 'go', pushWant: want };
    const after = afterPush(change, psaId, { contact: contactState({ pushWant: want }), now, titleInSecondCall: true });
    const psaLink = { psaContactId: psaId, companyId: '250', createdByRollcall: true, complete: false, linkedAt: now };
    expect(after.contacts).toEqual([contactState({ psaLink })]);
    const bare = afterPush({ ...change, input: { ...input, title: null } }, psaId, {
      contact: contactState(),
      now,
      titleInSecondCall: true,
    });
    expect(bare.contacts).toMatchObject([{ psaLink: { complete: true } }]);
    const complete: CompleteChange = { ...base, id: 'x', kind: 'complete', system: 'psa', contactId: id, psaContactId: psaId, input };
    expect(afterComplete(complete, contactState({ psaLink })).contacts).toEqual([
      contactState({ psaLink: { ...psaLink, complete: true } }),
    ]);
  });

  it('P8 a link ends the want and is not a contact that rollcall created', () => {
    const change: LinkChange = {
      ...base,
      id: 'l',
      kind: 'link',
      system: 'psa',
      contactId: id,
      psaContactId: psaId,
      companyId: '250',
      patch: {},
    };
    const psaLink = { psaContactId: psaId, companyId: '250', createdByRollcall: false, complete: true, linkedAt: now };
    expect(afterLink(change, contactState({ pushWant: want }), now).contacts).toEqual([contactState({ psaLink })]);
  });

  it('P10 the canary starts waiting when its create was sent', () => {
    expect(canaryAfter(id, null, now)).toEqual({ contactId: id, psaContactId: null, startedAt: now, state: 'waiting' });
  });
});

describe('contactFingerprint', () => {
  const whole = contact({
    title: 'CEO',
    locationId: '501',
    emails: [contactEmail('a@acme.test'), contactEmail('b@acme.test', { primary: false })],
    phones: [contactPhone('+14155550100')],
  });

  it('P4 differs when a mapped field differs', () => {
    const others = [
      { firstName: 'Max' },
      { lastName: null },
      { title: null },
      { locationId: null },
      { emails: whole.emails.slice(0, 1) },
      { emails: whole.emails.map((item) => ({ ...item, label: 'X' })) },
      { emails: whole.emails.map((item) => ({ ...item, primary: !item.primary })) },
      { phones: [contactPhone('+14155550101')] },
      { phones: [{ ...contactPhone('+14155550100'), phone: { raw: '', e164: '+14155550100', extension: '5' } }] },
    ];
    const prints = others.map((other) => contactFingerprint({ ...whole, ...other }));
    expect(new Set([contactFingerprint(whole), ...prints]).size).toBe(others.length + 1);
  });

  it('P4 is the same for another order, spelling, note, type, link or time', () => {
    const same = {
      emails: whole.emails.toReversed().map((item) => ({ ...item, value: item.value.toUpperCase() })),
      phones: [contactPhone('+1 415 555 0100')],
      notes: 'x',
      important: true,
      contactTypeId: '3',
      psaIntegration: 'enabled',
      updatedAt: 1,
    };
    expect(contactFingerprint({ ...whole, ...same })).toBe(contactFingerprint(whole));
  });
});
