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
function decide(contacts: readonly PsaContact[], candidate: Partial<PushCandidate> = {}, linkedTo = new Map<PsaContactId, ContactId>()) {
  const context = psaContext({ contacts, linkedTo });
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

  it('P8 without e-mail and with half a name nobody can be hit', () => {
    expect(decide([twin('1', null, { lastName: null })], { emails: [], lastName: null })).toEqual({ kind: 'none' });
  });
});
