import { describe, expect, it } from 'vitest';
import type { Contact } from '../../core/model/contact.ts';
import { contactId, psaContactId } from '../../core/model/ids.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import type { PsaSettings } from '../../core/model/settings.ts';
import { contactFingerprint } from '../../core/plan/fingerprint.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { Reconciled, ReconcileInput } from '../../core/reconcile-input.ts';
import { contactEmail, contactState, organizationSettings, organizationState, psaContact, testMoment } from '../fixtures/build.ts';
import { appliedMatch, changesOf, namedContact, namedUser, psaSnapshot, reconcileInput, waitingCanary } from '../fixtures/build-plan.ts';

type Given = Partial<Omit<ReconcileInput, 'settings'>> & { readonly psaSettings?: Partial<PsaSettings>; readonly create?: 'auto' | 'off' };

function run({ psaSettings = {}, create = 'off', ...partial }: Given): Reconciled {
  const settings = organizationSettings({ contacts: { overlay: 'none', create }, psa: psaSettings });
  return reconcile(reconcileInput({ settings, psa: psaSnapshot(), ...partial }));
}

function viewOf(reconciled: Reconciled, id = '1001') {
  const view = reconciled.contactViews.find((each) => each.contactId === id)?.psa;
  if (view === undefined) throw new Error(`no view of contact ${id}`);
  return view;
}

function turns(reconciled: Reconciled) {
  return changesOf(reconciled.plan, 'push').map((change) => [change.contactId ?? change.user, change.turn]);
}

function twin(id: string, email: string, partial: Partial<PsaContact> = {}): PsaContact {
  const emails = [{ value: email, typeId: '1', typeName: 'Work', primary: true }];
  return psaContact({ id: psaContactId(id), emails, locationId: '77', ...partial });
}

const jane = namedUser('jane');
const janes = namedContact('jane', 0);
const matched = { users: [jane], contacts: [janes] };
const matchedBefore = { ...matched, userStates: [appliedMatch('jane', '1001')] };
const notYet = 'Record not yet pushed to Kaseya BMS. To trigger a push, try updating the record';

