import { describe, expect, it } from 'vitest';
import { contactId } from '../../core/model/ids.ts';
import type { Plan } from '../../core/model/plan.ts';
import { changeMark } from '../../core/plan/plan-hash.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ReconcileInput } from '../../core/reconcile-input.ts';
import { applyPurely } from '../fixtures/apply-purely.ts';
import { organizationSettings, organizationState, phone, testMoment, userState } from '../fixtures/build.ts';
import {
  appliedMatch,
  changesOf,
  guardOf,
  idsOf,
  nameAt,
  namedContact,
  namedUser,
  overlayAsset,
  planOf,
  psaSnapshot,
  reconcileInput,
  testHash,
} from '../fixtures/build-plan.ts';

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, position) => nameAt(position));
const creating = organizationSettings({ contacts: { create: 'auto', overlay: 'none' } });

/** `disabled` of ten users became disabled since the last plan that was applied. */
function leavers(disabled: number, partial: Partial<ReconcileInput> = {}): ReconcileInput {
  return reconcileInput({
    users: names(10).map((name, position) => namedUser(name, { account: { disabled: position < disabled } })),
    userStates: names(10).map((name) => userState({ userId: namedUser(name).id, appliedStatus: 'Enabled' })),
    ...partial,
  });
}

describe('holding a plan', () => {
  it('A3 a plan at its limit is let through, one beyond it is held as a whole and says why with names', () => {
    expect(planOf({ settings: creating, users: names(20).map((name) => namedUser(name)) }).held).toBeNull();
    const plan = planOf({ settings: creating, users: names(21).map((name) => namedUser(name)) });
    expect(plan.held).toEqual({ reason: 'create', hash: plan.hash });
    expect(guardOf(plan, 'create').names).toContain('A Doe');
  });

  it('A3 the share is one of the users in scope: absent ones do not raise the limit', () => {
    const present = names(21).map((name) => namedUser(name));
    const absent = Array.from({ length: 300 }, (_, position) => namedUser(`gone${nameAt(position)}`, { presence: 'absent' }));
    expect(guardOf(planOf({ settings: creating, users: [...present, ...absent] }), 'create')).toMatchObject({ limit: 20, exceeded: true });
  });

  it('A3 several reasons are named together', () => {
    const input = leavers(4, { settings: creating });
    const users = [
      ...input.users,
      ...names(40)
        .slice(10)
        .map((name) => namedUser(name)),
    ];
    expect(reconcile({ ...input, users }).plan.held?.reason).toBe('create, deactivate');
  });

  it('A3 a standing approval lets a plan through that is beyond its guards alone, and says so', () => {
    const standing = { kinds: ['create'] as const, most: 30 };
    const settings = organizationSettings({ contacts: { create: 'auto' }, limits: { ...creating.limits, standingApproval: standing } });
    const beyond = { settings, users: names(30).map((name) => namedUser(name)) };

    const plan = planOf(beyond);
    expect(plan.held).toBeNull();
    expect(plan.letThrough).toEqual({ rule: 'limits.standingApproval', kinds: ['create'], contacts: 30, most: 30 });
    expect(plan.guards.find(({ kind }) => kind === 'create')?.exceeded).toBe(true);
    expect(plan.notices.join()).toContain('let through by limits.standingApproval');
    const without = planOf({ ...beyond, settings: creating });
    expect(without).toMatchObject({ held: { reason: 'create' }, hash: plan.hash });
    expect(without).not.toHaveProperty('letThrough');
    expect(planOf({ ...beyond, users: names(31).map((name) => namedUser(name)) }).held?.reason).toBe('create');
    expect(planOf({ ...beyond, organizationState: organizationState({ onboarded: false }) }).held?.reason).toBe('create');
    // Nothing is said where nothing would have been held.
    expect(planOf({ ...beyond, users: [namedUser('jane')] })).not.toHaveProperty('letThrough');
  });

  it('A3 the first sync is held as onboarding, whatever its size, and only the first', () => {
    const settings = organizationSettings({ contacts: { create: 'auto' }, limits: { firstRun: 'hold' } });
    const first = { settings, users: [namedUser('jane')], organizationState: organizationState({ onboarded: false }) };
    const input = reconcileInput(first);
    const reconciled = reconcile(input);
    expect(reconciled.plan.held?.reason).toBe('onboarding');
    expect(planOf({ ...first, organizationState: organizationState({ onboarded: true }) }).held).toBeNull();
    const next = applyPurely(input, reconciled);
    expect(reconcile({ ...next, users: [...next.users, namedUser('max')] }).plan.held).toBeNull();
  });

  it('A3 firstRun auto holds no first sync', () => {
    expect(
      planOf({ settings: creating, users: [namedUser('jane')], organizationState: organizationState({ onboarded: false }) }).held,
    ).toBeNull();
  });

  it('A3 a onboarding that was rejected is held again', () => {
    const settings = organizationSettings({ contacts: { create: 'auto' }, limits: { firstRun: 'hold' } });
    const input = reconcileInput({ settings, users: [namedUser('jane')], organizationState: organizationState({ onboarded: false }) });
    const { observed } = reconcile(input);
    expect(reconcile({ ...input, organizationState: observed.organization }).plan.held?.reason).toBe('onboarding');
  });

  it('A3 a one-time push is outside the guards', () => {
    const contacts = names(30).map((name, position) => namedContact(name, position));
    const plan = planOf({
      settings: organizationSettings({ psa: { settleMinutes: 0 } }),
      contacts,
      psa: psaSnapshot(),
      pushRequest: { all: true, contactIds: [] },
    });
    expect(changesOf(plan, 'push')).toHaveLength(30);
    expect(plan.held).toBeNull();
  });

  it('E7 the overlay is outside the guards', () => {
    const users = names(30).map((name) => namedUser(name));
    const contacts = names(30).map((name, position) => namedContact(name, position));
    const userStates = names(30).map((name, position) => appliedMatch(name, String(1001 + position)));
    const plan = planOf({ users, contacts, userStates });
    expect(changesOf(plan, 'overlay')).toHaveLength(30);
    expect(plan.guards.map((guard) => guard.count)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('deactivations', () => {
  it('A3 users who became Disabled or Expired count, at the limit not held, one beyond held', () => {
    expect(reconcile(leavers(3)).plan).toMatchObject({ held: null });
    const { plan } = reconcile(leavers(4));
    expect(guardOf(plan, 'deactivate')).toMatchObject({ count: 4, limit: 3 });
    expect(plan.held?.reason).toBe('deactivate');
    const expired = leavers(0, { users: names(10).map((name) => namedUser(name, { account: { expires: testMoment } })) });
    expect(guardOf(reconcile(expired).plan, 'deactivate').count).toBe(10);
  });

  it('A3 whatever is then written: without any change too', () => {
    const { plan } = reconcile(leavers(4));
    expect(plan.changes).toEqual([]);
    expect(plan.held).not.toBeNull();
  });

  it('A3 users that no applied plan knew did not become anything', () => {
    expect(guardOf(reconcile(leavers(10, { userStates: [] })).plan, 'deactivate').count).toBe(0);
  });

  it('A3 from one leaver status to another is no deactivation, nor is another status', () => {
    const before = names(10).map((name) => userState({ userId: namedUser(name).id, appliedStatus: 'Expired' }));
    expect(guardOf(reconcile(leavers(10, { userStates: before })).plan, 'deactivate').count).toBe(0);
    const locked = leavers(0, { users: names(10).map((name) => namedUser(name, { account: { locked: true } })) });
    expect(guardOf(reconcile(locked).plan, 'deactivate').count).toBe(0);
  });

  it('A3 a held run does not use the change up, an applied one does', () => {
    const input = leavers(4);
    const first = reconcile(input);
    const observedOnly = { ...input, organizationState: first.observed.organization, userStates: input.userStates };
    expect(first.observed.users.map((state) => state.appliedStatus)).toEqual(Array.from({ length: 4 }, () => 'Enabled'));
    expect(reconcile(observedOnly).plan.held?.reason).toBe('deactivate');
    const approved = applyPurely(input, first);
    expect(guardOf(reconcile(approved).plan, 'deactivate').count).toBe(0);
  });

  it('A3 the hash of a held deactivation names its users', () => {
    const four = reconcile(leavers(4)).plan.hash;
    const five = reconcile(leavers(5)).plan.hash;
    expect(four).not.toBe(five);
    expect(reconcile(leavers(4)).plan.hash).toBe(four);
    expect(reconcile(leavers(3)).plan.hash).toBe(reconcile(leavers(0)).plan.hash);
  });
});

describe('the hash', () => {
  const jane = namedUser('jane', { person: { title: 'CEO' } });
  const input = { users: [jane], contacts: [namedContact('jane', 0)] };
  const hash = (partial: Partial<ReconcileInput>): string => planOf({ ...input, ...partial }).hash;

  it('A3 does not cover clocks, run ids and what was remembered of them', () => {
    const contacts = [{ ...namedContact('jane', 0), updatedAt: testMoment, createdAt: testMoment }];
    expect(hash({ now: testMoment + 86_400_000 })).toBe(hash({}));
    expect(hash({ organizationState: organizationState({ lastPlanAt: 1, lastAppliedAt: 2 }) })).toBe(hash({}));
    expect(hash({ contacts })).toBe(hash({}));
  });

  it('A3 does not cover the overlay', () => {
    const settings = organizationSettings({ contacts: { overlay: 'none' } });
    expect(hash({ settings })).toBe(hash({}));
    expect(hash({ overlays: [overlayAsset()] })).toBe(hash({}));
    expect(hash({ users: [namedUser('jane', { person: { title: 'CEO' }, account: { lastLogon: testMoment } })] })).toBe(hash({}));
  });

  it('A3 covers whose turn it is not: what waits is the same plan when it goes', () => {
    const contacts = [namedContact('jane', 0), namedContact('max', 1)];
    const settle = (settleMinutes: number) =>
      planOf({
        settings: organizationSettings({ psa: { settleMinutes } }),
        contacts,
        psa: psaSnapshot(),
        pushRequest: { all: true, contactIds: [] },
      });
    expect(settle(15).hash).toBe(settle(0).hash);
  });

  const others: readonly (readonly [string, Partial<ReconcileInput>])[] = [
    ['another value', { users: [namedUser('jane', { person: { title: 'CTO' } })] }],
    ['another before-image', { contacts: [namedContact('jane', 0, { phones: [], title: 'CEO', lastName: null })] }],
    ['another contact', { contacts: [namedContact('jane', 1)] }],
    ['one change more', { users: [namedUser('jane', { person: { title: 'CEO', phone: phone('+14155550199') } })] }],
    ['the match alone', { users: [namedUser('jane')] }],
    ['no change', { users: [] }],
    ['another organization', { settings: { ...organizationSettings(), organization: '4712' as never } }],
  ];
  it.each(others)('A3 differs for %s', (_words, partial) => {
    expect(hash(partial)).not.toBe(hash({}));
  });

  it('A3 differs when the same value takes the place of another one', () => {
    const plan = (title: string) =>
      planOf({
        ...input,
        contacts: [namedContact('jane', 0, { title })],
        userStates: [appliedMatch('jane', '1001')],
        contactBases: [{ userId: jane.id, contactId: contactId('1001'), fields: { title: { value: title, origin: 'written' } } }],
      });
    expect(plan('Boss').changes[0]).toMatchObject({ patch: { title: 'CEO' } });
    expect(plan('Boss').hash).not.toBe(plan('Chief').hash);
  });

  it('A3 differs for another rematch', () => {
    const state = appliedMatch('jane', '1001', { appliedContactId: contactId('999') });
    const rematch = (applied: string) => hash({ userStates: [{ ...state, appliedContactId: contactId(applied) }] });
    expect(rematch('998')).not.toBe(rematch('999'));
  });
});

describe('what was let through', () => {
  const users = names(25).map((name, position) =>
    namedUser(name, { person: { phone: phone(`+1415555${String(100 + position).padStart(4, '0')}`), office: 'Head Office' } }),
  );
  const settings = organizationSettings({ contacts: { create: 'auto', overlay: 'none' } });

  it('A3 counts in no guard again', () => {
    const input = reconcileInput({ settings, users });
    const { plan } = reconcile(input);
    expect(plan.held?.reason).toBe('create');
    const approvedMarks = plan.changes.map((change) => changeMark(change, testHash));
    const again = reconcile({ ...input, organizationState: organizationState({ approvedMarks }) }).plan;
    expect(again.held).toBeNull();
    expect(guardOf(again, 'create').count).toBe(0);
    expect(idsOf(again)).toEqual(idsOf(plan));
  });

  it('A3 a change that became another one counts', () => {
    const input = reconcileInput({ settings, users });
    const approvedMarks = reconcile(input).plan.changes.map((change) => changeMark(change, testHash));
    const changed = users.map((user) => ({ ...user, person: { ...user.person, title: 'CEO' } }));
    expect(
      guardOf(reconcile({ ...input, users: changed, organizationState: organizationState({ approvedMarks }) }).plan, 'create').count,
    ).toBe(25);
  });

  it('A3 pushes that wait for the canary stay let through, however often a sync runs meanwhile', () => {
    let input = reconcileInput({ settings, users, psa: psaSnapshot() });
    const first = reconcile(input);
    expect(first.plan.held?.reason).toBe('create, push');
    expect(turnsOf(first.plan)).toEqual({ canary: 1, wait: 24 });
    input = applyPurely(input, first, 5);
    for (let run = 0; run < 2; run++) {
      const waiting = reconcile(input);
      expect(waiting.plan.changes).toEqual([]);
      expect(waiting.plan.held).toBeNull();
      input = applyPurely(input, waiting, 5);
    }
    const after = reconcile(input);
    expect(turnsOf(after.plan)).toEqual({ go: 24 });
    expect(guardOf(after.plan, 'push').count).toBe(0);
    expect(after.plan.held).toBeNull();
    input = applyPurely(input, after, 5);
    expect(reconcile(input).plan.changes).toEqual([]);
  });

  it('A6 a second run with nothing new plans nothing', () => {
    const input = reconcileInput({ settings: organizationSettings({ contacts: { create: 'auto' } }), users });
    const next = applyPurely(input, reconcile(input));
    expect(reconcile(next).plan.changes).toEqual([]);
  });
});

function turnsOf(plan: Plan): Readonly<Record<string, number>> {
  const turns: Record<string, number> = {};
  for (const { turn } of changesOf(plan, 'push')) turns[turn] = (turns[turn] ?? 0) + 1;
  return turns;
}
