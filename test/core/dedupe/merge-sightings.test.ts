import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSightings } from '../../../core/dedupe/merge-sightings.ts';
import type { Absence } from '../../../core/model/absence.ts';
import type { DirectoryUser } from '../../../core/model/directory-user.ts';
import { organizationId } from '../../../core/model/ids.ts';
import type { ReadProof } from '../../../core/ports/directory-source.ts';
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

  describe('with what looking for it has shown', () => {
    const day = 24 * hour;
    const absence = (grade: Absence['grade'], since: number, checkedAt = since): Absence => ({
      grade,
      since,
      fullReads: 2,
      checkedAt,
      why: `${grade} by a look`,
    });
    /** Seen at the first hour by head office, which later reads without it. */
    const missed = (known: Absence | null) => storedSighting({ read: first, absence: known });
    /** The branch reads at this hour; its full read was earlier. */
    const branchAt = (hours: number, proof: Partial<ReadProof> = {}) =>
      readRecord({ id: 10 + hours, collector: 'acme-branch', startedAt: testMoment + hours * hour, finishedAt: null, proof });

    it.each(['gone', 'missing', 'out', 'absent'] as const)(
      'C10 is %s when its only collector found so, and says since when and why',
      (grade) => {
        expect(only(merge([missed(absence(grade, testMoment + 7))], [second]))).toMatchObject({
          presence: grade,
          absence: { since: testMoment + 7, why: `${grade} by a look` },
        });
      },
    );

    it('C10 of a user who is present there is nothing to say', () => {
      expect(only(merge([seen], [first]))).toMatchObject({ presence: 'present', absence: null });
    });

    it.each([
      ['gone', 'of the scope', [otherScope]],
      ['missing', 'of the scope', [otherScope]],
      ['gone', 'of the directory', []],
    ] as const)('C10 stays %s after a change %s', (grade, _what, latestReads) => {
      expect(only(merge([missed(absence(grade, testMoment + day))], latestReads)).presence).toBe(grade);
    });

    it.each([
      [3, 4, 'gone'],
      [4, 3, 'present'],
      [4, 4, 'present'],
    ] as const)('C10 D2 read by another collector at hour %i, its tombstone seen at hour %i: %s', (read, tombstone, presence) => {
      const branchRead = branchAt(read);
      const gone = absence('gone', testMoment + hour, testMoment + tombstone * hour);

      expect(only(merge([missed(gone), storedSighting({ read: branchRead })], [second, branchRead])).presence).toBe(presence);
    });

    it.each([
      ['hidden', 'gone'],
      ['visible', 'present'],
    ] as const)(
      'C9 C10 a read of changes after the tombstone, of an account from whom deleted users are %s: %s',
      (tombstones, presence) => {
        const full = branchAt(2);
        const changes = branchAt(6, { kind: 'changes', tombstones });
        const sightings = [missed(absence('gone', testMoment + 4 * hour)), storedSighting({ read: changes })];

        const users = mergeSightings({
          organization: testOrganization,
          sightings,
          latestReads: [second, changes],
          latestFullReads: [second, full],
        });

        expect(only(users).presence).toBe(presence);
      },
    );

    it('C10 is present when another collector still sees it, whatever one has missed', () => {
      for (const grade of ['missing', 'out', 'absent'] as const) {
        const users = merge([missed(absence(grade, testMoment + 9 * day)), storedSighting({ read: branch })], [second, branch]);

        expect(only(users).presence).toBe('present');
      }
    });

    it.each([
      [3, 'absent'],
      [1, 'missing'],
    ] as const)('C10 missing since hour 2, another collector saw it last at hour %i: %s', (hours, presence) => {
      const read = branchAt(hours);
      const known = absence('missing', testMoment + 2 * hour, testMoment + 5 * day);

      expect(only(merge([missed(known), storedSighting({ read })], [second, branchAt(9)])).presence).toBe(presence);
    });

    it('C10 is out of scope, not missing or gone, when another collector has seen it alive there since', () => {
      const outThere = storedSighting({ read: branchAt(0), absence: absence('out', testMoment + 9 * hour) });

      for (const grade of ['gone', 'missing', 'absent'] as const) {
        expect(only(merge([missed(absence(grade, testMoment + 2 * hour)), outThere], [second, branchAt(9)])).presence).toBe('out');
      }
    });

    it.each([
      ['gone', 'missing'],
      ['gone', 'absent'],
      ['missing', 'absent'],
    ] as const)('C10 is %s when one collector says so and another %s', (stronger, weaker) => {
      const other = storedSighting({ read: branchAt(0), absence: absence(weaker, testMoment + 3 * hour) });

      expect(only(merge([missed(absence(stronger, testMoment + 2 * hour)), other], [second, branchAt(9)])).presence).toBe(stronger);
    });
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
        absence: fc.option(
          fc.record({
            grade: fc.constantFrom('absent' as const, 'missing' as const, 'gone' as const, 'out' as const),
            since: fc.constantFrom(testMoment, testMoment + hour),
            fullReads: fc.constant(2),
            checkedAt: fc.constantFrom(testMoment + hour, testMoment + 2 * hour),
            why: fc.constantFrom('a', 'b'),
          }),
          { nil: null },
        ),
      })
      .map(({ read, id, title, logon, seen, absence }) =>
        storedSighting({
          read,
          absence,
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