describe('what is pushed', () => {
  it('P3 a created contact is pushed at once, two-way on or off', () => {
    const user = namedUser('jane', {
      person: { phone: { raw: '+14155550100', e164: '+14155550100', extension: null }, office: 'Head Office' },
    });
    for (const twoWay of [false, true]) {
      const [push] = changesOf(run({ users: [user], create: 'auto', psaSettings: { twoWay } }).plan, 'push');
      expect(push).toMatchObject({ rule: 'P3', contactId: null, user: user.id, pushWant: { rule: 'P3', since: testMoment } });
    }
  });

  it('P3 a created contact that is not eligible is pushed once it is: the want stays with it', () => {
    const { plan } = run({ users: [jane], create: 'auto' });
    expect(changesOf(plan, 'push')).toEqual([]);
    expect(changesOf(plan, 'create')[0]?.pushWant).toEqual({ rule: 'P3', since: testMoment });
  });

  it('P3 a new match with a contact that is not linked is pushed with two-way on, also when no field changes', () => {
    const { plan } = run({ ...matched, psaSettings: { twoWay: true } });
    expect(changesOf(plan, 'update')).toEqual([]);
    expect(changesOf(plan, 'push')).toMatchObject([{ rule: 'P3', contactId: '1001' }]);
    expect(changesOf(plan, 'match')[0]?.pushWant).toEqual({ rule: 'P3', since: testMoment });
  });

  it('P3 without two-way a new match is not yet pushed', () => {
    const reconciled = run(matched);
    expect(changesOf(reconciled.plan, 'push')).toEqual([]);
    expect(viewOf(reconciled)).toMatchObject({ state: 'not-yet-pushed', message: notYet });
  });

  it('P3 a match made before two-way was on is not yet pushed', () => {
    const reconciled = run({ ...matchedBefore, psaSettings: { twoWay: true } });
    expect(changesOf(reconciled.plan, 'push')).toEqual([]);
    expect(viewOf(reconciled).state).toBe('not-yet-pushed');
  });

  it('P3 AD status is no reason not to push a contact that exists', () => {
    const users = [namedUser('jane', { account: { disabled: true } })];
    expect(changesOf(run({ ...matched, users, psaSettings: { twoWay: true } }).plan, 'push')).toHaveLength(1);
  });

  const linked: readonly (readonly [string, Partial<Contact>, Partial<Parameters<typeof contactState>[0]>])[] = [
    ['psa-integration', { psaIntegration: 'enabled' }, {}],
    ['an orphaned psa-integration', { psaIntegration: 'orphaned' }, {}],
    ['a link of the PSA', { adapters: [{ adapter: 'kaseya bms', remoteId: null, sync: false, orphaned: true }] }, {}],
    [
      "rollcall's own link",
      {},
      { psaLink: { psaContactId: psaContactId('9'), companyId: '250', createdByRollcall: true, complete: true, linkedAt: 0 } },
    ],
  ];
  it.each(linked)('P3 a contact with %s is never pushed as new', (_words, contact, state) => {
    const given = {
      users: [jane],
      contacts: [{ ...janes, ...contact }],
      contactStates: [contactState(state)],
      psaSettings: { twoWay: true },
    };
    const reconciled = run(given);
    expect(changesOf(reconciled.plan, 'push')).toEqual([]);
    expect(viewOf(reconciled).badge).toBe(true);
    const request = run({ ...given, pushRequest: { all: true, contactIds: [] } });
    expect(changesOf(request.plan, 'push')).toEqual([]);
  });

  it('P4 a contact from before, unmatched, is not yet pushed, and says so', () => {
    const reconciled = run({ contacts: [janes], psaSettings: { twoWay: true } });
    expect(viewOf(reconciled)).toEqual({ badge: true, state: 'not-yet-pushed', message: notYet, missing: [], candidates: [] });
  });

  it('P4 it is pushed once a person changed a mapped field', () => {
    const seen = contactState({ fingerprint: contactFingerprint({ ...janes, title: 'Old' }) });
    const organization = organizationState({ twoWaySince: testMoment - 1 });
    const { plan } = run({ contacts: [janes], contactStates: [seen], organizationState: organization, psaSettings: { twoWay: true } });
    expect(changesOf(plan, 'push')).toMatchObject([{ rule: 'P4', contactId: '1001', user: null }]);
    expect(plan.observations.wants).toEqual({ '1001': { rule: 'P4', since: testMoment } });
  });

  it('P4 a change from before two-way does not count', () => {
    const seen = contactState({ fingerprint: 'another' });
    const { plan } = run({ contacts: [janes], contactStates: [seen], psaSettings: { twoWay: true } });
    expect(changesOf(plan, 'push')).toEqual([]);
    expect(plan.observations.fingerprints).toEqual({ '1001': contactFingerprint(janes) });
  });

  it('P4 without two-way a change pushes nothing', () => {
    const seen = contactState({ fingerprint: 'another' });
    const organization = organizationState({ twoWaySince: testMoment - 1 });
    expect(changesOf(run({ contacts: [janes], contactStates: [seen], organizationState: organization }).plan, 'push')).toEqual([]);
  });

  it('P4 an update by this very plan pushes it', () => {
    const users = [namedUser('jane', { person: { title: 'CEO' } })];
    const { plan } = run({ ...matchedBefore, users, psaSettings: { twoWay: true } });
    expect(changesOf(plan, 'push')).toMatchObject([{ rule: 'P4', input: { title: 'CEO' } }]);
  });

  it('P4 a change of what is not mapped pushes nothing', () => {
    const seen = contactState({ fingerprint: contactFingerprint(janes) });
    const contacts = [{ ...janes, notes: 'New.', important: true, contactTypeId: '3', updatedAt: testMoment }];
    const organization = organizationState({ twoWaySince: testMoment - 1 });
    expect(
      changesOf(run({ contacts, contactStates: [seen], organizationState: organization, psaSettings: { twoWay: true } }).plan, 'push'),
    ).toEqual([]);
  });

  it('P6 a contact that appears later is not yet pushed either', () => {
    const organization = organizationState({ twoWaySince: testMoment - 1 });
    const contacts = [{ ...janes, createdAt: testMoment }];
    expect(viewOf(run({ contacts, organizationState: organization, psaSettings: { twoWay: true } })).state).toBe('not-yet-pushed');
  });

  it('P5 a one-time push takes all syncable contacts, matched or not, and changes nothing in IT Glue', () => {
    const users = [namedUser('jane', { person: { title: 'CEO' } })];
    const contacts = [janes, namedContact('max', 1), { ...namedContact('ada', 2), phones: [] }];
    const { plan } = run({ users, contacts, pushRequest: { all: true, contactIds: [] }, psaSettings: { settleMinutes: 0 } });
    expect(plan.changes.map((change) => [change.kind, change.rule])).toEqual([
      ['push', 'P5'],
      ['push', 'P5'],
    ]);
  });

  it('P5 a push of named contacts takes these alone', () => {
    const contacts = [janes, namedContact('max', 1)];
    const { plan } = run({ contacts, pushRequest: { all: false, contactIds: [contactId('1002')] } });
    expect(changesOf(plan, 'push').map((change) => change.contactId)).toEqual(['1002']);
  });

  it('P5 what waits for the canary is wanted on', () => {
    const contacts = [janes, namedContact('max', 1)];
    const { plan } = run({ contacts, pushRequest: { all: true, contactIds: [] } });
    expect(plan.observations.wants).toEqual({ '1002': { rule: 'P5', since: testMoment } });
  });

  it('P7 an organization that is not set to sync pushes nothing, and says why', () => {
    const reconciled = run({ ...matched, psaSettings: { twoWay: true }, psa: psaSnapshot({ excluded: 'not set to sync', company: null }) });
    expect(changesOf(reconciled.plan, 'push')).toEqual([]);
    expect(viewOf(reconciled)).toMatchObject({ state: 'off', badge: false, message: 'not set to sync' });
    expect(reconciled.plan.notices).toContain('not set to sync');
  });
});

