import { describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { LdapEntry } from '../sandbox/ldap/entry.ts';
import { plainEntry, sampleBase, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { failureOf, type ReadOutcome } from './directory-source.contract.ts';
import { readInTime, sampleConfig, unprovenWords, useStandIns } from './directory-source.subjects.ts';

const start = useStandIns();

function groupDn(name: string): string {
  return `CN=${name},OU=Staff,${sampleBase}`;
}

function key(name: string): string {
  return groupDn(name).toLowerCase();
}

/** A group of the domain with the given number at the end of its SID, within others, naming members. */
function group(
  name: string,
  number: number,
  more: { readonly within?: readonly string[]; readonly member?: readonly string[] } = {},
): LdapEntry {
  const sid = Buffer.from([1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, number & 0xff, number >> 8, 0, 0]);
  return plainEntry(groupDn(name), ['group'], {
    objectSid: sid,
    memberOf: (more.within ?? []).map(groupDn),
    member: more.member ?? [],
  });
}

function memberEntry(number: number, groups: readonly string[]): LdapEntry {
  return userEntry(number, { memberOf: groups.map(groupDn) });
}

function groupsOf({ byName }: ReadOutcome, name: string): readonly string[] {
  return byName(name).groups ?? [];
}

/** Outer and Inner are within each other; Leads is beside them. */
const nested = [
  group('Outer', 1201, { within: ['Inner'] }),
  group('Inner', 1202, { within: ['Outer'] }),
  group('Leads', 1203),
  memberEntry(1, ['Inner']),
  memberEntry(2, ['Outer', 'Leads']),
  memberEntry(3, []),
  userEntry(4, { primaryGroupID: '1202' }),
];

describe('groups that rules name, in an Active Directory', () => {
  it('E10 are told by every user: nested ones, circles and primary groups', async () => {
    const server = await start(nested);

    const outcome = await readInTime(server, { watchedGroups: [groupDn('Leads'), groupDn('Outer')] });

    expect(outcome.proof).toMatchObject({ complete: true, groups: [key('Leads'), key('Outer')] });
    expect(groupsOf(outcome, 'user1')).toEqual([key('Outer')]);
    expect(groupsOf(outcome, 'user2')).toEqual([key('Leads'), key('Outer')]);
    expect(outcome.byName('user3')).not.toHaveProperty('groups');
    expect(groupsOf(outcome, 'user4')).toEqual([key('Outer')]);
  });

  it('E10 whatever the spelling of their names, and named twice they are read once', async () => {
    const server = await start(nested);

    const outcome = await readInTime(server, {
      watchedGroups: [groupDn('Leads').toUpperCase(), ` ${groupDn('Leads').replace(',', ', ')}`],
    });

    expect(outcome.proof.groups).toEqual([key('Leads')]);
    expect(groupsOf(outcome, 'user2')).toEqual([key('Leads')]);
    expect(server.received.filter(({ search }) => search?.base.toLowerCase().includes('cn=leads') === true)).toHaveLength(1);
  });

  it('E10 have more members than one answer holds', async () => {
    const many = Array.from({ length: 2300 }, (_, index) => memberEntry(index + 1, index < 2100 ? ['Big'] : []));
    const member = many.slice(0, 2100).map((entry) => entry.dn);
    const server = await start([group('Big', 1300, { member }), ...many]);

    const { proof, entries } = await readInTime(server, { pageSize: 1000, watchedGroups: [groupDn('Big')], deadlines: {} });

    expect(proof.complete).toBe(true);
    expect(entries.filter((entry) => entry.groups?.includes(key('Big')) === true)).toHaveLength(2100);
  });

  it('E10 cost three requests each, and none when no rule names one', async () => {
    const server = await start(nested);
    const searches = () => server.received.filter(({ operation }) => operation === 'search').length;

    const none = await readInTime(server);
    const before = searches();
    await readInTime(server, { watchedGroups: [groupDn('Leads'), groupDn('Outer')] });

    expect(none.proof).not.toHaveProperty('groups');
    expect(searches() - before).toBe(before + 6);
  });

  it('C1 are no part of the scope', async () => {
    const server = await start(nested);

    const without = await readInTime(server);
    const withGroups = await readInTime(server, { watchedGroups: [groupDn('Leads')] });

    expect(withGroups.proof.scopeKey).toBe(without.proof.scopeKey);
  });

  it('E10 leave the groups of another domain to the directory that is it', async () => {
    const server = await start(nested);

    const { proof } = await readInTime(server, { watchedGroups: ['CN=Leads,DC=other,DC=example,DC=test'] });

    expect(proof).toMatchObject({ complete: true, groups: [] });
  });

  it('E10 are empty only when they name nobody of this domain', async () => {
    const elsewhere = group('Partners', 1400, { member: ['CN=Pat,OU=Staff,DC=other,DC=example,DC=test'] });
    const machines = group('Machines', 1401, { member: [`CN=PC1,CN=Computers,${sampleBase}`] });
    const pc = plainEntry(`CN=PC1,CN=Computers,${sampleBase}`, ['computer'], { memberOf: groupDn('Machines') });
    const server = await start([group('Empty', 1402), elsewhere, machines, pc, userEntry(1)]);

    const { proof, entries } = await readInTime(server, { watchedGroups: ['Empty', 'Partners', 'Machines'].map(groupDn) });

    expect(proof.complete).toBe(true);
    expect(entries.every((entry) => entry.groups === undefined)).toBe(true);
  });

  it.each([
    ['does not exist', [], /not exist|no such|NO_OBJECT/i, 'DIRECTORY_BASE_NOT_FOUND'],
    ['is no group', [plainEntry(groupDn('Board'), ['user'])], /no group but a user/, 'DIRECTORY_BASE_NOT_FOUND'],
    ['shows nothing of itself', [{ dn: groupDn('Board'), attributes: {} }], /cannot be read/, 'DIRECTORY_RIGHTS'],
    [
      'has members whose memberOf may not be read',
      [group('Board', 1500, { member: [userEntry(1).dn] }), userEntry(1)],
      /none of them can be seen/,
      'DIRECTORY_RIGHTS',
    ],
  ])('E10 a group that %s is a failure that says so, not one without members', async (_, entries, words, code) => {
    const server = await start([...entries]);

    const error = await failureOf(readInTime(server, { watchedGroups: [groupDn('Board')] }));

    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect(error.message).toContain(groupDn('Board'));
    expect(error.message).toContain('contacts.contactTypeRules');
  });

  it('E10 are looked at by a check too', async () => {
    const server = await start(nested);
    const source = (name: string) => createActiveDirectorySource(sampleConfig([server.url], { watchedGroups: [groupDn(name)] }));

    expect((await source('Leads').check()).server).toBe(server.url);
    expect((await failureOf(source('Leeds').check())).code).toBe('DIRECTORY_BASE_NOT_FOUND');
  });

  it('C1 prove nothing when a limit ends the reading of members', async () => {
    const server = await start(nested, {
      faults: [{ at: 'search', of: 'users', page: 1, times: 2, does: { result: { code: 4, message: '' }, entries: true } }],
    });

    expect(await unprovenWords(readInTime(server, { watchedGroups: [groupDn('Leads'), groupDn('Outer')] }))).toMatch(
      /^incomplete: .*members of CN=Leads/,
    );
  });
});
