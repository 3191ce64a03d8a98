import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { fromStorable, toStorable } from '../../../agent/store/postgres/storable-text.ts';
import { isSessionLost, translatePostgresError } from '../../../agent/store/postgres/translate-error.ts';
import { RollcallError } from '../../../core/errors.ts';

const place = { host: 'db.example.test', port: 5432, user: 'rollcall', database: 'hub', tls: { caFile: null } };

function fromServer(code: string, severity = 'ERROR'): DatabaseError {
  return Object.assign(new DatabaseError('in the words of the server', 10, 'error'), { code, severity });
}

describe('errors of PostgreSQL', () => {
  it.each([
    ['53100', 'ERROR', 'STORE_UNUSABLE', 'disk'],
    ['53200', 'ERROR', 'STORE_UNUSABLE', 'memory'],
    ['58030', 'ERROR', 'STORE_UNUSABLE', 'input or output'],
    ['XX001', 'ERROR', 'STORE_UNUSABLE', 'damaged'],
    ['55P03', 'ERROR', 'STORE_LOCKED', 'holds'],
    ['40P01', 'ERROR', 'STORE_LOCKED', 'waited'],
    ['57P01', 'FATAL', 'STORE_UNREACHABLE', 'stopped'],
    ['57P02', 'FATAL', 'STORE_UNREACHABLE', 'crashed'],
    ['57P03', 'FATAL', 'STORE_UNREACHABLE', 'starting'],
    ['08006', 'FATAL', 'STORE_UNREACHABLE', 'lost'],
  ])('%s is told by code, place and words, and whether the session is lost', (sqlState, severity, code, words) => {
    const error = fromServer(sqlState, severity);
    const told = translatePostgresError(error, place);

    expect(told).toMatchObject({ code, place: { host: 'db.example.test', port: 5432, database: 'hub', sqlState } });
    expect((told as RollcallError).message).toContain(words);
    expect(isSessionLost(error)).toBe(severity === 'FATAL');
  });

  it.each([
    [{ code: 'ECONNRESET' }, '', 'STORE_UNREACHABLE'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, '', 'STORE_TLS'],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, '', 'STORE_TLS'],
    [{}, 'The server does not support SSL connections', 'STORE_TLS'],
    [{}, 'timeout expired', 'STORE_UNREACHABLE'],
    [{}, 'Query read timeout', 'STORE_UNREACHABLE'],
    [{}, 'Connection terminated unexpectedly', 'STORE_UNREACHABLE'],
  ])('of the connection (%j %s) are told, and the session is lost', (facts, message, code) => {
    const error = Object.assign(new Error(message), facts);

    expect(translatePostgresError(error, place)).toMatchObject({ code, place: { host: 'db.example.test' } });
    expect(isSessionLost(error)).toBe(true);
  });

  it('leaves what has a code already, and what is no error, as it is', () => {
    const known = new RollcallError('INTERNAL', 'known');

    expect([translatePostgresError(known, place), translatePostgresError('text', place)]).toEqual([known, 'text']);
  });
});

describe('text as PostgreSQL stores it', () => {
  it.each(['', 'plain é 😀', 'a\u0000b', '\u0001', '\u0001\u0001\u0000', '\ud800', 'x\udfffy', '\ud83d\ude00\ud83d'])(
    'brings back %j',
    (text) => {
      const stored = toStorable(text);

      expect(stored.isWellFormed() && !stored.includes('\u0000')).toBe(true);
      expect(fromStorable(stored)).toBe(text);
    },
  );
});
