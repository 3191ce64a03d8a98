import { describe, expect, it } from 'vitest';
import { psaContactId } from '../../core/model/ids.ts';
import type { ContactSettings, LeaverRule } from '../../core/model/settings.ts';
import type { ContactState, FieldBase, UserState } from '../../core/model/state.ts';
import { changeMark } from '../../core/plan/plan-hash.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ReconcileInput } from '../../core/reconcile-input.ts';
import { applyPurely } from '../fixtures/apply-purely.ts';
import { contactState, organizationSettings, psaContact, testMoment } from '../fixtures/build.ts';
import {
  appliedMatch,
  changesOf,
  guardOf,
  idsOf,
  nameAt,
  namedContact,
  namedUser,
  psaSnapshot,
  reconcileInput,
  testHash,
} from '../fixtures/build-plan.ts';

const day = 86_400_000;
const types = ['Employee', 'Former', 'Other'].map((name, index) => ({ id: String(31 + index), name }));
const nothing: LeaverRule = { contactType: '', psaInactive: false, afterDays: 0 };
const leaves: LeaverRule = { contactType: 'Former', psaInactive: true, afterDays: 0 };
const written = (value: string): FieldBase => ({ value, origin: 'written', everWritten: true });

interface World {
  readonly contacts?: Partial<ContactSettings>;
  readonly disabled?: LeaverRule;
  readonly user?: Parameters<typeof namedUser>[1];
  readonly contact?: Parameters<typeof namedContact>[2];
  readonly twin?: Parameters<typeof psaContact>[0];
  readonly state?: Partial<UserState>;
  readonly contactState?: Partial<ContactState>;
  readonly bases?: ReconcileInput['contactBases'][number]['fields'];
  readonly psa?: Parameters<typeof organizationSettings>[0] extends infer All ? (All extends { psa?: infer Psa } ? Psa : never) : never;
  readonly more?: Partial<ReconcileInput>;
}

const disabled = { account: { disabled: true } };

/** Jane, matched with her contact, which is linked with one in the PSA. */
function world(given: World = {}): ReconcileInput {
  const state = appliedMatch('jane', '1001', given.state);
  return reconcileInput({
    settings: organizationSettings({
      contacts: { overlay: 'none', leavers: { disabled: given.disabled ?? leaves, gone: leaves, missing: leaves }, ...given.contacts },
      psa: { settleMinutes: 0, ...given.psa },
    }),
    users: [namedUser('jane', given.user)],
    contacts: [namedContact('jane', 0, given.contact)],
    contactTypes: types,
    userStates: [state],
    contactBases: [{ userId: state.userId, contactId: namedContact('jane', 0).id, fields: given.bases ?? {} }],
    contactStates: [
      contactState({
        psaLink: { psaContactId: psaContactId('9001'), companyId: '250', createdByRollcall: true, complete: true, linkedAt: 0 },
        ...given.contactState,
      }),
    ],
    psa: psaSnapshot({
      contacts: [psaContact({ emails: [{ value: 'jane.doe@acme.test', typeId: '1', typeName: 'Work', primary: true }], ...given.twin })],
      linkedTo: new Map([[psaContactId('9001'), namedContact('jane', 0).id]]),
    }),
    ...given.more,
  });
}

const update = { kind: 'update', rule: 'E8', patch: { contactTypeId: '32' }, before: { contactTypeId: null } };
const deactivation = { kind: 'psa-update', rule: 'E8', psaContactId: '9001', patch: { active: false } };

