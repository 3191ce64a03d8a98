import type { Location } from '../model/contact.ts';
import type { DirectoryUser } from '../model/directory-user.ts';
import type { OrganizationSettings } from '../model/settings.ts';
import { nameKey } from '../normalize/person-name.ts';

export interface LocationChoice {
  readonly locationId: string;
  readonly name: string;
  /** The step of E6 that decided, in words. */
  readonly why: string;
}

/** Locations of an organization by their names' canonical form; two of one name answer to none. */
export interface LocationIndex {
  find(name: string): Location | null;
  readonly primary: Location | null;
}

export function indexLocations(locations: readonly Location[]): LocationIndex {
  const byName = new Map<string, Location | null>();
  for (const location of locations) {
    const key = nameKey(location.name);
    if (key !== null) byName.set(key, byName.has(key) ? null : location);
  }
  // Offices are few, and asked for once a user.
  const asked = new Map<string, Location | null>();
  return {
    find(name) {
      const known = asked.get(name);
      if (known !== undefined) return known;
      const key = nameKey(name);
      const location = key === null ? null : (byName.get(key) ?? null);
      if (asked.size < 10_000) asked.set(name, location);
      return location;
    },
    primary: locations.find((location) => location.primary) ?? null,
  };
}

/** Chooses the location of a user, first step that answers (E6); `null` when none does. */
export function chooseLocation(user: DirectoryUser, settings: OrganizationSettings, locations: LocationIndex): LocationChoice | null {
  const { office } = user.person;
  const mapped = office === null ? undefined : ownEntry(settings.contacts.locationMap, office);
  if (mapped !== undefined) {
    const location = locations.find(mapped);
    if (location !== null) return choice(location, `contacts.locationMap names it for the office "${office}"`);
  }
  if (office !== null) {
    const location = locations.find(office);
    if (location !== null) return choice(location, 'its name equals the office');
  }
  const collectorLocation = ownEntry(settings.collectorLocations, user.firstCollector);
  if (collectorLocation !== undefined && collectorLocation !== '') {
    const location = locations.find(collectorLocation);
    if (location !== null) return choice(location, `the collector ${user.firstCollector}, which saw the user first, stands there`);
  }
  if (settings.contacts.locationFallback === 'primary' && locations.primary !== null) {
    return choice(locations.primary, 'it is the primary location of the organization');
  }
  return null;
}

/** An office may be named like something that every object has (`constructor`). */
function ownEntry(map: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function choice(location: Location, why: string): LocationChoice {
  return { locationId: location.id, name: location.name, why };
}
