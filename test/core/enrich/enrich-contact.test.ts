import { describe, expect, it } from 'vitest';
import { makeTypeRules } from '../../../core/enrich/contact-type.ts';
import { enrichContact, type FieldBases } from '../../../core/enrich/enrich-contact.ts';
import { indexLocations } from '../../../core/enrich/location.ts';
import { newContact } from '../../../core/enrich/new-contact.ts';
import { wantedContact } from '../../../core/enrich/wanted-contact.ts';
import type { Contact } from '../../../core/model/contact.ts';
import type { DirectoryUser } from '../../../core/model/directory-user.ts';
import { mappedFields } from '../../../core/model/settings.ts';
import { contact, contactEmail, contactPhone, directoryUser, location, organizationSettings, phone } from '../../fixtures/build.ts';

type Settings = Parameters<typeof organizationSettings>[0];

const types = [
  { id: '31', name: 'Employee' },
  { id: '32', name: 'Leaver' },
];

function wanted(user: DirectoryUser, settings: Settings = {}) {
  const whole = organizationSettings(settings);
  const choice = makeTypeRules(whole, types).choose(user, 'Enabled', null);
  return wantedContact(user, { settings: whole, locations: indexLocations([location()]) }, choice);
}

function enrich(user: DirectoryUser, existing: Contact, more: { readonly settings?: Settings; readonly bases?: FieldBases } = {}) {
  return enrichContact({
    wanted: wanted(user, more.settings),
    contact: existing,
    bases: more.bases ?? {},
    policies: organizationSettings(more.settings).contacts.fields,
    forcePhonePrimary: false,
  });
}

const whole = directoryUser({
  person: { title: 'CEO', phone: phone('+14155550100'), office: 'Head Office', email: 'jane.doe@acme.test' },
});

describe('wantedContact and newContact', () => {
  it('E1 a new contact has first name, last name, title, e-mail and phone, each remembered as written', () => {
    const made = newContact(wanted(whole, { psa: { emailType: '', phoneType: '', contactType: '' } }));
    expect(made.contact).toEqual({
      firstName: 'Jane',
      lastName: 'Doe',
      title: 'CEO',
      emails: [contactEmail('jane.doe@acme.test', { label: 'AD Email' })],
      phones: [contactPhone('+14155550100', { label: 'AD Phone' })],
      locationId: '501',
    });
    expect(made.bases).toEqual({
      firstName: { value: 'Jane', origin: 'written', everWritten: true },
      lastName: { value: 'Doe', origin: 'written', everWritten: true },
      title: { value: 'CEO', origin: 'written', everWritten: true },
      email: { value: 'jane.doe@acme.test', origin: 'written', everWritten: true },
      phone: { value: '+14155550100', origin: 'written', everWritten: true },
      location: { value: '501', origin: 'written', everWritten: true },
    });
  });

  it('E1 the overlay fields are no fields of the contact', () => {
    const { contact: fields } = newContact(wanted(whole));
    expect(Object.keys(fields).sort()).toEqual(['emails', 'firstName', 'lastName', 'locationId', 'phones', 'title']);
  });

  it('E1 what the directory lacks is not sent', () => {
    const bare = directoryUser({ person: { lastName: null, email: null } });
    expect(newContact(wanted(bare)).contact).toEqual({ firstName: 'Jane' });
  });

  it('E2 types are those of the PSA settings', () => {
    const made = wanted(whole, { psa: { emailType: 'Office', phoneType: 'Desk', contactType: ' employee' } });
    expect([made.email?.label, made.phone?.label, made.contactType?.id]).toEqual(['Office', 'Desk', '31']);
  });

  it('E2 otherwise e-mail AD Email, phone AD Phone and no contact type', () => {
    const made = wanted(whole, { psa: { emailType: '', phoneType: '', contactType: '' } });
    expect([made.email?.label, made.phone?.label, made.contactType]).toEqual(['AD Email', 'AD Phone', null]);
  });

  it('E2 a contact type that IT Glue lacks is left out', () => {
    expect(wanted(whole, { psa: { contactType: 'Nobody' } }).contactType).toBeNull();
  });
});

describe('enrichContact', () => {
  it('E4 fills blanks and says from what to what, with the before-image of just these', () => {
    const result = enrich(whole, contact({ emails: [contactEmail('jane.doe@acme.test')], phones: [contactPhone('+14155550100')] }));
    expect(result.patch).toEqual({ title: 'CEO', locationId: '501' });
    expect(result.before).toEqual({ title: null, locationId: null });
    expect(result.fields).toEqual({ title: { from: null, to: 'CEO' }, location: { from: null, to: 'Head Office' } });
  });

  it('E4 reports a difference at the first meeting and leaves it', () => {
    const result = enrich(whole, contact({ title: 'Chief', locationId: '501' }));
    expect(result.patch.title).toBeUndefined();
    expect(result.conflicts).toEqual([{ field: 'title', ours: 'CEO', theirs: 'Chief' }]);
  });

  it('E4 each field has its own policy', () => {
    const settings = {
      contacts: { fields: { ...organizationSettings().contacts.fields, title: 'overwrite', lastName: 'never' } as const },
    };
    const result = enrich(whole, contact({ title: 'Chief', lastName: null }), { settings });
    expect(result.patch.title).toBe('CEO');
    expect(result.patch.lastName).toBeUndefined();
  });

  it('A3 a field that becomes empty is counted', () => {
    const fields = { ...organizationSettings().contacts.fields, title: 'clear' } as const;
    const user = directoryUser({ person: { title: null, email: null } });
    const bases: FieldBases = { title: { value: 'CEO', origin: 'written' } };
    const result = enrich(user, contact({ title: 'CEO' }), { settings: { contacts: { fields } }, bases });
    expect(result.patch).toEqual({ title: null });
    expect(result.blanks).toBe(1);
  });

  it('E6 a location that people chose is kept, and is no conflict', () => {
    const result = enrich(whole, contact({ title: 'CEO', locationId: '999', emails: [contactEmail('jane.doe@acme.test')] }));
    expect(result.patch.locationId).toBeUndefined();
    expect(result.conflicts).toEqual([]);
  });

  it('E6 a location that rollcall wrote follows the office', () => {
    const bases: FieldBases = { location: { value: '999', origin: 'written', everWritten: true } };
    expect(enrich(whole, contact({ locationId: '999' }), { bases }).patch.locationId).toBe('501');
  });

  it('M11 every field has a note', () => {
    expect(enrich(whole, contact()).notes.map((note) => note.field)).toEqual(mappedFields);
  });
});