describe('badge and state', () => {
  it('P11 a contact in the PSA or eligible for it has the badge, others have not', () => {
    expect(viewOf(run({ contacts: [janes] })).badge).toBe(true);
    expect(viewOf(run({ contacts: [{ ...janes, psaIntegration: 'enabled', phones: [] }] })).badge).toBe(true);
    expect(viewOf(run({ contacts: [{ ...janes, phones: [] }] }))).toMatchObject({
      badge: false,
      state: 'not-eligible',
      missing: ['phone'],
    });
  });

  it('P10 with psa.push off nothing is pushed', () => {
    const reconciled = run({ ...matched, psaSettings: { twoWay: true, push: 'off' } });
    expect(reconciled.plan.changes.map((change) => change.kind)).toEqual(['match']);
    expect(viewOf(reconciled).state).toBe('off');
  });

  it('P10 with psa.push it-glue rollcall creates nothing in the PSA', () => {
    const reconciled = run({ ...matched, psaSettings: { twoWay: true, push: 'it-glue' } });
    expect(changesOf(reconciled.plan, 'push')).toEqual([]);
    expect(viewOf(reconciled).state).toBe('waiting');
  });
});

describe('contacts that are in the PSA already', () => {
  const want = { ...matched, psaSettings: { twoWay: true } };

  it('P8 a sure hit is linked, blanks are filled on both sides, the rest are conflicts', () => {
    const contacts = [{ ...janes, firstName: 'Jane', lastName: 'Doe', title: null }];
    const psa = psaSnapshot({ contacts: [twin('9001', 'jane.doe@acme.test', { lastName: 'Roe', title: 'Boss', locationId: '78' })] });
    const { plan } = run({ ...want, contacts, psa });
    expect(changesOf(plan, 'link')).toMatchObject([{ contactId: '1001', psaContactId: '9001', companyId: '250' }]);
    expect(changesOf(plan, 'link')[0]?.patch.addPhones).toHaveLength(1);
    expect(changesOf(plan, 'update')).toMatchObject([{ rule: 'P8', patch: { title: 'Boss' }, before: { title: null } }]);
    expect(plan.conflicts.map((conflict) => [conflict.field, conflict.ours, conflict.theirs])).toEqual([
      ['lastName', 'Doe', 'Roe'],
      ['location', 'Head Office', '78'],
    ]);
  });

  it('P8 what the PSA fills goes along with what the directory writes', () => {
    const users = [namedUser('jane', { person: { title: 'CEO' } })];
    const contacts = [{ ...janes, lastName: null }];
    const psa = psaSnapshot({ contacts: [twin('9001', 'jane.doe@acme.test', { lastName: 'Roe' })] });
    const withoutLastName = [namedUser('jane', { person: { title: 'CEO', lastName: null } })];
    const { plan } = run({ ...want, users: withoutLastName, contacts, psa });
    expect(changesOf(plan, 'update')).toMatchObject([
      { patch: { title: 'CEO', lastName: 'Roe' }, before: { title: null, lastName: null } },
    ]);
    // The directory comes first where it has a value: the PSA then differs and is shown.
    expect(changesOf(run({ ...want, users, contacts, psa }).plan, 'update')[0]?.patch.lastName).toBe('Doe');
  });

  it('P8 blanks of a contact that others own are not filled in IT Glue', () => {
    const owned = { ...janes, title: null, adapters: [{ adapter: 'Microsoft', remoteId: '5', sync: true, orphaned: false }] };
    const psa = psaSnapshot({ contacts: [twin('9001', 'jane.doe@acme.test', { title: 'Boss' })] });
    const seen = contactState({ fingerprint: 'another' });
    const state = organizationState({ twoWaySince: testMoment - 1 });
    for (const users of [[jane], []]) {
      const { plan } = run({
        users,
        contacts: [owned],
        contactStates: [seen],
        organizationState: state,
        psa,
        psaSettings: { twoWay: true },
      });
      expect(changesOf(plan, 'link')).toHaveLength(1);
      expect(changesOf(plan, 'update')).toEqual([]);
    }
  });

  it('P8 a doubtful hit is held with its candidates, and shown', () => {
    const psa = psaSnapshot({ contacts: [twin('9001', 'jane.doe@acme.test', { active: false })] });
    const reconciled = run({ ...want, psa });
    expect(changesOf(reconciled.plan, 'push')).toEqual([]);
    expect(viewOf(reconciled)).toMatchObject({ state: 'held', candidates: ['9001'] });
  });

  it('P1 a value that the PSA has no room for is told with its limit, and the plan names the contact', () => {
    const contacts = [namedContact('jane', 0, { firstName: 'J'.repeat(31) })];
    const requirements = { ...psaSnapshot().requirements, longest: { ...psaSnapshot().requirements.longest, firstName: 30 } };
    const reconciled = run({ ...matched, contacts, psa: psaSnapshot({ requirements }), psaSettings: { twoWay: true } });

    expect(changesOf(reconciled.plan, 'push')).toEqual([]);
    expect(viewOf(reconciled)).toMatchObject({
      state: 'not-eligible',
      message: 'Not pushed to Kaseya BMS: Kaseya BMS takes no first name of more than 30 characters',
    });
    expect(reconciled.plan.notices).toEqual([
      expect.stringMatching(/^1 contact not pushed: Kaseya BMS has no room for a value of it \(J+ .+\)/),
    ]);
  });

  it('P8 two contacts that could be the same PSA contact are both held', () => {
    const shared = 'desk@acme.test';
    const contacts = [0, 1].map((position) =>
      namedContact('jane', position, { emails: [contactEmail(shared)], firstName: position === 0 ? 'Jane' : 'June' }),
    );
    const psa = psaSnapshot({ contacts: [twin('9001', shared)] });
    const reconciled = run({ contacts, psa, pushRequest: { all: true, contactIds: [] } });
    expect(reconciled.plan.changes).toEqual([]);
    for (const id of ['1001', '1002']) expect(viewOf(reconciled, id)).toMatchObject({ state: 'held', candidates: ['9001'] });
  });

  it('P8 two contacts of one plan that would be twins in the PSA: the later one is held', () => {
    const contacts = [namedContact('jane', 1), namedContact('jane', 0)];
    const reconciled = run({ contacts, pushRequest: { all: true, contactIds: [] }, psaSettings: { settleMinutes: 0 } });
    expect(turns(reconciled)).toEqual([['1001', 'go']]);
    expect(viewOf(reconciled, '1002')).toMatchObject({ state: 'held' });
  });

  it('A2 a create that was cut off before its second call is made up for', () => {
    const psaLink = { psaContactId: psaContactId('9001'), companyId: '250', createdByRollcall: true, complete: false, linkedAt: 0 };
    const { plan } = run({ ...matchedBefore, contacts: [{ ...janes, title: 'CEO' }], contactStates: [contactState({ psaLink })] });
    expect(plan.changes).toMatchObject([{ kind: 'complete', psaContactId: '9001', input: { title: 'CEO' } }]);
  });
});

