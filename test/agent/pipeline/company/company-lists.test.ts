import { describe, expect, it } from 'vitest';
import { CompanyLists } from '../../../../agent/pipeline/company/company-lists.ts';
import { createFakePsa } from '../../../fixtures/fake-psa.ts';

const minute = 60_000;

function setUp() {
  const psa = createFakePsa();
  return { psa, lists: new CompanyLists(), reads: () => psa.calls.filter((call) => call === 'listCompanies').length };
}

describe('the list of companies', () => {
  it('P8 is read once an hour, however often it is asked for', async () => {
    const { psa, lists, reads } = setUp();

    const all = await Promise.all([lists.of(psa, 'bms', 0), lists.of(psa, 'bms', minute), lists.of(psa, 'bms', 59 * minute)]);
    const before = reads();
    await lists.of(psa, 'bms', 60 * minute);

    expect(all.map((companies) => companies.map(({ id }) => id))).toEqual([['250'], ['250'], ['250']]);
    expect([before, reads()]).toEqual([1, 2]);
  });

  it('P8 of another PSA is another one, and a clock that was set back makes none of tomorrow', async () => {
    const { psa, lists, reads } = setUp();

    await lists.of(psa, 'bms', 10 * minute);
    await lists.of(psa, 'vorex', 10 * minute);
    await lists.of(psa, 'bms', 0);

    expect(reads()).toBe(3);
  });

  it('P8 that could not be read is not kept', async () => {
    const { psa, lists } = setUp();
    psa.listCompanies = () => Promise.reject(new Error('no answer'));
    await expect(lists.of(psa, 'bms', 0)).rejects.toThrow('no answer');
    psa.listCompanies = () => Promise.resolve([{ id: '9', name: 'Nine' }]);

    expect(await lists.of(psa, 'bms', minute)).toEqual([{ id: '9', name: 'Nine' }]);
  });
});
