import { describe, expect, it } from 'vitest';
import type { PsaContactInput } from '../../../core/model/psa-contact.ts';
import type { SyncedSide } from '../../../core/model/state.ts';
import { sideWhenSent } from '../../../core/two-way/side-when-sent.ts';

const sent: PsaContactInput = {
  companyId: '250',
  locationId: '201',
  firstName: 'Ada',
  lastName: 'Kesten',
  title: 'Fitter',
  emails: [{ value: 'Ada@Acme.test', typeId: '31', typeName: 'Work', primary: true }],
  phones: [{ phone: { raw: '+14155550101', e164: '+14155550101', extension: '12' }, typeId: '51', typeName: 'Work', primary: true }],
  contactTypeId: null,
  externalKey: null,
};

const asSent: SyncedSide = {
  firstName: 'Ada',
  lastName: 'Kesten',
  title: 'Fitter',
  location: '1001',
  emails: [{ key: 'ada@acme.test', type: 'Work', primary: true }],
  phones: [{ key: '14155550101', type: 'Work', primary: true, extension: '12' }],
};

describe('what IT Glue had when a create was sent', () => {
  it('is what it has, where nobody changed anything', () => {
    expect(sideWhenSent(asSent, sent)).toEqual(asSent);
  });

  it.each<[string, Partial<SyncedSide>]>([
    ['a last name', { lastName: 'Brand' }],
    ['a title that was cleared', { title: null }],
    ['another e-mail', { emails: [{ key: 'brand@acme.test', type: 'Work', primary: true }] }],
    ['an e-mail more', { emails: [...asSent.emails, { key: 'b@acme.test', type: 'Home', primary: false }] }],
    ['no phone', { phones: [] }],
  ])('P9 is what was sent, where somebody changed it since: %s', (_what, change) => {
    expect(sideWhenSent({ ...asSent, ...change }, sent)).toEqual(asSent);
  });

  it('P9 keeps the labels of what is still there', () => {
    const now = { ...asSent, emails: asSent.emails.map((item) => ({ ...item, type: 'AD Email' })) };

    expect(sideWhenSent(now, sent).emails).toEqual(now.emails);
    expect(sideWhenSent({ ...now, emails: [...now.emails, { key: 'b@acme.test', type: 'Home', primary: false }] }, sent).emails).toEqual(
      now.emails,
    );
  });
});
