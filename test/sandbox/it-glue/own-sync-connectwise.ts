import type { ConnectWiseSandbox } from '../connectwise/connectwise-sandbox.ts';
import type { OwnSyncFields, PsaForOwnSync } from './psa-for-own-sync.ts';

/** ConnectWise gets a contact with first name and company; without a chosen type, without e-mail or phone. */
export function connectWiseForOwnSync({ data }: Pick<ConnectWiseSandbox, 'data'>): PsaForOwnSync {
  const typeName = (id: number): string => data.communicationTypes.get(id)?.description ?? 'Work';
  return {
    adapterName: 'ConnectWise Manage',
    needs: { lastName: false, email: false, phone: false, location: false },
    emailTypeId: (name) => data.emailTypeId(name),
    phoneTypeId: (name) => data.phoneTypeId(name),
    contactsOf: (companyId) =>
      data.contactsOf(companyId).map((contact) => ({
        id: contact.id,
        firstName: contact.firstName,
        lastName: contact.lastName,
        title: contact.title,
        emails: contact.items
          .filter((item) => item.kind === 'Email')
          .map((item) => ({ value: item.value, typeName: typeName(item.typeId), primary: item.isDefault })),
        phones: contact.items
          .filter((item) => item.kind !== 'Email')
          .map((item) => ({
            value: item.value,
            extension: item.extension,
            typeName: typeName(item.typeId),
            primary: item.isDefault && item.kind === 'Phone',
          })),
      })),
    addContact: (fields, { email, phone }) =>
      data.addContact({
        ...connectWiseFields(fields),
        emails: email === null ? [] : [{ value: email.value, typeId: email.typeId }],
        phones: phone === null ? [] : [{ value: phone.value, typeId: phone.typeId }],
      }).id,
    updateContact: (id, fields) => void data.updateContact(id, connectWiseFields(fields)),
  };
}

/** A location that has no counterpart leaves the site to ConnectWise. */
function connectWiseFields({ companyId, locationId, firstName, lastName, title }: OwnSyncFields) {
  return { companyId, ...(locationId === null ? {} : { siteId: locationId }), firstName, lastName, title };
}
