import { describe, expect, it } from 'vitest';
import { enrichContact } from '../../../core/enrich/enrich-contact.ts';
import type { WantedContact } from '../../../core/enrich/wanted-contact.ts';
import type { ContactEmail, ContactPhone } from '../../../core/model/contact.ts';
import type { FieldPolicy } from '../../../core/model/settings.ts';
import type { FieldBase } from '../../../core/model/state.ts';
import { contact, contactEmail, contactPhone, organizationSettings, phone } from '../../fixtures/build.ts';

const nothing: WantedContact = {
  firstName: null,
  lastName: null,
  title: null,
  email: null,
  phone: null,
  location: null,
  contactType: null,
  important: null,
};
const written = (value: string): FieldBase => ({ value, origin: 'written', everWritten: true });
const adEmail = (value: string): ContactEmail => contactEmail(value, { label: 'AD Email' });
const adPhone = (value: string): ContactPhone => contactPhone(value, { label: 'AD Phone' });

function emails(ours: string | null, theirs: readonly ContactEmail[], base?: FieldBase, policy: FieldPolicy = 'merge') {
  return enrichContact({
    wanted: { ...nothing, email: ours === null ? null : adEmail(ours) },
    contact: contact({ emails: theirs }),
    bases: base === undefined ? {} : { email: base },
    policies: { ...organizationSettings().contacts.fields, email: policy },
    forcePhonePrimary: false,
  });
}

function phones(
  ours: ContactPhone | null,
  theirs: readonly ContactPhone[],
  more: { readonly base?: FieldBase; readonly policy?: FieldPolicy; readonly force?: boolean } = {},
) {
  return enrichContact({
    wanted: { ...nothing, phone: ours },
    contact: contact({ phones: theirs }),
    bases: more.base === undefined ? {} : { phone: more.base },
    policies: { ...organizationSettings().contacts.fields, phone: more.policy ?? 'merge' },
    forcePhonePrimary: more.force ?? false,
  });
}

const home = contactEmail('jane@home.test', { label: 'Home', primary: true });
const other = contactEmail('jd@vendor.test', { label: 'Other', primary: false });

describe('e-mails of an existing contact', () => {
  it('E5 adds the directory e-mail where it is missing, with the whole list and not as primary', () => {
    expect(emails('jane@acme.test', [home, other]).patch.emails).toEqual([home, other, { ...adEmail('jane@acme.test'), primary: false }]);
  });

  it('E5 makes it primary where none is', () => {
    expect(emails('jane@acme.test', []).patch.emails).toEqual([adEmail('jane@acme.test')]);
    expect(emails('jane@acme.test', [other]).patch.emails).toEqual([other, adEmail('jane@acme.test')]);
  });

  it('E5 keeps the type of an equal e-mail and writes nothing', () => {
    const result = emails('JANE@home.test', [home]);
    expect(result.patch).toEqual({});
    expect(result.equalBases.email).toEqual({ value: 'jane@home.test', origin: 'equal' });
  });

  it('E5 makes an equal e-mail primary when none is', () => {
    expect(emails('jd@vendor.test', [other]).patch.emails).toEqual([{ ...other, primary: true }]);
  });

  it('E5 replaces in place what rollcall wrote, keeping type and primary', () => {
    const ours = contactEmail('old@acme.test', { label: 'Renamed', primary: true });
    const result = emails('new@acme.test', [{ ...home, primary: false }, ours, other], written('old@acme.test'));
    expect(result.patch.emails).toEqual([{ ...home, primary: false }, { ...ours, value: 'new@acme.test' }, other]);
    expect(result.writtenBases.email).toEqual(written('new@acme.test'));
  });

  it('E5 replaces its own entry where a person has the same address under another type', () => {
    const theirs = contactEmail('old@acme.test', { label: 'Home', primary: true });
    const ours = contactEmail('old@acme.test', { label: 'AD Email', primary: false });
    expect(emails('new@acme.test', [theirs, ours], written('old@acme.test')).patch.emails).toEqual([
      theirs,
      { ...ours, value: 'new@acme.test' },
    ]);
  });

  it('E5 adds instead of replacing what both sides had', () => {
    const result = emails('new@acme.test', [home], { value: 'jane@home.test', origin: 'equal' });
    expect(result.patch.emails?.map((item) => item.value)).toEqual(['jane@home.test', 'new@acme.test']);
  });

  it('E5 takes its own entry away when the contact has the new one already, and passes primary on', () => {
    const ours = contactEmail('old@acme.test', { label: 'AD Email', primary: true });
    expect(emails('jd@vendor.test', [ours, other], written('old@acme.test')).patch.emails).toEqual([{ ...other, primary: true }]);
  });

  it('E4 does not add again what a person removed', () => {
    expect(emails('jane@acme.test', [home], written('jane@acme.test')).patch).toEqual({});
    expect(emails('jane@acme.test', [], written('jane@acme.test')).patch).toEqual({});
  });

  it('E4 leaves a list blank that a person cleared, when the directory changed too', () => {
    expect(emails('new@acme.test', [], written('old@acme.test')).patch).toEqual({});
  });

  it('E4 with the policy overwrite adds again what a person removed, and keeps the rest', () => {
    expect(emails('jane@acme.test', [home], written('jane@acme.test'), 'overwrite').patch.emails).toHaveLength(2);
  });

  it('E4 with the policy never touches nothing', () => {
    expect(emails('jane@acme.test', [], undefined, 'never').patch).toEqual({});
  });

  it('E4 an empty directory e-mail removes nothing', () => {
    expect(emails(null, [adEmail('jane@acme.test')], written('jane@acme.test')).patch).toEqual({});
  });

  it('E4 with the policy clear an empty directory e-mail removes what rollcall wrote, and passes primary on', () => {
    const result = emails(null, [adEmail('jane@acme.test'), other], written('jane@acme.test'), 'clear');
    expect(result.patch.emails).toEqual([{ ...other, primary: true }]);
    expect(result.blanks).toBe(0);
    const last = emails(null, [adEmail('jane@acme.test')], written('jane@acme.test'), 'clear');
    expect(last.patch.emails).toEqual([]);
    expect(last.blanks).toBe(1);
  });

  it('E4 with the policy clear leaves what both had', () => {
    expect(emails(null, [home], { value: 'jane@home.test', origin: 'equal' }, 'clear').patch).toEqual({});
  });
});

