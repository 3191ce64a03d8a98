import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createLdifSource } from '../../../../agent/directory/ldif/ldif-source.ts';
import { failureOf, keepPhone, readAll } from '../../../contract/directory-source.contract.ts';
import { toLdif } from '../../../contract/directory-source.subjects.ts';
import type { LdapEntry } from '../../../sandbox/ldap/entry.ts';
import { plainEntry, sampleBase, userEntry } from '../../../sandbox/ldap/sample-directory.ts';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-ldif-groups-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const outer = `CN=Outer,OU=Groups,${sampleBase}`;
const inner = `CN=Inner,OU=Groups,${sampleBase}`;

const entries = [
  plainEntry(outer, ['group'], { member: [inner, userEntry(1).dn] }),
  plainEntry(inner, ['group'], { member: [outer.toLowerCase(), userEntry(2).dn] }),
  userEntry(1),
  userEntry(2),
  userEntry(3),
  userEntry(4, { memberOf: inner }),
];

function read(watchedGroups: readonly string[], records: readonly LdapEntry[] | string = entries) {
  const file = join(folder, 'users.ldif');
  writeFileSync(file, typeof records === 'string' ? records : toLdif(records));
  const scope = { searchBases: [], filter: '', excludeOus: [], includeGroups: [], excludeGroups: [] };
  return readAll(createLdifSource({ name: 'export', file, ...scope, parsePhone: keepPhone, watchedGroups }));
}

describe('groups that rules name, in an export', () => {
  it('E10 are told by every user, nested ones and circles too', async () => {
    const { proof, byName } = await read([outer.toUpperCase()]);

    expect(proof).toMatchObject({ complete: true, users: 4, groups: [outer.toLowerCase()] });
    for (const name of ['user1', 'user2', 'user4']) expect(byName(name).groups).toEqual([outer.toLowerCase()]);
    expect(byName('user3')).not.toHaveProperty('groups');
  });

  it('C1 are no part of the scope, and narrow nothing', async () => {
    const without = await read([]);

    expect((await read([inner])).proof.scopeKey).toBe(without.proof.scopeKey);
    expect(without.proof).not.toHaveProperty('groups');
  });

  it('E10 of another domain are left to its directory', async () => {
    expect((await read(['CN=Outer,DC=other,DC=example,DC=test'])).proof).toMatchObject({ complete: true, groups: [] });
  });

  it('E10 that are not in the file are a failure', async () => {
    const error = await failureOf(read([`CN=Board,OU=Groups,${sampleBase}`]));

    expect(error.code).toBe('DIRECTORY_BASE_NOT_FOUND');
    expect(error.message).toContain('CN=Board');
    expect(error.message).toContain('contacts.contactTypeRules');
  });

  it('C1 prove nothing when the export left members of them out; those of other groups do not matter', async () => {
    const big = plainEntry(`CN=Big,OU=Groups,${sampleBase}`, ['group'], { member: [userEntry(1).dn] });
    const cut = toLdif([...entries, big]).replace(/^(dn: CN=Big[\s\S]*?\n)member:/m, '$1member;range=0-1499:');

    expect((await read([outer], cut)).proof.complete).toBe(true);
    expect((await read([`CN=Big,OU=Groups,${sampleBase}`], cut)).proof).toMatchObject({
      complete: false,
      gaps: [expect.stringContaining('CN=Big')],
    });
  });
});
