import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import { accountStatus } from '../../core/active-directory/account-status.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import type { JsonObject } from '../../core/model/json.ts';
import { type ReadOutcome, readAll } from '../contract/directory-source.contract.ts';
import { sampleConfig } from '../contract/directory-source.subjects.ts';
import { startExchangeCounter } from '../fixtures/exchange-counter.ts';
import { partFor } from './real-parts.ts';
import { allowRights, deletedObjectsOf, deleteObject, denyRights, hideAttribute, moveObject } from './samba-changes.ts';
import { type SambaDc, type SambaForest, startSambaForest } from './samba-forest.ts';
import { longAgo, passwordsSetAt, record, sampleDomain, sampleGroups, sampleUnits, specialUsers, toFileTime } from './sample-domain.ts';

const part = partFor('reading what changed in Active Directory', 'samba');

/** What the reads of one source have come to, as the store keeps it. */
class Mirror {
  readonly users = new Map<string, DirectoryEntry>();
  checkpoint: JsonObject | null = null;
  readonly config: ActiveDirectoryConfig;

  constructor(config: ActiveDirectoryConfig) {
    this.config = config;
  }

  async read(request: { readonly full?: boolean; readonly recheck?: readonly string[] } = {}): Promise<ReadOutcome> {
    const { full = false, recheck = [] } = request;
    const outcome = await readAll(createActiveDirectorySource(this.config), { request: { checkpoint: this.checkpoint, full, recheck } });
    expect(outcome.proof.gaps).toEqual([]);
    if (outcome.proof.kind !== 'changes') this.users.clear();
    for (const entry of outcome.entries) this.users.set(entry.immutableId, entry);
    for (const { immutableId, found } of outcome.evidence) if (found !== 'unproven') this.users.delete(immutableId);
    this.checkpoint = outcome.checkpoint;
    return outcome;
  }

  /** All users as a full read sees them now. */
  async truth(): Promise<readonly DirectoryEntry[]> {
    return sorted((await readAll(createActiveDirectorySource(this.config), { request: { full: true } })).entries);
  }

  get known(): readonly DirectoryEntry[] {
    return sorted([...this.users.values()]);
  }

  named(samAccountName: string): DirectoryEntry | undefined {
    return this.known.find(({ person }) => person.samAccountName === samAccountName);
  }
}

function sorted(entries: readonly DirectoryEntry[]): readonly DirectoryEntry[] {
  return entries.toSorted((a, b) => (a.immutableId < b.immutableId ? -1 : 1));
}

function user(name: string, attributes: Readonly<Record<string, string>>): string {
  const plain = { objectClass: 'user', sAMAccountName: name, userAccountControl: '512' };
  return record(`CN=${name},${sampleUnits.staff}`, { ...plain, ...attributes });
}

function replaced(dn: string, attribute: string, value: string): { readonly ldif: string } {
  return { ldif: record(dn, { changetype: 'modify', replace: attribute, [attribute]: value }) };
}

