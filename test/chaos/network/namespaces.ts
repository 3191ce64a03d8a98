import { execFileSync } from 'node:child_process';
import process from 'node:process';
import type { Link, Network, Place } from './network.ts';

const family = 'rollcall-chaos';
const links: readonly Link[] = ['front', 'database', 'cloud'];
/** Third part of the addresses by which the outside is reached over each kind of link; links are numbered from 0. */
const outside: Readonly<Record<Link, number>> = { front: 201, database: 202, cloud: 203 };

function ip(...words: readonly string[]): string {
  return execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Why none can be made here, in words, or `null` when they can. */
export function namespacesMissing(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces are made by root on Linux only';
  const name = `${family}-look-${process.pid}`;
  try {
    ip('netns', 'add', name);
    try {
      ip('netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up');
      ip('link', 'add', `rcl${process.pid}`, 'type', 'veth', 'peer', 'name', 'rcpeer', 'netns', name);
    } finally {
      ip('netns', 'delete', name);
    }
    return null;
  } catch (error) {
    return `network namespaces cannot be made (${error instanceof Error ? (error.message.split('\n').at(-2) ?? error.message) : ''})`;
  }
}

/**
 * Each place is a network namespace, each link a pair of interfaces of its own; a cut takes the outer one down, so that packets vanish
 * without a word and the connections stay, as when a cable is pulled.
 */
export function startNamespaces(): Network {
  removeLeftOvers();
  const names: string[] = [];
  let made = 0;
  const first = freeSubnet();
  const gateway = (index: number): string => `10.${first}.${index}.1`;
  const target = (link: Link): string => `10.${first}.${outside[link]}.1`;
  const ownName = `${family}-${process.pid}-outside`;
  const ownEnd = `rc${process.pid % 100_000}o`;
  ip('netns', 'add', ownName);
  names.push(ownName);
  // The addresses of the outside are on an interface that goes with a namespace, so nothing of them stays behind.
  ip('link', 'add', ownEnd, 'type', 'veth', 'peer', 'name', 'outside', 'netns', ownName);
  ip('-n', ownName, 'link', 'set', 'outside', 'up');
  ip('link', 'set', ownEnd, 'up');
  for (const link of links) ip('address', 'add', `${target(link)}/32`, 'dev', ownEnd);

  return {
    kind: 'network namespaces',
    outsideHost: '0.0.0.0',
    outsideNames: links.map((link) => `IP:${target(link)}`),
    place(name, wanted) {
      const namespace = `${family}-${process.pid}-${name}`;
      ip('netns', 'add', namespace);
      names.push(namespace);
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
      const own = new Map<Link, { readonly index: number; readonly outer: string }>();
      for (const link of wanted) {
        const index = made;
        made += 1;
        const outer = `rc${process.pid % 100_000}x${index}`;
        ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', link, 'netns', namespace);
        ip('address', 'add', `${gateway(index)}/24`, 'dev', outer);
        ip('link', 'set', outer, 'up');
        ip('-n', namespace, 'address', 'add', `10.${first}.${index}.2/24`, 'dev', link);
        ip('-n', namespace, 'link', 'set', link, 'up');
        ip('-n', namespace, 'route', 'add', `${target(link)}/32`, 'via', gateway(index), 'dev', link);
        own.set(link, { index, outer });
      }
      const at = (link: Link): { readonly index: number; readonly outer: string } => {
        const found = own.get(link);
        if (found === undefined) throw new Error(`"${name}" has no link "${link}".`);
        return found;
      };
      const place: Place = {
        // A host name of its own: processes that share one are taken for neighbours who can see each other.
        prefix: ['ip', 'netns', 'exec', namespace, 'unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', name],
        listenHost: '0.0.0.0',
        outward: (link, port) => Promise.resolve({ host: target(link), port }),
        inward: (link, port) => Promise.resolve({ host: place.source(link), port }),
        source: (link) => `10.${first}.${at(link).index}.2`,
        cut: (link) => void ip('link', 'set', at(link).outer, 'down'),
        mend: (link) => void ip('link', 'set', at(link).outer, 'up'),
      };
      return place;
    },
    [Symbol.asyncDispose]() {
      for (const name of names) ip('netns', 'delete', name);
      return Promise.resolve();
    },
  };
}

/** Of runs that were killed; their interfaces go along. */
function removeLeftOvers(): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const [, name = '', pid = ''] = /^(rollcall-chaos-(\d+)-\S+)/.exec(line) ?? [];
    if (name === '' || isAlive(Number(pid))) continue;
    ip('netns', 'delete', name);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Two runs at once do not get into each other's way. */
function freeSubnet(): number {
  const taken = ip('-o', '-4', 'address', 'show');
  const free = Array.from({ length: 40 }, (_, index) => 213 + index).find((second) => second <= 254 && !taken.includes(` 10.${second}.`));
  if (free === undefined) throw new Error('There is no free subnet.');
  return free;
}