describe('a user who left', () => {
  it('E8 gets the contact type and becomes inactive in the PSA, each with its reason, and once', () => {
    const input = world({ user: disabled });
    const reconciled = reconcile(input);

    expect(reconciled.plan.changes).toMatchObject([update, deactivation]);
    expect(reconciled.plan.changes[1]?.fields).toEqual({ active: { from: 'active', to: 'inactive' } });
    for (const { reason } of reconciled.plan.changes) expect(reason).toContain('contacts.onDisabled: disabled since 2026-01-05');
    const next = reconcile(applyPurely(input, reconciled));
    expect([next.plan.changes, next.plan.conflicts]).toEqual([[], []]);
  });

  it('A3 E8 counts once as an update of the contact', () => {
    expect(guardOf(reconcile(world({ user: disabled })).plan, 'update').count).toBe(1);
  });

  it('E8 nothing happens without a setting, and nothing before its days are over', () => {
    expect(reconcile(world({ user: disabled, disabled: nothing })).plan.changes).toEqual([]);
    const waiting = world({ user: disabled, disabled: { ...leaves, afterDays: 30 } });
    const first = reconcile(waiting);
    expect(first.plan.changes).toEqual([]);
    const before = { ...applyPurely(waiting, first), now: testMoment + 30 * day - 1 };
    expect(reconcile(before).plan.changes).toEqual([]);
    expect(idsOf(reconcile({ ...before, now: testMoment + 30 * day }).plan)).toEqual(['update:1001', 'psa-update:1001']);
  });

  it('E8 the days count from the first sight, also for a user who was disabled before, and a held plan counts too', () => {
    const input = world({ user: disabled, disabled: { ...leaves, afterDays: 2 }, state: { appliedStatus: 'Disabled', leaver: null } });
    const { observed } = reconcile(input);

    expect(observed.users).toMatchObject([{ leaver: { kind: 'disabled', since: testMoment, leftAt: testMoment } }]);
    const later = { ...input, now: testMoment + 2 * day, userStates: observed.users };
    expect(idsOf(reconcile(later).plan)).toContain('psa-update:1001');
    expect(reconcile(later).observed.users).toEqual([]);
  });

  it('E9 becomes inactive in the PSA although another integration owns the contact in IT Glue', () => {
    const adapters = [{ adapter: 'Kaseya BMS', remoteId: '9001', sync: true, orphaned: false }];
    const { plan } = reconcile(world({ user: disabled, contact: { adapters }, psa: { twoWay: true } }));

    expect(plan.changes).toMatchObject([deactivation]);
    expect(plan.conflicts).toMatchObject([{ field: 'contactType', ours: 'Former', with: 'it-glue' }]);
  });

  it('E8 E9 one change carries the values and the state', () => {
    const adapters = [{ adapter: 'Kaseya BMS', remoteId: '9001', sync: true, orphaned: false }];
    const user = { ...disabled, person: { title: 'CEO' } };
    const [change, ...others] = reconcile(world({ user, contact: { adapters }, psa: { twoWay: true } })).plan.changes;

    expect(others).toEqual([]);
    expect(change).toMatchObject({
      kind: 'psa-update',
      rule: 'E8',
      patch: { title: 'CEO', active: false },
      reason: expect.stringMatching(/come back from there; contacts.onDisabled/),
    });
  });

  it.each<[string, World, number]>([
    ['it is inactive already', { twin: { active: false } }, 0],
    ['it is not linked with the PSA', { contactState: { psaLink: null } }, 0],
    ['psa.push is off', { psa: { push: 'off' } }, 0],
    ['its sync is switched off', { contact: { adapters: [{ adapter: 'Kaseya BMS', remoteId: '9001', sync: false, orphaned: false }] } }, 1],
    ['its link is orphaned', { contact: { adapters: [{ adapter: 'Kaseya BMS', remoteId: '9001', sync: true, orphaned: true }] } }, 1],
    [
      'a person made it active again since',
      { contactState: { psaInactiveAt: testMoment }, state: { leaver: { kind: 'disabled', since: testMoment, leftAt: testMoment } } },
      1,
    ],
  ])('E8 is not made inactive when %s', (_, given, conflicts) => {
    const { plan } = reconcile(world({ ...given, user: disabled }));

    expect(changesOf(plan, 'psa-update')).toEqual([]);
    expect(plan.conflicts.filter(({ field }) => field === 'active')).toHaveLength(conflicts);
  });

  it('E8 a PSA contact that is linked with another contact too is left to a person', () => {
    const input = world({ user: disabled });
    const other = namedContact('max', 1).id;
    const psa = input.psa === null ? null : { ...input.psa, linkedTo: new Map([[psaContactId('9001'), other]]) };

    const { plan } = reconcile({ ...input, psa });

    expect(changesOf(plan, 'psa-update')).toEqual([]);
    expect(plan.conflicts).toMatchObject([{ field: 'active', ours: 'inactive', theirs: 'active' }]);
  });

  it('E8 is made inactive again when the user leaves once more', () => {
    const input = world({ user: disabled, contactState: { psaInactiveAt: testMoment - day } });

    expect(changesOf(reconcile(input).plan, 'psa-update')).toHaveLength(1);
  });

  it('E8 P3 is not created in the PSA only to become inactive', () => {
    const given: World = { user: disabled, contactState: { psaLink: null, pushWant: { rule: 'P3', since: 0 } } };
    const more = { psa: psaSnapshot() };
    const { plan, contactViews } = reconcile(world({ ...given, more }));

    expect(changesOf(plan, 'push')).toEqual([]);
    expect(contactViews[0]?.psa).toMatchObject({ state: 'off', message: expect.stringContaining('contacts.onDisabled') });
    expect(changesOf(reconcile(world({ ...given, more, disabled: { ...leaves, psaInactive: false } })).plan, 'push')).toHaveLength(1);
    expect(changesOf(reconcile(world({ ...given, more, user: {} })).plan, 'push')).toHaveLength(1);
  });

  it.each(['gone', 'missing'] as const)(
    'C10 E8 %s users get what their setting says, and nothing of what was read of them once',
    (presence) => {
      const user = { presence, person: { title: 'CEO' } };
      const { plan, decisions } = reconcile(world({ user }));

      expect(plan.changes).toMatchObject([update, deactivation]);
      expect(plan.changes[0]?.reason).toContain(presence === 'gone' ? 'contacts.onGone' : 'contacts.onMissing');
      expect(decisions[0]?.status).toBe(presence === 'gone' ? 'Gone' : 'Enabled');
      expect(reconcile(applyPurely(world({ user }), reconcile(world({ user })))).plan.changes).toEqual([]);
    },
  );

  it.each(['absent', 'out'] as const)('C10 E8 nothing is concluded from a user that is %s, and its days go on', (presence) => {
    const leaver = { kind: 'disabled', since: 1, leftAt: 1 } as const;
    const { plan, observed } = reconcile(world({ user: { ...disabled, presence }, state: { leaver } }));

    expect(plan.changes).toEqual([]);
    expect(observed.users).toEqual([]);
  });
});

