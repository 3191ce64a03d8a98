import type { Location } from '../model/contact.ts';
import { nameKey } from '../normalize/person-name.ts';
import { mostCandidates, similarNames } from '../normalize/similar-names.ts';
import type { PsaLocation } from '../ports/psa.ts';

/** What of the PSA a location of IT Glue is looked for in. */
export interface KnownLocations {
  readonly displayName: string;
  readonly adapterNames: readonly string[];
  /** Of the company. */
  readonly locations: readonly PsaLocation[];
  /** `psa.locations`: IT Glue's name → id of the PSA's location. */
  readonly pins: Readonly<Record<string, string>>;
}

/** The PSA's location of an IT Glue location, or why there is none, with candidates, for people. */
export type LocationVerdict = { readonly kind: 'found'; readonly location: PsaLocation } | { readonly kind: 'none'; readonly why: string };

/**
 * Makes the judge of locations: pinned, else by a link that is not orphaned, else by equal name. A pin is an order: one that names
 * nothing is told, and nothing else takes its place.
 */
export function judgeLocations({ displayName, adapterNames, locations, pins }: KnownLocations): (location: Location) => LocationVerdict {
  const pinned = new Map(Object.entries(pins).map(([name, id]) => [nameKey(name), id]));
  const adapters = new Set(adapterNames.map((name) => name.toLowerCase()));
  const byId = new Map(locations.map((location) => [location.id, location]));
  const byName = new Map<string | null, readonly PsaLocation[]>();
  for (const location of locations) {
    const key = nameKey(location.name);
    if (key !== null) byName.set(key, [...(byName.get(key) ?? []), location]);
  }
  const pinIt = 'pin it with psa.locations';

  return ({ name, adapters: links }) => {
    const pin = pinned.get(nameKey(name));
    if (pin !== undefined) {
      const location = byId.get(pin);
      if (location !== undefined) return { kind: 'found', location };
      const why = `psa.locations pins "${name}" to the location ${pin}, which ${displayName} does not have at the company`;
      return { kind: 'none', why: `${why} (${candidatesFor(name, locations)})` };
    }
    const link = links.find((each) => adapters.has(each.adapter.toLowerCase()) && !each.orphaned);
    const linked = link?.remoteId == null ? undefined : byId.get(link.remoteId);
    if (linked !== undefined) return { kind: 'found', location: linked };
    const named = byName.get(nameKey(name)) ?? [];
    const [only] = named;
    if (only !== undefined && named.length === 1) return { kind: 'found', location: only };
    if (only !== undefined) {
      const ids = named.slice(0, mostCandidates).map(({ id }) => id);
      return { kind: 'none', why: `${displayName} has ${named.length} locations "${name}" at the company (${ids.join(', ')}): ${pinIt}` };
    }
    return {
      kind: 'none',
      why: `${displayName} has no location like "${name}" at the company (${candidatesFor(name, locations)}): ${pinIt}`,
    };
  };
}

/** What is shown of a contact that is held because of its location. */
export function misplacedText(why: string): string {
  return `Held: ${why}`;
}

/** Similar names first; where none is similar, what there is. */
function candidatesFor(name: string, locations: readonly PsaLocation[]): string {
  if (locations.length === 0) return 'it has none';
  const similar = similarNames(name, locations);
  const shown = similar.length > 0 ? similar : locations.slice(0, mostCandidates);
  const more = similar.length > 0 || locations.length <= mostCandidates ? '' : ' and more';
  return `it has ${shown.map((location) => `${location.name} (${location.id})`).join(', ')}${more}`;
}
