import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSightings } from '../../../core/dedupe/merge-sightings.ts';
import type { DirectoryUser } from '../../../core/model/directory-user.ts';
import { organizationId } from '../../../core/model/ids.ts';
import type { ReadRecord, StoredSighting } from '../../../core/ports/store.ts';
import { accountFacts, directoryEntry, readRecord, storedSighting, testMoment, testOrganization } from '../../fixtures/build.ts';

const hour = 3_600_000;

function merge(sightings: readonly StoredSighting[], latestReads: readonly ReadRecord[] = sightings.map((sighting) => sighting.read)) {
  return mergeSightings({ organization: testOrganization, sightings, latestReads });
}

function only(users: readonly DirectoryUser[]): DirectoryUser {
  expect(users).toHaveLength(1);
  return users[0]!;
}

const headOffice = readRecord({ id: 1, collector: 'acme-hq', startedAt: testMoment });
const branch = readRecord({ id: 2, collector: 'acme-branch', startedAt: testMoment + hour });

describe('groups', () => {
  const staff = 'cn=staff,dc=corp,dc=example,dc=test';

  it('E10 are those of the sighting that wins, and known as far as its read knew them', () => {
    const older = storedSighting({ read: headOffice, entry: directoryEntry({ groups: ['cn=old,dc=corp'] }) });
    const read = readRecord({ ...branch, proof: { groups: [staff, 'cn=leads,dc=corp'] } });

    expect(only(merge([older, storedSighting({ read, entry: directoryEntry({ groups: [staff] }) })]))).toMatchObject({
      groups: [staff],
      groupsRead: [staff, 'cn=leads,dc=corp'],
    });
  });

  it('E10 of sightings from before there were rules are not known', () => {
    expect(only(merge([storedSighting({ read: headOffice })]))).toMatchObject({ groups: [], groupsRead: [] });
  });
});

describe('identity', () => {
  it('D1 takes a renamed and moved user for the same', () => {
    const before = directoryEntry({ dn: 'CN=Jane Doe,OU=A,DC=corp,DC=example,DC=test', person: { lastName: 'Doe' } });
    const after = directoryEntry({
      dn: 'CN=Jane Roe,OU=B,DC=corp,DC=example,DC=test',
      person: { lastName: 'Roe', email: 'roe@acme.test' },
    });

    const user = only(merge([storedSighting({ read: headOffice, entry: before }), storedSighting({ read: branch, entry: after })]));

    expect(user.person.lastName).toBe('Roe');
    expect(user.dn).toBe('CN=Jane Roe,OU=B,DC=corp,DC=example,DC=test');
  });

  it('D1 keeps two accounts apart that have the same DN, name and mail', () => {
    const users = merge([
      storedSighting({ read: headOffice, entry: directoryEntry({ immutableId: 'a' }) }),
      storedSighting({ read: headOffice, entry: directoryEntry({ immutableId: 'b' }) }),
    ]);

    expect(users.map((user) => user.immutableId)).toEqual(['a', 'b']);
  });

  it('D1 keeps the same immutable id of two families apart', () => {
    const other = readRecord({ id: 3, directory: 'lab', proof: { family: 'ad:lab.example.test' } });

    expect(merge([storedSighting({ read: headOffice }), storedSighting({ read: other })])).toHaveLength(2);
  });

  it('D4 leaves out sightings of another organization', () => {
    const elsewhere = readRecord({ id: 9, organization: organizationId('4712'), collector: 'other' });
    const sightings = [storedSighting({ read: headOffice }), storedSighting({ read: elsewhere })];

    expect(only(merge(sightings)).collectors).toEqual(['acme-hq']);
    expect(only(mergeSightings({ organization: organizationId('4712'), sightings, latestReads: [] })).collectors).toEqual(['other']);
  });

  it('knows the account that rollcall binds with, also when another collector tells', () => {
    const binding = readRecord({ id: 1, proof: { ownAccountId: 'SVC' } });
    const service = directoryEntry({ immutableId: 'svc' });
    const users = merge([storedSighting({ read: branch, entry: service }), storedSighting({ read: branch })], [binding, branch]);

    expect(users.map((user) => [user.immutableId, user.isOwnAccount])).toEqual([
      ['jane', false],
      ['svc', true],
    ]);
  });
});

