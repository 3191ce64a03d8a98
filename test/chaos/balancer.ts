import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { Address } from './network/network.ts';

/** What collectors know as the hub: it hands each connection on to a hub that answers. */
export interface Balancer extends AsyncDisposable {
  readonly port: number;
  /** From now on these are looked at and handed to. */
  aim(hubs: readonly Address[]): void;
}

const lookEveryMs = 1_000;
const answerWithinMs = 1_500;

/** As people put one in front of servers: TCP only, one hub for one client, and nobody for one that ends no TLS handshake in time. */
export async function startBalancer(host: string): Promise<Balancer> {
  let hubs: readonly Address[] = [];
  const well = new Set<Address>();
  const sockets = new Set<Socket>();

  const server = createServer((near) => {
    const candidates = hubs.filter((hub) => well.has(hub));
    const target = candidates[numberOf(near.remoteAddress ?? '') % Math.max(1, candidates.length)];
    if (target === undefined) {
      near.destroy();
      return;
    }
    const far = connect(target);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, host);
  await once(server, 'listening');
  const timer = setInterval(() => {
    for (const hub of hubs) {
      void answers(hub).then((isWell) => (isWell ? well.add(hub) : well.delete(hub)));
    }
  }, lookEveryMs);

  return {
    port: (server.address() as { readonly port: number }).port,
    aim(wanted) {
      hubs = wanted;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The same for the same text. */
function numberOf(text: string): number {
  return Buffer.from(text).reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 7);
}

function answers(hub: Address): Promise<boolean> {
  return new Promise((resolve) => {
    // Whether it is alive is asked, not who it is: collectors prove that end to end.
    const socket = connectSecurely({ ...hub, rejectUnauthorized: false });
    const end = (isWell: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isWell);
    };
    const timer = setTimeout(() => end(false), answerWithinMs);
    socket.once('secureConnect', () => end(true));
    socket.once('error', () => end(false));
  });
}
