import { describe, expect, it } from 'vitest';
import { readDatabaseAddress } from '../../../agent/config/database-address.ts';

const remote = { host: 'db.example.test', port: 5432, user: 'rollcall', database: 'hub' };
const local = { ...remote, host: '127.0.0.1' };

describe('the address of a database', () => {
  it.each([
    ['postgres://rollcall@db.example.test/hub', { ...remote, tls: { caFile: null } }],
    ['postgresql://rollcall@db.example.test:5433/hub?sslmode=verify-full', { ...remote, port: 5433, tls: { caFile: null } }],
    ['postgres://rollcall@db.example.test/hub?sslrootcert=/etc/ssl/db.pem', { ...remote, tls: { caFile: '/etc/ssl/db.pem' } }],
    ['postgres://rollcall@127.0.0.1/hub', { ...local, tls: null }],
    ['postgres://rollcall@localhost/hub?sslmode=disable', { ...local, host: 'localhost', tls: null }],
    ['postgres://rollcall@127.0.0.1/hub?sslrootcert=/etc/ssl/db.pem', { ...local, tls: { caFile: '/etc/ssl/db.pem' } }],
    ['postgres://roll%40call@[::1]/my%20hub', { ...local, host: '::1', user: 'roll@call', database: 'my hub', tls: null }],
    ['postgres://rollcall@localhost/hub?host=/run/postgresql', { ...local, host: '/run/postgresql', tls: null }],
  ])('%s is understood', (text, address) => {
    expect(readDatabaseAddress(text)).toEqual({ ok: true, value: address });
  });

  it.each([
    ['https://rollcall@db.example.test/hub', /postgres:\/\/ROLE/],
    ['db.example.test', /postgres:\/\/ROLE/],
    ['postgres://db.example.test/hub', /a role and a database/],
    ['postgres://rollcall@db.example.test', /a role and a database/],
    ['postgres://rollcall@db.example.test/hub/x', /a role and a database/],
    ['postgres://rollcall@db.example.test/hub#x', /a role and a database/],
    ['postgres://rollcall@localhost/hub?host=run', /a host/],
    ['postgres://rollcall@db.example.test/hub?host=/run/postgresql', /a host/],
    ['postgres://rollcall@db.example.test/hub?options=-c', /no other parameters/],
    ['postgres://rollcall@db.example.test/hub?sslmode=verify-full&sslmode=disable', /"sslmode" once/],
    ['postgres://rollcall@db.example.test/hub?sslrootcert=ca.pem', /absolute path/],
    ['postgres://rollcall@127.0.0.1/hub?sslmode=disable&sslrootcert=/ca.pem', /sslmode=verify-full with/],
  ])('%s is refused', (text, expected) => {
    expect(readDatabaseAddress(text)).toEqual({ ok: false, error: { isSecret: false, expected: expect.stringMatching(expected) } });
  });

  it.each(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'VERIFY-FULL', ''])('on another machine sslmode=%s is refused', (mode) => {
    const read = readDatabaseAddress(`postgres://rollcall@db.example.test/hub?sslmode=${mode}`);

    expect(read).toMatchObject({ ok: false, error: { expected: expect.stringMatching(/^sslmode=verify-full: /) } });
  });

  it('a password in it is told apart, and not repeated', () => {
    const read = readDatabaseAddress('postgres://rollcall:Pa55-canary@db.example.test/hub');

    expect(read).toMatchObject({ ok: false, error: { isSecret: true } });
    expect(JSON.stringify(read)).not.toContain('canary');
  });
});
