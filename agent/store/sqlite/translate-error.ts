import { type ErrorCode, RollcallError } from '../../../core/errors.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html; the extended codes carry them in their low byte. */
const failures: Readonly<Record<number, { readonly code: ErrorCode; readonly words: string }>> = {
  3: { code: 'STORE_UNUSABLE', words: 'access was denied' },
  5: { code: 'STORE_LOCKED', words: 'another process keeps it busy' },
  8: { code: 'STORE_UNUSABLE', words: 'it is read-only for this account' },
  10: { code: 'STORE_UNUSABLE', words: 'the disk reported an input or output error' },
  11: { code: 'STORE_CORRUPT', words: 'its content is damaged' },
  13: { code: 'STORE_UNUSABLE', words: 'the disk is full' },
  14: { code: 'STORE_UNUSABLE', words: 'it cannot be opened' },
  22: { code: 'STORE_UNUSABLE', words: 'the file system cannot hold a file of that size' },
  23: { code: 'STORE_UNUSABLE', words: 'access was denied' },
  26: { code: 'STORE_UNUSABLE', words: 'the file is not a database' },
};

/**
 * Gives an error of SQLite or of the file system the store's own code and says which file it is about; any other error is
 * handed back as it is.
 */
export function translateSqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof RollcallError) {
    return error;
  }
  const result = sqliteResult(error);
  const failure = result === null ? fileFailure(error) : failures[result & 0xff];
  if (failure === undefined) {
    return error;
  }
  return new RollcallError(failure.code, `The store cannot be used: ${failure.words} (${path}).`, {
    place: { file: path, ...(result === null ? {} : { sqlite: result }) },
    cause: error,
  });
}

/** Whether SQLite says that the file is no database at all, or one under a foreign key (code 26, SQLITE_NOTADB). */
export function isNotADatabase(error: unknown): boolean {
  return error instanceof RollcallError && error.place.sqlite === 26;
}

function sqliteResult(error: Error): number | null {
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null;
}

function fileFailure(error: Error): { readonly code: ErrorCode; readonly words: string } | undefined {
  const code = 'code' in error ? error.code : null;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return { code: 'STORE_UNUSABLE', words: 'access was denied' };
    case 'EROFS':
      return { code: 'STORE_UNUSABLE', words: 'the file system is read-only' };
    case 'ENOSPC':
    case 'EDQUOT':
      return { code: 'STORE_UNUSABLE', words: 'the disk is full' };
    case 'ENOTDIR':
    case 'EEXIST':
      return { code: 'STORE_UNUSABLE', words: 'its directory is not a directory' };
    case 'EISDIR':
      return { code: 'STORE_UNUSABLE', words: 'it is a directory, not a file' };
    case 'EIO':
      return { code: 'STORE_UNUSABLE', words: 'the disk reported an input or output error' };
    default:
      return undefined;
  }
}