describe('the canary', () => {
  const contacts = [janes, namedContact('max', 1), namedContact('ada', 2)];
  const all = { contacts, pushRequest: { all: true, contactIds: [] } };

  it('P10 of the first creates one is the canary, the others wait', () => {
    const reconciled = run(all);
    expect(turns(reconciled)).toEqual([
      ['1001', 'canary'],
      ['1002', 'wait'],
      ['1003', 'wait'],
    ]);
    expect(viewOf(reconciled, '1002')).toMatchObject({ state: 'waiting', message: 'waiting for the canary' });
  });

  it('P10 while it settles all creates wait', () => {
    const state = organizationState({ canary: waitingCanary({ contactId: contactId('999') }) });
    expect(turns(run({ ...all, organizationState: state })).map(([, turn]) => turn)).toEqual(['wait', 'wait', 'wait']);
  });

  it('P10 after the settle time they go', () => {
    const canary = waitingCanary({ contactId: contactId('999'), startedAt: testMoment - 15 * 60_000 });
    const reconciled = run({ ...all, organizationState: organizationState({ canary }) });
    expect(turns(reconciled).map(([, turn]) => turn)).toEqual(['go', 'go', 'go']);
    expect(reconciled.observed.organization.canary?.state).toBe('clear');
  });

  it('P10 settleMinutes 0 switches the canary off', () => {
    expect(turns(run({ ...all, psaSettings: { settleMinutes: 0 } })).map(([, turn]) => turn)).toEqual(['go', 'go', 'go']);
  });

  it('P10 a link that is not ours holds the organization and advises it-glue', () => {
    const adapters = [{ adapter: 'Kaseya BMS', remoteId: '777', sync: true, orphaned: false }];
    const canary = waitingCanary();
    const reconciled = run({
      contacts: [{ ...janes, adapters }, namedContact('max', 1)],
      organizationState: organizationState({ canary }),
    });
    expect(reconciled.plan.held?.reason).toBe('PSA_DOUBLE_PUSH');
    expect(reconciled.plan.notices.join(' ')).toContain('it-glue');
    expect(reconciled.observed.organization.canary?.state).toBe('tripped');
    expect(viewOf(reconciled, '1002').state).toBe('held');
  });

  it('P10 without the company nothing is judged', () => {
    const canary = waitingCanary({ startedAt: 0 });
    const psa = psaSnapshot({ company: null, companyProblem: 'gone' });
    expect(run({ contacts, organizationState: organizationState({ canary }), psa }).observed.organization.canary?.state).toBe('waiting');
  });
});
