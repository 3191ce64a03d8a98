import { describe, expect, it } from 'vitest';
import { contactId } from '../../core/model/ids.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ReconcileInput } from '../../core/reconcile-input.ts';
import {
  contact,
  contactEmail,
  contactState,
  organizationSettings,
  psaContact,
  testMoment,
  testUserId,
  userState,
} from '../fixtures/build.ts';
import {
  appliedMatch,
  changesOf,
  decisionOf,
  idsOf,
  namedContact,
  namedUser,
  overlayAsset,
  planOf,
  psaSnapshot,
  reconcileInput,
} from '../fixtures/build-plan.ts';

const noOverlay = { contacts: { overlay: 'none' } } as const;
const jane = namedUser('jane', { person: { title: 'CEO' } });
const janesContact = namedContact('jane', 0);
const microsoft = { adapter: 'Microsoft', remoteId: '5', sync: true, orphaned: false };
const bms = { adapter: 'Kaseya BMS', remoteId: '9001', sync: true, orphaned: false };

describe('matches, creates and updates', () => {
  it('A1 the same input gives the same plan, and the input is left as it is', () => {
    const input = reconcileInput({ users: [jane], contacts: [janesContact], psa: psaSnapshot() });
    const before = JSON.stringify(input);
    expect(reconcile(input)).toEqual(reconcile(input));
    expect(JSON.stringify(input)).toBe(before);
  });

  it('E4 a new match is recorded and its contact enriched by the same plan', () => {
    const plan = planOf({ settings: organizationSettings(noOverlay), users: [jane], contacts: [janesContact] });
    expect(idsOf(plan)).toEqual([`match:${jane.id}`, 'update:1001']);
    expect(changesOf(plan, 'update')[0]).toMatchObject({
      rule: 'E4',
      record: '1001',
      patch: { title: 'CEO' },
      before: { title: null },
      fields: { title: { from: null, to: 'CEO' } },
    });
  });

  it('E3 a create carries the fields, their bases and, with a PSA, the push', () => {
    const settings = organizationSettings({ contacts: { create: 'auto', overlay: 'none' } });
    const [create] = changesOf(planOf({ settings, users: [jane] }), 'create');
    expect(create).toMatchObject({ user: jane.id, record: null, contact: { firstName: 'Jane', title: 'CEO' }, pushWant: null });
    expect(changesOf(planOf({ settings, users: [jane], psa: psaSnapshot() }), 'create')[0]?.pushWant).toEqual({
      rule: 'P3',
      since: testMoment,
    });
  });

  it('E8 a user who is disabled, absent or out of scope changes nothing in its contact', () => {
    for (const partial of [{ presence: 'absent' as const }, { presence: 'out' as const }]) {
      const user = namedUser('jane', { ...partial, person: { title: 'CEO' } });
      const plan = planOf({
        settings: organizationSettings(noOverlay),
        users: [user],
        contacts: [janesContact],
        userStates: [appliedMatch('jane', '1001')],
      });
      expect(plan.changes).toEqual([]);
    }
    const disabled = namedUser('jane', { account: { disabled: true } });
    const plan = planOf({
      settings: organizationSettings(noOverlay),
      users: [disabled],
      contacts: [janesContact],
      userStates: [appliedMatch('jane', '1001', { appliedStatus: 'Disabled' })],
    });
    expect(plan.changes).toEqual([]);
  });

  it('M7 a user whose contact was deleted is observed as returned, and not created again', () => {
    const { plan, observed } = reconcile(
      reconcileInput({
        settings: organizationSettings({ contacts: { create: 'auto' } }),
        users: [jane],
        lost: new Map([[contactId('1001'), 'deleted' as const]]),
        userStates: [appliedMatch('jane', '1001')],
      }),
    );
    expect(plan.changes).toEqual([]);
    expect(observed.users).toMatchObject([{ userId: jane.id, state: 'unmatched', contactId: null, rule: 'M7', returned: true }]);
  });

  it('E4 an equal value is observed as the base although nothing is written', () => {
    const { observed } = reconcile(
      reconcileInput({ users: [jane], contacts: [{ ...janesContact, title: 'CEO' }], userStates: [appliedMatch('jane', '1001')] }),
    );
    expect(observed.bases[0]?.fields.title).toEqual({ value: 'CEO', origin: 'equal' });
  });

  it('E4 conflicts are listed in the plan and at the user', () => {
    const reconciled = reconcile(
      reconcileInput({ users: [jane], contacts: [{ ...janesContact, title: 'Chief' }], userStates: [appliedMatch('jane', '1001')] }),
    );
    const conflict = { user: jane.id, contactId: '1001', field: 'title', ours: 'CEO', theirs: 'Chief', with: 'it-glue' };
    expect(reconciled.plan.conflicts).toEqual([conflict]);
    expect(decisionOf(reconciled, 'jane').conflicts).toEqual([conflict]);
  });
});

