import { describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../../../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../../../../agent/directory/active-directory/config.ts';
import { firstReadRequest } from '../../../../../core/collect/first-read.ts';
import type { Absence, AbsenceEvidence, Absentee } from '../../../../../core/model/absence.ts';
import type { DirectoryRead } from '../../../../../core/ports/directory-source.ts';
import { sampleConfig, useStandIns } from '../../../../contract/directory-source.subjects.ts';
import type { LdapEntry } from '../../../../sandbox/ldap/entry.ts';
import { plainEntry, sampleBase, sampleDirectory, sampleGuidText, userEntry } from '../../../../sandbox/ldap/sample-directory.ts';
import type { LdapStandIn, LdapStandInOptions } from '../../../../sandbox/ldap/server.ts';
import { deletedObjects, tombstoneOf } from '../../../../sandbox/ldap/tombstones.ts';

const staff = `OU=Staff,${sampleBase}`;
const former = `OU=Former Staff,${sampleBase}`;
/** The user who is looked for. */
const lost = userEntry(7);
/** Users who are there: three in the same OU. */
const others = [1, 2, 3].map((number) => userEntry(number));
const startStandIn = useStandIns();

function absentee(entry: LdapEntry = lost, number = 7, absence: Absence | null = null): Absentee {
  return { immutableId: sampleGuidText(number), dn: entry.dn, name: 'Somebody', absence };
}

interface World {
  readonly entries?: readonly LdapEntry[];
  readonly absentees?: readonly Absentee[];
  readonly config?: Partial<ActiveDirectoryConfig>;
  readonly options?: Partial<LdapStandInOptions>;
}

async function look(world: World): Promise<DirectoryRead & { readonly server: LdapStandIn }> {
  const server = await startStandIn([...others, deletedObjects(), ...(world.entries ?? [])], world.options ?? {});
  const source = createActiveDirectorySource(sampleConfig([server.url], world.config ?? {}));
  const handler = { onPage() {}, onRestart() {}, onAbsentees: () => Promise.resolve(world.absentees ?? [absentee()]) };
  return { ...(await source.read(handler, firstReadRequest)), server };
}

async function evidenceOf(world: World): Promise<AbsenceEvidence> {
  const { evidence } = await look(world);
  expect(evidence).toHaveLength(1);
  return evidence[0]!;
}

interface Meanwhile {
  readonly users?: readonly LdapEntry[];
  readonly entries?: readonly LdapEntry[];
  readonly supported?: readonly string[];
}

describe('looking for a user that a read did not bring', () => {
  it.each(['active-directory', 'generic'] as const)('C1 is whole though the record of one cannot be used (%s)', async (schema) => {
    const entryUUID = sampleGuidText(7);
    const identity = schema === 'generic' ? { objectGUID: [], entryUUID: [entryUUID] } : {};
    const spoilt = userEntry(7, { userAccountControl: 'no number', ...identity });

    const { proof, evidence } = await look({ entries: [spoilt], config: { schema, searchBases: [sampleBase] } });

    expect(proof).toMatchObject({ complete: true, gaps: [] });
    expect(evidence).toMatchObject([{ immutableId: entryUUID, found: 'unproven' }]);
  });

  it.each(['tombstone', 'deleted', 'recycled'] as const)('C10 finds that it was deleted (%s), by its objectGUID', async (kind) => {
    expect(await evidenceOf({ entries: [tombstoneOf(lost, kind)] })).toEqual({
      immutableId: sampleGuidText(7),
      found: 'deleted',
      why: `its tombstone is there (it was in ${staff}, last changed on 2026-11-01)`,
    });
  });

  it.each([
    ['moved out of the search base', { ...lost, dn: `CN=User 7,${former}` }, { searchBases: [staff] }, `in ${former} now, outside`],
    ['moved into an excluded OU', { ...lost, dn: `CN=User 7,${former}` }, { excludeOus: [former] }, `which excludeOus leaves out`],
    ['left out by the filter', lost, { filter: '(!(sAMAccountName=user7))' }, 'the filter or the groups of the scope leave it out'],
    ['made critical', userEntry(7, { isCriticalSystemObject: 'TRUE' }), {}, 'it is a critical system object now'],
    ['made a computer', userEntry(7, { userAccountControl: '4096', sAMAccountType: '805306369' }), {}, 'it is a computer, service'],
  ] as const)('C10 finds a user out of scope that was %s, and says so', async (_how, entry, config, words) => {
    const evidence = await evidenceOf({ entries: [entry], config });

    expect(evidence.found).toBe('out-of-scope');
    expect(evidence.why).toContain(words);
  });

  it('C10 believes "no such object" while its container, others in it and others at all are found', async () => {
    expect(await evidenceOf({})).toEqual({
      immutableId: sampleGuidText(7),
      found: 'not-found',
      why: 'the directory says that there is no such object, while others in its container are found; it has no tombstone, so it was moved to where the account cannot look, or deleted long ago',
    });
  });

  it('C10 says when the account could not have seen a tombstone', async () => {
    const blind = [deletedObjects('bare'), { ...tombstoneOf(lost), hidden: 'no-object' as const }];
    const { evidence, proof } = await lookWithout(blind);

    expect(proof.tombstones).toBe('hidden');
    expect(evidence[0]).toMatchObject({ found: 'not-found' });
    expect(evidence[0]?.why).toContain('whether it was deleted the account cannot see');
  });

  const elsewhere = userEntry(8, {}, former);
  const small = plainEntry(`OU=Small,${sampleBase}`, ['organizationalUnit']);
  it.each<readonly [string, World, string]>([
    ['it is hidden', { entries: [{ ...lost, hidden: 'no-entry' }] }, 'the directory hides it from the account'],
    ['the server refers to another domain', { entries: [{ ...lost, hidden: 'referral' }] }, 'refers to other.example.test'],
    [
      'its container is not there any more',
      { absentees: [absentee({ ...lost, dn: `CN=User 7,OU=Renamed,${staff}` })] },
      `its container OU=Renamed,${staff} is not there any more; it was renamed, moved or deleted, or may not be seen (${staff} is there)`,
    ],
    [
      'nobody else is in its container, as after a lost right on it',
      { entries: [small], absentees: [absentee({ ...lost, dn: `CN=User 7,${small.dn}` })] },
      `no other user directly in ${small.dn} can be read`,
    ],
    [
      'its container shows its bare name',
      { entries: [{ ...small, hidden: 'bare' }], absentees: [absentee({ ...lost, dn: `CN=User 7,${small.dn}` })] },
      `its container ${small.dn} cannot be read`,
    ],
    [
      'its container is refused',
      { entries: [{ ...small, hidden: 'referral' }], absentees: [absentee({ ...lost, dn: `CN=User 7,${small.dn}` })] },
      `its container ${small.dn} cannot be read: the server refers to other.example.test`,
    ],
    ['where it was is not known', { absentees: [absentee({ ...lost, dn: 'CN=User 7' })] }, 'where it was is not known'],
    ['its id is none', { absentees: [{ ...absentee(), immutableId: 'user-7)(objectClass=*' }] }, 'its id is none of this directory'],
    ['a tombstone seems to be there', { entries: [{ dn: tombstoneOf(lost).dn, attributes: lost.attributes }] }, 'isDeleted cannot be read'],
    ['it came into scope meanwhile', { entries: [elsewhere], absentees: [absentee(elsewhere, 8)] }, 'it is there and in scope'],
  ])('C10 concludes nothing when %s', async (_when, world, words) => {
    const evidence = await evidenceOf(world);

    expect(evidence.found).toBe('unproven');
    expect(evidence.why).toContain(words);
  });

  it('C10 concludes nothing when nobody can be found any more', async () => {
    const { server, evidence } = await lookWhile((entries) => {
      for (const [place, entry] of entries.entries()) if (others.includes(entry)) entries[place] = { ...entry, hidden: 'no-object' };
    });

    expect(evidence[0]).toMatchObject({ found: 'unproven' });
    expect(evidence[0]?.why).toContain('users that were read a moment ago are not found either');
    await server.idle();
  });

  it('C10 concludes nothing when only those of its own container are not found any more', async () => {
    const many = Array.from({ length: 12 }, (_, index) => userEntry(100 + index, {}, former));
    const siblings = [userEntry(300), userEntry(301)];
    const { evidence } = await lookWhile(
      (entries) => {
        for (const [place, entry] of entries.entries()) if (siblings.includes(entry)) entries[place] = { ...entry, hidden: 'no-object' };
      },
      { users: [...many, ...siblings] },
    );

    expect(evidence[0]?.found).toBe('unproven');
    expect(evidence[0]?.why).toContain(`others in ${staff} are not found either`);
  });

  it('C10 takes another canary for one that was deleted meanwhile', async () => {
    const { evidence } = await lookWhile((entries) => {
      const place = entries.findIndex((entry) => entry === others[0]);
      entries[place] = tombstoneOf(others[0]!);
    });

    expect(evidence[0]?.found).toBe('not-found');
  });

  it('C1 asks for nobody when the read itself is not proven', async () => {
    const { evidence, proof } = await look({ options: { faults: [{ at: 'search', does: 'no-control' }] } });

    expect(proof.complete).toBe(false);
    expect(evidence).toEqual([]);
  });

  it('C10 asks nothing more about users whose tombstone was seen before', async () => {
    const gone: Absence = { grade: 'gone', since: 1, fullReads: 3, checkedAt: 1, why: 'tombstone' };
    const { evidence, server } = await look({ absentees: [absentee(lost, 7, gone)] });

    expect(evidence[0]).toMatchObject({ found: 'unproven', why: 'its tombstone is not seen any more' });
    expect(server.received.some(({ search }) => search?.base.includes(sampleGuidText(7)) === true)).toBe(false);
  });

  it('searches a hundred ids at a time, and looks one by one at no more than 2,000', async () => {
    const known = (grade: Absence['grade'], since: number): Absence => ({ grade, since, fullReads: 3, checkedAt: since, why: grade });
    const many = Array.from({ length: 2_050 }, (_, index) =>
      absentee(lost, 1_000 + index, index === 2_049 ? known('missing', 2) : known('absent', 1)),
    );
    const { evidence, server } = await look({ absentees: many });

    const searches = server.received.filter(({ search }) => search?.filter.includes('(objectGUID=') === true);
    const single = server.received.filter(({ search }) => search?.base.startsWith('<GUID=') === true);
    const unproven = evidence.filter(({ found }) => found === 'unproven');
    expect(searches).toHaveLength(21);
    // All four users stand for the rest, one for the container.
    expect(single.length).toBe(2_000 + 4 + 1);
    expect(unproven).toHaveLength(50);
    expect(unproven[0]?.why).toContain('too many users are absent');
    // Who is missing already is looked at first: it would fall back otherwise.
    expect(evidence.at(-1)).toMatchObject({ immutableId: many.at(-1)?.immutableId, found: 'not-found' });
  });

  it.each([
    ['both', ['1.2.840.113556.1.4.417', '1.2.840.113556.1.4.2064'], 'deleted'],
    ['only deleted ones', ['1.2.840.113556.1.4.417'], 'deleted'],
    ['neither', [], 'not-found'],
  ] as const)('C10 shows deleted and recycled objects by the control that the server knows: %s', async (_which, supported, found) => {
    const { evidence, proof } = await lookWhile(() => {}, { entries: [tombstoneOf(lost)], supported });

    expect(evidence[0]?.found).toBe(found);
    expect(proof.tombstones).toBe(found === 'deleted' ? 'visible' : 'hidden');
  });

  async function lookWithout(entries: readonly LdapEntry[]): Promise<DirectoryRead> {
    const server = await startStandIn([...others, ...entries]);
    const source = createActiveDirectorySource(sampleConfig([server.url]));
    return await source.read({ onPage() {}, onRestart() {}, onAbsentees: () => Promise.resolve([absentee()]) }, firstReadRequest);
  }

  /** Changes the directory between the read of the users and the look. */
  async function lookWhile(
    change: (entries: LdapEntry[]) => void,
    { entries = [], users = others, supported }: Meanwhile = {},
  ): Promise<DirectoryRead & { readonly server: LdapStandIn }> {
    const served: LdapEntry[] = [];
    const server = await startStandIn([], { entries: served });
    const base = sampleDirectory([...users, deletedObjects(), ...entries]);
    served.push(
      ...base.map((entry) =>
        entry.dn === '' && supported !== undefined ? { dn: '', attributes: { ...entry.attributes, supportedControl: supported } } : entry,
      ),
    );
    const source = createActiveDirectorySource(sampleConfig([server.url]));
    const handler = {
      onPage() {},
      onRestart() {},
      onAbsentees() {
        change(served);
        return Promise.resolve([absentee()]);
      },
    };
    return { ...(await source.read(handler, firstReadRequest)), server };
  }
});

describe('deleted containers', () => {
  it('C1 are counted, those within deleted ones too, as far as they were below the bases', async () => {
    const sales = plainEntry(`OU=Sales,${staff}`, ['organizationalUnit']);
    const within = plainEntry(`OU=Inner,${sales.dn}`, ['organizationalUnit']);
    const elsewhere = plainEntry(`OU=Old,${former}`, ['organizationalUnit']);
    const deletedSales = tombstoneOf(sales);
    const { attributes, ...deletedWithin } = tombstoneOf(within);
    const entries = [
      deletedSales,
      { ...deletedWithin, attributes: { ...attributes, lastKnownParent: [deletedSales.dn] } },
      tombstoneOf(elsewhere),
    ];

    const whole = await look({ entries, absentees: [] });
    const part = await look({ entries, absentees: [], config: { searchBases: [staff] } });

    expect([whole.proof.containersDeleted, part.proof.containersDeleted]).toEqual([3, 2]);
  });
});
