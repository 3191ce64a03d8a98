import { parseDn } from '../../../core/active-directory/distinguished-name.ts';
import type { ReadTally } from '../read-tally.ts';
import { referredDomain } from './ldap-error.ts';

/** What a search does with a reference: the addresses of one name the same place, so the first is judged. */
export function referenceJudge(tally: ReadTally): (urls: readonly string[]) => void {
  return (urls) => {
    for (const url of urls.slice(0, 1)) judgeReference(url, tally);
  };
}

/**
 * Judges a reference that a server sends instead of entries it does not hold. A domain refers to its DNS and configuration
 * partitions, which hold no users, and to child domains, which are directories of their own: noted, not followed. Anything else
 * is a part of the base that was not read, and leaves the read unproven.
 */
export function judgeReference(url: string, tally: ReadTally): void {
  const host = referredDomain(url) ?? 'another server';
  const path = /^ldaps?:\/\/[^/]*\/([^?]*)/i.exec(url)?.[1] ?? '';
  const dn = parseDn(decode(path));
  const first = dn.ok ? dn.value[0]?.[0] : undefined;
  if (first?.type === 'dc') {
    if (!/^(?:domain|forest)dnszones$/i.test(first.value)) tally.leaveOut(`everything in ${host}: add it as a directory of its own`);
    return;
  }
  if (first?.type === 'cn' && /^(?:configuration|schema)$/i.test(first.value)) return;
  tally.gap(`a part of the search base is on ${host} and was not read`);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
