import { connect } from 'node:net';
import type { ServerFacts } from '../../../../core/ports/directory-examination.ts';
import { codeOf } from '../socket-error.ts';

type PortState = ServerFacts['ports'][number]['state'];

const unreachable: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTDOWN', 'ENETDOWN']);
/** The likeliest first: what one address lets through counts for all of the host. */
const order: readonly PortState[] = ['open', 'closed', 'filtered', 'no route'];

/** Connects by TCP to each address and hangs up; sends nothing. `ms` is how long the best one took. Never throws. */
export async function probePort(
  addresses: readonly string[],
  port: number,
  limitMs: number,
): Promise<{ readonly state: PortState; readonly ms: number }> {
  const tried = await Promise.all(addresses.map((address) => probeAddress(address, port, limitMs)));
  const [best] = tried.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.ms - b.ms);
  return best ?? { state: 'no route', ms: 0 };
}

function probeAddress(host: string, port: number, limitMs: number): Promise<{ readonly state: PortState; readonly ms: number }> {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect({ host, port });
    function end(state: PortState): void {
      clearTimeout(timer);
      socket.destroy();
      resolve({ state, ms: Math.round(performance.now() - began) });
    }
    const timer = setTimeout(() => end('filtered'), limitMs);
    socket.once('connect', () => end('open'));
    socket.on('error', (cause) => {
      const code = codeOf(cause) ?? '';
      if (code === 'ETIMEDOUT') end('filtered');
      // It was accepted, and then reset.
      else if (code === 'ECONNRESET') end('open');
      else end(unreachable.has(code) ? 'no route' : 'closed');
    });
  });
}
