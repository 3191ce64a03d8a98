import { createHash, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkOptions, plainNetwork } from '../../../agent/http/network.ts';
import { createHubLink, type HubLink } from '../../../agent/hub/client/hub-link.ts';
import { hubNetwork } from '../../../agent/hub/client/hub-network.ts';
import { errorTable } from '../../../core/error-table.ts';
import { TestHub } from '../../sandbox/hub/test-hub.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../../sandbox/proxy/certificate-authority.ts';
import { startConnectProxy } from '../../sandbox/proxy/connect-proxy.ts';
import { startTlsFront, type TlsFront } from '../../sandbox/proxy/tls-front.ts';

function pinOf(cert: string): string {
  return createHash('sha256')
    .update(new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

describe('how a collector knows its hub', () => {
  let authority: CertificateAuthority;
  let hub: TestHub;
  let front: TlsFront;
  let pin: string;

  beforeAll(async () => {
    authority = createCertificateAuthority('Gateway CA');
    hub = await TestHub.start();
    // For another name: a pinned key needs none.
    const pair = authority.issue('hub.elsewhere.example', '127.0.0.2');
    pin = pinOf(pair.cert);
    front = await startTlsFront(hub.port, pair);
  });

  afterAll(async () => {
    await front[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
    authority.remove();
  });

  function ask(trust: Partial<Parameters<typeof hubNetwork>[1]>, port = front.port): Promise<string> {
    return askAt(`https://127.0.0.1:${port}`, trust, '');
  }

  async function askAt(url: string, trust: Partial<Parameters<typeof hubNetwork>[1]>, proxyUrl: string): Promise<string> {
    const ways = networkOptions({ url: proxyUrl, userName: '', caFile: '', bypass: [] }, null, () => undefined).network;
    const network = hubNetwork(ways, { pinSha256: '', caFile: '', proxyCaFile: '', ...trust });
    const link: HubLink = createHubLink({ url, network, keys: () => [], version: '0.3.0', attempts: 1 });
    try {
      return (await link.facts()).product;
    } catch (error) {
      const { code, message } = error as { readonly code: string; readonly message: string };
      return `${code}: ${message}`;
    } finally {
      await link.close();
    }
  }

  it('H3 takes exactly the key of the invitation, whoever signed its certificate and for whatever name', async () => {
    expect(await ask({ pinSha256: pin })).toBe('rollcall hub');
  });

  it('H3 proves the key through a proxy too, and refuses a proxy that inspects TLS with the way out', async () => {
    const url = new URL('https://hub.msp.example:7443');
    const targets = { [url.host]: front.port };
    await using straight = await startConnectProxy({ targets });
    await using inspecting = await startConnectProxy({ targets, inspect: { authority, upstreamCa: authority.ca } });

    expect(await askAt(url.origin, { pinSha256: pin }, straight.url)).toBe('rollcall hub');
    expect(straight.seen.length).toBeGreaterThan(0);
    const refused = await askAt(url.origin, { pinSha256: pin }, inspecting.url);
    expect(refused).toMatch(/^HUB_CERTIFICATE_REJECTED: .*another public key.*through the proxy/u);
    expect(errorTable.HUB_CERTIFICATE_REJECTED.hint).toContain('hub.caFile');
  });

  it('H3 sends nothing to a server with another key', async () => {
    const before = hub.calls.length;
    const answer = await ask({ pinSha256: '0'.repeat(64) });
    expect(answer).toMatch(/^HUB_CERTIFICATE_REJECTED: .*another public key.*issued by "O=Example Security, CN=Gateway CA"/u);
    expect(hub.calls).toHaveLength(before);
  });

  it('takes hub.caFile in place of the pin, for a gateway that inspects TLS, and then the name counts', async () => {
    const named = await startTlsFront(hub.port, authority.issue('127.0.0.1'));
    try {
      expect(await ask({ pinSha256: '0'.repeat(64), caFile: authority.caFile }, named.port)).toBe('rollcall hub');
      expect(await ask({ pinSha256: pin, caFile: authority.caFile })).toMatch(/^HUB_CERTIFICATE_REJECTED/u);
    } finally {
      await named[Symbol.asyncDispose]();
    }
  });

  it('trusts nobody without a pin but the CAs of the system', async () => {
    expect(await ask({})).toMatch(/^HUB_CERTIFICATE_REJECTED: .*Gateway CA/u);
  });

  it('says which file of hub.caFile is no certificate', async () => {
    expect(() => hubNetwork(plainNetwork(), { pinSha256: '', caFile: '/nowhere/ca.pem', proxyCaFile: '' })).toThrow(
      /hub\.caFile .*ENOENT/u,
    );
  });

  it('names the older side when there is no common version of the protocol', async () => {
    hub.protocol = { oldest: 2, newest: 3 };
    expect(await ask({ pinSha256: pin })).toMatch(/^HUB_PROTOCOL_UNKNOWN: .*this collector \(0\.3\.0\) is the older/u);
    hub.protocol = { oldest: 0, newest: 0 };
    expect(await ask({ pinSha256: pin })).toMatch(/^HUB_PROTOCOL_UNKNOWN: .*the hub \(0\.3\.0\) is the older/u);
    hub.protocol = { oldest: 1, newest: 1 };
  });
});
