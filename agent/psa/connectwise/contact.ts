import { psaContactId } from '../../../core/model/ids.ts';
import type { Phone } from '../../../core/model/phone.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import { parseMoment } from '../json.ts';
import { type KeyPlace, keyOf } from './external-key.ts';
import type { ContactRow, ItemRow } from './schema.ts';

export interface ContactReader {
  readonly parsePhone: (raw: string) => Phone;
  readonly keyPlace: KeyPlace;
}

/** Makes a contact of a row. Fax numbers, and items that do not say what they are, are not shown. */
export function toContact(reader: ContactReader, row: ContactRow): PsaContact {
  const items = row.communicationItems ?? [];
  return {
    id: psaContactId(row.id),
    companyId: row.company?.id ?? '',
    locationId: row.site?.id ?? null,
    firstName: row.firstName,
    lastName: row.lastName,
    title: row.title,
    emails: items.filter(isEmail).map((item) => ({
      value: item.value ?? '',
      typeId: item.type?.id ?? null,
      typeName: item.type?.name ?? null,
      primary: item.defaultFlag === true,
    })),
    phones: items.filter(isPhone).map((item) => ({
      phone: phoneOf(reader, item),
      typeId: item.type?.id ?? null,
      typeName: item.type?.name ?? null,
      primary: item.defaultFlag === true,
    })),
    active: row.inactiveFlag !== true,
    externalKey: keyOf(row, reader.keyPlace),
    modifiedAt: parseMoment(row._info?.lastUpdated ?? null),
  };
}

export function isEmail(item: ItemRow): boolean {
  return item.value !== null && item.communicationType?.toLowerCase() === 'email';
}

export function isPhone(item: ItemRow): boolean {
  return item.value !== null && item.communicationType?.toLowerCase() === 'phone';
}

/** The item's number; its extension stands in a member of its own. */
export function phoneOf({ parsePhone }: Pick<ContactReader, 'parsePhone'>, item: ItemRow): Phone {
  const phone = parsePhone(item.value ?? '');
  return item.extension === null ? phone : { ...phone, extension: item.extension };
}