describe('contacts that others own', () => {
  function ownedPlan(partial: Partial<ReconcileInput> = {}) {
    return reconcile(
      reconcileInput({
        settings: organizationSettings(noOverlay),
        users: [jane],
        contacts: [{ ...janesContact, adapters: [microsoft] }],
        userStates: [appliedMatch('jane', '1001')],
        ...partial,
      }),
    );
  }

  it('E9 without a PSA nothing is written, and the differences are shown', () => {
    const reconciled = ownedPlan();
    expect(reconciled.plan.changes).toEqual([]);
    expect(decisionOf(reconciled, 'jane').owned).toContain('Microsoft');
    expect(reconciled.plan.conflicts).toEqual([
      { user: jane.id, contactId: '1001', field: 'title', ours: 'CEO', theirs: null, with: 'it-glue' },
    ]);
  });

  it('E9 the overlay is not affected', () => {
    expect(ownedPlan({ settings: organizationSettings() }).plan.changes.map((change) => change.kind)).toEqual(['overlay']);
  });

  it('E9 a contact that refused is not tried again until it changes', () => {
    const contacts = [janesContact];
    const refusedAtUpdate = janesContact.updatedAt ?? 0;
    expect(ownedPlan({ contacts, contactStates: [contactState({ refusedAtUpdate })] }).plan.changes).toEqual([]);
    expect(idsOf(ownedPlan({ contacts, contactStates: [contactState({ refusedAtUpdate: refusedAtUpdate - 1 })] }).plan)).toEqual([
      'update:1001',
    ]);
  });

  const twin = psaContact({
    emails: [{ value: 'jane.doe@acme.test', typeId: '1', typeName: 'Work', primary: true }],
    phones: [],
    locationId: '77',
  });
  const twoWay = organizationSettings({ ...noOverlay, psa: { twoWay: true } });
  const synced = [{ ...janesContact, adapters: [bms] }];

  it('E9 with two-way on, directory values of a synced contact go to the PSA', () => {
    const { plan } = ownedPlan({ settings: twoWay, contacts: synced, psa: psaSnapshot({ contacts: [twin] }) });
    expect(plan.changes).toMatchObject([{ kind: 'psa-update', rule: 'E9', record: '9001', patch: { title: 'CEO' } }]);
  });

  it('P9 without two-way linked contacts are only read', () => {
    const settings = organizationSettings(noOverlay);
    expect(ownedPlan({ settings, contacts: synced, psa: psaSnapshot({ contacts: [twin] }) }).plan.changes).toEqual([]);
  });

  it('P9 an empty or first different value is merged in the PSA as in IT Glue: a value there stays', () => {
    const { plan } = ownedPlan({ settings: twoWay, contacts: synced, psa: psaSnapshot({ contacts: [{ ...twin, title: 'Boss' }] }) });
    expect(plan.changes).toEqual([]);
    expect(plan.conflicts).toContainEqual({ user: jane.id, contactId: '1001', field: 'title', ours: 'CEO', theirs: 'Boss', with: 'psa' });
  });

  it.each([
    ['switched off', { sync: false }],
    ['orphaned', { orphaned: true }],
  ])('P9 where the sync is %s nothing goes to the PSA', (_words, partial) => {
    const contacts = [{ ...janesContact, adapters: [microsoft, { ...bms, ...partial }] }];
    expect(ownedPlan({ settings: twoWay, contacts, psa: psaSnapshot({ contacts: [twin] }) }).plan.changes).toEqual([]);
  });

  it('E9 nothing goes to an inactive contact of the PSA', () => {
    const psa = psaSnapshot({ contacts: [{ ...twin, active: false }] });
    expect(ownedPlan({ settings: twoWay, contacts: synced, psa }).plan.changes).toEqual([]);
  });
});

