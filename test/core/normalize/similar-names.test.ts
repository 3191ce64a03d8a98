import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { similarNames } from '../../../core/normalize/similar-names.ts';

function named(...names: readonly string[]) {
  return names.map((name, index) => ({ id: String(index + 1), name }));
}

function found(wanted: string, ...names: readonly string[]): readonly string[] {
  return similarNames(wanted, named(...names)).map(({ name }) => name);
}

describe('names like one that was not found', () => {
  it.each([
    ['Acme Fittings', 'Acme Fittings, Inc.'],
    ['Acme Fittings', 'ACME FITTINGS LTD'],
    ['Müller & Söhne', 'Mueller und Soehne GmbH'],
    ['Bauer G.m.b.H.', 'Bauer'],
    ["O'Brien Dental", 'OBrien Dental LLC'],
    ['AcmeFittings', 'Acme Fittings'],
    ['The Baker Group', 'Baker Group'],
    ['Acme Fittings', 'Acme Fitting'],
    ['Riverside Dental', 'Riverside Dentistry'],
    ['Acme', 'Acme Holdings'],
    ['Acme Fittings', 'Acme Fttings'],
    ['Depot Harbour', 'Harbour: Depot'],
  ])('P8 has for %s: %s', (wanted, name) => {
    expect(found(wanted, 'Zebra Printing', name, 'Quartz Mining')).toEqual([name]);
  });

  it.each([
    ['Acme Fittings', 'Zebra Printing'],
    ['Acme Inc', 'Zebra Inc'],
    ['Smith Dental Care Partners', 'Smith Brothers Roofing Supplies'],
    ['', 'Acme'],
    ['---', 'Acme'],
    ['Acme', ''],
  ])('P8 has for %s not: %s', (wanted, name) => {
    expect(found(wanted, name)).toEqual([]);
  });

  it('P8 puts the best first, at most five, and equal ones in the order of name and id', () => {
    const names = ['Acme North', 'Acme Fittings Inc', 'Acme South', 'Acme East', 'Acme West', 'Acme Fittings East', 'Acme Middle'];

    expect(found('Acme Fittings', ...names)).toEqual(['Acme Fittings Inc', 'Acme Fittings East', 'Acme East', 'Acme Middle', 'Acme North']);
    expect(similarNames('Acme', [...named('Acme Ltd', 'Acme Ltd')].reverse()).map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('P8 counts a rare word more than one that many have', () => {
    const crowd = Array.from({ length: 30 }, (_, index) => `Services Number ${index}`);

    expect(found('Falkner Services', ...crowd, 'Falkner Roofing')[0]).toBe('Falkner Roofing');
  });

  it('P8 tells names by their legal form when there is nothing else', () => {
    expect(found('Inc Ltd', 'Inc Ltd', 'GmbH')).toEqual(['Inc Ltd']);
  });

  it('P8 has the name itself first, whatever else there is, and does not depend on the order of the list', () => {
    const word = fc.stringMatching(/^q[bcdfg]{3,7}$/);
    const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 20 }), (wanted, names) => {
        const others = names.filter((other) => other.replaceAll(' ', '') !== wanted.replaceAll(' ', ''));
        const items = named(...others, `${wanted.toUpperCase()} Inc.`);
        const result = similarNames(wanted, items);

        expect(result.length).toBeLessThanOrEqual(5);
        expect(result[0]?.name).toBe(`${wanted.toUpperCase()} Inc.`);
        expect(similarNames(wanted, [...items].reverse())).toEqual(result);
      }),
    );
  });

  it('P8 goes through a long list in no time', () => {
    const many = named(...Array.from({ length: 20_000 }, (_, index) => `Company ${index} of the ${index % 97} Streets`));
    const started = performance.now();

    similarNames('Company 77 Streets', many);

    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
