import { describe, expect, it } from 'vitest';
import { type EnrichInput, enrichContact } from '../../../core/enrich/enrich-contact.ts';
import { placeholderOf } from '../../../core/enrich/push-labels.ts';
import type { Contact } from '../../../core/model/contact.ts';
import { isPlaceholderPhone } from '../../../core/normalize/placeholder-phone.ts';
import { contact, contactEmail, contactPhone, organizationSettings, phone } from '../../fixtures/build.ts';

const mail = 'jane.doe@acme.test';
const number = '+14155550100';
const placeholder = placeholderOf({ blankPhone: '000-000-0000', phoneType: 'Work' });
const { fields: policies } = organizationSettings().contacts;

function enrich(existing: Partial<Contact>, more: Partial<EnrichInput> & { readonly withPhone?: boolean } = {}) {
  const { withPhone = true, ...input } = more;
  return enrichContact({
    wanted: {
      firstName: 'Jane',
      lastName: 'Doe',
      title: null,
      email: contactEmail(mail),
      phone: withPhone ? contactPhone(number) : null,
      location: null,
      contactType: null,
      important: null,
    },
    contact: contact({ emails: [contactEmail(mail)], phones: [contactPhone(number)], ...existing }),
    bases: {},
    policies,
    forcePhonePrimary: false,
    blankPhone: '000-000-0000',
    forPush: { placeholder: null },
    ...input,
  });
}

describe('P10 what IT Glue pushes only under the chosen type', () => {
  it.each(['AD Email', ''])('P10 E2 is relabelled where rollcall labelled it: "%s"', (label) => {
    const { patch, writtenBases } = enrich({
      emails: [contactEmail(mail, { label }), contactEmail('other@acme.test', { primary: false, label })],
    });

    expect(patch.emails).toEqual([contactEmail(mail), contactEmail('other@acme.test', { primary: false, label })]);
    expect(writtenBases.email).toMatchObject({ value: mail, origin: 'equal' });
  });

  it.each(['AD Phone', ' '])('P10 E2 phones likewise: "%s"', (label) => {
    expect(enrich({ phones: [contactPhone(number, { label })] }).patch.phones).toEqual([contactPhone(number)]);
  });

  it.each(['Home', 'Work', 'ad email'])("E5 keeps a person's label: %s", (label) => {
    expect(enrich({ emails: [contactEmail(mail, { label })] }).patch).toEqual({});
  });

  it('P10 is made primary where none is, and takes it from no other', () => {
    const none = enrich(
      { emails: [contactEmail('a@acme.test', { primary: false }), contactEmail(mail, { primary: false })] },
      {
        bases: { email: { value: mail, origin: 'equal' } },
      },
    );
    const other = enrich({ emails: [contactEmail('a@acme.test'), contactEmail(mail, { primary: false })] });

    expect(none.patch.emails?.map(({ primary }) => primary)).toEqual([false, true]);
    expect(other.patch).toEqual({});
  });

  it('P2 the directory’s phone becomes primary under its new label when setPhonePrimary says so', () => {
    const phones = [contactPhone('+14155550199'), contactPhone(number, { label: 'AD Phone', primary: false })];
    const first = enrich({ phones }, { forcePhonePrimary: true });
    const second = enrich({ phones: first.patch.phones ?? [] }, { forcePhonePrimary: true });

    expect(second.patch.phones ?? first.patch.phones).toEqual([contactPhone('+14155550199', { primary: false }), contactPhone(number)]);
  });

  it.each<[string, Partial<EnrichInput>, Contact['emails']]>([
    ['nobody asked for it', {}, [contactEmail(mail, { label: 'AD Email' })]],
    [
      'the policy is never',
      { forPush: { placeholder: null }, policies: { ...policies, email: 'never' } },
      [contactEmail(mail, { label: 'AD Email' })],
    ],
    [
      'a person took it away',
      { forPush: { placeholder: null }, bases: { email: { value: mail, origin: 'written' } } },
      [contactEmail('a@acme.test', { label: '' })],
    ],
  ])('E4 is left alone when %s', (_words, more, emails) => {
    const wanted = { ...enrichWanted(), email: contactEmail(mail) };
    const { patch } = enrichContact({ wanted, contact: contact({ emails }), bases: {}, policies, forcePhonePrimary: false, ...more });

    expect(patch.emails).toBeUndefined();
  });
});

function enrichWanted(): EnrichInput['wanted'] {
  const blank = { title: null, phone: null, location: null, contactType: null, important: null };
  return { firstName: 'Jane', lastName: 'Doe', email: null, ...blank };
}

describe('P2 the placeholder in IT Glue', () => {
  const written = { phone: placeholder?.base ?? expect.fail() };
  const item = placeholder?.item ?? expect.fail();

  it('P2 is written where there is no phone, fax numbers aside', () => {
    const fax = contactPhone('+14155550190', { kind: 'fax', label: 'Fax', primary: false });

    expect(enrich({ phones: [] }, { withPhone: false, forPush: { placeholder } }).patch.phones).toEqual([item]);
    expect(enrich({ phones: [fax] }, { withPhone: false, forPush: { placeholder } }).patch.phones).toEqual([fax, item]);
  });

  it('P2 takes the place of the last phone at once where that is cleared, which counts as blanked', () => {
    const cleared = enrich(
      {},
      {
        withPhone: false,
        forPush: { placeholder },
        policies: { ...policies, phone: 'clear' },
        bases: { phone: { value: number, origin: 'written', everWritten: true } },
      },
    );

    expect(cleared.patch.phones).toEqual([item]);
    expect(cleared.blanks).toBe(1);
  });

  it('P2 is written once: one that a person took away does not come again', () => {
    expect(enrich({ phones: [item] }, { withPhone: false, forPush: { placeholder }, bases: written }).patch).toEqual({});
    expect(enrich({ phones: [] }, { withPhone: false, forPush: { placeholder }, bases: written }).patch).toEqual({});
  });

  it.each([
    ['rollcall wrote', written],
    ['a person wrote', {}],
  ])('P2 is no value: a phone of the directory takes the place of what %s, and is no conflict', (_words, bases) => {
    const { patch, conflicts } = enrich({ phones: [contactPhone('0000000000')] }, { bases });

    expect(patch.phones).toEqual([contactPhone(number)]);
    expect(conflicts).toEqual([]);
  });

  it('E4 a phone goes where a person took the placeholder away: it was no value', () => {
    expect(enrich({ phones: [] }, { bases: written }).patch.phones).toEqual([contactPhone(number)]);
  });

  it.each([
    ['no placeholder is configured', { blankPhone: '', phoneType: 'Work' }],
    ['no phone type is chosen', { blankPhone: '000-000-0000', phoneType: '' }],
  ])('P2 there is none when %s', (_words, settings) => {
    expect(placeholderOf(settings)).toBeNull();
  });

  it.each([
    ['000-000-0000', '', true],
    ['0000000000', '000-000-0000', true],
    ['(999) 999-9999', '999-999-9999', true],
    ['+14155550100', '000-000-0000', false],
    ['n/a', '', false],
  ])('P2 %s reads back as blank with "%s": %s', (raw, blankPhone, expected) => {
    expect(isPlaceholderPhone(phone(raw), blankPhone)).toBe(expected);
  });
});
