interface RawJson {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}

const rawJson = JSON as unknown as RawJson;

/** Parses JSON; an integer beyond 2^53 becomes a `bigint`, so that no id loses its last digits. Throws `SyntaxError`. */
export function parseJson(text: string): unknown {
  const reviver = (_key: string, value: unknown, context: { readonly source?: string }): unknown => {
    const exact = typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value);
    return exact || context.source === undefined || !/^-?\d+$/.test(context.source) ? value : BigInt(context.source);
  };
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** An id as a JSON number with all its digits; `null` stays `null`. */
export function idNumber(id: string | null): unknown {
  return id === null ? null : rawJson.rawJSON(id);
}

/** The text of an id that came as a JSON number or text; anything else is `null`. */
export function idText(value: unknown): string | null {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) {
    return String(value);
  }
  return typeof value === 'string' && /^\d+$/.test(value) ? value : null;
}

/** Makes a value ready for `JSON.stringify`: Maps and Sets become objects and arrays, big integers exact numbers. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return rawJson.rawJSON(String(value));
  }
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, member]) => [String(key), plain(member)]));
  }
  if (value instanceof Set) {
    return [...value].map(plain);
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
  }
  return value;
}

/** Renames every key of a JSON value, at any depth. */
export function mapKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) {
    return value.map((member) => mapKeys(member, rename));
  }
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [rename(key), mapKeys(member, rename)]));
  }
  return value;
}

/** True for a JSON object; false for `null`, arrays and exact numbers. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !rawJson.isRawJSON(value);
}
