import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toContact } from '../../../../agent/psa/autotask/contact.ts';
import { changedValues, newValues } from '../../../../agent/psa/autotask/contact-values.ts';
import { emailFields, phoneFields } from '../../../../agent/psa/autotask/products.ts';
import { contactSchema } from '../../../../agent/psa/autotask/schema.ts';
import type { PsaContact, PsaEmail, PsaPhone } from '../../../../core/model/psa-contact.ts';
import { parseTestPhone } from '../bms/make-bms.ts';

function contactWith(more: Readonly<Record<string, unknown>> = {}): PsaContact {
  return toContact({ parsePhone: parseTestPhone }, contactSchema.parse({ id: 7, companyID: 1, isActive: 1, ...more }));
}

function email(value: string, typeId: string | null = null): PsaEmail {
  return { value, typeId, typeName: null, primary: false };
}

function phone(raw: string, typeId: string | null = null, extension: string | null = null): PsaPhone {
  return { phone: { ...parseTestPhone(raw), extension }, typeId, typeName: null, primary: false };
}

describe('a row of Autotask', () => {
  it('becomes lists with the field as type; the first filled one is the primary', () => {
    const contact = contactWith({
      emailAddress2: 'b@x.test',
      emailAddress3: 'c@x.test',
      phone: ' 555-0100 ',
      extension: '12',
      mobilePhone: '',
      alternatePhone: '+1 415 555 0102',
    });

    expect(contact.emails).toEqual([
      { value: 'b@x.test', typeId: 'emailAddress2', typeName: '', primary: true },
      { value: 'c@x.test', typeId: 'emailAddress3', typeName: '', primary: false },
    ]);
    expect(contact.phones).toMatchObject([
      { typeId: 'phone', typeName: 'Work', primary: true, phone: { extension: '12' } },
      { typeId: 'alternatePhone', typeName: '', primary: false, phone: { e164: '+14155550102', extension: null } },
    ]);
  });

  it.each([
    [1, true],
    [0, false],
    [true, true],
    [false, false],
    [null, true],
  ])('with isActive %s is active: %s', (isActive, active) => {
    expect(contactWith({ isActive }).active).toBe(active);
  });

  it.each([
    ['2026-03-02T08:00:00.123Z', Date.UTC(2026, 2, 2, 8, 0, 0, 123)],
    ['2026-03-02T08:00:00.123', Date.UTC(2026, 2, 2, 8, 0, 0, 123)],
    ['2026-03-02T10:00:00+02:00', Date.UTC(2026, 2, 2, 8)],
    ['', null],
    ['never', null],
  ])('changed at %s is %s', (lastModifiedDate, at) => {
    expect(contactWith({ lastModifiedDate }).modifiedAt).toBe(at);
  });

  it('may have a company with id 0, the tenant’s own, and no location by id 0', () => {
    expect(contactWith({ companyID: 0, companyLocationID: 0 })).toMatchObject({ companyId: '0', locationId: null });
  });
});

describe('a new contact', () => {
  it.each([
    [[email('a@x.test', 'emailAddress')], [], { emailAddress: 'a@x.test' }],
    [[email('a@x.test', 'emailAddress3'), email('b@x.test')], [], { emailAddress3: 'a@x.test', emailAddress: 'b@x.test' }],
    [[email('a@x.test', 'emailAddress'), email('b@x.test', 'emailAddress')], [], { emailAddress: 'a@x.test', emailAddress2: 'b@x.test' }],
    [[], [phone('+14155550100', 'phone', '12')], { phone: '+14155550100', extension: '12' }],
    [[], [phone('+1 415 555 0100 x12', 'phone', '12')], { phone: '+1 415 555 0100', extension: '12' }],
    [[], [phone('+1 415 555 0112', 'phone', '12')], { phone: '+1 415 555 0112', extension: '12' }],
    // The other fields have no extension beside them.
    [[], [phone('+14155550100', 'mobilePhone', '12')], { mobilePhone: '+14155550100 x12' }],
    [[], [], {}],
  ])('of %j and %j has %j', (emails, phones, values) => {
    expect(newValues(emails, phones)).toEqual(values);
  });

  it.each([
    [[email('a@x.test', '5')], /no such field/],
    [[email('a@x.test'), email('b@x.test'), email('c@x.test'), email('d@x.test')], /all 3 e-mail fields/],
  ])('of %j is none', (emails, words) => {
    expect(newValues(emails, [])).toEqual({ misfit: expect.stringMatching(words) });
  });
});

