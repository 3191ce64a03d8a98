import { describe, expect, it } from 'vitest';
import { psaSide } from '../../../core/two-way/sides.ts';
import { undoneBase } from '../../../core/undo/undone-base.ts';
import { psaContact } from '../../fixtures/build.ts';

const mail = (value: string, primary = false) => ({ value, typeId: '1', typeName: null, primary });

describe('P9 A5 the base after an undo', () => {
  const inStep = psaSide(psaContact({ title: 'Captain', emails: [mail('a@acme.test', true), mail('b@acme.test')] }));
  const base = { psaContactId: psaContact().id, itGlue: inStep, psa: inStep };

  it('P9 follows what the undo put back, on its side only', () => {
    const before = psaContact({ title: 'Captain', emails: [mail('a@acme.test', true), mail('b@acme.test')] });
    const after = { ...before, title: 'Buyer', emails: [mail('a@acme.test', true)] };
    const undone = undoneBase(base, { side: 'psa', before: psaSide(before), after: psaSide(after) });
    expect(undone?.psa).toEqual(psaSide(after));
    expect(undone?.itGlue).toEqual(inStep);
  });

  it('P9 keeps what somebody changed on that side a change that is still to go', () => {
    const before = psaContact({
      title: 'Captain',
      lastName: 'Roe',
      emails: [mail('a@acme.test', true), mail('b@acme.test'), mail('own@acme.test')],
    });
    const after = { ...before, title: 'Buyer', emails: before.emails.filter(({ value }) => value !== 'b@acme.test') };
    const undone = undoneBase(base, { side: 'psa', before: psaSide(before), after: psaSide(after) });
    expect(undone?.psa).toMatchObject({ title: 'Buyer', lastName: 'Doe' });
    expect(undone?.psa.emails.map(({ key }) => key)).toEqual(['a@acme.test']);
  });

  it('P9 makes no base where there is none', () => {
    expect(undoneBase(null, { side: 'psa', before: inStep, after: inStep })).toBeNull();
  });
});
