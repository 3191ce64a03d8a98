import { canonicalDn } from '../../core/active-directory/distinguished-name.ts';

/** What decides which users a read can see. */
export interface ScopeWords {
  /** The account that reads; empty for a file. */
  readonly reader: string;
  readonly searchBases: readonly string[];
  readonly filter: string;
  readonly excludeOus: readonly string[];
  readonly includeGroups: readonly string[];
  readonly excludeGroups: readonly string[];
}

/** Makes the text that is equal for equal scopes, whatever the order and the spelling of names (C1). */
export function scopeKey(words: ScopeWords): string {
  return JSON.stringify([
    words.reader.trim().toLowerCase(),
    names(words.searchBases),
    words.filter.trim(),
    names(words.excludeOus),
    names(words.includeGroups),
    names(words.excludeGroups),
  ]);
}

/** The search bases in the text of `scopeKey`; empty when it is none. */
export function basesOfScope(key: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(key);
    const bases: unknown = Array.isArray(words) ? words[1] : null;
    return Array.isArray(bases) && bases.every((base) => typeof base === 'string') ? bases : [];
  } catch {
    return [];
  }
}

function names(dns: readonly string[]): readonly string[] {
  return [...new Set(dns.map((dn) => canonicalDn(dn) ?? dn.trim().toLowerCase()))].sort();
}
