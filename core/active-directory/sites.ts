/** An IPv4 or IPv6 network: the bytes of its address (4 or 16), and how many bits of them count. */
export interface IpNetwork {
  readonly bytes: readonly number[];
  readonly prefix: number;
}

/** A subnet object of a forest. */
export interface ForestSubnet {
  /** As it is named there (`10.20.0.0/16`). */
  readonly name: string;
  /** The site it belongs to; `null`: it was given to none. */
  readonly site: string | null;
}

/** Which site a collector stands in, and by what that was seen. */
export interface SiteDecision {
  /** `null`: none of the forest's subnets fits. */
  readonly site: string | null;
  /** For people. */
  readonly why: string;
}

/** What of a forest no collector stands in. */
export interface SiteCoverage {
  readonly subnets: readonly ForestSubnet[];
  readonly sites: readonly string[];
}

const mostNamed = 3;

/**
 * Reads `10.20.0.0/16`, `fd00:20::/32`, or an address alone, which is a network of one. Bits behind the prefix are cleared; a
 * zone (`%eth0`) is left out; `::ffff:10.0.0.1` is the IPv4 address. `null` when it is neither.
 */
export function parseNetwork(text: string): IpNetwork | null {
  const match = /^([^/%\s]+)(?:%[^/\s]+)?(?:\/(\d{1,3}))?$/.exec(text.trim());
  const [, address, length] = match ?? [];
  const bytes = address === undefined ? null : parseAddress(address);
  if (bytes === null) return null;
  const bits = bytes.length * 8;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return null;
  const isMapped = bits === 128 && prefix >= 96 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return isMapped ? masked(bytes.slice(12), prefix - 96) : masked(bytes, prefix);
}

/** Tells whether all of `inner` lies in `outer`. */
export function holds(outer: IpNetwork, inner: IpNetwork): boolean {
  if (outer.bytes.length !== inner.bytes.length || outer.prefix > inner.prefix) return false;
  return masked(inner.bytes, outer.prefix).bytes.every((byte, index) => byte === outer.bytes[index]);
}

/**
 * Decides the collector's site as a domain controller does: by the longest of the forest's subnets that holds where it stands.
 * `own` are its subnets or addresses, in the order in which they count; loopback and link-local addresses say nothing. A subnet of the
 * collector that is wider than the forest's decides only when all it holds are of one site.
 */
export function decideSite(own: readonly string[], forest: readonly ForestSubnet[]): SiteDecision {
  const known = forest.flatMap((subnet) => {
    const network = parseNetwork(subnet.name);
    return network === null ? [] : [{ ...subnet, network }];
  });
  const places = own.flatMap((name) => {
    const network = parseNetwork(name);
    return network === null || isLocal(network) ? [] : [{ name, network }];
  });
  for (const { name, network } of places) {
    const found = longestHolding(known, network);
    if (found?.site != null) return { site: found.site, why: `${name} is in the subnet ${found.name} of the site ${found.site}` };
  }
  for (const { name, network } of places) {
    const sites = new Set(known.flatMap((subnet) => (subnet.site !== null && holds(network, subnet.network) ? [subnet.site] : [])));
    const [site] = sites;
    if (site !== undefined && sites.size === 1) return { site, why: `${name} holds subnets of the site ${site} alone` };
  }
  const named = places.slice(0, mostNamed).map(({ name }) => name);
  if (named.length === 0) return { site: null, why: 'this machine has no address that could be compared with the subnets of the forest' };
  if (known.length === 0) return { site: null, why: 'the forest has no subnets' };
  const rest = places.length > named.length ? ` and ${places.length - named.length} more` : '';
  return { site: null, why: `no subnet of the forest that belongs to a site holds ${named.join(', ')}${rest}` };
}

/**
 * Tells which of the forest's subnets and sites no collector stands in. A subnet is covered when a collector's subnet holds it, or
 * when it is the longest that holds a collector's subnet; a site when one of its subnets is, or when `stoodIn` names it.
 */
export function findUncovered(
  covered: readonly string[],
  forest: { readonly subnets: readonly ForestSubnet[]; readonly sites: readonly string[] },
  stoodIn: readonly string[] = [],
): SiteCoverage {
  const own = covered.flatMap((name) => parseNetwork(name) ?? []);
  const known = forest.subnets.map((subnet) => ({ ...subnet, network: parseNetwork(subnet.name) }));
  const readable = known.flatMap(({ network, ...subnet }) => (network === null ? [] : [{ ...subnet, network }]));
  const longest = new Set(own.map((network) => longestHolding(readable, network)?.name));
  const sites = new Set(stoodIn.map((site) => site.toLowerCase()));
  const subnets: ForestSubnet[] = [];
  for (const { name, site, network } of known) {
    const isCovered = network !== null && (longest.has(name) || own.some((wide) => holds(wide, network)));
    if (!isCovered) subnets.push({ name, site });
    else if (site !== null) sites.add(site.toLowerCase());
  }
  return { subnets, sites: forest.sites.filter((site) => !sites.has(site.toLowerCase())) };
}

function longestHolding<Known extends { readonly network: IpNetwork }>(known: readonly Known[], inner: IpNetwork): Known | null {
  let best: Known | null = null;
  for (const candidate of known) {
    if (holds(candidate.network, inner) && (best === null || candidate.network.prefix > best.network.prefix)) best = candidate;
  }
  return best;
}

/** An address of 127.0.0.0/8, 169.254.0.0/16 or fe80::/10, or ::1: there is one on every machine. A subnet somebody has chosen. */
function isLocal({ bytes, prefix }: IpNetwork): boolean {
  const [first, second = 0] = bytes;
  if (prefix < bytes.length * 8) return false;
  if (bytes.length === 4) return first === 127 || (first === 169 && second === 254);
  if (first === 0xfe && (second & 0xc0) === 0x80) return true;
  return bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
}

function masked(bytes: readonly number[], prefix: number): IpNetwork {
  return { bytes: bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - index * 8)))), prefix };
}

function parseAddress(text: string): readonly number[] | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): readonly number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

/** RFC 4291 section 2.2, with an IPv4 address as its last part too. */
function parseIpv6(text: string): readonly number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half, index) => (half === '' ? [] : groupsOf(half, index === halves.length - 1)));
  if (head == null || tail === null) return null;
  if (tail === undefined) return head.length === 16 ? head : null;
  const missing = 16 - head.length - tail.length;
  return missing < 2 ? null : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function groupsOf(half: string, isLast: boolean): readonly number[] | null {
  const parts = half.split(':');
  const bytes: number[] = [];
  for (const [index, part] of parts.entries()) {
    const address = isLast && index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : null;
    if (address !== null) bytes.push(...address);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) bytes.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff);
    else return null;
  }
  return bytes;
}
