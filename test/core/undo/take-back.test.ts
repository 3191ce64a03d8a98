import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PsaContact, PsaContactInput, PsaEmail } from '../../../core/model/psa-contact.ts';
import type { PsaContactPatch } from '../../../core/ports/psa.ts';
import { psaSide, withPatch } from '../../../core/two-way/sides.ts';
import { isAsPushed, takeBack } from '../../../core/undo/take-back.ts';
import { psaContact } from '../../fixtures/build.ts';

function email(value: string, primary = false, typeId = '1'): PsaEmail {
  return { value, typeId, typeName: 'Work', primary };
}

const before = psaContact({ title: 'Buyer', locationId: '11', emails: [email('one@acme.test', true), email('two@acme.test')] });

function undo(
  patch: PsaContactPatch,
  since: Partial<PsaContact> = {},
  options: { readonly before?: PsaContact; readonly hasFields?: boolean } = {},
) {
  const was = options.before ?? before;
  return takeBack({ patch, before: was, now: { ...withPatch(was, patch), ...since }, hasFields: options.hasFields ?? false });
}

describe('A5 taking back single values', () => {
  it.each<[string, PsaContactPatch, PsaContactPatch]>([
    ['a title', { title: 'Captain' }, { title: 'Buyer' }],
    ['a title that was cleared', { title: null }, { title: 'Buyer' }],
    ['names', { firstName: 'Max', lastName: 'Roe' }, { firstName: 'Jane', lastName: 'Doe' }],
    ['a location', { locationId: '12' }, { locationId: '11' }],
    ['its state', { active: false }, { active: true }],
  ])('A5 puts back %s', (_what, patch, expected) => {
    expect(undo(patch)).toMatchObject({ patch: expected, changedSince: [], cannot: [] });
  });

  it('A5 leaves what somebody changed since, and puts back the rest', () => {
    const { patch, changedSince, fields } = undo({ title: 'Captain', locationId: '12' }, { title: 'Admiral' });
    expect(patch).toEqual({ locationId: '11' });
    expect(changedSince).toEqual(['title']);
    expect(fields).toEqual({ location: { from: '12', to: '11' } });
  });

  it('A5 has nothing to do where somebody put it back already', () => {
    expect(undo({ title: 'Captain', active: false }, { title: ' Buyer', active: true })).toMatchObject({
      patch: {},
      changedSince: [],
      cannot: [],
    });
  });

  it('A5 says what a PSA does not take back: a blank first name, and the key', () => {
    const blank = psaContact({ firstName: null });
    const { patch, cannot } = undo({ firstName: 'Max', title: 'Captain', externalKey: 'k' }, {}, { before: blank });
    expect(patch).toEqual({ title: null });
    expect(cannot).toEqual(['firstName', 'key']);
  });
});

