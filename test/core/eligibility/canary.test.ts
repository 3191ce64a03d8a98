import { describe, expect, it } from 'vitest';
import { type CanarySight, judgeCanary } from '../../../core/eligibility/canary.ts';
import type { Contact } from '../../../core/model/contact.ts';
import { psaContactId } from '../../../core/model/ids.ts';
import { contact, contactEmail, psaContact, testMoment } from '../../fixtures/build.ts';
import { waitingCanary } from '../../fixtures/build-plan.ts';

const minute = 60_000;
const email = { value: 'jane.doe@acme.test', typeId: '1', typeName: 'Work', primary: true };

function judge(partial: Partial<CanarySight> & { readonly minutes?: number; readonly adapters?: Contact['adapters'] } = {}) {
  const { minutes = 1, adapters = [], ...sight } = partial;
  return judgeCanary({
    canary: waitingCanary({ startedAt: testMoment }),
    contact: contact({ emails: [contactEmail('jane.doe@acme.test')], adapters }),
    psaContacts: [psaContact({ id: psaContactId('9001'), emails: [email] })],
    adapterNames: ['Kaseya BMS'],
    settleMinutes: 15,
    now: testMoment + minutes * minute,
    ...sight,
  });
}

function link(remoteId: string | null, adapter = 'kaseya bms') {
  return { adapter, remoteId, sync: true, orphaned: false };
}

describe('judgeCanary', () => {
  it('P10 waits until settleMinutes are over, then it is clear', () => {
    expect(judge({ minutes: 14.9 })).toBe('waiting');
    expect(judge({ minutes: 15 })).toBe('clear');
  });

  it('P10 a link that is not ours trips it, also when the time is over', () => {
    expect(judge({ adapters: [link('9002')] })).toBe('tripped');
    expect(judge({ adapters: [link('9002')], minutes: 20 })).toBe('tripped');
  });

  it('P10 our own link, one of another integration and one without id do not trip it', () => {
    expect(judge({ adapters: [link('9001'), link('5', 'Autotask'), link(null)] })).toBe('waiting');
  });

  it('P10 a second contact in the PSA with its e-mail trips it', () => {
    const second = psaContact({ id: psaContactId('9002'), emails: [{ ...email, value: 'Jane.Doe@acme.test' }] });
    expect(judge({ psaContacts: [psaContact({ id: psaContactId('9001'), emails: [email] }), second] })).toBe('tripped');
    expect(judge({ psaContacts: [psaContact({ id: psaContactId('9003') })] })).toBe('waiting');
  });

  it('P10 judges nothing while its own create is not settled', () => {
    const canary = waitingCanary({ startedAt: testMoment, psaContactId: null });
    expect(judge({ canary, adapters: [link('9002')] })).toBe('waiting');
  });

  it('P10 a contact that is not in the list any more trips nothing', () => {
    expect(judge({ contact: null })).toBe('waiting');
  });

  it('P10 what was judged stays', () => {
    expect(judge({ canary: waitingCanary({ state: 'tripped' }), minutes: 99 })).toBe('tripped');
    expect(judge({ canary: waitingCanary({ state: 'clear' }), adapters: [link('9002')] })).toBe('clear');
  });
});
