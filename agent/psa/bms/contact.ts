import type { NamedType } from '../../../core/model/contact.ts';
import { psaContactId } from '../../../core/model/ids.ts';
import type { Phone } from '../../../core/model/phone.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { Moment } from '../../../core/model/time.ts';
import { isBlankPhone } from '../blank-phone.ts';
import { compareIds } from '../identity.ts';
import { parseMoment } from '../json.ts';
import type { ContactRow } from './schema.ts';

/** The e-mail and phone types that rows of contacts have shown, by id; placeholder phones show theirs too. */
export interface SeenTypes {
  readonly email: Map<string, string>;
  readonly phone: Map<string, string>;
}

export interface ContactReader {
  readonly parsePhone: (raw: string) => Phone;
  /** The configured placeholder; the usual one is known anyway. */
  readonly blankPhone: string;
  readonly seenTypes: SeenTypes;
}

/** Makes a contact of a row; a placeholder phone reads back as blank (P2). */
export function toContact(reader: ContactReader, row: ContactRow): PsaContact {
  const emails = (row.emails ?? []).filter((email) => email.emailAddress !== null);
  const phones = row.phones ?? [];
  for (const email of emails) note(reader.seenTypes.email, email.emailTypeId, email.emailType);
  for (const phone of phones) note(reader.seenTypes.phone, phone.phoneTypeId, phone.phoneType);
  return {
    id: psaContactId(row.id),
    companyId: row.accountId,
    locationId: row.locationId,
    firstName: row.firstName,
    lastName: row.lastName,
    title: row.jobTitle,
    emails: emails.map((email) => ({
      value: email.emailAddress ?? '',
      typeId: email.emailTypeId,
      typeName: email.emailType,
      primary: email.isDefault === true,
    })),
    phones: phones.flatMap((phone) =>
      phone.phone === null || isBlankPhone(phone.phone, reader.blankPhone)
        ? []
        : [
            {
              phone: reader.parsePhone(phone.phone),
              typeId: phone.phoneTypeId,
              typeName: phone.phoneType,
              primary: phone.isDefault === true,
            },
          ],
    ),
    active: row.isActive !== false,
    // Its custom fields are in no list, so that no contact is found by one.
    externalKey: null,
    modifiedAt: changedAt(row),
  };
}

/** When the contact was changed last, by the PSA's own clock; one that was only created may tell nothing else. */
export function changedAt(row: Pick<ContactRow, 'modifiedOn' | 'createdOn'>): Moment | null {
  return parseMoment(row.modifiedOn) ?? parseMoment(row.createdOn);
}

/** The phone as the PSA takes it: one text, the extension behind an "x" unless the text has it already. */
export function phoneText(phone: Phone): string {
  const raw = phone.raw.trim();
  if (phone.extension === null || phone.extension === '') return raw;
  const hasExtension = new RegExp(`\\D0*${phone.extension.replace(/\D/g, '')}\\s*$`).test(raw) && /[a-z#;,]/i.test(raw);
  return hasExtension ? raw : `${raw} x${phone.extension}`;
}

/** The seen types as a list, by id. */
export function listTypes(types: ReadonlyMap<string, string>): NamedType[] {
  return [...types].map(([id, name]) => ({ id, name })).sort((a, b) => compareIds(a.id, b.id));
}

function note(types: Map<string, string>, id: string | null, name: string | null): void {
  if (id !== null && name !== null) types.set(id, name);
}
