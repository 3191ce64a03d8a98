import { describe, expect, it } from 'vitest';
import { chooseLocation, indexLocations } from '../../../core/enrich/location.ts';
import { directoryUser, location, organizationSettings } from '../../fixtures/build.ts';

const locations = [
  location({ id: '1', name: 'Head Office', primary: true }),
  location({ id: '2', name: 'Straße 5', primary: false }),
  location({ id: '3', name: 'Lab', primary: false }),
  location({ id: '4', name: 'Twin', primary: false }),
  location({ id: '5', name: 'twin ', primary: false }),
];

function choose(office: string | null, settings: Parameters<typeof organizationSettings>[0] = {}, firstCollector = 'acme-hq') {
  const user = directoryUser({ firstCollector, person: { office } });
  return chooseLocation(user, organizationSettings(settings), indexLocations(locations))?.locationId ?? null;
}

describe('chooseLocation', () => {
  const map = { contacts: { locationMap: { Lab: 'Head Office', Nowhere: 'No such place' } } };
  const collectors = { collectorLocations: { 'acme-hq': 'Lab', 'acme-branch': '' } };

  it('E6 the map comes first', () => {
    expect(choose('Lab', map)).toBe('1');
  });

  it('E6 a map to a location that does not exist goes on to the next step', () => {
    expect(choose('Nowhere', { ...map, ...collectors })).toBe('3');
  });

  it('E6 then the location named like the office: trimmed, NFC, case-folded', () => {
    expect(choose('  STRASSE 5 ')).toBe('2');
    expect(choose('lab', map)).toBe('3');
  });

  it('E6 two locations of that name answer to none', () => {
    expect(choose('Twin')).toBeNull();
  });

  it('E6 then the location of the collector that first saw the user', () => {
    expect(choose(null, collectors)).toBe('3');
    expect(choose('Elsewhere', collectors)).toBe('3');
    expect(choose(null, collectors, 'acme-branch')).toBeNull();
  });

  it('E6 then the primary one, if the fallback says so', () => {
    expect(choose('Elsewhere', { contacts: { locationFallback: 'primary' } })).toBe('1');
  });

  it('E6 else none', () => {
    expect(choose('Elsewhere')).toBeNull();
    expect(choose(null)).toBeNull();
  });

  it.each(['constructor', '__proto__', 'toString'])('E6 an office named %s is an office like any other', (office) => {
    expect(choose(office, { ...map, ...collectors })).toBe('3');
    expect(choose(office, {}, office)).toBeNull();
  });
});
