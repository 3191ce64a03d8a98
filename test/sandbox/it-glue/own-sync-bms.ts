import type { BmsSandbox } from '../bms/bms-sandbox.ts';
import type { OwnSyncFields, PsaForOwnSync } from './psa-for-own-sync.ts';

/** BMS gets a contact only with primary e-mail and phone, location and the chosen types. */
export function bmsForOwnSync({ data }: Pick<BmsSandbox, 'data'>): PsaForOwnSync {
  return {
    adapterName: 'Kaseya BMS',
    needs: { lastName: false, email: true, phone: true, location: true },
    emailTypeId: (name) => data.emailTypeId(name),
    phoneTypeId: (name) => data.phoneTypeId(name),
    contactsOf: (companyId) =>
      data.contactsOf(companyId).map((contact) => ({
        id: contact.id,
        firstName: contact.firstName,
        lastName: contact.lastName,
        title: contact.jobTitle,
        emails: contact.emails.map((email) => ({
          value: email.emailAddress,
          typeName: data.emailTypes.get(email.emailTypeId) ?? 'Work',
          primary: email.isDefault,
        })),
        phones: contact.phones.map((phone) => ({
          value: phone.phone,
          extension: null,
          typeName: data.phoneTypes.get(phone.phoneTypeId) ?? 'Work',
          primary: phone.isDefault,
        })),
      })),
    addContact: (fields, { email, phone }) =>
      data.addContact({
        ...bmsFields(fields),
        emails: email === null ? [] : [{ emailAddress: email.value, emailTypeId: email.typeId, isDefault: true }],
        phones: phone === null ? [] : [{ phone: phone.value, phoneTypeId: phone.typeId, isDefault: true }],
      }).id,
    updateContact: (id, fields) => void data.updateContact(id, bmsFields(fields)),
    linked: (id, contact) => data.linkItGlueContact(id, contact.id, contact.name),
  };
}

function bmsFields({ companyId, locationId, firstName, lastName, title }: OwnSyncFields) {
  return { accountId: companyId, locationId: locationId ?? 0, firstName, lastName, jobTitle: title };
}
