import { once } from 'node:events';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { largestPages } from '../../agent/hub/client/cut-pages.ts';
import { packState } from '../../agent/hub/client/pack-pages.ts';
import type { SourceKey, Store } from '../../core/ports/store.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';

const unpack = promisify(gunzip);

/**
 * What no hub can be faster than, in milliseconds: the pages of the source are packed, sent by HTTPS one after the other, unpacked and
 * parsed; nothing is proven, validated, written to a disk or stored.
 */
export async function ingestFloor(store: Store, key: SourceKey): Promise<number> {
  const certificates = makeTestCertificates();
  const server = createServer({ cert: certificates.good.cert, key: certificates.good.key }, (asked, answer) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of asked) chunks.push(chunk as Buffer);
      JSON.parse((await unpack(Buffer.concat(chunks))).toString('utf8'));
      answer.end('{}');
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const begun = performance.now();
  const state = await store.sourceState(key, null);
  if (state === null) throw new Error('There is nothing to send.');
  const packed = await packState(state, largestPages);
  const { digests } = packed;
  for await (const { gzip } of packed.pages(new Set(digests.map((_digest, index) => index + 1)))) {
    const sent = request({ agent, host: '127.0.0.1', port, method: 'PUT' }).end(gzip);
    const [answer] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
    await once(answer.resume(), 'end');
  }
  const ms = performance.now() - begun;
  await state.close();
  agent.destroy();
  server.close();
  certificates.remove();
  return ms;
}
