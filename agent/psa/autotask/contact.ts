import { psaContactId } from '../../../core/model/ids.ts';
import type { Phone } from '../../../core/model/phone.ts';
import type { PsaContact, PsaEmail, PsaPhone } from '../../../core/model/psa-contact.ts';
import { parseMoment } from '../json.ts';
import { emailFields, phoneFields } from './products.ts';
import type { ContactRow } from './schema.ts';

export interface ContactReader {
  readonly parsePhone: (raw: string) => Phone;
}

/** Makes a contact of a row: the fields become a list, each item with its field as type; the first one that is filled is the primary. */
export function toContact(reader: ContactReader, row: ContactRow): PsaContact {
  return {
    id: psaContactId(row.id),
    companyId: row.companyID,
    locationId: row.companyLocationID,
    firstName: row.firstName,
    lastName: row.lastName,
    title: row.title,
    emails: emailsOf(row),
    phones: phonesOf(reader, row),
    active: row.isActive !== 0 && row.isActive !== false,
    externalKey: row.externalID,
    modifiedAt: parseMoment(row.lastModifiedDate),
  };
}

/** The phone as one text, for the fields that have no extension beside them. */
export function phoneText(phone: Phone): string {
  const raw = phone.raw.trim();
  if (phone.extension === null || phone.extension === '') return raw;
  const hasExtension = new RegExp(`\\D0*${phone.extension.replace(/\D/g, '')}\\s*$`).test(raw) && /[a-z#;,]/i.test(raw);
  return hasExtension ? raw : `${raw} x${phone.extension}`;
}

function emailsOf(row: ContactRow): readonly PsaEmail[] {
  const values: Readonly<Record<string, string | null>> = {
    emailAddress: row.emailAddress,
    emailAddress2: row.emailAddress2,
    emailAddress3: row.emailAddress3,
  };
  const filled = emailFields.flatMap(({ id, name }) => {
    const value = values[id] ?? null;
    return value === null ? [] : [{ value, typeId: id, typeName: name }];
  });
  return filled.map((item, index) => ({ ...item, primary: index === 0 }));
}

function phonesOf({ parsePhone }: ContactReader, row: ContactRow): readonly PsaPhone[] {
  const values: Readonly<Record<string, string | null>> = {
    phone: row.phone,
    mobilePhone: row.mobilePhone,
    alternatePhone: row.alternatePhone,
  };
  const filled = phoneFields.flatMap(({ id, name }) => {
    const value = values[id] ?? null;
    if (value === null) return [];
    const parsed = parsePhone(value);
    const phone = id === 'phone' && row.extension !== null ? { ...parsed, extension: row.extension } : parsed;
    return [{ phone, typeId: id, typeName: name }];
  });
  return filled.map((item, index) => ({ ...item, primary: index === 0 }));
}