describe('a contact type that a person chose', () => {
  it('E4 E8 stays, and is shown as a conflict', () => {
    const { plan } = reconcile(
      world({ user: disabled, contact: { contactTypeId: '33', contactTypeName: 'Other' }, disabled: { ...leaves, psaInactive: false } }),
    );

    expect(plan.changes).toEqual([]);
    expect(plan.conflicts).toMatchObject([{ field: 'contactType', ours: 'Former', theirs: 'Other' }]);
  });

  it.each<[string, NonNullable<World['bases']>, string | null, number]>([
    ['that rollcall wrote is replaced', { contactType: written('31') }, '31', 1],
    ['that rollcall wrote and a person cleared stays blank', { contactType: written('31') }, null, 0],
    ['that both sides had when they met stays', { contactType: { value: '31', origin: 'equal' } }, '31', 0],
  ])('E4 E8 one %s', (_, bases, contactTypeId, count) => {
    expect(changesOf(reconcile(world({ user: disabled, bases, contact: { contactTypeId } })).plan, 'update')).toHaveLength(count);
  });
});

describe('a user who came back', () => {
  const back: World = {
    contact: { contactTypeId: '32', contactTypeName: 'Former' },
    bases: { contactType: written('32') },
    twin: { active: false },
    state: { appliedStatus: 'Disabled', leaver: { kind: 'disabled', since: 0, leftAt: 0 } },
    contactState: { psaInactiveAt: 1 },
  };

  it('E8 gets the type that the rules name again; its PSA contact is shown, not made active', () => {
    const contactTypeRules = [{ when: { status: 'Enabled' } as const, contactType: 'Employee', important: null }];
    const input = world({ ...back, contacts: { contactTypeRules } });
    const reconciled = reconcile(input);

    expect(reconciled.plan.changes).toMatchObject([{ kind: 'update', rule: 'E10', patch: { contactTypeId: '31' } }]);
    expect(reconciled.plan.conflicts).toMatchObject([{ field: 'active', ours: 'active', theirs: 'inactive', with: 'psa' }]);
    expect(reconciled.plan.notices.join('\n')).toMatch(/1 user came back \(Jane Doe\): .*does not make it active again/);
    const next = applyPurely(input, reconciled);
    expect(reconcile(next).plan.changes).toEqual([]);
    expect(next.userStates[0]?.leaver).toBeNull();
  });

  it('E8 loses the type of a leaver when no rule names another, and gets it again when it leaves again', () => {
    const input = world(back);
    const reconciled = reconcile(input);

    expect(reconciled.plan.changes).toMatchObject([{ kind: 'update', rule: 'E8', patch: { contactTypeId: null }, blanks: 1 }]);
    const next = applyPurely(input, reconciled);
    expect(reconcile(next).plan.changes).toEqual([]);
    expect(reconcile({ ...next, users: [namedUser('jane', disabled)] }).plan.changes).toMatchObject([{ patch: { contactTypeId: '32' } }]);
  });

  it.each<[string, World]>([
    ['a person chose it', { ...back, bases: {} }],
    [
      'it is not a leaver’s',
      { ...back, bases: { contactType: written('31') }, contact: { contactTypeId: '31', contactTypeName: 'Employee' } },
    ],
    ['its policy is never', { ...back, contacts: { fields: { ...organizationSettings().contacts.fields, contactType: 'never' } } }],
    ['it is absent', { ...back, user: { presence: 'absent' } }],
    [
      'it is not known what the rules say',
      {
        ...back,
        contacts: {
          contactTypeRules: [{ when: { group: 'CN=Staff,DC=corp,DC=example,DC=test' }, contactType: 'Employee', important: null }],
        },
      },
    ],
  ])('E4 E8 keeps its type when %s', (_, given) => {
    expect(changesOf(reconcile(world(given)).plan, 'update')).toEqual([]);
  });

  it('E8 says nothing of a contact that others made inactive', () => {
    const { plan } = reconcile(world({ ...back, contactState: { psaInactiveAt: null } }));

    expect(plan.conflicts).toEqual([]);
    expect(plan.notices.join()).not.toContain('came back');
  });
});

