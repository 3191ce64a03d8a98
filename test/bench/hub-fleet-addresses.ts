import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket, type TcpSocketConnectOpts } from 'node:net';

const source = new AsyncLocalStorage<string>();
type Connect = (this: Socket, ...given: unknown[]) => Socket;

/**
 * Connections that `work` opens go out from this address of the machine. The hub bounds requests and connections of an address, and
 * collectors of a bench share one machine; the product itself has no use for such a setting.
 */
export function goingOutFrom<Result>(address: string, work: () => Promise<Result>): Promise<Result> {
  return source.run(address, work);
}

/** Lets `goingOutFrom` work, until it is undone by what this answers with. */
export function chooseAddresses(): () => void {
  const prototype = Socket.prototype as unknown as { connect: Connect };
  const { connect } = prototype;
  prototype.connect = function connectFrom(...given) {
    const localAddress = source.getStore();
    const [options, ...rest] = given;
    if (localAddress === undefined || !isTcp(options)) return connect.apply(this, given);
    return connect.apply(this, [{ ...options, localAddress }, ...rest]);
  };
  return () => {
    prototype.connect = connect;
  };
}

function isTcp(options: unknown): options is TcpSocketConnectOpts {
  return typeof options === 'object' && options !== null && !Array.isArray(options) && 'port' in options;
}
