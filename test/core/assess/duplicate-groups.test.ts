import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDuplicates } from '../../../core/assess/duplicate-groups.ts';
import type { Contact } from '../../../core/model/contact.ts';
import { contactId } from '../../../core/model/ids.ts';
import { contact, contactEmail, contactPhone } from '../../fixtures/build.ts';

interface Sketch {
  readonly first: string | null;
  readonly last: string | null;
  readonly mail?: string;
  readonly phone?: string;
}

function contacts(...sketches: readonly Sketch[]): Contact[] {
  return sketches.map(({ first, last, mail, phone }, index) =>
    contact({
      id: contactId(String(1001 + index)),
      firstName: first,
      lastName: last,
      emails: mail === undefined ? [] : [contactEmail(mail)],
      phones: phone === undefined ? [] : [contactPhone(phone)],
    }),
  );
}

const jane: Sketch = { first: 'Jane', last: 'Doe', mail: 'jane@acme.test' };

describe('duplicate contacts', () => {
  it.each<{ what: string; other: Sketch; evidence: readonly string[] }>([
    { what: 'the same e-mail and name', other: { ...jane, mail: 'JANE@acme.test' }, evidence: ['same e-mail jane@acme.test', 'same name'] },
    {
      what: 'the same e-mail and the name with accents',
      other: { ...jane, first: 'Jané' },
      evidence: ['same e-mail jane@acme.test', 'same name, written differently'],
    },
    {
      what: 'the same e-mail and the names swapped',
      other: { first: 'Doe', last: 'Jane', mail: 'jane@acme.test' },
      evidence: ['same e-mail jane@acme.test', 'same name, written differently'],
    },
    {
      what: 'the same e-mail and only the initial',
      other: { ...jane, first: 'J.' },
      evidence: ['same e-mail jane@acme.test', 'same last name and first initial'],
    },
  ])('are one person with $what', ({ other, evidence }) => {
    const groups = findDuplicates(contacts(jane, { first: 'Max', last: 'Feld' }, other));

    expect(groups.samePerson).toEqual([{ positions: [0, 2], evidence }]);
    expect(groups.namesakes).toEqual([]);
    expect(groups.sharedEmail).toEqual([]);
  });

  it('are one person with the same phone and name', () => {
    const groups = findDuplicates(
      contacts({ first: 'Jane', last: 'Doe', phone: '+14155550100' }, { first: 'Jane', last: 'Doe', phone: '(415) 555-0100' }),
    );

    expect(groups.samePerson).toEqual([{ positions: [0, 1], evidence: ['same phone +14155550100', 'same name'] }]);
  });

  it('are not told by a phone that four contacts have', () => {
    const line = '+14155550100';
    const groups = findDuplicates(
      contacts(
        { first: 'Jane', last: 'Doe', phone: line },
        { first: 'Jane', last: 'Doe', phone: line },
        { first: 'Max', last: 'Feld', phone: line },
        { first: 'Ida', last: 'York', phone: line },
      ),
    );

    expect(groups.samePerson).toEqual([]);
    expect(groups.namesakes).toEqual([{ positions: [0, 1], evidence: ['same first and last name'] }]);
  });

  it('are not one person when the initial could be several', () => {
    const groups = findDuplicates(contacts(jane, { ...jane, first: 'Joan' }, { ...jane, first: 'J' }));

    expect(groups.samePerson).toEqual([]);
    expect(groups.sharedEmail).toEqual([{ positions: [0, 1, 2], evidence: ['same e-mail jane@acme.test'] }]);
  });

  it('join over a third contact', () => {
    const groups = findDuplicates(
      contacts(jane, { first: 'Jane', last: 'Doe', phone: '+14155550100' }, { ...jane, phone: '+14155550100' }),
    );

    expect(groups.samePerson.map(({ positions }) => positions)).toEqual([[0, 1, 2]]);
  });

  it('share an address under other names', () => {
    const groups = findDuplicates(contacts(jane, { first: 'Max', last: 'Feld', mail: 'jane@acme.test' }));

    expect(groups.samePerson).toEqual([]);
    expect(groups.sharedEmail).toEqual([{ positions: [0, 1], evidence: ['same e-mail jane@acme.test'] }]);
  });

  it('count a fax number for nothing', () => {
    const [first, second] = contacts({ first: 'Jane', last: 'Doe' }, { first: 'Jane', last: 'Doe' });
    const fax = [contactPhone('+14155550100', { kind: 'fax' })];
    const groups = findDuplicates([first, second].flatMap((each) => (each === undefined ? [] : [{ ...each, phones: fax }])));

    expect(groups.samePerson).toEqual([]);
  });

  const sketch = fc.record({
    first: fc.constantFrom('Jane', 'jane', 'J.', 'Joan', 'Max', null),
    last: fc.constantFrom('Doe', 'DOE', 'Feld', 'Jane'),
    mail: fc.constantFrom('a@x.test', 'A@x.test', 'b@x.test', 'c@x.test'),
    phone: fc.constantFrom('+14155550100', '415 555 0100', '+14155550101', '12'),
  });

  it('are the same groups in any order', () => {
    fc.assert(
      fc.property(
        fc
          .array(sketch, { maxLength: 14 })
          .chain((all) => fc.tuple(fc.constant(contacts(...all)), fc.shuffledSubarray(contacts(...all), { minLength: all.length }))),
        ([all, shuffled]) => {
          const idsOf = (list: readonly Contact[]) =>
            findDuplicates(list)
              .samePerson.map(({ positions }) =>
                positions
                  .map((position) => list[position]?.id ?? '')
                  .sort()
                  .join(' '),
              )
              .sort();

          expect(idsOf(shuffled)).toEqual(idsOf(all));
        },
      ),
    );
  });

  it('hold each contact in one group of one person at most, and never alone', () => {
    fc.assert(
      fc.property(fc.array(sketch, { maxLength: 20 }), (all) => {
        const { samePerson, namesakes, sharedEmail } = findDuplicates(contacts(...all));
        const members = samePerson.flatMap(({ positions }) => positions);

        expect(new Set(members).size).toBe(members.length);
        for (const { positions, evidence } of [...samePerson, ...namesakes, ...sharedEmail]) {
          expect(positions.length).toBeGreaterThan(1);
          expect(evidence.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
