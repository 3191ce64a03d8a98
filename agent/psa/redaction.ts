import { isRecord } from './json.ts';

/** So much of a server's words is looked at: an error may be as long as a server likes. */
const longestWords = 2_000;

/** Members whose text is the API's own word and nobody's. */
const ownWords: ReadonlySet<string> = new Set(['op', 'path', 'from', 'field', 'includeFields', 'communicationType']);

/** The texts in a request's body that may be somebody's: names, titles, addresses; the longest first. */
export function textsOf(body: unknown): readonly string[] {
  return wordy(membersOf(body));
}

/** Those of texts that have letters, the longest first. */
export function wordy(texts: readonly string[]): readonly string[] {
  const trimmed = texts.map((text) => text.trim()).filter((text) => text.length >= 2 && /\p{L}/u.test(text));
  return [...new Set(trimmed)].sort((a, b) => b.length - a.length);
}

/**
 * The server's words without what was sent, which they often repeat: it is personal, and it must not decide what the words mean (a
 * contact may be named after an error). On one line, not endless.
 */
export function withoutSent(words: string, sent: readonly string[]): string {
  return sent.reduce(without, words.slice(0, longestWords).replace(/[\s\p{Cc}]+/gu, ' ')).trim();
}

/**
 * Makes the server's words fit for a message: without the given secrets, e-mail addresses and phone numbers, on one line, short.
 */
export function redactText(text: string, secrets: readonly string[]): string {
  const withoutSecrets = secrets.filter((secret) => secret.length >= 3).reduce((rest, secret) => rest.replaceAll(secret, '<secret>'), text);
  return withoutSecrets
    .slice(0, longestWords)
    .replace(/[^\s"'<>(),;:]+@[^\s"'<>(),;:]+/g, '<e-mail>')
    .replace(/\+?\d[\d ().-]{7,}\d/g, '<number>')
    .replace(/\bbearer\s+\S+|\beyJ[\w.-]+/gi, '<token>')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 200);
}

function membersOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(membersOf);
  return isRecord(value) ? Object.entries(value).flatMap(([name, member]) => (ownWords.has(name) ? [] : membersOf(member))) : [];
}

/** Leaves the text out wherever it is a word of its own. */
function without(words: string, text: string): string {
  const parts = words.split(text.replace(/[\s\p{Cc}]+/gu, ' '));
  return parts.reduce((whole, part) => {
    const isWord = !/[\p{L}\p{N}]$/u.test(whole) && !/^[\p{L}\p{N}]/u.test(part);
    return `${whole}${isWord ? '…' : text}${part}`;
  });
}
