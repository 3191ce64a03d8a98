import { afterEach, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import type { LdapEntry } from '../sandbox/ldap/entry.ts';
import { plainEntry, sampleBase, userEntry } from '../sandbox/ldap/sample-directory.ts';
import * as broken from '../sandbox/ldap-proxy/broken-connection.ts';
import * as answers from '../sandbox/ldap-proxy/false-answers.ts';
import * as entries from '../sandbox/ldap-proxy/false-entries.ts';
import type { FaultKind } from '../sandbox/ldap-proxy/fault-kind.ts';
import type { Place } from '../sandbox/ldap-proxy/place.ts';
import { type LdapProxy, startLdapProxy } from '../sandbox/ldap-proxy/proxy.ts';
import { failureOf, type ReadOutcome, readAll } from './directory-source.contract.ts';
import { sampleConfig, startSample, unprovenWords } from './directory-source.subjects.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

interface Harm {
  readonly place: Place;
  readonly nth?: number;
  readonly does: FaultKind;
}

/** Reads through a proxy that does this harm. */
async function readThrough(
  users: number | readonly LdapEntry[],
  { place, nth, does }: Harm,
  changes: Partial<ActiveDirectoryConfig> = {},
): Promise<{ readonly proxy: LdapProxy; readonly read: () => Promise<ReadOutcome> }> {
  const server = await startSample(users);
  const proxy = await startLdapProxy({ upstream: { host: '127.0.0.1', port: server.port } });
  open.push(proxy, server);
  proxy.set([{ place, kind: does, ...(nth === undefined ? {} : { nth }) }]);
  return { proxy, read: () => readAll(createActiveDirectorySource(sampleConfig([proxy.url], { pageSize: 10, ...changes }))) };
}

function reasonsOf({ proof }: ReadOutcome): readonly string[] {
  return proof.rejected.map(({ reason }) => reason);
}

describe('entries that no honest server sends', () => {
  it.each([
    ['D1 two identities', entries.secondGuid, 'objectGUID is in it more than once'],
    ['two addresses', entries.secondMail, 'mail is in it more than once'],
    ['C3 two account states', entries.secondControl, 'userAccountControl is in it more than once'],
  ])('reports entries with %s, and takes neither', async (_, does, reason) => {
    const { read } = await readThrough(5, { place: 'users', nth: 1, does });

    const outcome = await read();

    expect(new Set(reasonsOf(outcome))).toEqual(new Set([reason]));
    // Of the service account, which has no mail of its own, it is the only one.
    expect(outcome.entries.map(({ person }) => person.samAccountName).filter((name) => name !== 'svc-rollcall')).toEqual([]);
  });

  it.each([
    ['a value of 65 KiB', entries.oversizedValue, /title has 66560 bytes/],
    ['text that is no UTF-8', entries.noUtf8, /givenName is no UTF-8/],
    ['a DN that is no UTF-8', entries.noUtf8Dn, /its DN is no UTF-8/],
    ['a DN of 300 kB', entries.longDn, /its DN has 300\d+ bytes/],
    ['no DN', entries.noDn, /it has no DN/],
    ['an objectGUID of 15 bytes', entries.shortGuid, /not 16 bytes/],
    ['an objectGUID of 17 bytes', entries.longGuid, /not 16 bytes/],
    ['an objectGUID of no bytes', entries.emptyGuid, /not 16 bytes/],
    ['150,000 addresses', entries.manyAddresses, /proxyAddresses has more than 20000 values/],
  ])('reports the one entry with %s, and reads the others', async (_, does, reason) => {
    const { read } = await readThrough(25, { place: 'users', nth: 2, does }, { deadlines: {} });

    const outcome = await read();

    expect(reasonsOf(outcome)).toEqual([expect.stringMatching(reason)]);
    expect(outcome.entries).toHaveLength(25);
    expect(JSON.stringify(outcome.proof).length).toBeLessThan(10_000);
  });

  it('D1 gives one identity that many entries claim to the first, once', async () => {
    const { read } = await readThrough(25, { place: 'users', nth: 1, does: entries.sameGuid });

    const { entries: read1, proof } = await read();

    expect(new Set(read1.map((entry) => entry.immutableId)).size).toBe(read1.length);
    expect(proof.leftOut['sent more than once']).toBe(9);
  });

  it('keeps little of a page, however much a server sends', async () => {
    const { read } = await readThrough(
      25,
      { place: 'users', nth: 1, does: entries.bigEntries(10, 7 * 1024 * 1024) },
      { pageSize: 25, deadlines: {} },
    );

    expect((await failureOf(read())).code).toBe('DIRECTORY_PROTOCOL');
  });

  it('keeps little of a flood of references', async () => {
    const urls = Array.from({ length: 20_000 }, (_, index) => `ldap://c${index}.example.test/DC=c${index},DC=example,DC=test`);
    const { read } = await readThrough(5, { place: 'users', nth: 1, does: answers.references(urls) }, { deadlines: {} });

    const { proof } = await read();

    expect(proof).toMatchObject({ complete: true, users: 6 });
    expect(JSON.stringify(proof).length).toBeLessThan(20_000);
  });
});

describe('C1 values that the first answer kept back', () => {
  const many = userEntry(1, { proxyAddresses: Array.from({ length: 3200 }, (_, index) => `smtp:a${index}@example.test`) });

  it.each([
    ['never come', broken.stall],
    ['are cut off by a reset', broken.resetWithin],
    ['come as no LDAP', broken.garbage],
    ["come under another request's id", broken.wrongId],
    ['are followed by a notice of disconnection', broken.notice],
    ['drip without an end', broken.drip],
    ['are success without an entry', answers.nothing],
    ['come without the attribute', entries.onlyAttributes([])],
    ['belong to no object', broken.refuse({ code: 32 })],
    ['may not be read', broken.refuse({ code: 50 })],
    ['wait for a busy server', broken.refuse({ code: 51 })],
    ['are beyond a limit', answers.cutShort({ code: 11 })],
  ])('leave the read unproven when they %s', async (_, does) => {
    for (const nth of [1, 2]) {
      const { read, proxy } = await readThrough([many, userEntry(2)], { place: 'range', nth, does });

      const words = await unprovenWords(read(), [
        'DIRECTORY_INCOMPLETE',
        'DIRECTORY_TIMEOUT',
        'DIRECTORY_UNREACHABLE',
        'DIRECTORY_PROTOCOL',
      ]);

      expect(words).toMatch(/^incomplete: ./);
      expect(proxy.struck).toBe(1);
      await proxy.idle();
    }
  });

  it('are whole when they come byte by byte', async () => {
    const { read } = await readThrough([many, userEntry(2)], { place: 'range', nth: 1, does: broken.byteByByte }, { deadlines: {} });

    const { proof, byName } = await read();

    expect(proof.complete).toBe(true);
    expect(byName('user1').person.aliases).toHaveLength(3200);
  });
});

describe('searches besides that of the users', () => {
  it.each([
    ['is busy', 51, 'DIRECTORY_UNREACHABLE'],
    ['is not available', 52, 'DIRECTORY_UNREACHABLE'],
    ['has an error', 1, 'DIRECTORY_INCOMPLETE'],
    ['gives up', 3, 'DIRECTORY_TIMEOUT'],
    ['hits a limit', 11, 'DIRECTORY_INCOMPLETE'],
  ])('E3 fail when the server %s while it is asked for the own account, which would become a contact', async (_, code, expected) => {
    const { read } = await readThrough(5, { place: 'own-account', does: broken.refuse({ code }) });

    expect((await failureOf(read())).code).toBe(expected);
  });

  it.each([
    ['does not exist', 32],
    ['may not be read', 50],
    ['is of another domain', 10],
  ])('E3 go on without the own account when it %s', async (_, code) => {
    const { read } = await readThrough(5, { place: 'own-account', does: broken.refuse({ code }) });

    expect((await read()).proof).toMatchObject({ complete: true, ownAccountId: null });
  });

  it.each(['groups', 'containers', 'members'] as const)(
    'C1 end when the search for %s is answered with the same page for ever',
    async (place) => {
      const { read } = await readThrough(scoped, { place, does: answers.samePage }, { ...scope, deadlines: { readMs: 60_000 } });

      expect(await unprovenWords(read())).toMatch(/^incomplete: .*(?:nothing new|no end)/);
    },
  );
});

function groupDn(name: string): string {
  return `CN=${name},OU=Staff,${sampleBase}`;
}

function sid(number: number): Buffer {
  return Buffer.from([1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, number & 0xff, number >> 8, 0, 0]);
}

const team = plainEntry(groupDn('Team'), ['group'], { objectSid: sid(1201), member: [groupDn('Inner'), userEntry(1).dn] });
const inner = plainEntry(groupDn('Inner'), ['group'], { objectSid: sid(1202), memberOf: groupDn('Team'), member: [userEntry(2).dn] });
const scoped: readonly LdapEntry[] = [
  team,
  inner,
  userEntry(1, { memberOf: groupDn('Team') }),
  userEntry(2, { memberOf: groupDn('Inner') }),
  userEntry(3, { primaryGroupID: '1202' }),
  userEntry(4),
];
const scope: Partial<ActiveDirectoryConfig> = { includeGroups: [groupDn('Team')], watchedGroups: [groupDn('Team')] };

describe('C2 the members of groups', () => {
  const names = (outcome: ReadOutcome) => outcome.entries.map(({ person }) => person.samAccountName ?? '').toSorted();
  const nobody: Harm = { place: 'connect', nth: 99, does: broken.stall };

  it('are all there through circles, and once', async () => {
    const circle = { ...team, attributes: { ...team.attributes, memberOf: [groupDn('Inner')] } };
    const { read } = await readThrough([circle, ...scoped.slice(1)], nobody, scope);

    expect(names(await read())).toEqual(['user1', 'user2', 'user3']);
  });

  it('are all there when they are more than one answer holds', async () => {
    const many = Array.from({ length: 1600 }, (_, index) => userEntry(index + 10, { memberOf: groupDn('Team') }));
    const big = { ...team, attributes: { ...team.attributes, member: many.map(({ dn }) => dn) } };
    const { read } = await readThrough([big, ...many], nobody, { ...scope, pageSize: 1000, deadlines: {} });

    const { proof, entries: people } = await read();

    expect(proof).toMatchObject({ complete: true, users: 1600 });
    expect(people.every(({ groups }) => groups?.length === 1)).toBe(true);
  });

  const foreign = (number: number, memberOf: string) =>
    plainEntry(`CN=S-1-5-21-9-9-9-${number},CN=ForeignSecurityPrincipals,${sampleBase}`, ['foreignSecurityPrincipal'], {
      objectSid: sid(number),
      memberOf,
    });

  it('of another forest are reported, and their numbers select nobody here', async () => {
    const withForeign = [...scoped, foreign(513, groupDn('Team')), foreign(514, groupDn('Inner')), userEntry(5, { primaryGroupID: '513' })];
    const { read } = await readThrough(withForeign, nobody, scope);

    const outcome = await read();

    expect(names(outcome)).toEqual(['user1', 'user2', 'user3']);
    expect(outcome.proof.complete).toBe(true);
    expect(outcome.proof.leftOut).toMatchObject({
      [`members of ${groupDn('Team')} who belong to another domain: add it as a directory of its own`]: 2,
    });
  });

  it('E10 of another forest alone leave a group without members, whoever may see them', async () => {
    const lone = foreign(513, groupDn('Partners'));
    const partners = plainEntry(groupDn('Partners'), ['group'], { objectSid: sid(1300), member: [lone.dn] });
    for (const seen of [[lone], []]) {
      const { read } = await readThrough([partners, ...seen, userEntry(1)], nobody, { watchedGroups: [groupDn('Partners')] });

      expect((await read()).proof).toMatchObject({ complete: true, groups: [groupDn('Partners').toLowerCase()] });
    }
  });

  it('of a built-in group are found through the groups within it', async () => {
    const builtin = plainEntry(groupDn('Builtin Users'), ['group'], {
      objectSid: Buffer.from([1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 33, 2, 0, 0]),
    });
    const domainUsers = plainEntry(groupDn('Domain Users'), ['group'], { objectSid: sid(513), memberOf: groupDn('Builtin Users') });
    const { read } = await readThrough([builtin, domainUsers, userEntry(1, { primaryGroupID: '513' }), userEntry(2)], nobody, {
      includeGroups: [groupDn('Builtin Users')],
    });

    expect(names(await read())).toEqual(['user1']);
  });

  it.each([
    ['its class', ['objectClass'], 'DIRECTORY_RIGHTS'],
    ['its SID, by which its members by primary group are found', ['objectSid'], 'DIRECTORY_RIGHTS'],
  ])('C1 are not guessed when a group does not show %s', async (_, stripped, code) => {
    for (const changes of [{ includeGroups: [groupDn('Team')] }, { excludeGroups: [groupDn('Team')] }]) {
      const { read } = await readThrough(scoped, { place: 'entry', does: entries.withoutAttributes(stripped) }, changes);

      const error = await failureOf(read());

      expect(error.code).toBe(code);
      expect(error.message).toContain(groupDn('Team'));
    }
  });

  it('C1 are asked of groups only', async () => {
    const { read } = await readThrough(scoped, nobody, { includeGroups: [`OU=Staff,${sampleBase}`] });

    const error = await failureOf(read());

    expect(error.code).toBe('DIRECTORY_BASE_NOT_FOUND');
    expect(error.message).toMatch(/is no group/);
  });
});
