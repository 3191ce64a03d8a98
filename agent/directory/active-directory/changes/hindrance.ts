import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import { hindersChanges } from '../../filter/filter-attributes.ts';
import { scopeKeyOf, searchBasesOf } from '../read-scope.ts';
import type { ChangesRead } from './changes-read.ts';
import { madeOf } from './checkpoint.ts';

/** A policy that cannot be seen may have changed unseen: then the computed attributes of all are read once in this time. */
const policyPatienceMs = 24 * 60 * 60_000;
/**
 * Deletions and rights that come and go are not all told as changes, and tombstones are kept for 60 days at least: without a schedule of
 * its own (cron, a machine that was off, a store from a backup) everything is read again after this time.
 */
const fullPatienceMs = 32 * 24 * 60 * 60_000;
const clockPatienceMs = 60 * 60_000;

/** Why changes cannot be asked for, as far as it is known before the server is asked; `null`: they can. */
export function hindrance(read: Pick<ChangesRead, 'config' | 'filter' | 'checkpoint'> & { readonly now: number }): string | null {
  const { config, filter, checkpoint, now } = read;
  const bases = searchBasesOf(config, checkpoint.domainRoot);
  if (scopeKeyOf(config, bases) !== checkpoint.scopeKey) return 'who is read has been changed';
  const watched = [...new Set((config.watchedGroups ?? []).map((group) => canonicalDn(group) ?? group.trim().toLowerCase()))].sort();
  if (watched.some((group) => !checkpoint.watched.includes(group) && isOfDomain(group, checkpoint.domainRoot))) {
    return 'contacts.contactTypeRules name a group that was not asked for before';
  }
  if (madeOf(config) !== checkpoint.madeOf) return 'the records of users are made another way than before';
  const aged = now - checkpoint.fullAt;
  if (aged >= fullPatienceMs || aged < -clockPatienceMs) return 'everything was read last more than a month ago, or at a time yet to come';
  if (checkpoint.policies === 'hidden' && (aged >= policyPatienceMs || aged < 0)) {
    return 'fine-grained password policies may not be read, so all users are read once a day';
  }
  return filter === null ? null : hindersChanges(filter);
}

function isOfDomain(group: string, domainRoot: string): boolean {
  const root = canonicalDn(domainRoot);
  return root !== null && group.endsWith(root) && !group.slice(0, group.length - root.length).includes('dc=');
}
