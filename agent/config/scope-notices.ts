import { canonicalDn, dnsNameOf, isBelow, isWithin } from '../../core/active-directory/distinguished-name.ts';
import { hindersChanges } from '../directory/filter/filter-attributes.ts';
import { parseFilter } from '../directory/filter/parse-filter.ts';
import type { DirectoryConfig } from './schema.ts';

/** Sentences about a scope that is right as it is written, but hardly what was meant. */
export function scopeNotices(directory: DirectoryConfig, path: string): readonly string[] {
  return [
    ...deltaNotices(directory, path),
    ...foreignNames(directory, path),
    ...nestedBases(directory, path),
    ...uselessExclusions(directory, path),
    ...contradictoryGroups(directory, path),
  ];
}

function deltaNotices(directory: DirectoryConfig, path: string): readonly string[] {
  if (directory.type !== 'active-directory' || !directory.delta || directory.filter === '') return [];
  const filter = parseFilter(directory.filter);
  const because = filter.ok ? hindersChanges(filter.value) : null;
  return because === null ? [] : [`${path}.filter: ${because}: all users are read each time, not only what changed.`];
}

/** A server holds one domain: what is asked of another one fails, or is answered with a referral. */
function foreignNames(directory: DirectoryConfig, path: string): readonly string[] {
  const domain = directory.type === 'active-directory' ? directory.domain.replace(/\.$/, '').toLowerCase() : '';
  if (!domain.includes('.')) return [];
  const named = (['searchBases', 'excludeOus'] as const).flatMap((key) => directory[key].map((dn, index) => ({ dn, key, index })));
  return named.flatMap(({ dn, key, index }) => {
    const other = dnsNameOf(dn);
    if (other === null || other === domain) return [];
    return [`${path}.${key}[${index}] belongs to the domain ${other}, not to ${domain}: each domain is a directory of its own.`];
  });
}

function nestedBases({ searchBases }: DirectoryConfig, path: string): readonly string[] {
  return searchBases.flatMap((base, index) => {
    const outer = searchBases.findIndex((other, place) => isBelow(base, other) || (place < index && isWithin(base, other)));
    return outer < 0 ? [] : [`${path}.searchBases[${index}] has no effect: it lies within searchBases[${outer}].`];
  });
}

function uselessExclusions({ searchBases, excludeOus }: DirectoryConfig, path: string): readonly string[] {
  if (searchBases.length === 0) return [];
  const swallowed = searchBases.flatMap((base, index) => {
    const by = excludeOus.findIndex((ou) => isWithin(base, ou));
    return by < 0 ? [] : [`${path}.searchBases[${index}] brings nobody: excludeOus[${by}] leaves all of it out.`];
  });
  const outside = excludeOus.flatMap((ou, index) =>
    searchBases.some((base) => isWithin(ou, base) || isWithin(base, ou))
      ? []
      : [`${path}.excludeOus[${index}] has no effect: it lies outside of the search bases.`],
  );
  return [...swallowed, ...outside];
}

function contradictoryGroups({ includeGroups, excludeGroups }: DirectoryConfig, path: string): readonly string[] {
  const excluded = new Set(excludeGroups.map(canonicalDn));
  return includeGroups.flatMap((group, index) =>
    excluded.has(canonicalDn(group)) ? [`${path}.includeGroups[${index}] brings nobody: it is in excludeGroups too.`] : [],
  );
}
