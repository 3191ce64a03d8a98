import { errorTable } from '../../core/error-table.ts';
import { type ErrorCode, RollcallError } from '../../core/errors.ts';
import type { ErrorDocument } from '../cli/documents.ts';

/** A failure as it came over from another thread or process. */
export function errorOf(error: Pick<ErrorDocument, 'code' | 'message' | 'place'>): RollcallError {
  const code: ErrorCode = Object.hasOwn(errorTable, error.code) ? (error.code as ErrorCode) : 'INTERNAL';
  return new RollcallError(code, error.message, { place: error.place });
}
