import { dnsNameOf, parseDn } from '../../../core/active-directory/distinguished-name.ts';
import { basesOfScope } from '../scope-key.ts';
import type { ActiveDirectoryConfig } from './config.ts';
import { scopeKeyOf, searchBasesOf } from './read-scope.ts';

/**
 * Tells without asking a server whether a read of what is configured now has this scope. Where no base is configured a read takes the
 * domain's root: then the scope's one base has to be the root of a domain, and of the configured one where that is named in full.
 */
export function hasScope(config: ActiveDirectoryConfig, scopeKey: string): boolean {
  if (config.searchBases.length > 0) return scopeKeyOf(config, searchBasesOf(config, null)) === scopeKey;
  const [base, ...others] = basesOfScope(scopeKey);
  if (base === undefined || others.length > 0 || !isRootOf(base, config.domain)) return false;
  return scopeKeyOf(config, [base]) === scopeKey;
}

function isRootOf(base: string, domain: string): boolean {
  const parsed = parseDn(base);
  if (!parsed.ok || !parsed.value.every((rdn) => rdn.every(({ type }) => type === 'dc'))) return false;
  const wanted = domain.replace(/\.$/, '').toLowerCase();
  return !wanted.includes('.') || dnsNameOf(base) === wanted;
}
