import { tryParseJson } from './json.ts';
import { type ErrorEntry, errorDocument } from './schema.ts';

const longestReason = 300;

/** The errors of an answer in the vendor's form; empty for HTML pages, empty bodies and other JSON. */
export function readErrors(text: string): readonly ErrorEntry[] {
  const parsed = errorDocument.safeParse(tryParseJson(text));
  return parsed.success ? parsed.data.errors : [];
}

/** Whether a read failed because it took IT Glue too long: a smaller page may succeed. Seen with several statuses. */
export function saysTooLong(errors: readonly ErrorEntry[]): boolean {
  return errors.some(({ title, detail }) => /took too long|timed out/iu.test(`${title} ${detail}`));
}

/** Whether the words say that another system owns the record. Their exact text is not published. */
export function saysSynced(errors: readonly ErrorEntry[]): boolean {
  return errors.some(({ title, detail }) => /\bsync|externally|integration|read[- ]only/iu.test(`${title} ${detail}`));
}

/** Whether the words object to a value of the request, as model validations do. */
export function saysInvalidValue(errors: readonly ErrorEntry[]): boolean {
  return errors.some(({ title, detail }) =>
    /invalid|must exist|blank|too (?:long|short)|already been taken|is required|not included|not a number/iu.test(`${title} ${detail}`),
  );
}

/** Whether a 401 speaks of an id in the request, not of the key (which is refused with 403). */
export function saysForeignId(errors: readonly ErrorEntry[]): boolean {
  return errors.some(({ detail, source }) => source?.pointer === 'id' || /unauthorized resource/iu.test(detail ?? ''));
}

/**
 * The server's words for people: titles and details, with the attribute that they point at. `sent` are the values of the
 * request; they and whatever looks like an address or a number of a person are taken out.
 */
export function serverWords(status: number, text: string, sent: readonly string[] = []): string {
  const sentences = readErrors(text).map(({ title, detail, source }) => {
    const words = [title === 'Unprocessable Entity' && detail !== null ? null : title, detail].filter((part) => part !== null).join(': ');
    const attribute = source?.pointer?.split('/').at(-1) ?? '';
    return attribute === '' ? words : `${attribute}: ${words}`;
  });
  const said = withoutPeople(sentences.join('; '), sent);
  return said === '' ? `status ${status}` : `status ${status}, ${said}`;
}

function withoutPeople(words: string, sent: readonly string[]): string {
  let cleaned = words.replace(/\p{Cc}+/gu, ' ');
  for (const value of sent.toSorted((a, b) => b.length - a.length)) {
    cleaned = value.trim().length < 2 ? cleaned : cleaned.replaceAll(value, '…');
  }
  cleaned = cleaned
    .replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;]+/gu, '…')
    .replace(/\+?\d[\d\s().-]{5,}\d/gu, '…')
    .trim();
  return cleaned.length > longestReason ? `${cleaned.slice(0, longestReason - 1)}…` : cleaned;
}
