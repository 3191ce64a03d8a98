import type { AutotaskSandbox } from '../autotask/autotask-sandbox.ts';
import type { AutotaskContactRecord } from '../autotask/records.ts';
import type { OwnSyncFields, PsaForOwnSync } from './psa-for-own-sync.ts';

/** Autotask has fields, not types: the label that IT Glue maps to each one. E-mails 2 and 3 are not mapped. */
const emailLabels = ['Work'];
const phoneFields = [
  { label: 'Work', field: 'phone' },
  { label: 'Mobile', field: 'mobilePhone' },
  { label: 'Alternate', field: 'alternatePhone' },
  { label: 'Fax', field: 'faxNumber' },
] as const;

/** Autotask gets a contact with first name, last name and company. */
export function autotaskForOwnSync({ data }: Pick<AutotaskSandbox, 'data'>): PsaForOwnSync {
  return {
    adapterName: 'Autotask',
    needs: { lastName: true, email: false, phone: false, location: false },
    emailTypeId: (name) => placeOf(emailLabels, name),
    phoneTypeId: (name) =>
      placeOf(
        phoneFields.map((item) => item.label),
        name,
      ),
    contactsOf: (companyId) => data.contactsOf(companyId).map(shown),
    addContact: (fields, { email, phone }) => {
      const field = phone === null ? undefined : phoneFields[phone.typeId]?.field;
      return data.addContact({
        ...autotaskFields(fields),
        emailAddress: email?.value ?? null,
        ...(field === undefined || phone === null ? {} : { [field]: phone.value }),
      }).id;
    },
    updateContact: (id, fields) => void data.updateContact(id, autotaskFields(fields)),
  };
}

function shown(contact: AutotaskContactRecord) {
  return {
    id: contact.id,
    firstName: contact.firstName,
    lastName: contact.lastName,
    title: contact.title,
    emails: contact.emailAddress === null ? [] : [{ value: contact.emailAddress, typeName: 'Work', primary: true }],
    phones: phoneFields.flatMap(({ label, field }) => {
      const value = contact[field];
      const isWork = field === 'phone';
      return value === null ? [] : [{ value, extension: isWork ? contact.extension : null, typeName: label, primary: isWork }];
    }),
  };
}

function placeOf(labels: readonly string[], name: string): number | null {
  const place = labels.indexOf(name);
  return place < 0 ? null : place;
}

/** A location that has no counterpart leaves Autotask's as it is. */
function autotaskFields({ companyId, locationId, firstName, lastName, title }: OwnSyncFields) {
  const location = locationId === null ? {} : { companyLocationID: locationId };
  return { companyID: companyId, ...location, firstName, lastName: lastName ?? '', title };
}
