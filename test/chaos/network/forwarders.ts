import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Address, Link, Network, Place } from './network.ts';

interface Way {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly link: Link;
  isCut: boolean;
}

/**
 * The poorer way, where there are no network namespaces: everything is on the loopback interface, and the ways of a place lead through
 * forwarders of this process. A cut ends what is connected: the other side hears of it, which a pulled cable would not tell.
 */
export function startForwarders(): Network {
  const ways: Way[] = [];
  const vendors = new Map<number, Way & { readonly port: number }>();
  let places = 0;

  async function openWay(link: Link, target: Address, source: string): Promise<Way & { readonly port: number }> {
    const sockets = new Set<Socket>();
    const way: Way = { server: createServer((near) => forward(way, near, target, source)), sockets, link, isCut: false };
    way.server.listen(0, '127.0.0.1');
    await once(way.server, 'listening');
    ways.push(way);
    return Object.assign(way, { port: (way.server.address() as { readonly port: number }).port });
  }

  return {
    kind: 'forwarders on the loopback interface',
    outsideHost: '127.0.0.1',
    outsideNames: ['IP:127.0.0.1'],
    place() {
      places += 1;
      const number = places;
      const own: Way[] = [];
      const source = (link: Link): string => `127.0.${number}.${{ front: 1, database: 2, cloud: 3 }[link]}`;
      const to = async (link: Link, port: number): Promise<Address> => {
        const way = await openWay(link, { host: '127.0.0.1', port }, source(link));
        own.push(way);
        return { host: '127.0.0.1', port: way.port };
      };
      // Vendors have one address for everybody, so all places share the way to them, and its cuts.
      const toVendor = async (port: number): Promise<Address> => {
        const way = vendors.get(port) ?? (await openWay('cloud', { host: '127.0.0.1', port }, source('cloud')));
        vendors.set(port, way);
        own.push(way);
        return { host: '127.0.0.1', port: way.port };
      };
      const set = (link: Link, isCut: boolean): void => {
        for (const way of own.filter((one) => one.link === link)) {
          way.isCut = isCut;
          if (isCut) for (const socket of way.sockets) socket.destroy();
        }
      };
      const place: Place = {
        prefix: [],
        listenHost: '127.0.0.1',
        outward: (link, port) => (link === 'cloud' ? toVendor(port) : to(link, port)),
        inward: to,
        source,
        cut: (link) => set(link, true),
        mend: (link) => set(link, false),
      };
      return place;
    },
    async [Symbol.asyncDispose]() {
      for (const { server, sockets } of ways) {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      }
    },
  };
}

function forward(way: Way, near: Socket, target: Address, source: string): void {
  if (way.isCut) {
    near.destroy();
    return;
  }
  const far = connect({ ...target, localAddress: source });
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    way.sockets.add(one);
    one.on('error', () => other.destroy());
    one.on('close', () => {
      way.sockets.delete(one);
      other.destroy();
    });
    one.pipe(other);
  }
}
