import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';

/** A server by TLS that hands everything on to a plain one: it gives a sandbox, which speaks http, an address by https. */
export interface TlsFront extends AsyncDisposable {
  readonly port: number;
}

/** Listens with this certificate, on 127.0.0.1 unless told otherwise; `targetPort` is the plain server's, on 127.0.0.1. */
export async function startTlsFront(
  targetPort: number,
  certificate: { readonly key: string; readonly cert: string },
  host = '127.0.0.1',
): Promise<TlsFront> {
  const open = new Set<Socket>();
  const server = createServer({ ...certificate, ALPNProtocols: ['http/1.1'] }, (secure) => {
    const plain = connect(targetPort, '127.0.0.1');
    open.add(secure).add(plain);
    // Whatever ends one side ends the other.
    pipeline(secure, plain, () => secure.destroy());
    pipeline(plain, secure, () => plain.destroy());
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
