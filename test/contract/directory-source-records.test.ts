import { describe, expect, it } from 'vitest';
import { sampleBase, sampleGuidText, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { readInTime, unprovenWords, useStandIns } from './directory-source.subjects.ts';

const start = useStandIns();

describe('records that are wrong', () => {
  const utf8Guid = Buffer.from('0123456789abcdef', 'latin1');

  it('P8 reads a GUID whose bytes happen to be text', async () => {
    const server = await start([userEntry(1, { objectGUID: utf8Guid })]);

    const { byName } = await readInTime(server);

    expect(byName('user1').immutableId).toBe('33323130-3534-3736-3839-616263646566');
  });

  it.each([
    ['without objectGUID', { objectGUID: null }],
    ['with an objectGUID of 5 bytes', { objectGUID: Buffer.from([1, 2, 3, 4, 5]) }],
    ['with an objectGUID of 17 bytes', { objectGUID: Buffer.alloc(17, 9) }],
  ])('reports a user %s and reads the others', async (_, overrides) => {
    const server = await start([userEntry(1), userEntry(2, overrides), userEntry(3)]);

    const { proof, entries } = await readInTime(server);

    expect(entries.map((entry) => entry.person.samAccountName)).not.toContain('user2');
    expect(entries).toHaveLength(3);
    expect(proof.rejected).toHaveLength(1);
    expect(proof.rejected[0]?.dn).toContain('CN=User 2');
    expect(proof.rejected[0]?.reason).not.toBe('');
  });

  it('hands over a user once who comes twice', async () => {
    const server = await start([userEntry(1), userEntry(2), { ...userEntry(1), dn: `CN=Moved 1,OU=Former Staff,${sampleBase}` }]);

    const { entries, proof } = await readInTime(server);

    expect(entries.filter((entry) => entry.immutableId === sampleGuidText(1))).toHaveLength(1);
    expect(proof.users).toBe(entries.length);
  });

  it('survives names and DNs that are no UTF-8', async () => {
    const server = await start([userEntry(1, { sn: Buffer.from([0x53, 0xff, 0xfe, 0x28]) }), userEntry(2)], {
      faults: [{ at: 'search', does: 'bad-utf8-dn' }],
    });

    const { proof, entries } = await readInTime(server);

    expect(entries.length + proof.rejected.length).toBe(3);
    expect(proof.complete).toBe(true);
  });

  it('reads on after a value of half a megabyte', async () => {
    const server = await start([userEntry(1, { title: 'x'.repeat(500_000) }), userEntry(2)]);

    const { proof, entries } = await readInTime(server);

    expect(entries.length + proof.rejected.length).toBe(3);
    expect(entries.map((entry) => entry.person.samAccountName)).toContain('user2');
  });

  it('refuses a value of 20 MB without swallowing it', async () => {
    const server = await start([userEntry(1, { title: Buffer.alloc(20_000_000, 0x78) }), userEntry(2)]);

    const words = await unprovenWords(readInTime(server), ['DIRECTORY_PROTOCOL', 'DIRECTORY_INCOMPLETE']);

    expect(words).toMatch(/^incomplete: ./);
  });

  it.each([
    ['blanks', { title: '   ', telephoneNumber: ' ', mail: '' }],
    ['absent values', { title: null, telephoneNumber: null, mail: null }],
  ])('C7 takes %s for nothing', async (_, overrides) => {
    const server = await start([userEntry(1, { ...overrides, mobile: null, ipPhone: null, proxyAddresses: null })]);

    const { byName } = await readInTime(server);

    expect(byName('user1').person).toMatchObject({ title: null, phone: null, email: null });
  });

  it('C3 reports a user whose account control cannot be read, or says that the read is unproven', async () => {
    const server = await start([userEntry(1), userEntry(2, { userAccountControl: null })]);

    const { proof, entries } = await readInTime(server);

    expect(entries.map((entry) => entry.person.samAccountName)).not.toContain('user2');
    expect(proof.rejected).toHaveLength(1);
  });

  it('C3 does not take absurd timestamps for dates', async () => {
    const server = await start([
      userEntry(1, {
        accountExpires: '0',
        pwdLastSet: '0',
        lastLogon: '0',
        lastLogonTimestamp: null,
        'msDS-UserPasswordExpiryTimeComputed': '0',
      }),
      userEntry(2, { accountExpires: '9223372036854775807', 'msDS-UserPasswordExpiryTimeComputed': '9223372036854775807' }),
      userEntry(3, { accountExpires: 'soon', pwdLastSet: '-7', 'msDS-UserPasswordExpiryTimeComputed': '99999999999999999999999' }),
    ]);

    const { byName } = await readInTime(server);

    expect(byName('user1').account).toMatchObject({
      expires: 'never',
      mustChangePassword: true,
      passwordLastSet: null,
      passwordExpires: 'at next logon',
      lastLogon: 'never',
    });
    expect(byName('user2').account).toMatchObject({ expires: 'never', passwordExpires: 'never' });
    expect(byName('user3').account).toMatchObject({ expires: 'never', passwordLastSet: null });
    expect(byName('user3').account.passwordExpires).not.toBeTypeOf('number');
  });
});
