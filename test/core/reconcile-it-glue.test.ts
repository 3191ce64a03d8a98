import { describe, expect, it } from 'vitest';
import { contactId } from '../../core/model/ids.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ReconcileInput } from '../../core/reconcile-input.ts';
import { contactSide, psaSide } from '../../core/two-way/sides.ts';
import { applyPurely } from '../fixtures/apply-purely.ts';
import {
  contactEmail,
  contactPhone,
  contactState,
  location,
  organizationSettings,
  organizationState,
  phone,
  psaContact,
  testMoment,
} from '../fixtures/build.ts';
import { changesOf, decisionOf, idsOf, namedContact, namedUser, planOf, psaSnapshot, reconcileInput } from '../fixtures/build-plan.ts';

const bms = { adapter: 'Kaseya BMS', remoteId: '9001', sync: true, orphaned: false };

function world(
  partial: Partial<ReconcileInput> = {},
  psa: NonNullable<Parameters<typeof organizationSettings>[0]>['psa'] = {},
): ReconcileInput {
  return reconcileInput({
    settings: organizationSettings({
      contacts: { create: 'auto', overlay: 'none', locationFallback: 'primary' },
      psa: { push: 'it-glue', twoWay: true, settleMinutes: 15, ...psa },
    }),
    users: [namedUser('jane', { person: { phone: phone('+14155550100') } })],
    psa: psaSnapshot(),
    ...partial,
  });
}

const labelled = namedContact('jane', 0, {
  emails: [contactEmail('jane.doe@acme.test', { label: 'AD Email' })],
  phones: [contactPhone('+14155550100', { label: 'AD Phone' })],
});

describe('P10 which contacts rollcall makes eligible', () => {
  it('P3 those that are newly matched', () => {
    const [update] = changesOf(planOf(world({ contacts: [labelled] })), 'update');

    expect(update?.patch).toMatchObject({ emails: [{ label: 'Work' }], phones: [{ label: 'Work' }] });
  });

  it.each([
    ['P4 not those that were matched before and nobody touched', {}, false],
    ['P4 those that a person changed since', { fingerprint: 'another', psaLink: null }, true],
    ['P3 those that are wanted already', { pushWant: { rule: 'P3', since: 1 } }, true],
  ] as const)('%s', (_words, state, expected) => {
    const before = applyPurely(
      world({ contacts: [labelled] }, { push: 'off' }),
      reconcile(world({ contacts: [labelled] }, { push: 'off' })),
    );
    const input = {
      ...before,
      settings: world().settings,
      organizationState: { ...before.organizationState, twoWaySince: 1 },
      contactStates: [contactState({ ...state })],
    };

    expect(changesOf(reconcile(input).plan, 'update')).toHaveLength(expected ? 1 : 0);
  });

  it.each([
    ['linked', { adapters: [bms] }],
    ['linked, by psa-integration', { psaIntegration: 'enabled' }],
  ])('P10 not those that are %s', (_words, shown) => {
    expect(changesOf(planOf(world({ contacts: [{ ...labelled, ...shown }] })), 'update')).toEqual([]);
  });

  it.each([
    ['whose organization is not set to sync (P7)', { excluded: 'not set to sync' }],
    ['whose company is not known', { company: null, companyProblem: 'none' }],
  ])('P10 not those %s', (_words, snapshot) => {
    expect(changesOf(planOf(world({ contacts: [labelled], psa: psaSnapshot(snapshot) })), 'update')).toEqual([]);
  });

  it('P10 A6 leaves nothing to the next run', () => {
    const input = world({ contacts: [labelled] }, { blankPhoneInItGlue: true, blankPhone: '000-000-0000' });
    const next = applyPurely(input, reconcile(input));

    expect(idsOf(reconcile(next).plan)).toEqual([]);
    expect(next.contactStates[0]?.awaitedSince).toBe(input.now);
  });
});