describe('several collectors', () => {
  it('D2 makes one user of the sightings of several collectors, whoever saw it first', () => {
    const user = only(
      merge([
        storedSighting({ read: headOffice, firstSeenAt: testMoment }),
        storedSighting({ read: branch, firstSeenAt: testMoment - 9 * hour }),
      ]),
    );

    expect(user.collectors).toEqual(['acme-branch', 'acme-hq']);
    expect(user.firstCollector).toBe('acme-branch');
  });

  it('D2 names a collector once that sees the user in two directories', () => {
    const second = readRecord({ id: 5, directory: 'corp-again' });

    expect(only(merge([storedSighting({ read: headOffice }), storedSighting({ read: second })])).collectors).toEqual(['acme-hq']);
  });

  it('D3 lets the latest complete read win whole, blanks included', () => {
    const older = directoryEntry({ person: { title: 'Buyer', office: 'Head Office', lastName: 'Doe' } });
    const newer = directoryEntry({ person: { title: null, office: null, lastName: 'Roe' } });

    const user = only(merge([storedSighting({ read: headOffice, entry: older }), storedSighting({ read: branch, entry: newer })]));

    expect(user.person).toEqual(newer.person);
  });

  it('D3 goes by the time at which the read ended, not at which it began', () => {
    const slow = readRecord({ id: 1, startedAt: testMoment, finishedAt: testMoment + 5 * hour });
    const fast = readRecord({ id: 2, collector: 'acme-branch', startedAt: testMoment + hour, finishedAt: testMoment + 2 * hour });

    const user = only(
      merge([
        storedSighting({ read: slow, entry: directoryEntry({ person: { title: 'Slow' } }) }),
        storedSighting({ read: fast, entry: directoryEntry({ person: { title: 'Fast' } }) }),
      ]),
    );

    expect(user.person.title).toBe('Slow');
  });

  it('D3 prefers a complete read to a later one that is not', () => {
    const incomplete = readRecord({
      id: 2,
      collector: 'acme-branch',
      startedAt: testMoment + hour,
      outcome: 'incomplete',
      proof: { complete: false },
    });

    const user = only(
      merge([
        storedSighting({ read: headOffice, entry: directoryEntry({ person: { title: 'Complete' } }) }),
        storedSighting({ read: incomplete, entry: directoryEntry({ person: { title: 'Incomplete' } }) }),
      ]),
    );

    expect(user.person.title).toBe('Complete');
    expect(user.readComplete).toBe(true);
  });

  it.each([
    [testMoment, testMoment + hour, testMoment + hour],
    [testMoment + hour, testMoment, testMoment + hour],
    ['never', testMoment, testMoment],
    [null, testMoment, testMoment],
    [testMoment, null, testMoment],
    [testMoment, 'never', testMoment],
    [null, 'never', 'never'],
  ] as const)('D3 with last logon %s from the winner and %s from another gives %s', (winners, others, expected) => {
    const winner = directoryEntry({ account: { lastLogon: winners, disabled: true } });
    const other = directoryEntry({ account: { lastLogon: others, disabled: false } });

    const user = only(merge([storedSighting({ read: branch, entry: winner }), storedSighting({ read: headOffice, entry: other })]));

    expect(user.account).toEqual(accountFacts({ lastLogon: expected, disabled: true }));
  });

  it('C4 states the accuracy of the sighting that knows the last logon', () => {
    const winner = directoryEntry({ account: { lastLogon: testMoment, lastLogonAccuracy: 'exact' } });
    const later = directoryEntry({ account: { lastLogon: testMoment + hour, lastLogonAccuracy: 'within 14 days' } });
    const sightings = [storedSighting({ read: branch, entry: winner }), storedSighting({ read: headOffice, entry: later })];

    expect(only(merge(sightings)).account.lastLogonAccuracy).toBe('within 14 days');
    expect(only(merge(sightings.slice(0, 1))).account.lastLogonAccuracy).toBe('exact');
  });
});

