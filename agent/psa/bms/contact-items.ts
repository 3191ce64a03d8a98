import type { Phone } from '../../../core/model/phone.ts';
import type { PsaEmail, PsaPhone } from '../../../core/model/psa-contact.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import { phoneKey } from '../../../core/normalize/phone.ts';
import type { PsaContactPatch } from '../../../core/ports/psa.ts';
import { isBlankPhone } from '../blank-phone.ts';
import { type ContactReader, phoneText } from './contact.ts';
import { additions, type Item, type ItemChange, replacements } from './item-changes.ts';
import type { ContactRow } from './schema.ts';

/** Key of every blank phone: they are one and the same (P2). */
const blankKey = '';

/** The e-mails of a row. */
export function emailItems(row: ContactRow): readonly Item[] {
  return (row.emails ?? []).flatMap(({ emailAddress, emailTypeId, isDefault }) =>
    emailAddress === null ? [] : [{ text: emailAddress, key: keyOfEmail(emailAddress), typeId: emailTypeId, primary: isDefault === true }],
  );
}

/** The phones of a row, blank ones too. */
export function phoneItems(row: ContactRow, reader: ContactReader): readonly Item[] {
  return (row.phones ?? []).flatMap(({ phone, phoneTypeId, isDefault }) => {
    if (phone === null) return [];
    const parsed = reader.parsePhone(phone);
    const primary = isDefault === true;
    return [{ text: phone, key: keyOfPhone(parsed, reader), typeId: phoneTypeId, primary, extension: extensionOf(parsed) }];
  });
}

/** What the patch changes in the contact's e-mails. */
export function emailChanges(row: ContactRow, patch: PsaContactPatch): readonly ItemChange[] {
  const wanted = (emails: readonly PsaEmail[]): readonly Item[] =>
    emails.map(({ value, typeId, primary }) => ({ text: value, key: keyOfEmail(value), typeId, primary }));
  const current = emailItems(row);
  return patch.emails === undefined ? additions(current, wanted(patch.addEmails ?? [])) : replacements(current, wanted(patch.emails));
}

/** What the patch changes in the contact's phones. Where the last one goes, the placeholder is kept or takes its place (P2). */
export function phoneChanges(row: ContactRow, patch: PsaContactPatch, reader: ContactReader): readonly ItemChange[] {
  const wanted = (phones: readonly PsaPhone[]): readonly Item[] =>
    phones
      .map(({ phone, typeId, primary }) => ({
        text: phoneText(phone),
        key: keyOfPhone(phone, reader),
        typeId,
        primary,
        extension: extensionOf(phone),
      }))
      .filter(({ key }) => key !== blankKey);
  const current = phoneItems(row, reader);
  if (patch.phones === undefined) return additions(current, wanted(patch.addPhones ?? []));
  const list = wanted(patch.phones);
  return replacements(current, list.length === 0 ? blanks(current, reader) : list);
}

/** What stands for no phone at all: the placeholder that is there, else the configured one with the type of the phone that goes. */
function blanks(current: readonly Item[], { blankPhone }: ContactReader): readonly Item[] {
  const known = current.find(({ key }) => key === blankKey);
  if (known !== undefined) return [{ ...known, primary: true }];
  const last = current.find(({ primary }) => primary) ?? current[0];
  return last === undefined || blankPhone === '' ? [] : [{ text: blankPhone, key: blankKey, typeId: last.typeId, primary: true }];
}

function extensionOf({ extension }: Phone): string {
  return extension?.replaceAll(/\D/g, '') ?? '';
}

function keyOfEmail(value: string): string {
  return emailKey(value) ?? value;
}

function keyOfPhone(phone: Phone, { blankPhone }: ContactReader): string {
  return isBlankPhone(phone.raw, blankPhone) ? blankKey : (phoneKey(phone) ?? phone.raw);
}
