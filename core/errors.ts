import type { Retry } from './error-kind.ts';
import { errorTable } from './error-table.ts';

export type ErrorCode = keyof typeof errorTable;

/** Extra facts of an error: where it happened (file and path, server, record), never a secret or personal data. */
export type ErrorPlace = Readonly<Record<string, string | number | boolean | null>>;

/** A failure that ends a command, a directory's read or one record. `message` says what happened and where. */
export class RollcallError extends Error {
  override readonly name = 'RollcallError';
  readonly code: ErrorCode;
  readonly place: ErrorPlace;

  constructor(code: ErrorCode, message: string, options: { readonly place?: ErrorPlace; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = options.place ?? {};
  }

  /** What the operator should do next. */
  get hint(): string {
    return errorTable[this.code].hint;
  }

  get retry(): Retry {
    return errorTable[this.code].retry;
  }
}