describe('presence', () => {
  const first = readRecord({ id: 1, proof: { scopeKey: 'scope-1' } });
  const second = readRecord({ id: 2, startedAt: testMoment + hour, proof: { scopeKey: 'scope-1' } });
  const otherScope = readRecord({ id: 3, startedAt: testMoment + 2 * hour, proof: { scopeKey: 'scope-2' } });
  const seen = storedSighting({ read: first });

  it.each([
    ['present', 'the latest complete read brought it', [first]],
    ['absent', 'the latest complete read of the same scope did not bring it', [second]],
    ['out', 'the latest complete read has another scope', [otherScope]],
    ['out', 'its directory is read no more', []],
    ['absent', 'an older record comes last', [second, first]],
  ] as const)('C10 is %s when %s', (presence, _when, latestReads) => {
    expect(only(merge([seen], latestReads)).presence).toBe(presence);
  });

  it('C10 is present when one of two collectors still sees it', () => {
    const stillThere = storedSighting({ read: branch });

    expect(only(merge([seen, stillThere], [second, branch])).presence).toBe('present');
  });

  it('C10 asks the read that last brought it when no collector sees it any more', () => {
    const branchLater = readRecord({ id: 7, collector: 'acme-branch', startedAt: testMoment + 9 * hour });

    const users = merge([seen, storedSighting({ read: branch })], [otherScope, branchLater]);

    expect(only(users).presence).toBe('absent');
  });

  it('C1 tells when the read that brought it was not complete', () => {
    expect(only(merge([storedSighting({ read: readRecord({ proof: null }) })])).readComplete).toBe(false);
    expect(only(merge([storedSighting({ read: readRecord({ outcome: 'incomplete' }) })])).readComplete).toBe(false);
    expect(only(merge([storedSighting({ read: readRecord({ proof: { complete: false } }) })])).readComplete).toBe(false);
    expect(only(merge([seen])).readComplete).toBe(true);
  });
});

describe('order', () => {
  it('does not matter', () => {
    const reads = fc.constantFrom(
      ...[1, 2, 3, 4].map((id) =>
        readRecord({
          id,
          collector: `c${id % 3}`,
          directory: `d${id % 2}`,
          startedAt: testMoment + (id % 2) * hour,
          proof: { scopeKey: `s${id % 2}` },
        }),
      ),
    );
    const sighting = fc
      .record({
        read: reads,
        id: fc.constantFrom('a', 'b', 'c'),
        title: fc.constantFrom('x', 'y', null),
        logon: fc.constantFrom(null, 'never' as const, 1, 2),
        seen: fc.nat(2),
      })
      .map(({ read, id, title, logon, seen }) =>
        storedSighting({
          read,
          firstSeenAt: seen,
          entry: directoryEntry({ immutableId: id, person: { title }, account: { lastLogon: logon } }),
        }),
      );
    // The store keeps one sighting of a user per collector and directory.
    const sightings = fc.uniqueArray(sighting, { maxLength: 8, selector: (each) => `${each.userId} ${each.collector} ${each.directory}` });

    fc.assert(
      fc.property(sightings, fc.array(reads), fc.infiniteStream(fc.nat()), (list, latest, random) => {
        const shuffled = list
          .map((each) => ({ each, at: random.next().value as number }))
          .sort((left, right) => left.at - right.at)
          .map(({ each }) => each);

        expect(merge(shuffled, latest.toReversed())).toEqual(merge(list, latest));
      }),
    );
  });
});
