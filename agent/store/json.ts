import { RollcallError } from '../../core/errors.ts';

/** Text of a value for a JSON column; what JSON has no word for becomes `null`. */
export function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** Reads a JSON column. The shape is the one that this program wrote there; text that is no JSON is damage. */
export function fromJson(text: string, column: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RollcallError('STORE_CORRUPT', `The store's content is damaged: ${column} holds something that is not JSON.`, {
      place: { column },
      cause: error,
    });
  }
}

/** Like `fromJson`, for a column that may be empty. */
export function fromNullableJson(text: string | null, column: string): unknown {
  return text === null ? null : fromJson(text, column);
}