describe('the flag "important"', () => {
  const byStatus = (important: boolean): World => ({
    contacts: { contactTypeRules: [{ when: { status: 'Enabled' }, contactType: '', important }] },
  });

  it.each<[string, boolean, boolean | null, FieldBase | undefined, boolean | undefined, number]>([
    ['is set where it is blank', true, null, undefined, true, 0],
    ['is set where the box is not ticked', true, false, undefined, true, 0],
    ['is not set twice', true, true, written('yes'), undefined, 0],
    ['that a person unticked stays', true, false, written('yes'), undefined, 0],
    ['that rollcall unticked is set again', true, false, written('no'), true, 0],
    ['that rollcall set is taken away', false, true, written('yes'), false, 0],
    ['that a person set stays, and is shown', false, true, undefined, undefined, 1],
    ['that both sides had when they met stays, and is shown', false, true, { value: 'yes', origin: 'equal' }, undefined, 1],
    ['that nobody set stays so', false, null, undefined, undefined, 0],
  ])('E4 E10 %s', (_, rule, ...[theirs, base, expected, conflicts]) => {
    const bases = base === undefined ? {} : { important: base };
    const { plan } = reconcile(world({ ...byStatus(rule), contact: { important: theirs }, bases }));

    expect(changesOf(plan, 'update').map(({ patch }) => patch)).toEqual(expected === undefined ? [] : [{ important: expected }]);
    expect(plan.conflicts).toHaveLength(conflicts);
  });

  it('E10 in a rule of its own it makes no conflict of a type that is a mere default', () => {
    const person = { contactTypeId: '33', contactTypeName: 'Other' };
    const { plan } = reconcile(world({ ...byStatus(true), contact: person, psa: { contactType: 'Employee' } }));

    expect(plan.changes).toMatchObject([{ rule: 'E10', patch: { important: true } }]);
    expect(plan.conflicts).toEqual([]);
  });

  it('E10 is left as it is when no rule speaks of it', () => {
    expect(reconcile(world({ contact: { important: true }, bases: { important: written('yes') } })).plan.changes).toEqual([]);
  });
});

