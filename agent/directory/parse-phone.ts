import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { Phone } from '../../core/model/phone.ts';

/** Numbers that are remembered in each of two generations; taking single ones out of a full map costs more than parsing. */
const maxRemembered = 300;
/** What a person writes as a number, extension included, is shorter. */
const maxLength = 100;
/** An extension at the end: `x123`, `ext. 123`, `#123`, `;ext=123`. */
const extensionPattern = /(?:;ext=|(?<![a-z])(?:extension|ext|x)\.?|#)\s*:?\s*(\d{1,7})\s*$/i;

/**
 * Makes the parser of phone numbers. `country` (two letters, as in `contacts.phoneCountry`) is that of numbers without a country
 * code; an unknown one leaves only international numbers valid. Nothing is thrown: a number that is not valid keeps what was
 * written, and is compared by its digits.
 */
export function createPhoneParser(country: string): (raw: string) => Phone {
  const upper = country.trim().toUpperCase();
  const defaultCountry = isSupportedCountry(upper) ? upper : null;
  let older = new Map<string, Phone>();
  let newer = new Map<string, Phone>();
  return (raw) => {
    const recent = newer.get(raw);
    if (recent !== undefined) return recent;
    const phone = older.get(raw) ?? parsePhone(raw, defaultCountry);
    if (newer.size >= maxRemembered) {
      older = newer;
      newer = new Map();
    }
    newer.set(raw, phone);
    return phone;
  };
}

function parsePhone(raw: string, country: CountryCode | null): Phone {
  if (raw.length > maxLength) return { raw, e164: null, extension: null };
  const number = country === null ? parsePhoneNumberFromString(raw) : parsePhoneNumberFromString(raw, country);
  if (number?.isValid() === true) return { raw, e164: number.number, extension: number.ext ?? null };
  return { raw, e164: null, extension: extensionPattern.exec(raw)?.[1] ?? null };
}