describe('P10 what is awaited', () => {
  const contacts = [namedContact('jane', 0)];

  function afterFirst(): ReconcileInput {
    const input = world({ contacts });
    return applyPurely(input, reconcile(input), 47);
  }

  it('P10 is told once with names, not contact by contact, when it is overdue', () => {
    const { plan } = reconcile(afterFirst());

    expect(plan.notices.filter((notice) => notice.startsWith('PSA_PUSH_NOT_SEEN'))).toHaveLength(1);
    expect(plan.notices.join('\n')).toContain('(Jane Doe)');
    expect(plan.observations.notSeen).toEqual({ contacts: 1, psa: 'Kaseya BMS' });
  });

  it('P10 is over when IT Glue shows the link', () => {
    const input = afterFirst();
    const arrived = { ...input, contacts: input.contacts.map((each) => ({ ...each, adapters: [bms] })) };
    const next = applyPurely(arrived, reconcile(arrived));

    expect(reconcile(arrived).plan.notices.join('\n')).not.toContain('PSA_PUSH_NOT_SEEN');
    expect(next.contactStates[0]).toMatchObject({ awaitedSince: null, pushWant: null });
  });

  it('P10 starts anew for a contact that was not eligible in between', () => {
    const input = afterFirst();
    const lacking = { ...input, contacts: input.contacts.map((each) => ({ ...each, locationId: null })), locations: [] };

    expect(applyPurely(lacking, reconcile(lacking)).contactStates[0]?.awaitedSince).toBeNull();
  });

  it('P10 begins with its creation for a contact that this plan creates', () => {
    const input = world();
    const next = applyPurely(input, reconcile(input));

    expect(next.contactStates).toMatchObject([{ awaitedSince: input.now, pushWant: { rule: 'P3' } }]);
  });

  it('P5 a one-time push awaits nothing and says why nothing is pushed', () => {
    const { plan } = reconcile(world({ contacts, pushRequest: { all: true, contactIds: [] } }));

    expect(plan.changes).toEqual([]);
    expect(plan.observations.awaits).toBeUndefined();
    expect(plan.notices.join('\n')).toContain('rollcall pushes nothing there by itself');
  });
});

describe('P8 what would be pushed twice', () => {
  const twin = psaContact({ emails: [{ value: 'jane.doe@acme.test', typeId: '1', typeName: 'Work', primary: true }] });

  it('P8 is not created while the PSA has it', () => {
    const reconciled = reconcile(world({ psa: psaSnapshot({ contacts: [twin] }) }));

    expect(reconciled.plan.changes).toEqual([]);
    expect(decisionOf(reconciled, 'jane').create).toMatchObject({ create: false, rule: 'P8' });
  });

  it('P8 is created when IT Glue would not push it', () => {
    const input = world({ psa: psaSnapshot({ contacts: [twin] }), users: [namedUser('jane')] });

    expect(changesOf(reconcile(input).plan, 'create')).toHaveLength(1);
  });

  it('P8 is not written where rollcall has put it there and IT Glue has not linked it', () => {
    const psaLink = { psaContactId: twin.id, companyId: '250', createdByRollcall: true, complete: true, linkedAt: testMoment };
    const plan = planOf(
      world({
        contacts: [namedContact('jane', 0)],
        users: [namedUser('jane', { person: { phone: phone('+14155550100'), title: 'CEO' } })],
        contactStates: [contactState({ contactId: contactId('1001'), psaLink })],
        psa: psaSnapshot({ contacts: [twin], linkedTo: new Map([[twin.id, contactId('1001')]]) }),
      }),
    );

    expect(changesOf(plan, 'update')).toEqual([]);
    expect(changesOf(plan, 'psa-update')[0]?.patch).toMatchObject({ title: 'CEO' });
  });
});

describe('P9 a linked contact whose title somebody changed in IT Glue', () => {
  const twin = psaContact({ title: 'Clerk', locationId: '77' });
  const before = namedContact('jane', 0, { title: 'Clerk', emails: [], phones: [] });
  const synced = { psaContactId: twin.id, itGlue: contactSide(before), psa: psaSide(twin) };
  const psaLink = { psaContactId: twin.id, companyId: '250', createdByRollcall: true, complete: true, linkedAt: testMoment };

  it.each([
    ['direct', 1],
    ['it-glue', 0],
  ] as const)('P10 with psa.push "%s": rollcall brings it to the PSA %i times', (push, times) => {
    const plan = planOf(
      world(
        {
          users: [],
          contacts: [{ ...before, title: 'Chief' }],
          contactStates: [contactState({ contactId: before.id, psaLink, synced })],
          psa: psaSnapshot({ contacts: [twin], linkedTo: new Map([[twin.id, before.id]]) }),
        },
        { push },
      ),
    );

    expect(changesOf(plan, 'psa-update')).toHaveLength(times);
  });
});

describe('P8 locations without counterpart', () => {
  it('P8 are told once each, with how many contacts wait', () => {
    const annex = location({ id: '502', name: 'Annexe' });
    const contacts = ['jane', 'max', 'ada'].map((name, position) => namedContact(name, position, { locationId: '502' }));
    const locations = [{ id: '77', name: 'Annex', main: true }];
    const plan = planOf(
      world(
        { contacts, users: [], locations: [annex], psa: psaSnapshot({ locations }), organizationState: organizationState() },
        { push: 'direct' },
      ),
    );

    expect(plan.notices.filter((notice) => notice.includes('Annexe'))).toEqual([
      'Kaseya BMS has no location like "Annexe" at the company (it has Annex (77)): pin it with psa.locations; 3 contacts wait',
    ]);
  });
});
