import { describe, expect, it } from 'vitest';
import { externalKeyOf } from '../../core/eligibility/psa-context.ts';
import { contactId, psaContactId } from '../../core/model/ids.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ReconcileInput } from '../../core/reconcile-input.ts';
import { contactState, organizationSettings, psaContact, testMoment } from '../fixtures/build.ts';
import { autotaskRequirements, changesOf, namedContact, namedUser, psaSnapshot, reconcileInput } from '../fixtures/build-plan.ts';

const jane = namedUser('jane');
const janes = namedContact('jane', 0);
const janesKey = externalKeyOf(jane.immutableId, janes.id);

function pushed(externalKey: string | null, partial: Partial<PsaContact> = {}): PsaContact {
  return psaContact({ id: psaContactId('9001'), firstName: 'Johanna', lastName: 'Roe', externalKey, ...partial });
}

function plan(contacts: readonly PsaContact[], partial: Partial<ReconcileInput> = {}) {
  return reconcile(
    reconcileInput({
      settings: organizationSettings({ contacts: { overlay: 'none' }, psa: { twoWay: true } }),
      psa: psaSnapshot({ requirements: autotaskRequirements, hasExternalKey: true, contacts }),
      contacts: [janes],
      ...partial,
    }),
  );
}

describe('links that the store has lost', () => {
  it.each([
    ['of its user', janesKey, [jane]],
    ['of a time before its user came', `itglue:${janes.id}`, [jane]],
    ['of a contact without a user', `itglue:${janes.id}`, []],
  ])('P8 are learned again from the key %s: nothing is created', (_what, key, users) => {
    const reconciled = plan([pushed(key)], { users });

    expect(changesOf(reconciled.plan, 'push')).toEqual([]);
    expect(changesOf(reconciled.plan, 'link')).toMatchObject([{ contactId: janes.id, psaContactId: '9001', rule: 'P8' }]);
    expect(changesOf(reconciled.plan, 'link')[0]?.patch.externalKey, 'the PSA keeps the key that it has').toBeUndefined();
  });

  it('P8 are held when two contacts carry the key', () => {
    const reconciled = plan([pushed(janesKey), pushed(`itglue:${janes.id}`, { id: psaContactId('9002') })], { users: [jane] });

    expect(changesOf(reconciled.plan, 'link')).toEqual([]);
    expect(changesOf(reconciled.plan, 'push')).toEqual([]);
    expect(reconciled.contactViews[0]?.psa).toMatchObject({ state: 'held', candidates: ['9001', '9002'] });
  });

  it('P5 a one-time push of others leaves them to the next sync', () => {
    const pushRequest = { all: false, contactIds: [contactId('4711')] };
    expect(plan([pushed(`itglue:${janes.id}`)], { pushRequest }).plan.changes).toEqual([]);
  });

  it('P8 are not looked for where the link is known', () => {
    const psaLink = { psaContactId: psaContactId('9001'), companyId: '250', createdByRollcall: true, complete: true, linkedAt: testMoment };
    const reconciled = plan([pushed(janesKey)], { users: [jane], contactStates: [contactState({ contactId: janes.id, psaLink })] });
    expect([...changesOf(reconciled.plan, 'link'), ...changesOf(reconciled.plan, 'push')]).toEqual([]);
  });
});

describe('a first link', () => {
  const twin = pushed(null, {
    firstName: janes.firstName,
    emails: [{ value: 'jane.doe@acme.test', typeId: null, typeName: null, primary: true }],
  });

  it('P8 writes the key where the contact has none', () => {
    const [link] = changesOf(plan([twin], { users: [jane] }).plan, 'link');
    expect(link).toMatchObject({ patch: { externalKey: janesKey }, fields: { key: { from: null, to: janesKey } } });
  });

  it('P8 leaves a key of somebody else', () => {
    const [link] = changesOf(plan([{ ...twin, externalKey: 'crm-17' }], { users: [jane] }).plan, 'link');
    expect(link?.patch.externalKey).toBeUndefined();
  });
});