describe.skipIf(part.isMissing)(part.title, () => {
  let forest: SambaForest;
  let first: SambaDc;
  let second: SambaDc;

  beforeAll(async () => {
    forest = await startSambaForest({ steps: sampleDomain(40) });
    [first, second] = forest.dcs as [SambaDc, SambaDc];
    for (const dc of [first, second]) await allowRights(dc, deletedObjectsOf(dc.baseDn), 'svc-rollcall', 'RPLC');
  }, 60_000);
  afterAll(async () => {
    await forest?.stop();
  });

  function config(changes: Partial<ActiveDirectoryConfig> = {}, servers: readonly string[] = [first.url]): ActiveDirectoryConfig {
    return sampleConfig(servers, { bindDn: forest.bindDn, password: forest.password, delta: true, deadlines: {}, ...changes });
  }

  async function mirrored(changes: Partial<ActiveDirectoryConfig> = {}, servers?: readonly string[]): Promise<Mirror> {
    const mirror = new Mirror(config(changes, servers));
    const { proof } = await mirror.read();
    expect([proof.kind, proof.fullBecause]).toEqual(['full', 'there is nothing yet to go on from']);
    return mirror;
  }

  it('C9 takes one exchange after the sign-in when nothing changed', async () => {
    await using relay = await startExchangeCounter({ host: first.address, port: 389 });
    const mirror = await mirrored({}, [`ldap://127.0.0.1:${relay.port}`]);
    relay.reset();

    const { proof, entries } = await mirror.read();

    expect([proof.kind, entries.length]).toEqual(['changes', 0]);
    // The sign-in, the question, and the good-bye that nobody answers.
    expect(relay.exchanges).toBe(3);
  });

  it('C9 brings what was written, blanks included, and a renamed or moved user as the same one (D1)', async () => {
    const mirror = await mirrored();
    const id = mirror.named('person1')?.immutableId ?? '';
    const dn = `CN=Person 1,${sampleUnits.staff}`;
    await first.change(replaced(dn, 'title', 'Director'));
    await first.change({ ldif: record(`CN=Person 2,${sampleUnits.staff}`, { changetype: 'modify', delete: 'title' }) });

    expect((await mirror.read()).entries).toHaveLength(2);
    expect([mirror.named('person1')?.person.title, mirror.named('person2')?.person.title]).toEqual(['Director', null]);

    await moveObject(first, dn, `CN=Person One,${sampleUnits.former}`);
    const moved = await mirror.read();

    expect(moved.entries.map(({ immutableId, dn: at }) => [immutableId, at])).toEqual([[id, `CN=Person One,${sampleUnits.former}`]]);
    expect(mirror.known).toEqual(await mirror.truth());
  });

  it('C9 does not see what concerns nobody: other attributes, computers, groups that no setting names', async () => {
    const mirror = await mirrored();
    await first.change(replaced(specialUsers.seller, 'description', 'of no concern'));
    await first.change({ ldif: record(sampleGroups.empty, { changetype: 'modify', add: 'member', member: specialUsers.seller }) });
    await first.change({ ldif: record(`OU=Fresh,${sampleUnits.staff}`, { objectClass: 'organizationalUnit' }) });

    const { proof, entries } = await mirror.read();

    expect([proof.kind, entries]).toEqual(['changes', []]);
  });

  it('C10 tells a deleted user from its tombstone, where it may be seen', async () => {
    await first.change({
      ldif: record(`CN=Tom Brief,${sampleUnits.staff}`, { objectClass: 'user', sAMAccountName: 'tom', userAccountControl: '512' }),
    });
    const mirror = await mirrored();
    const id = mirror.named('tom')?.immutableId;
    await deleteObject(first, `CN=Tom Brief,${sampleUnits.staff}`);

    const { proof, evidence } = await mirror.read();

    expect(proof.kind).toBe('changes');
    expect(evidence).toEqual([{ immutableId: id, found: 'deleted', why: `it was deleted from ${sampleUnits.staff}` }]);
  });

  it('C10 concludes nothing from a deletion that may not be seen', async () => {
    await first.change({
      ldif: record(`CN=Tim Brief,${sampleUnits.staff}`, { objectClass: 'user', sAMAccountName: 'tim', userAccountControl: '512' }),
    });
    const mirror = await mirrored();
    const allowAgain = await denyRights(first, deletedObjectsOf(first.baseDn), 'svc-rollcall', 'LCRP');
    try {
      await deleteObject(first, `CN=Tim Brief,${sampleUnits.staff}`);
      const { proof, evidence } = await mirror.read();
      expect([proof.kind, evidence]).toEqual(['changes', []]);
    } finally {
      await allowAgain();
    }
  });

  it.each([
    [
      'an organizational unit is renamed',
      () => moveObject(first, sampleUnits.sales, `OU=Selling,${sampleUnits.staff}`),
      'renamed or moved',
      {},
    ],
    ['the unit is renamed back', () => moveObject(first, `OU=Selling,${sampleUnits.staff}`, sampleUnits.sales), 'renamed or moved', {}],
    ["the domain's policy changes", () => first.change(replaced(first.baseDn, 'lockoutThreshold', '7')), 'password policy', {}],
    [
      'the members of a group that decides who is read change',
      () => first.change({ ldif: record(sampleGroups.innerTeam, { changetype: 'modify', add: 'member', member: specialUsers.accented }) }),
      'members of a group',
      { includeGroups: [sampleGroups.allStaff] },
    ],
    [
      'the members of a group that a rule names change',
      () =>
        first.change({ ldif: record(sampleGroups.innerTeam, { changetype: 'modify', delete: 'member', member: specialUsers.accented }) }),
      'members of a group',
      { watchedGroups: [sampleGroups.allStaff] },
    ],
    [
      'any group changes that the filter may mean',
      () => first.change({ ldif: record(sampleGroups.policy, { changetype: 'modify', add: 'member', member: specialUsers.accented }) }),
      'members of a group',
      { filter: `(memberOf=${sampleGroups.policy})` },
    ],
  ] as const)('C9 reads everything when %s', async (_words, change, reason, changes) => {
    const mirror = await mirrored(changes);
    await change();

    const { proof } = await mirror.read();

    expect([proof.kind, proof.fullBecause]).toEqual(['full', expect.stringContaining(reason)]);
    expect(mirror.known).toEqual(await mirror.truth());
    expect((await mirror.read()).proof.kind).toBe('changes');
  });

  it.each([
    ['another filter', { filter: '(department=Sales)' }, 'who is read has been changed'],
    ['another account', { bindDn: `CN=svc-rollcall,OU=Services,DC=corp,DC=example,DC=test` }, 'who is read has been changed'],
    ['a rule with another group', { watchedGroups: [sampleGroups.policy] }, 'name a group'],
    ['another country of phone numbers', { phoneCountry: 'CH' }, 'made another way'],
    ['a filter that time or others decide', { filter: '(lastLogon>=1)' }, 'who is read has been changed'],
  ])('C9 reads everything with %s', async (_words, changes, reason) => {
    const mirror = await mirrored();
    const changed = new Mirror(config(changes));
    changed.checkpoint = mirror.checkpoint;

    expect((await changed.read()).proof.fullBecause).toContain(reason);
  });

  it('C9 never asks for changes of a filter that asks for what only one controller knows', async () => {
    const mirror = await mirrored({ filter: '(!(lastLogon=1))' });

    expect((await mirror.read()).proof.fullBecause).toBe('the filter asks for lastlogon, which changes without a change of the user');
  });

  it('C9 follows the filter of the operator: in when it begins to hold, out of scope when it ends', async () => {
    const mirror = await mirrored({ filter: '(extensionName=yes)' });
    expect(mirror.known).toEqual([]);
    await first.change(replaced(specialUsers.accented, 'extensionName', 'yes'));
    await mirror.read();
    expect(mirror.known.map(({ person }) => person.samAccountName)).toEqual(['accented']);
    await first.change(replaced(specialUsers.accented, 'extensionName', 'no'));

    const { proof, evidence } = await mirror.read();

    expect(proof.kind).toBe('changes');
    expect(evidence).toMatchObject([{ found: 'out-of-scope', why: expect.stringContaining('leave it out') }]);
    expect(mirror.known).toEqual([]);
  });

  it('C9 goes on at another controller with the marks of DirSync, and misses nothing', async () => {
    await forest.replicate();
    const mirror = await mirrored();
    await second.change(replaced(specialUsers.cjk, 'title', 'Second'));
    const other = new Mirror(config({}, [second.url]));
    for (const [id, entry] of mirror.users) other.users.set(id, entry);
    other.checkpoint = mirror.checkpoint;

    const { proof } = await other.read();

    expect(proof.kind).toBe('changes');
    expect(other.named('cjk')?.person.title).toBe('Second');
    expect((await other.read()).entries).toEqual([]);
    await forest.replicate();
  });

  it('C9 takes nothing for new because another controller tells it again from the beginning', async () => {
    const mirror = await mirrored();
    const cookies = { people: '', structure: '' };
    mirror.checkpoint = { ...mirror.checkpoint, cookies, dsServiceName: `CN=NTDS Settings,CN=ELSEWHERE,${first.baseDn}` };

    // Which of all that it tells comes first is the controller's choice.
    expect((await mirror.read()).proof.fullBecause).toMatch(/renamed or moved|password policy has changed/);
  });

  it('C9 reads everything when the marks are refused or are none', async () => {
    const mirror = await mirrored();
    const cookies = { people: Buffer.from('no mark at all').toString('base64'), structure: Buffer.from('nor this').toString('base64') };
    mirror.checkpoint = { ...mirror.checkpoint, cookies };

    const { proof } = await mirror.read();

    expect([proof.kind, proof.fullBecause]).toEqual(['full', expect.stringContaining('DirSync')]);
    mirror.checkpoint = { version: 99 };
    expect((await mirror.read()).proof.kind).toBe('full');
  });

  it.each([
    ['another life of its database', { invocationId: '00000000-0000-0000-0000-000000000001' }, 'was restored'],
    ['an earlier state', { highestUsn: '9'.repeat(18) }, 'gone back to an earlier state'],
  ])('C9 reads everything from a controller that comes back with %s', async (_words, seen, reason) => {
    for (const changes of [{}, { searchBases: [sampleUnits.staff] }]) {
      const mirror = await mirrored(changes);
      mirror.checkpoint = { ...mirror.checkpoint, ...seen };

      expect((await mirror.read()).proof.fullBecause).toContain(reason);
    }
  });

  it.each([
    ['C9 more than a month ago, whoever starts the reads', -33],
    ['C9 at a time that is yet to come, by the clock', 1],
  ])('reads everything when that was done last %s', async (_words, days) => {
    const mirror = await mirrored();
    mirror.checkpoint = { ...mirror.checkpoint, fullAt: Date.now() + days * 86_400_000 };

    expect((await mirror.read()).proof.fullBecause).toContain('everything was read last');
  });

  it('C3 C9 reads everything once a day where fine-grained policies may not be read, else when one changes', async () => {
    const policy = `CN=Short,CN=Password Settings Container,CN=System,${first.baseDn}`;
    const aDayAgo = { fullAt: Date.now() - 25 * 3_600_000 };
    const mirror = await mirrored();
    expect(mirror.checkpoint).toMatchObject({ policies: 'hidden' });
    mirror.checkpoint = { ...mirror.checkpoint, ...aDayAgo };
    expect((await mirror.read()).proof.fullBecause).toContain('once a day');

    const undo = await allowRights(first, policy, 'svc-rollcall', 'RPLC');
    try {
      await mirror.read({ full: true });
      expect(mirror.checkpoint).toMatchObject({ policies: 'visible' });
      mirror.checkpoint = { ...mirror.checkpoint, ...aDayAgo };
      expect((await mirror.read()).proof.kind).toBe('changes');
      const before = mirror.named('fine-grained')?.account.passwordExpires;
      await first.change(replaced(policy, 'msDS-MaximumPasswordAge', String(-90 * 86_400 * 10_000_000)));

      expect((await mirror.read()).proof.fullBecause).toBe('a fine-grained password policy has changed');
      expect(mirror.named('fine-grained')?.account.passwordExpires).toBe(Number(before) + 30 * 86_400_000);
      const member = { changetype: 'modify', add: 'member', member: specialUsers.aliases };
      await first.change({ ldif: record(sampleGroups.policy, member) });
      expect((await mirror.read()).proof.fullBecause).toContain('members of a group');
      expect(mirror.known).toEqual(await mirror.truth());
      const nested = `CN=within-policy,${sampleGroups.policy.slice(sampleGroups.policy.indexOf(',') + 1)}`;
      await first.change({ ldif: record(nested, { objectClass: 'group', sAMAccountName: 'within-policy' }) });
      await first.change({ ldif: record(sampleGroups.policy, { changetype: 'modify', add: 'member', member: nested }) });
      await mirror.read();
      await first.change({ ldif: record(nested, { changetype: 'modify', add: 'member', member: specialUsers.cjk }) });
      expect((await mirror.read()).proof.fullBecause).toContain('members of a group');
      expect(mirror.known).toEqual(await mirror.truth());
    } finally {
      await undo();
    }
  });

  it('C3 C6 lets no password of a smart card expire, and an account expire when its time comes, without a write', async () => {
    const soon = Date.now() + 3_600_000;
    const hour = Math.trunc(soon / 1000) * 1000;
    const mirror = await mirrored();
    await first.change({
      ldif: [
        user('card', { userAccountControl: String(0x200 | 0x40000), pwdLastSet: toFileTime(longAgo) }),
        user('temp', { accountExpires: toFileTime(hour), pwdLastSet: toFileTime(passwordsSetAt) }),
      ].join('\n'),
    });

    expect((await mirror.read()).entries).toHaveLength(2);
    const [card, temp] = [mirror.named('card')?.account, mirror.named('temp')?.account];
    expect(card && [accountStatus(card, Date.now()), card.passwordExpires, card.passwordExpired]).toEqual(['Enabled', 'never', false]);
    expect(temp?.expires).toBe(hour);
    expect(temp && [hour - 1, hour].map((now) => accountStatus(temp, now))).toEqual(['Enabled', 'Expired']);
  });

  it('C3 sees an account lock, and again open when its time is over, without a write', async () => {
    const mirror = await mirrored();
    const seconds = String(-5 * 10_000_000);
    await first.change(replaced(first.baseDn, 'lockoutDuration', seconds));
    await first.change(replaced(first.baseDn, 'lockOutObservationWindow', seconds));
    await mirror.read();
    const locked = mirror.named('person9')?.immutableId ?? '';
    await first.change(replaced(`CN=Person 9,${sampleUnits.staff}`, 'lockoutTime', toFileTime(Date.now())));

    expect((await mirror.read()).proof.kind).toBe('changes');
    expect(mirror.named('person9')?.account.locked).toBe(true);
    expect((await mirror.read()).entries).toEqual([]);
    await expect
      .poll(async () => (await mirror.read({ recheck: [locked] })).entries.map(({ account }) => account.locked), { timeout: 10_000 })
      .toEqual([false]);
  });

  describe('below the root of the domain, by the numbers of one controller', () => {
    const searchBases = [sampleUnits.staff];

    it('C9 brings nothing when nothing changed, and what was written', async () => {
      const mirror = await mirrored({ searchBases });
      expect(mirror.checkpoint).toMatchObject({ cookies: null });
      expect((await mirror.read()).proof).toMatchObject({ kind: 'changes', users: 0 });
      await first.change(replaced(`CN=Person 5,${sampleUnits.staff}`, 'title', 'By number'));

      const { proof, entries } = await mirror.read();

      expect([proof.kind, entries.map(({ person }) => person.title)]).toEqual(['changes', ['By number']]);
    });

    it('C9 never goes by numbers that may not be read: nothing would ever seem to change', async () => {
      const undo = await hideAttribute(first, sampleUnits.staff, 'svc-rollcall', 'bf967a6f-0de6-11d0-a285-00aa003049e2');
      try {
        const mirror = await mirrored({ searchBases });
        await first.change(replaced(`CN=Person 6,${sampleUnits.staff}`, 'title', 'Behind numbers'));

        expect((await mirror.read()).proof.fullBecause).toContain('uSNChanged');
        expect(mirror.named('person6')?.person.title).toBe('Behind numbers');
      } finally {
        await undo();
      }
    });

    it('C10 tells who left the bases, who came into them and who was deleted', async () => {
      await first.change({
        ldif: record(`CN=Una Brief,${sampleUnits.staff}`, { objectClass: 'user', sAMAccountName: 'una', userAccountControl: '512' }),
      });
      const mirror = await mirrored({ searchBases });
      const una = mirror.named('una')?.immutableId;
      const seven = mirror.named('person7')?.immutableId;
      await moveObject(first, `CN=Person 7,${sampleUnits.staff}`, `CN=Person 7,${sampleUnits.former}`);
      await moveObject(first, specialUsers.leaver, `CN=Lee Leaver,${sampleUnits.staff}`);
      await deleteObject(first, `CN=Una Brief,${sampleUnits.staff}`);

      const { proof, evidence } = await mirror.read();

      expect(proof.kind).toBe('changes');
      expect(new Map(evidence.map(({ immutableId, found }) => [immutableId, found]))).toEqual(
        new Map([
          [una, 'deleted'],
          [seven, 'out-of-scope'],
        ]),
      );
      expect(mirror.known).toEqual(await mirror.truth());
      await moveObject(first, `CN=Lee Leaver,${sampleUnits.staff}`, specialUsers.leaver);
    });

    it('C9 reads everything at another controller, and goes back to its own when it can', async () => {
      await forest.replicate();
      const mirror = await mirrored({ searchBases }, [second.url]);
      const both = new Mirror(config({ searchBases }, [first.url, second.url]));
      both.checkpoint = mirror.checkpoint;

      expect((await both.read()).proof).toMatchObject({ kind: 'changes', server: second.url });

      const other = new Mirror(config({ searchBases }, [first.url]));
      other.checkpoint = mirror.checkpoint;
      expect((await other.read()).proof.fullBecause).toContain('another domain controller');
    });
  });

  it('C9 comes to what a full read comes to, whatever is done to the directory', async () => {
    const people = Array.from({ length: 6 }, (_, index) => `q${index}`);
    const units = [sampleUnits.staff, sampleUnits.sales, sampleUnits.former];
    const at = new Map<string, string | null>(people.map((name) => [name, null]));
    const mirrors = [
      await mirrored(),
      await mirrored({ searchBases: [sampleUnits.staff] }),
      await mirrored({ filter: '(!(title=Hidden))', excludeOus: [sampleUnits.sales] }),
    ];
    const operation = fc.record({
      who: fc.constantFrom(...people),
      what: fc.constantFrom<'title' | 'hide' | 'disable' | 'move' | 'delete' | 'mail'>(
        'title',
        'hide',
        'disable',
        'move',
        'delete',
        'mail',
      ),
      unit: fc.constantFrom(...units),
      word: fc.stringMatching(/^[A-Z][a-z]{1,8}$/),
    });
    const operations = fc.sample(operation, { numRuns: 45, seed: 4 });
    for (const [index, { who, what, unit, word }] of operations.entries()) {
      const parent = at.get(who) ?? null;
      const dn = `CN=${who},${parent}`;
      if (parent === null) {
        await first.change({ ldif: record(`CN=${who},${unit}`, { objectClass: 'user', sAMAccountName: who, userAccountControl: '512' }) });
        at.set(who, unit);
      } else if (what === 'title') await first.change(replaced(dn, 'title', word));
      else if (what === 'hide') await first.change(replaced(dn, 'title', 'Hidden'));
      else if (what === 'disable') await first.change(replaced(dn, 'userAccountControl', '514'));
      else if (what === 'mail') await first.change(replaced(dn, 'mail', `${word}@example.test`));
      else if (what === 'move' && parent !== unit) {
        await moveObject(first, dn, `CN=${who},${unit}`);
        at.set(who, unit);
      } else if (what === 'delete') {
        await deleteObject(first, dn);
        at.set(who, null);
      }
      if (index % 5 !== 4) continue;
      for (const mirror of mirrors) {
        const { proof } = await mirror.read();
        expect(proof.kind).toBe('changes');
        expect(mirror.known).toEqual(await mirror.truth());
      }
    }
  }, 60_000);
});
