import { inspect } from 'node:util';

const mask = '<redacted>';

/**
 * A value that must not be printed. Whatever prints it (string conversion, JSON, `console.log`, the inspector) shows
 * `<redacted>`; only `reveal` opens it.
 */
export class Redacted {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Takes the value out; used by `reveal` alone, so that one word finds every place that sees a secret. */
  static open(redacted: Redacted): string {
    return redacted.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [Symbol.toPrimitive](): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}

/** Opens a secret. Search for this name to find every place where one is in the open. */
export function reveal(secret: Redacted): string {
  return Redacted.open(secret);
}
