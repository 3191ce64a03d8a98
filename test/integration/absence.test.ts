import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matchUsers } from '../../core/match/match-users.ts';
import { contactId } from '../../core/model/ids.ts';
import { contact, contactEmail, userState } from '../fixtures/build.ts';
import { type AbsenceWorld, absenceSteps, moveInto, openAbsenceWorld, seeingAccount } from './absence-world.ts';
import { partFor } from './real-parts.ts';
import { type SambaAd, startSambaAd } from './samba-ad.ts';
import { allowRights, deletedObjectsOf, deleteObject, denyRights, moveObject, restoreObject } from './samba-changes.ts';
import { sambaBase } from './samba-directory.ts';
import { startSambaForest } from './samba-forest.ts';

const part = partFor('absent users of a real Active Directory', 'samba');
const ordinaryAccount = 'svc-rollcall';
const day = 24;

describe.skipIf(part.isMissing)(part.title, () => {
  let server: SambaAd;
  let number = 0;

  beforeAll(async () => {
    server = await startSambaAd({ steps: absenceSteps });
    await allowRights(server, deletedObjectsOf(sambaBase), seeingAccount, 'RPLC');
  });
  afterAll(async () => {
    await server?.stop();
  });

  function open(account: string, people: readonly string[]): Promise<AbsenceWorld> {
    number += 1;
    return openAbsenceWorld(server, { name: `Absence ${number}`, account, people });
  }

  it('C10 a deleted user is gone for the account that sees deleted objects, at the next read', async () => {
    await using world = await open(seeingAccount, ['jane', 'john']);
    await world.read();
    await deleteObject(server, world.dn('jane'));

    const document = await world.read();

    expect(document).toMatchObject({ outcome: 'complete', absent: { absent: 0, missing: 0, gone: 1, out: 0 } });
    expect(await world.presences()).toEqual({ jane: 'gone', john: 'present' });
    expect((await world.user('jane')).absence?.why).toContain(`its tombstone is there (it was in ${world.ou}`);
    await world.read(10 * day);
    expect(await world.presences()).toEqual({ jane: 'gone', john: 'present' });
  });

  it('C10 without that right it is missing after a day and two full reads, and gone once the right is given', async () => {
    await using world = await open(ordinaryAccount, ['jane', 'john']);
    await world.read();
    await deleteObject(server, world.dn('jane'));

    const seen: string[] = [];
    for (const hours of [1, 23, 1, day]) {
      await world.read(hours);
      seen.push((await world.user('jane')).presence);
    }
    expect(seen).toEqual(['absent', 'absent', 'missing', 'missing']);
    expect((await world.user('jane')).absence?.why).toContain('whether it was deleted the account cannot see');

    const undo = await allowRights(server, deletedObjectsOf(sambaBase), ordinaryAccount, 'RPLC');
    try {
      await world.read();
      expect(await world.presences()).toEqual({ jane: 'gone', john: 'present' });
    } finally {
      await undo();
    }
    // The right is lost again: what was seen stays known.
    await world.read(2 * day);
    expect(await world.presences()).toEqual({ jane: 'gone', john: 'present' });
  });

  it('C10 the last user of an OU is never missing: a lost right would look the same', async () => {
    await using world = await open(ordinaryAccount, ['Sales/jane', 'john']);
    await world.read();
    await deleteObject(server, world.dn('Sales/jane'));

    for (const hours of [1, 2 * day]) await world.read(hours);

    expect(await world.presences()).toEqual({ jane: 'absent', john: 'present' });
    expect((await world.user('jane')).absence?.why).toContain(`no other user directly in ${world.dn('Sales/')} can be read`);
  });

  it.each([seeingAccount, ordinaryAccount])('C10 the right on an OU taken from %s makes nobody missing or gone', async (account) => {
    await using world = await open(account, ['Sales/jane', 'Sales/jim', 'john', 'joan']);
    await world.read();
    const undo = await denyRights(server, world.dn('Sales/'), account, 'LC');

    for (const hours of [1, 2 * day]) {
      expect((await world.read(hours)).outcome).toBe('complete');
      expect(await world.presences()).toEqual({ jane: 'absent', jim: 'absent', joan: 'present', john: 'present' });
    }
    await undo();
    await world.read();
    expect(new Set(Object.values(await world.presences()))).toEqual(new Set(['present']));
  });

  it('C1 C10 an OU that hides with all in it leaves a read unproven once, and then nobody in it is missing', async () => {
    await using world = await open(ordinaryAccount, ['Sales/Inner/jane', 'john']);
    await world.read();
    for (const hidden of ['Sales/', 'Sales/Inner/']) await denyRights(server, world.dn(hidden), ordinaryAccount, 'LC');

    expect(await world.read()).toMatchObject({ outcome: 'incomplete', gaps: [expect.stringContaining('only 2 of 3')] });
    for (const hours of [1, 2 * day]) expect((await world.read(hours)).outcome).toBe('complete');

    expect(await world.presences()).toEqual({ jane: 'absent', john: 'present' });
    expect((await world.user('jane')).absence?.why).toContain(`its container ${world.dn('Sales/Inner/')} is not there any more`);
  });

  it.each([
    [seeingAccount, ['complete']],
    [ordinaryAccount, ['incomplete', 'complete']],
  ])(
    'C1 a deleted OU is accounted for when its tombstone is seen, and leaves a read unproven once when not: %s',
    async (account, outcomes) => {
      await using world = await open(account, ['Sales/jane', 'john']);
      await world.read();
      for (const place of ['Sales/jane', 'Sales/']) await deleteObject(server, world.dn(place));

      for (const outcome of outcomes) expect((await world.read()).outcome).toBe(outcome);
      expect(await world.presences()).toEqual({ jane: account === seeingAccount ? 'gone' : 'absent', john: 'present' });
    },
  );

  it('C10 D1 a user who is restored comes back as the same one', async () => {
    await using world = await open(seeingAccount, ['jane', 'john']);
    await world.read();
    const { id } = await world.user('jane');
    const guid = await deleteObject(server, world.dn('jane'));
    await world.read();
    expect((await world.user('jane')).presence).toBe('gone');
    await restoreObject(server, guid, world.dn('jane'));

    await world.read();

    expect(await world.user('jane')).toMatchObject({ id, presence: 'present', absence: null });
    expect(Object.keys(await world.presences())).toHaveLength(2);
  });

  it('M4 M9 a newcomer with the address of a deleted user does not get its contact', async () => {
    const mail = { mail: 'sales@acme.test' };
    await using world = await open(seeingAccount, ['john']);
    await world.addUser('jane', mail);
    await world.read();
    const leaver = await world.user('jane');
    await deleteObject(server, world.dn('jane'));
    await world.addUser('nora', mail);
    await world.read();

    const users = [await world.user('jane'), await world.user('nora')];
    const contacts = [contact({ id: contactId('1'), emails: [contactEmail('sales@acme.test')] })];
    const states = [userState({ userId: leaver.id, state: 'matched', contactId: contactId('1'), rule: 'M1' })];
    const { outcomes } = matchUsers({ users, contacts, states, lost: new Map(), matchByName: 'auto' });

    expect(users.map(({ presence }) => presence)).toEqual(['gone', 'present']);
    const of = (user: (typeof users)[number] | undefined) => outcomes.find(({ userId }) => userId === user?.id);
    expect(of(users[0])).toMatchObject({ state: 'matched', contactId: '1' });
    expect(of(users[1])).toMatchObject({ state: 'unmatched', rule: 'M4', contested: true });
    expect(of(users[1])?.reason).toMatch(/was deleted.*M9/);
  });

  it.each([seeingAccount, ordinaryAccount])('C10 a user who is moved is out of scope for %s, and comes back', async (account) => {
    await using world = await open(account, ['jane', 'john', 'Former/']);
    const scope = { excludeOus: [world.dn('Former/')] };
    await world.read(1, scope);
    const excluded = await moveInto(server, world.dn('jane'), world.dn('Former/'));
    await world.read(1, scope);
    expect(await world.user('jane')).toMatchObject({ presence: 'out', absence: { why: expect.stringContaining('excludeOus') } });

    const outside = await moveInto(server, excluded, `OU=Services,${sambaBase}`);
    await world.read(2 * day, scope);
    expect(await world.user('jane')).toMatchObject({
      presence: 'out',
      absence: { why: expect.stringContaining('outside the search bases') },
    });

    await moveInto(server, outside, world.ou);
    await world.read(1, scope);
    expect(await world.presences()).toEqual({ jane: 'present', john: 'present' });
  });

  it('C10 a user whom the filter leaves out is out of scope, also when deleted users cannot be seen', async () => {
    await using world = await open(ordinaryAccount, ['jane', 'john']);
    const scope = { filter: '(!(description=left))' };
    await world.read(1, scope);
    await server.addUsers(`dn: ${world.dn('jane')}\nchangetype: modify\nadd: description\ndescription: left\n`);
    await world.read(2 * day, scope);

    expect(await world.user('jane')).toMatchObject({ presence: 'out', absence: { why: expect.stringContaining('the filter') } });
  });

  it('D1 a renamed OU keeps everybody', async () => {
    await using world = await open(ordinaryAccount, ['Sales/jane', 'Sales/jim']);
    await world.read();
    const before = await world.user('jane');
    await moveObject(server, world.dn('Sales/'), world.dn('Selling/'));

    expect(await world.read()).toMatchObject({ outcome: 'complete', absent: { absent: 0, missing: 0, gone: 0, out: 0 } });
    expect(await world.user('jane')).toMatchObject({ id: before.id, presence: 'present', dn: world.dn('Selling/jane') });
  });
});

describe.skipIf(part.isMissing)(`${part.title}, with the Recycle Bin`, () => {
  it('C10 a deleted user is gone for who may see it, and missing after a day for who may not', async () => {
    await using forest = await startSambaForest({ dcs: 1, recycleBin: true, steps: absenceSteps });
    const [server] = forest.dcs;
    if (server === undefined) throw new Error('no controller');
    await allowRights(server, deletedObjectsOf(sambaBase), seeingAccount, 'RPLC');
    const people = ['jane', 'john'];
    await using seeing = await openAbsenceWorld(server, { name: 'Seeing', account: seeingAccount, people });
    await using blind = await openAbsenceWorld(server, { name: 'Blind', account: ordinaryAccount, people });
    for (const world of [seeing, blind]) {
      await world.read();
      await deleteObject(server, world.dn('jane'));
      await world.read();
    }

    expect(await seeing.presences()).toEqual({ jane: 'gone', john: 'present' });
    expect(await blind.presences()).toEqual({ jane: 'absent', john: 'present' });
    await blind.read(day);
    expect(await blind.presences()).toEqual({ jane: 'missing', john: 'present' });
  });
});
