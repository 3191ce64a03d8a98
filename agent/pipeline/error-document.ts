import { RollcallError } from '../../core/errors.ts';
import type { ErrorDocument } from '../cli/documents.ts';

/** A failure as the documents name it. A fault of rollcall itself shows no inner text: it could hold anything. */
export function errorDocument(error: unknown): ErrorDocument {
  const known =
    error instanceof RollcallError
      ? error
      : new RollcallError('INTERNAL', 'Something unexpected happened inside rollcall.', { cause: error });
  return { code: known.code, message: known.message, hint: known.hint, place: known.place };
}
