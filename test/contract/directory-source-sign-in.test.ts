import { describe, expect, it } from 'vitest';
import { bindRejection, strongAuthRequired } from '../sandbox/ldap/faults.ts';
import { sampleAccount } from '../sandbox/ldap/sample-directory.ts';
import { failureOf } from './directory-source.contract.ts';
import { readInTime, useStandIns } from './directory-source.subjects.ts';

const start = useStandIns();

describe('signing in', () => {
  const words: readonly (readonly [string, RegExp])[] = [
    ['525', /no such user/i],
    ['52e', /password/i],
    ['530', /hour|time/i],
    ['531', /machine|workstation|computer/i],
    ['532', /password.*expired/i],
    ['533', /disabled/i],
    ['701', /account.*expired/i],
    ['773', /must.*change|must be changed/i],
    ['775', /lock/i],
  ];

  it.each(words)('says in words what sub-code %s means', async (subCode, expected) => {
    const server = await start(1, { faults: [{ at: 'bind', does: bindRejection(subCode) }] });

    const error = await failureOf(readInTime(server));

    expect(error.code).toBe('DIRECTORY_BIND_REJECTED');
    expect(error.message).toMatch(expected);
    expect(error.message).not.toContain(sampleAccount.password);
  });

  it('refuses the sign-in on an unknown sub-code and on none', async () => {
    for (const message of ['80090308: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 99f, v4f7c', '']) {
      const server = await start(1, { faults: [{ at: 'bind', does: { code: 49, message } }] });

      expect((await failureOf(readInTime(server))).code).toBe('DIRECTORY_BIND_REJECTED');
    }
  });

  it('says that the server requires encryption', async () => {
    const byFault = await start(1, { faults: [{ at: 'bind', does: strongAuthRequired }] });
    const byPolicy = await start(1, { requiresEncryption: true });

    expect((await failureOf(readInTime(byFault))).code).toBe('DIRECTORY_SIGNING_REQUIRED');
    expect((await failureOf(readInTime(byPolicy))).code).toBe('DIRECTORY_SIGNING_REQUIRED');
  });

  it('P15 refuses an empty password before it connects', async () => {
    const server = await start(1);

    const error = await failureOf(readInTime(server, { password: '' }));

    expect(error.code).toBe('SECRET_EMPTY');
    expect(server.connections.accepted).toBe(0);
  });

  it('P15 does not take being signed in as nobody for "no users"', async () => {
    const server = await start(5, { faults: [{ at: 'bind', does: { code: 0 } }] });

    expect((await failureOf(readInTime(server))).code).toBe('DIRECTORY_BIND_REJECTED');
  });

  it.each([
    ['does not know "who am I"', { at: 'whoami', does: { code: 2, message: 'not supported' } }],
    ['is busy at the bind', { at: 'bind', does: { code: 51 }, times: 1 }],
  ] as const)('gives a sound outcome from a server that %s', async (_, fault) => {
    const server = await start(5, { faults: [fault] });

    const outcome = await readInTime(server).then(
      ({ proof }) => (proof.complete ? 'complete' : 'incomplete'),
      (error: { code?: string }) => error.code,
    );

    expect(['complete', 'DIRECTORY_UNREACHABLE']).toContain(outcome);
  });

  it('E3 knows the id of its own account', async () => {
    const server = await start(3);

    const { proof, byName } = await readInTime(server);

    expect(proof.ownAccountId).toBe(byName('svc-rollcall').immutableId);
  });

  it('says good-bye, uses one connection and binds once', async () => {
    const server = await start(25);

    await readInTime(server);

    expect(server.connections.accepted).toBe(1);
    expect(server.received.filter((request) => request.operation === 'bind')).toHaveLength(1);
    expect(server.received.at(-1)?.operation).toBe('unbind');
  });

  it('asks for no size limit, a time the server allows, and small pages', async () => {
    const server = await start(450);

    await readInTime(server, { pageSize: undefined as never, deadlines: {} });

    const searches = server.received.flatMap((request) => request.search ?? []);
    for (const search of searches) expect(search).toMatchObject({ sizeLimit: 0 });
    for (const { timeLimit } of searches) expect(timeLimit === 0 || (timeLimit > 10 && timeLimit <= 120)).toBe(true);
    expect(searches.filter((search) => search.kind === 'users').map((search) => search.pageSize)).toEqual([200, 200, 200]);
    for (const search of searches.filter(({ scope }) => scope === 'base')) expect(search.pageSize).toBeNull();
  });
});