describe('many who left', () => {
  const names = Array.from({ length: 10 }, (_, position) => nameAt(position));

  function crowd(count: number, before: UserState['appliedStatus'], disabledRule: LeaverRule): ReconcileInput {
    return reconcileInput({
      settings: organizationSettings({
        contacts: { overlay: 'none', leavers: { disabled: disabledRule, gone: nothing, missing: nothing } },
      }),
      users: names.map((name, position) => namedUser(name, { account: { disabled: position < count } })),
      contacts: names.map((name, position) => namedContact(name, position)),
      contactTypes: types,
      userStates: names.map((name, position) => appliedMatch(name, String(1001 + position), { appliedStatus: before })),
    });
  }

  it('A3 E8 are held by "deactivate" also when they left long before the setting was made', () => {
    const few = reconcile(crowd(3, 'Disabled', leaves));
    const many = reconcile(crowd(4, 'Disabled', leaves));

    expect(few.plan.held).toBeNull();
    expect(guardOf(many.plan, 'deactivate')).toMatchObject({ count: 4, limit: 3, exceeded: true });
    expect(many.plan.held?.reason).toBe('deactivate');
    expect(reconcile(crowd(4, 'Disabled', nothing)).plan.held).toBeNull();
  });

  it('A3 E8 count once each when they become disabled and are acted on by the same plan', () => {
    expect(guardOf(reconcile(crowd(5, 'Enabled', leaves)).plan, 'deactivate').count).toBe(5);
  });

  it('A3 E8 count no more when they were let through and are not yet carried out', () => {
    const input = crowd(4, 'Disabled', leaves);
    const approvedMarks = reconcile(input).plan.changes.map((change) => changeMark(change, testHash));

    const { plan } = reconcile({ ...input, organizationState: { ...input.organizationState, approvedMarks } });

    expect(plan.changes).not.toEqual([]);
    expect(plan.held).toBeNull();
  });

  it('E10 a group that no read knows yet, and a type that IT Glue lacks, are said by the plan and stop nothing else', () => {
    const staff = 'CN=Staff,DC=corp,DC=example,DC=test';
    const contactTypeRules = [
      { when: { group: staff }, contactType: 'Employee', important: null },
      { when: { status: 'Locked' } as const, contactType: 'Nowhere', important: null },
    ];
    const user = { person: { title: 'CEO' } };
    const { plan } = reconcile(world({ contacts: { contactTypeRules }, user }));
    const read = reconcile(world({ contacts: { contactTypeRules }, user: { ...user, groupsRead: [staff.toLowerCase()] } }));

    expect(plan.notices.join('\n')).toMatch(
      /ITGLUE_CONTACT_TYPE_NOT_FOUND: IT Glue has no contact type "Nowhere" \(contacts.contactTypeRules\[1\]\)/,
    );
    expect(plan.notices.join('\n')).toContain(`The members of ${staff}`);
    expect(read.plan.notices.join('\n')).not.toContain(staff);
    expect(plan.changes).toMatchObject([{ kind: 'update', patch: { title: 'CEO' } }]);
  });
});
