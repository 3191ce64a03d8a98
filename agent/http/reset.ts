import type { Socket } from 'node:net';
import { errorCode } from './connect-failure.ts';

/** undici closes all connections of an owner that has ended: nothing is under way on them. */
const inOrder = 'UND_ERR_DESTROYED';

/**
 * Has a connection that is given up reset (RST) and not closed. A close lets the system go on sending what it still holds: where a cable
 * was out, a request would reach its server minutes later, when another process has looked for it in vain and sent its own (A2). RFC
 * 9293, 3.9.1.6 "ABORT". `carrier` is the TCP connection under the socket, or itself.
 */
export function resetWhenGivenUp(socket: Socket, carrier: Socket): void {
  carrier.on('error', () => undefined);
  const destroy = socket.destroy.bind(socket);
  let isBeingReset = false;
  socket.destroy = (error?: Error): Socket => {
    if (error !== undefined && errorCode(error) !== inOrder && !carrier.destroyed) {
      isBeingReset = socket !== carrier;
      carrier.prependOnceListener('close', () => {
        isBeingReset = false;
        destroy(error);
      });
      reset(carrier);
    }
    // TLS that ends while the connection under it is being reset takes the whole process with it: Node 26 ends by a segmentation fault.
    if (!isBeingReset) destroy(error);
    return socket;
  };
}

/** What is no TCP connection (TLS to a proxy) can only be closed. */
function reset(carrier: Socket): void {
  try {
    carrier.resetAndDestroy();
  } catch {
    carrier.destroy();
  }
}
