import { describe, expect, it } from 'vitest';
import { judgeLocations } from '../../../core/eligibility/psa-location.ts';
import type { AdapterLink, Location } from '../../../core/model/contact.ts';
import type { PsaLocation } from '../../../core/ports/psa.ts';
import { location } from '../../fixtures/build.ts';

const head: PsaLocation = { id: '77', name: 'Head Office', main: true };
const depot: PsaLocation = { id: '78', name: 'Depot (Harbour)', main: false };

function linked(partial: Partial<AdapterLink> = {}): Partial<Location> {
  return { adapters: [{ adapter: 'Kaseya BMS', remoteId: '78', sync: true, orphaned: false, ...partial }] };
}

function judge(of: Partial<Location>, more: { readonly pins?: Record<string, string>; readonly locations?: readonly PsaLocation[] } = {}) {
  const judgeOne = judgeLocations({
    displayName: 'Kaseya BMS',
    adapterNames: ['Kaseya BMS'],
    locations: more.locations ?? [head, depot],
    pins: more.pins ?? {},
  });
  const verdict = judgeOne(location({ name: 'Head Office', ...of }));
  return verdict.kind === 'found' ? verdict.location.id : verdict.why;
}

describe("the PSA's location of one of IT Glue", () => {
  it.each([
    ['of equal name, whatever the case', { name: ' HEAD office ' }, {}, '77'],
    ['that is linked, before the name', linked(), {}, '78'],
    ['of equal name, when the link is orphaned', linked({ orphaned: true }), {}, '77'],
    ['of equal name, when the link leads nowhere', linked({ remoteId: '9' }), {}, '77'],
    ['of equal name, when the link is of another integration', linked({ adapter: 'Autotask' }), {}, '77'],
    ['that is pinned, before link and name', linked(), { pins: { 'head OFFICE': '77' } }, '77'],
  ])('P8 is the one %s', (_words, of, more, expected) => {
    expect(judge(of, more)).toBe(expected);
  });

  it.each([
    [
      'a name that nothing has: the similar ones',
      { name: 'Harbour Depot' },
      {},
      'Kaseya BMS has no location like "Harbour Depot" at the company (it has Depot (Harbour) (78)): pin it with psa.locations',
    ],
    ['a name like none: what there is', { name: 'Moon' }, {}, '(it has Head Office (77), Depot (Harbour) (78))'],
    ['a company without any', {}, { locations: [] }, '(it has none)'],
    [
      'a pin that names none: an order is not made up for',
      {},
      { pins: { 'Head Office': '9' } },
      'psa.locations pins "Head Office" to the location 9, which Kaseya BMS does not have at the company (it has Head Office (77))',
    ],
    [
      'a name that several have',
      {},
      { locations: [head, { ...head, id: '79' }] },
      'Kaseya BMS has 2 locations "Head Office" at the company (77, 79): pin it with psa.locations',
    ],
  ])('P8 is told with candidates for %s', (_words, of, more, expected) => {
    expect(judge(of, more)).toContain(expected);
  });

  it('P8 names five at most of many', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({
      id: String(index),
      name: `Place ${String.fromCharCode(97 + index)}x`,
      main: false,
    }));

    expect(judge({ name: 'Moon' }, { locations: many })).toContain('Place ex (4) and more)');
  });
});
