import type { ServiceRecord } from './domain-resolver.ts';

/** A domain controller that DNS named. */
export interface FoundServer extends ServiceRecord {
  /** It is named for the collector's own site. */
  readonly fromSite: boolean;
}

/** More a domain has only where a site of one's own is known; each that is tried costs time. */
export const mostServers = 32;

const hostPattern = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A target as a host name: lower case, without the dot at its end. `null` for none (RFC 2782: `.`) and for what is no name. */
export function hostOf(target: string): string | null {
  const name = target.replace(/\.$/, '').toLowerCase();
  const last = name.slice(name.lastIndexOf('.') + 1);
  // Such a last label would make an address of it.
  return hostPattern.test(name) && !/^(?:\d+|0x[0-9a-f]*)$/.test(last) ? name : null;
}

/**
 * Orders records as RFC 2782 asks: by priority, and within one priority by lot, each as often first as its weight says. Names are
 * made equal, unusable ones and repeats left out. `random` gives numbers from 0 up to 1.
 */
export function orderByWeight(records: readonly ServiceRecord[], random: () => number): readonly ServiceRecord[] {
  const named = records.flatMap((record) => {
    const name = hostOf(record.name);
    return name === null ? [] : [{ ...record, name }];
  });
  const priorities = [...new Set(named.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  const drawn = priorities.flatMap((priority) =>
    draw(
      named.filter((record) => record.priority === priority),
      random,
    ),
  );
  const seen = new Set<string>();
  return drawn.filter(({ name }) => !seen.has(name) && seen.add(name));
}

function draw(records: readonly ServiceRecord[], random: () => number): readonly ServiceRecord[] {
  // Those of weight 0 come first in the sums, which leaves them a small chance.
  const left = records.toSorted((a, b) => Number(a.weight > 0) - Number(b.weight > 0));
  const order: ServiceRecord[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, { weight }) => total + weight, 0);
    let lot = Math.floor(random() * (sum + 1));
    const index = left.findIndex(({ weight }) => {
      lot -= weight;
      return lot <= 0;
    });
    order.push(...left.splice(Math.max(0, index), 1));
  }
  return order;
}

/** Those of the site first, then the domain's; each once, at most 32. */
export function orderServers(
  records: { readonly site: readonly ServiceRecord[]; readonly domain: readonly ServiceRecord[] },
  random: () => number,
): readonly FoundServer[] {
  const near = orderByWeight(records.site, random).map((record) => ({ ...record, fromSite: true }));
  const names = new Set(near.map(({ name }) => name));
  const far = orderByWeight(records.domain, random).filter(({ name }) => !names.has(name));
  return [...near, ...far.map((record) => ({ ...record, fromSite: false }))].slice(0, mostServers);
}
