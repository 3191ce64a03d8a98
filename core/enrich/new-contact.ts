import type { FieldChange } from '../model/plan.ts';
import type { MappedField } from '../model/settings.ts';
import type { FieldBase } from '../model/state.ts';
import { emailKey } from '../normalize/email.ts';
import { phoneKey } from '../normalize/phone.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import { type FieldBases, showEmails, showPhones } from './enrich-contact.ts';
import type { Placeholder } from './push-labels.ts';
import type { WantedContact } from './wanted-contact.ts';

export interface NewContact {
  readonly contact: ContactPatch;
  readonly fields: Readonly<Record<string, FieldChange>>;
  readonly bases: FieldBases;
}

/**
 * Makes the contact that a directory user becomes (E1-E3): every field that the directory has, each remembered as written.
 * `placeholder`: what it has where the directory has no phone (P2).
 */
export function newContact(wanted: WantedContact, placeholder: Placeholder | null = null): NewContact {
  const fields: Record<string, FieldChange> = {};
  const bases: Partial<Record<MappedField, FieldBase>> = {};
  const note = (field: MappedField, shown: string | null, base: string | null): void => {
    if (shown === null || base === null) return;
    fields[field] = { from: null, to: shown };
    bases[field] = { value: base, origin: 'written', everWritten: true };
  };
  const emails = wanted.email === null ? [] : [wanted.email];
  const instead = wanted.phone === null ? placeholder : null;
  const phones = [wanted.phone ?? instead?.item ?? []].flat();

  note('firstName', wanted.firstName, wanted.firstName);
  note('lastName', wanted.lastName, wanted.lastName);
  note('title', wanted.title, wanted.title);
  note('email', showEmails(emails), wanted.email === null ? null : (emailKey(wanted.email.value) ?? wanted.email.value));
  note('phone', showPhones(phones), wanted.phone === null ? null : (phoneKey(wanted.phone.phone) ?? wanted.phone.phone.raw));
  note('location', wanted.location?.name ?? null, wanted.location?.locationId ?? null);
  note('contactType', wanted.contactType?.name ?? null, wanted.contactType?.id ?? null);
  if (instead !== null) {
    fields['phone'] = { from: null, to: showPhones(phones) };
    bases.phone = instead.base;
  }
  // A contact is not important unless somebody says so.
  if (wanted.important === true) note('important', 'yes', 'yes');

  return {
    contact: {
      ...(wanted.firstName === null ? {} : { firstName: wanted.firstName }),
      ...(wanted.lastName === null ? {} : { lastName: wanted.lastName }),
      ...(wanted.title === null ? {} : { title: wanted.title }),
      ...(emails.length === 0 ? {} : { emails }),
      ...(phones.length === 0 ? {} : { phones }),
      ...(wanted.location === null ? {} : { locationId: wanted.location.locationId }),
      ...(wanted.contactType === null ? {} : { contactTypeId: wanted.contactType.id }),
      ...(wanted.important === true ? { important: true } : {}),
    },
    fields,
    bases,
  };
}
