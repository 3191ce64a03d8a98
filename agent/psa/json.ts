type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** Parses JSON; whole numbers beyond 2^53 (ids of 64 bits) stay text. Not JSON is `undefined`. */
export function parseJson(text: string): unknown {
  try {
    return parse(text, (_key, value, context) =>
      typeof value === 'number' && !Number.isSafeInteger(value) && context.source !== undefined && /^-?\d+$/.test(context.source)
        ? context.source
        : value,
    );
  } catch {
    return undefined;
  }
}

/** An id as JSON carries it: a number, whatever its length. */
export type WireId = number | { readonly rawJSON: string };

const rawJson = (JSON as unknown as { readonly rawJSON: (text: string) => Exclude<WireId, number> }).rawJSON;

/** The id, which is digits, as the number that it is; one beyond 2^53 would else become another record's. */
export function wireId(id: string): WireId {
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : rawJson(id);
}

/** Whether the value is an object with members, not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A date-time of the API as milliseconds since 1970. Without an offset it is taken as UTC, the way the servers write it; what is
 * no date is `null`.
 */
export function parseMoment(text: string | null): number | null {
  if (text === null) return null;
  const hasOffset = /(z|[+-]\d{2}:?\d{2})$/i.test(text.trim());
  const moment = Date.parse(hasOffset ? text.trim() : `${text.trim()}Z`);
  return Number.isNaN(moment) ? null : moment;
}