describe('a change', () => {
  const current = contactWith({
    emailAddress: 'Ada@x.test',
    emailAddress3: 'c@x.test',
    phone: '(415) 555-0100',
    extension: '12',
    mobilePhone: '+1 415 555 0101',
  });

  it.each([
    ['nothing', {}, {}],
    ['an address that is there', { addEmails: [email('ADA@X.test', 'emailAddress2')] }, {}],
    ['an address whose field is taken', { addEmails: [email('b@x.test', 'emailAddress')] }, { emailAddress2: 'b@x.test' }],
    ['a phone', { addPhones: [phone('+14155550109', 'mobilePhone')] }, { alternatePhone: '+14155550109' }],
    ['the same lists', { emails: [email('ada@x.test', 'emailAddress'), email('c@x.test', 'emailAddress3')] }, {}],
    ['an emptied list', { emails: [] }, { emailAddress: null, emailAddress3: null }],
    ['emptied phones', { phones: [] }, { phone: null, extension: null, mobilePhone: null }],
    [
      'a phone without its extension',
      { phones: [phone('(415) 555-0100', 'phone'), phone('+1 415 555 0101', 'mobilePhone')] },
      { phone: '(415) 555-0100', extension: null },
    ],
    [
      'a phone in another field',
      { phones: [phone('+14155550101', 'phone')] },
      { phone: '+14155550101', extension: null, mobilePhone: null },
    ],
  ])('to %s writes what is another', (_what, patch, values) => {
    expect(changedValues(current, patch)).toEqual(values);
  });

  it('P9 keeps every item of a list that fits, each once, whatever fields they ask for', () => {
    const fieldOf = (ids: readonly string[]) => fc.option(fc.constantFrom(...ids), { nil: null });
    const emails = fc.uniqueArray(fc.tuple(fc.nat({ max: 9 }), fieldOf(emailFields.map(({ id }) => id))), {
      maxLength: 3,
      selector: ([value]) => value,
    });
    const phones = fc.uniqueArray(fc.tuple(fc.nat({ max: 9 }), fieldOf(phoneFields.map(({ id }) => id))), {
      maxLength: 3,
      selector: ([value]) => value,
    });
    fc.assert(
      fc.property(emails, phones, emails, (before, numbers, after) => {
        const made = (items: typeof before): readonly PsaEmail[] => items.map(([value, field]) => email(`${value}@x.test`, field));
        const start = contactWith({
          ...newValues(
            made(before),
            numbers.map(([value, field]) => phone(`+1415555010${value}`, field)),
          ),
        });
        const values = changedValues(start, { emails: made(after) });
        const end = contactWith({ ...rowOf(start), ...values });

        expect(end.emails.map(({ value }) => value).sort()).toEqual(
          made(after)
            .map(({ value }) => value)
            .sort(),
        );
        expect(end.phones).toEqual(start.phones);
        expect(changedValues(end, { emails: end.emails, phones: end.phones })).toEqual({});
      }),
    );
  });
});

function rowOf(contact: PsaContact): Readonly<Record<string, unknown>> {
  const emails = contact.emails.map(({ typeId, value }) => [typeId ?? '', value]);
  const phones = contact.phones.map(({ typeId, phone: { raw } }) => [typeId ?? '', raw]);
  return Object.fromEntries([...emails, ...phones]);
}
