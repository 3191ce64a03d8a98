import { RollcallError } from '../../../core/errors.ts';

/** The code of a socket's error, also of one that holds those of several addresses that were tried; `null` when it has none. */
export function codeOf(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null;
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof AggregateError ? codeOf(cause.errors[0]) : null;
}

/** Says in words why no connection could be made. */
export function describeConnectError(cause: unknown): string {
  // A look-up of ours says best itself what came of it.
  if (cause instanceof RollcallError) return cause.message;
  const code = codeOf(cause) ?? 'the connection was closed';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name does not resolve';
    case 'ECONNREFUSED':
      return 'nothing listens on the port';
    case 'ECONNRESET':
      return 'the connection was reset';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no route to it';
    case 'ETIMEDOUT':
      return 'it does not answer';
    default:
      return code;
  }
}