describe('the overlay in the plan', () => {
  const matched = { users: [jane], contacts: [{ ...janesContact, title: 'CEO' }], userStates: [appliedMatch('jane', '1001')] };

  it('E7 a contact without asset gets one, tagged with the contact', () => {
    expect(planOf(matched).changes).toMatchObject([
      { kind: 'overlay', contactId: '1001', assetId: null, write: { values: { adStatus: 'Enabled' } } },
    ]);
  });

  it('E7 an asset that is as it should be is left alone', () => {
    const [first] = changesOf(planOf(matched), 'overlay');
    const asset = overlayAsset({ name: first?.write.name ?? '', values: first?.write.values ?? overlayAsset().values });
    expect(planOf({ ...matched, overlays: [asset] }).changes).toEqual([]);
  });

  it('E7 a contact that is created gets its overlay by the same plan', () => {
    const settings = organizationSettings({ contacts: { create: 'auto' } });
    expect(changesOf(planOf({ settings, users: [jane] }), 'overlay')).toMatchObject([{ user: jane.id, contactId: null }]);
  });

  it('E7 in notes mode the notes are written, and what people wrote stays', () => {
    const settings = organizationSettings({ contacts: { overlay: 'notes' } });
    const [change] = changesOf(planOf({ ...matched, settings, contacts: [{ ...janesContact, title: 'CEO', notes: 'Tea.' }] }), 'overlay');
    expect(change?.notes).toMatch(/^Tea\.\n\n.*AD Status: Enabled/su);
  });

  it('E7 with none there is no overlay', () => {
    expect(planOf({ ...matched, settings: organizationSettings(noOverlay) }).changes).toEqual([]);
  });

  it('E7 an unmatched user has none', () => {
    expect(planOf({ users: [jane] }).changes).toEqual([]);
  });
});

describe('identity and matches through the plan', () => {
  it('D1 a user that was renamed and moved keeps its match', () => {
    const renamed = namedUser('jane', {
      dn: 'CN=New,OU=Other,DC=test',
      person: { firstName: 'Joan', lastName: 'Roe', email: 'joan@acme.test' },
    });
    const { decisions } = reconcile(
      reconcileInput({ users: [renamed], contacts: [janesContact], userStates: [appliedMatch('jane', '1001')] }),
    );
    expect(decisions[0]?.match).toMatchObject({ state: 'matched', contactId: '1001', isNew: false });
  });

  it('D1 another user of the same name is another user', () => {
    const other = namedUser('jane', { id: testUserId('other') });
    const { plan } = reconcile(reconcileInput({ users: [other], contacts: [janesContact], userStates: [appliedMatch('jane', '1001')] }));
    expect(changesOf(plan, 'match')).toEqual([]);
  });

  it('A3 a match that changes its contact names the one before', () => {
    const moved = userState({
      userId: jane.id,
      state: 'matched',
      contactId: contactId('1002'),
      appliedContactId: contactId('1001'),
      rule: 'M5',
    });
    const contacts = [janesContact, contact({ id: contactId('1002'), emails: [contactEmail('x@acme.test')] })];
    const [match] = changesOf(planOf({ users: [jane], contacts, userStates: [moved] }), 'match');
    expect(match).toMatchObject({ contactId: '1002', previousContactId: '1001', rule: 'M5' });
  });
});
