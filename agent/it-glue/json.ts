/** A JSON number with exactly these digits, however many (ids exceed 2^53). */
export type RawNumber = object;

interface JsonWithSource {
  parse(text: string, reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): RawNumber;
}

// TypeScript's library does not know these parts of JSON yet (ECMA-262 proposal "JSON.parse source text access", in V8 since 11.4).
const json = JSON as unknown as JsonWithSource;

/** Sixteen digits in a row may be a number above 2^53; a reviver is several times slower, so only those answers pay for it. */
const mayHoldBigNumbers = /\d{16}/u;

/** Parses JSON; integers that a double cannot hold come back as the text of their digits. Throws `SyntaxError`. */
export function parseJson(text: string): unknown {
  if (!mayHoldBigNumbers.test(text)) {
    return JSON.parse(text) as unknown;
  }
  return json.parse(text, (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/u.test(context.source ?? '') ? context.source : value,
  );
}

/** Parses JSON; `undefined` when it is none (an HTML page, a cut answer). */
export function tryParseJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** An id as IT Glue takes foreign keys: a JSON number with all its digits. Ids that are no digits go as text. */
export function idToJson(id: string): RawNumber | string {
  return /^[1-9]\d*$/u.test(id) ? json.rawJSON(id) : id;
}