describe('phones of an existing contact', () => {
  const mobile = contactPhone('+14155550111', { label: 'Mobile' });

  it('E5 takes phones as equal by E.164, however they are written', () => {
    expect(phones(adPhone('+1 (415) 555-0111'), [mobile]).patch).toEqual({});
  });

  it('E5 takes phones without E.164 as equal by their digits', () => {
    const internal = contactPhone(phone('01-23 45', { e164: null }), { label: 'Desk' });
    expect(phones(contactPhone(phone('012345', { e164: null })), [internal]).patch).toEqual({});
  });

  it('E5 adds a missing phone as not primary beside a primary one', () => {
    expect(phones(adPhone('+14155550100'), [mobile]).patch.phones).toEqual([mobile, { ...adPhone('+14155550100'), primary: false }]);
  });

  it('E5 puts the extension into the extension of an equal phone that has none', () => {
    const ours = { ...adPhone('+14155550111'), phone: phone('+14155550111', { extension: '42' }) };
    expect(phones(ours, [mobile]).patch.phones).toEqual([{ ...mobile, phone: { ...mobile.phone, extension: '42' } }]);
  });

  it('E5 leaves the extension of an equal phone that has another one', () => {
    const theirs = { ...mobile, phone: phone('+14155550111', { extension: '7' }) };
    const ours = { ...adPhone('+14155550111'), phone: phone('+14155550111', { extension: '42' }) };
    expect(phones(ours, [theirs]).patch).toEqual({});
  });

  it('P2 setPhonePrimary makes a new phone of the chosen type primary and no other', () => {
    expect(phones(adPhone('+14155550100'), [mobile], { force: true }).patch.phones).toEqual([
      { ...mobile, primary: false },
      adPhone('+14155550100'),
    ]);
  });

  it('P2 setPhonePrimary, switched on later, marks a phone that has been met before', () => {
    const ours = contactPhone('+14155550100', { label: 'AD Phone', primary: false });
    const list = [mobile, ours];
    const base = written('+14155550100');
    expect(phones(adPhone('+14155550100'), list, { force: false, base }).patch).toEqual({});
    expect(phones(adPhone('+14155550100'), list, { force: true, base }).patch.phones).toEqual([
      { ...mobile, primary: false },
      { ...ours, primary: true },
    ]);
  });

  it('P2 setPhonePrimary leaves an equal phone under another type as it is', () => {
    const theirs = contactPhone('+14155550100', { label: 'Home', primary: false });
    expect(phones(adPhone('+14155550100'), [mobile, theirs], { force: true }).patch).toEqual({});
  });

  it('E5 replaces in place the phone that rollcall wrote, keeping type and primary', () => {
    const ours = contactPhone('+14155550100', { label: 'Desk', primary: false });
    const result = phones(adPhone('+14155550122'), [mobile, ours], { base: written('+14155550100') });
    expect(result.patch.phones).toEqual([mobile, { ...ours, phone: phone('+14155550122') }]);
  });
});
