import { describe, expect, it } from 'vitest';
import type { PushCandidate } from '../../../core/eligibility/psa-context.ts';
import { findTwin, judgeHits } from '../../../core/eligibility/psa-twin.ts';
import { type ContactId, contactId, type PsaContactId, psaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import { contactEmail, psaContact } from '../../fixtures/build.ts';
import { psaContext, pushCandidate } from '../../fixtures/build-plan.ts';

function twin(id: string, email: string | null, partial: Partial<PsaContact> = {}): PsaContact {
  const emails = email === null ? [] : [{ value: email, typeId: '1', typeName: 'Work', primary: true }];
  return psaContact({ id: psaContactId(id), emails, ...partial });
}

/** Both ways to decide must agree: over the list of the plan, and over contacts read afresh. */
function decide(
  contacts: readonly PsaContact[],
  candidate: Partial<PushCandidate> = {},
  linkedTo = new Map<PsaContactId, ContactId>(),
  hasExternalKey = false,
) {
  const context = psaContext({ contacts, linkedTo, hasExternalKey });
  const found = findTwin(pushCandidate(candidate), context);
  expect(judgeHits(pushCandidate(candidate), contacts, context)).toEqual(found);
  return found;
}

const mail = 'jane.doe@acme.test';

describe('looking for the contact in the PSA', () => {
  it('P8 nobody there: it may be created', () => {
    expect(decide([twin('1', 'x@acme.test', { firstName: 'Max' })])).toEqual({ kind: 'none' });
  });

  it.each([
    ['first', { firstName: 'JANE', lastName: 'Roe' }],
    ['last', { firstName: 'J.', lastName: ' doe' }],
  ])('P8 an e-mail hit with equal %s name is linked', (_which, names) => {
    expect(decide([twin('1', mail.toUpperCase(), names)])).toMatchObject({ kind: 'link', twin: { id: '1' } });
  });

  it('P8 any of its e-mails counts', () => {
    const emails = [contactEmail('new@acme.test'), contactEmail('old@acme.test', { primary: false })];
    expect(decide([twin('1', 'old@acme.test')], { emails })).toMatchObject({ kind: 'link' });
  });

  it('P8 an e-mail hit with other names is held', () => {
    expect(decide([twin('1', mail, { firstName: 'Max', lastName: 'Roe' })])).toMatchObject({ kind: 'hold', candidates: ['1'] });
    expect(decide([twin('1', mail, { firstName: null, lastName: null })])).toMatchObject({ kind: 'hold' });
    expect(decide([twin('1', mail)], { firstName: 'Max', lastName: null })).toMatchObject({ kind: 'hold' });
  });

  it('P8 a hit by name alone is held', () => {
    expect(decide([twin('1', null)])).toMatchObject({ kind: 'hold', candidates: ['1'] });
    expect(decide([twin('1', 'other@acme.test', { lastName: 'DOE' })])).toMatchObject({ kind: 'hold' });
  });

  it('P8 several e-mail hits are held, even if the name would decide', () => {
    const hits = [twin('1', mail), twin('2', mail, { firstName: 'Max', lastName: 'Roe' })];
    expect(decide(hits)).toMatchObject({ kind: 'hold', candidates: ['1', '2'] });
  });

  it('P8 several hits by different e-mails are held', () => {
    const emails = [contactEmail('new@acme.test'), contactEmail('old@acme.test', { primary: false })];
    expect(decide([twin('1', 'new@acme.test'), twin('2', 'old@acme.test')], { emails })).toMatchObject({ kind: 'hold' });
  });

  it('P8 one contact that is hit twice is one hit', () => {
    const both = psaContact({
      id: psaContactId('1'),
      emails: ['a@acme.test', 'b@acme.test'].map((value) => ({ value, typeId: '1', typeName: 'Work', primary: false })),
    });
    const emails = [contactEmail('a@acme.test'), contactEmail('b@acme.test', { primary: false })];
    expect(decide([both], { emails })).toMatchObject({ kind: 'link' });
  });

  it('P8 several hits by name are held', () => {
    expect(decide([twin('1', null), twin('2', null)])).toMatchObject({ kind: 'hold', candidates: ['1', '2'] });
  });

  it('P8 an e-mail hit decides before a hit by name', () => {
    const hits = [twin('1', mail, { lastName: 'Roe' }), twin('2', null)];
    expect(decide(hits)).toMatchObject({ kind: 'link', twin: { id: '1' } });
  });

  it('P8 an inactive hit is held, never reactivated', () => {
    expect(decide([twin('1', mail, { active: false })])).toMatchObject({ kind: 'hold', candidates: ['1'] });
    expect(decide([twin('1', null, { active: false })])).toMatchObject({ kind: 'hold' });
  });

  it('P8 a hit that is linked to another IT Glue contact is held', () => {
    const elsewhere = new Map([[psaContactId('1'), contactId('2222')]]);
    expect(decide([twin('1', mail)], {}, elsewhere)).toMatchObject({ kind: 'hold' });
    expect(decide([twin('1', mail)], { contactId: null }, elsewhere)).toMatchObject({ kind: 'hold' });
  });

  it('P8 a hit that is linked to this very contact is linked', () => {
    expect(decide([twin('1', mail)], {}, new Map([[psaContactId('1'), contactId('1001')]]))).toMatchObject({ kind: 'link' });
  });

  it('P8 a hit in another company is held', () => {
    expect(decide([twin('1', mail, { companyId: '900' })])).toMatchObject({ kind: 'hold', why: expect.stringContaining('900') as unknown });
  });

  it('P8 without e-mail and with half a name nobody can be hit', () => {
    expect(decide([twin('1', null, { lastName: null })], { emails: [], lastName: null })).toEqual({ kind: 'none' });
  });
});

describe('looking for the contact by its key', () => {
  const key = '6f9619ff-8b86';
  const keyed = (id: string, externalKey: string | null, partial: Partial<PsaContact> = {}): PsaContact =>
    twin(id, null, { firstName: 'Max', lastName: 'Roe', externalKey, ...partial });
  const byKey = (contacts: readonly PsaContact[], candidate: Partial<PushCandidate> = {}, linkedTo = new Map<PsaContactId, ContactId>()) =>
    decide(contacts, { externalKey: key, ...candidate }, linkedTo, true);

  it('P8 a key hit is linked, whatever its name and e-mail', () => {
    expect(byKey([keyed('1', key)])).toMatchObject({ kind: 'link', twin: { id: '1' } });
  });

  it.each([
    ['inactive', keyed('1', key, { active: false }), new Map<PsaContactId, ContactId>(), /inactive/],
    ['linked with another contact', keyed('1', key), new Map([[psaContactId('1'), contactId('2222')]]), /another IT Glue contact/],
    ['of another company', keyed('1', key, { companyId: '900' }), new Map<PsaContactId, ContactId>(), /another company/],
  ])('P8 a key hit that is %s is held', (_what, hit, linkedTo, why) => {
    expect(byKey([hit], {}, linkedTo)).toMatchObject({ kind: 'hold', why: expect.stringMatching(why) as unknown, candidates: ['1'] });
  });

  it('P8 several key hits are held, even if the e-mail would decide', () => {
    expect(byKey([keyed('1', key), keyed('2', key, { emails: twin('2', mail).emails })])).toMatchObject({
      kind: 'hold',
      candidates: ['1', '2'],
    });
  });

  it('P8 a key hit decides before the e-mail', () => {
    expect(byKey([keyed('1', key), twin('2', mail)])).toMatchObject({ kind: 'link', twin: { id: '1' } });
  });

  it('P8 finds what was pushed before its user came, and what was pushed without one', () => {
    const pushed = keyed('1', 'itglue:1001');
    expect(byKey([pushed])).toMatchObject({ kind: 'link' });
    expect(byKey([pushed], { externalKey: 'itglue:1001' })).toMatchObject({ kind: 'link' });
    expect(byKey([keyed('1', 'itglue:1001'), keyed('2', key)]), 'two contacts of one person').toMatchObject({ kind: 'hold' });
    expect(byKey([pushed], { contactId: null }), 'it is created by this plan').toEqual({ kind: 'none' });
  });

  it('P8 goes by no key where the PSA has none', () => {
    expect(decide([keyed('1', key)], { externalKey: key })).toEqual({ kind: 'none' });
  });
});
