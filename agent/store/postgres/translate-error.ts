import { DatabaseError } from 'pg';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import { type DatabasePlace, placeFacts, placeInWords } from './database-place.ts';

interface Failure {
  readonly code: ErrorCode;
  readonly words: string;
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const bySqlState: Readonly<Record<string, Failure>> = {
  '25006': { code: 'STORE_UNUSABLE', words: 'it is read-only: a standby, or the role may only read' },
  '28000': { code: 'STORE_REFUSED', words: 'the server does not let this role in from here (pg_hba.conf)' },
  '28P01': { code: 'STORE_REFUSED', words: 'the password is wrong' },
  '3D000': { code: 'STORE_REFUSED', words: 'there is no such database' },
  '3F000': { code: 'STORE_REFUSED', words: 'its schema is missing' },
  '40001': { code: 'STORE_LOCKED', words: 'another process changed the same rows' },
  '40P01': { code: 'STORE_LOCKED', words: 'another process waited for the same rows' },
  '42501': { code: 'STORE_REFUSED', words: 'the role lacks a right' },
  '42703': { code: 'STORE_UNUSABLE', words: 'a table of rollcall is not as rollcall made it' },
  '42P01': { code: 'STORE_UNUSABLE', words: 'a table of rollcall is missing' },
  '53100': { code: 'STORE_UNUSABLE', words: 'the disk of the database server is full' },
  '53200': { code: 'STORE_UNUSABLE', words: 'the database server is out of memory' },
  '53300': { code: 'STORE_UNREACHABLE', words: 'the server has no connection left (max_connections, or the limit of the role)' },
  '55P03': { code: 'STORE_LOCKED', words: 'another process holds what is needed' },
  '57014': { code: 'STORE_UNREACHABLE', words: 'a statement was cancelled: it took too long, or somebody ended it' },
  '58030': { code: 'STORE_UNUSABLE', words: 'the database server reported an input or output error' },
  '57P01': { code: 'STORE_UNREACHABLE', words: 'the server was stopped, or somebody ended the connection' },
  '57P02': { code: 'STORE_UNREACHABLE', words: 'the server crashed and starts again' },
  '57P03': { code: 'STORE_UNREACHABLE', words: 'the server is starting or stopping' },
  XX001: { code: 'STORE_UNUSABLE', words: 'the database server found damaged data' },
  XX002: { code: 'STORE_UNUSABLE', words: 'the database server found a damaged index' },
};

const byNetworkCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  ETIMEDOUT: 'there is no answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'the name server does not answer',
  ENOENT: 'there is no such socket',
  EACCES: 'this account may not use its socket',
};

const tlsCode = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;

/** The session is over, or nobody knows in what state it is. */
export function isSessionLost(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true;
  return error.severity === 'FATAL' || error.severity === 'PANIC' || /^(?:08|57P)/.test(error.code ?? '');
}

/** Gives whatever `pg` throws the store's own code and says which database it is about. What rows hold is not repeated. */
export function translatePostgresError(error: unknown, place: DatabasePlace): unknown {
  if (!(error instanceof Error) || error instanceof RollcallError) return error;
  const sqlState = error instanceof DatabaseError ? (error.code ?? null) : null;
  const failure = error instanceof DatabaseError ? failureOf(sqlState ?? '') : connectionFailure(error);
  if (failure === null) {
    return new RollcallError('INTERNAL', `PostgreSQL refused a statement of rollcall (${sqlState}): ${error.message}.`, {
      place: { ...placeFacts(place), sqlState },
    });
  }
  return new RollcallError(failure.code, `The store cannot be used: ${failure.words} (${placeInWords(place)}).`, {
    place: { ...placeFacts(place), ...(sqlState === null ? {} : { sqlState }) },
    cause: error,
  });
}

function failureOf(sqlState: string): Failure | null {
  if (sqlState.startsWith('08')) return { code: 'STORE_UNREACHABLE', words: 'the connection was lost' };
  return bySqlState[sqlState] ?? null;
}

function connectionFailure(error: Error): Failure {
  // Several addresses of one name: each has an error of its own.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : '';
  const network = byNetworkCode[code];
  if (network !== undefined) return { code: 'STORE_UNREACHABLE', words: network };
  if (tlsCode.test(code)) return { code: 'STORE_TLS', words: `its certificate does not stand the test (${code})` };
  if (/does not support SSL/.test(error.message)) return { code: 'STORE_TLS', words: 'the server does not offer TLS' };
  if (/password must be/.test(error.message))
    return { code: 'STORE_REFUSED', words: 'the server asks for a password and none is configured' };
  if (/timeout/i.test(error.message)) return { code: 'STORE_UNREACHABLE', words: 'it did not answer in time' };
  return { code: 'STORE_UNREACHABLE', words: 'the connection was lost' };
}