describe('A5 taking back lists, item by item', () => {
  const [one, two, added] = [email('one@acme.test', true), email('two@acme.test'), email('new@acme.test')];

  const wasPrimary = { ...one, primary: false };
  const asPrimary = { ...added, primary: true };

  interface ListCase {
    readonly what: string;
    readonly patch: PsaContactPatch;
    readonly now: readonly PsaEmail[];
    /** `null`: the list is not written. */
    readonly expected: readonly PsaEmail[] | null;
    readonly kept?: boolean;
  }

  it.each<ListCase>([
    { what: 'an added item goes', patch: { addEmails: [added] }, now: [one, two, added], expected: [one, two] },
    { what: 'one that somebody removed is gone already', patch: { addEmails: [added] }, now: [one, two], expected: null },
    {
      what: "somebody's own item stays",
      patch: { addEmails: [added] },
      now: [one, two, added, email('own@acme.test')],
      expected: [one, two, email('own@acme.test')],
    },
    {
      what: 'an item of another type by now stays',
      patch: { addEmails: [added] },
      now: [one, two, { ...added, typeId: '2' }],
      expected: null,
      kept: true,
    },
    { what: 'the primary comes back', patch: { addEmails: [asPrimary] }, now: [wasPrimary, two, asPrimary], expected: [one, two] },
    {
      what: 'the primary that somebody chose since stays',
      patch: { addEmails: [asPrimary] },
      now: [wasPrimary, { ...two, primary: true }, added],
      expected: null,
      kept: true,
    },
    { what: 'a removed item comes back', patch: { emails: [one] }, now: [one], expected: [one, two] },
    {
      what: 'a removed item that somebody added again with another type stays',
      patch: { emails: [one] },
      now: [one, { ...two, typeId: '2' }],
      expected: null,
      kept: true,
    },
    { what: 'a replaced list comes back', patch: { emails: [asPrimary] }, now: [asPrimary], expected: [one, two] },
    { what: 'an emptied list comes back', patch: { emails: [] }, now: [], expected: [one, two] },
  ])('A5 $what', ({ patch, now, expected, kept = false }) => {
    const taken = undo(patch, { emails: now });
    const sorted = (list: readonly PsaEmail[] | undefined) => list?.toSorted((a, b) => (a.value < b.value ? -1 : 1));
    expect(sorted(taken.patch.emails)).toEqual(sorted(expected ?? undefined));
    expect(taken.changedSince).toEqual(kept ? ['email'] : []);
  });

  it('A5 leaves a field of the PSA that somebody filled since', () => {
    const field = (value: string): PsaEmail => email(value, true, 'emailAddress');
    const was = psaContact({ emails: [field('one@acme.test')] });
    const taken = undo({ emails: [] }, { emails: [field('own@acme.test')] }, { before: was, hasFields: true });
    expect(taken).toMatchObject({ patch: {}, changedSince: ['email'] });
  });

  it('A5 takes no formatting for a change', () => {
    const phone = (raw: string, e164: string | null) => ({
      phone: { raw, e164, extension: null },
      typeId: '7',
      typeName: 'Work',
      primary: true,
    });
    const taken = undo({ addPhones: [phone('+14155550101', '+14155550101')] }, { phones: [phone('(415) 555-0101', '+14155550101')] });
    expect(taken.patch.phones).toEqual([]);
  });

  it('A5 keeps one number with two extensions, and puts back only what was written', () => {
    const reception = (extension: string) => ({
      phone: { raw: '+14155550101', e164: '+14155550101', extension },
      typeId: '1',
      typeName: 'Work',
      primary: false,
    });
    const two = psaContact({ phones: [reception('1'), reception('2')] });

    const { patch } = undo({ phones: [reception('3'), reception('2')] }, {}, { before: two });

    expect(patch.phones?.map(({ phone }) => phone.extension)).toEqual(['1', '2']);
  });

  const emailOf = fc.record({ value: fc.constantFrom('a@x.test', 'b@x.test', 'c@x.test', 'd@x.test'), typeId: fc.constantFrom('1', '2') });
  const emails = fc
    .uniqueArray(emailOf, { selector: ({ value }) => value })
    .chain((list) =>
      fc.nat(Math.max(0, list.length - 1)).map((chosen) => list.map((item, index) => email(item.value, index === chosen, item.typeId))),
    );

  it('A5 with nobody in between, everything is as it was before', () => {
    fc.assert(
      fc.property(emails, emails, fc.boolean(), (was, written, whole) => {
        const start = psaContact({ title: 'Buyer', emails: was });
        const patch: PsaContactPatch = whole
          ? { title: null, emails: written }
          : { addEmails: written.filter((item) => !was.some(({ value }) => value === item.value)) };
        const now = afterWrite(start, patch);
        const { result, changedSince } = takeBack({ patch, before: start, now, hasFields: false });
        expect(changedSince).toEqual([]);
        expect(psaSide(result)).toEqual(psaSide(start));
      }),
    );
  });

  it('A5 undoes only what the write did: an item that it left alone is as it is now', () => {
    fc.assert(
      fc.property(emails, emails, emails, (was, written, is) => {
        const { result } = takeBack({
          patch: { emails: written },
          before: psaContact({ emails: was }),
          now: psaContact({ emails: is }),
          hasFields: false,
        });
        const has = (list: readonly PsaEmail[], value: string): boolean => list.some((item) => item.value === value);
        for (const value of ['a@x.test', 'b@x.test', 'c@x.test', 'd@x.test']) {
          if (has(was, value) === has(written, value)) expect(has(result.emails, value)).toBe(has(is, value));
        }
        expect(result.emails.filter(({ primary }) => primary).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

/** As a PSA carries a patch out: an added primary takes that from the others. */
function afterWrite(contact: PsaContact, patch: PsaContactPatch): PsaContact {
  const takes = patch.addEmails?.some(({ primary }) => primary) === true;
  const emails = takes ? contact.emails.map((item) => ({ ...item, primary: false })) : contact.emails;
  return withPatch({ ...contact, emails }, patch);
}

describe('E8 what was created', () => {
  const sent: PsaContactInput = {
    companyId: '250',
    locationId: '11',
    firstName: 'Jane',
    lastName: 'Doe',
    title: 'Buyer',
    emails: [email('jane@acme.test', true)],
    phones: [{ phone: { raw: '000-000-0000', e164: null, extension: null }, typeId: '7', typeName: 'Work', primary: true }],
    contactTypeId: null,
    externalKey: null,
  };
  const made = psaContact({ locationId: '11', title: 'Buyer', emails: sent.emails });

  it.each<[string, Partial<PsaContact>, boolean]>([
    ['as it was created; the placeholder reads back as blank', {}, true],
    ['without the title, whose second call never came', { title: null }, true],
    ['with another title', { title: 'Captain' }, false],
    ['with another name', { lastName: 'Roe' }, false],
    ['with an e-mail more', { emails: [...sent.emails, email('x@acme.test')] }, false],
    [
      'with a phone',
      { phones: [{ phone: { raw: '+14155550101', e164: '+14155550101', extension: null }, typeId: '7', typeName: null, primary: true }] },
      false,
    ],
    ['inactive', { active: false }, false],
    ['in another company', { companyId: '900' }, false],
    ['at another place', { locationId: '12' }, false],
  ])('E8 %s', (_what, since, expected) => {
    expect(isAsPushed({ ...made, ...since }, sent)).toBe(expected);
  });
});
