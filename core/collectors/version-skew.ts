/** How far the version of a collector is from that of its hub. */
export type VersionSkew = 'older' | 'newer' | null;

/** Hub and collector understand each other as long as their releases are at most this far apart. */
const mostMinorReleases = 1;

/**
 * Whether the collector's version is more than one minor release away from the hub's, and to which side; another major release is.
 * `null` too when one of the two is no version: nothing is said of what is not known.
 */
export function versionSkew(collector: string, hub: string): VersionSkew {
  const [theirs, ours] = [releaseOf(collector), releaseOf(hub)];
  if (theirs === null || ours === null) return null;
  const apart = theirs.major === ours.major ? theirs.minor - ours.minor : (theirs.major - ours.major) * Number.POSITIVE_INFINITY;
  if (Math.abs(apart) <= mostMinorReleases) return null;
  return apart < 0 ? 'older' : 'newer';
}

/** Of `1.4.2`, `v1.4` and `1.4.2-rc.1`: what fixes or a candidate change is understood. */
function releaseOf(version: string): { readonly major: number; readonly minor: number } | null {
  const found = /^v?(\d{1,9})\.(\d{1,9})(?:[.+-]|$)/u.exec(version.trim());
  return found === null ? null : { major: Number(found[1]), minor: Number(found[2]) };
}
