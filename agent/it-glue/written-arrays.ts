import type { Contact } from '../../core/model/contact.ts';
import type { ContactPatch } from '../../core/ports/documentation.ts';
import { digitsOf, numberWithoutExtension } from './phone-text.ts';

/**
 * Compares the arrays of a contact with those that were sent; `null` when they agree, else a sentence without values. IT Glue
 * documents neither that arrays are replaced as a whole nor how it treats separators, so values are compared by their letters
 * or digits, and labels are left to it. The entry that was sent as primary must be primary.
 */
export function arraysDiffer(sent: ContactPatch, contact: Contact): string | null {
  const differences: string[] = [];
  if (sent.emails !== undefined) {
    const wanted = sent.emails.map(({ value, primary }) => ({ key: value.trim().toLowerCase(), primary }));
    const found = contact.emails.map(({ value, primary }) => ({ key: value.trim().toLowerCase(), primary }));
    differences.push(...compare('e-mails', wanted, found));
  }
  if (sent.phones !== undefined) {
    const key = ({ phone }: { readonly phone: Contact['phones'][number]['phone'] }) =>
      `${digitsOf(numberWithoutExtension(phone))}x${digitsOf(phone.extension ?? '')}`;
    const wanted = sent.phones.map((phone) => ({ key: key(phone), primary: phone.primary }));
    const found = contact.phones.map((phone) => ({ key: key(phone), primary: phone.primary }));
    differences.push(...compare('phones', wanted, found));
  }
  return differences.length === 0 ? null : differences.join('; ');
}

interface Entry {
  readonly key: string;
  readonly primary: boolean;
}

function compare(what: string, wanted: readonly Entry[], found: readonly Entry[]): string[] {
  if (wanted.length !== found.length) {
    return [`${wanted.length} ${what} were sent and ${found.length} are there`];
  }
  const keys = (entries: readonly Entry[]) => JSON.stringify(entries.map(({ key }) => key).toSorted());
  if (keys(wanted) !== keys(found)) {
    return [`the ${what} that are there are not those that were sent`];
  }
  const lacksPrimary = wanted.some(({ key, primary }) => primary && !found.some((entry) => entry.key === key && entry.primary));
  return lacksPrimary ? [`another one of the ${what} is primary than was sent`] : [];
}
