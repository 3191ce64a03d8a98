import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Agent, type Dispatcher, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HubCollectorsDocument, HubInviteDocument } from '../../agent/cli/documents-hub.ts';
import { openInbox } from '../../agent/hub/inbox/open-inbox.ts';
import { inboxFolder } from '../../agent/hub/places.ts';
import { readInvitation } from '../../agent/hub/protocol/invitation.ts';
import { makeTestCertificates, type TestCertificates } from '../fixtures/tls.ts';
import { sampleUpload } from '../fixtures/uploads.ts';
import { person } from './people.ts';
import { type RunningService, startService } from './running-service.ts';
import { type Site, startSite } from './site.ts';

let certificates: TestCertificates;
let agent: Agent;
beforeAll(() => {
  certificates = makeTestCertificates();
  agent = new Agent({ connect: { ca: certificates.ca } });
});
afterAll(async () => {
  await agent.close();
  certificates.remove();
});

const quiet = { console: { listen: '' }, psa: { twoWay: false } };
const started = ({ lastSuccessAt }: { readonly lastSuccessAt: string | null }): boolean => lastSuccessAt !== null;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function hubSections(site: Site, port: number): Readonly<Record<string, unknown>> {
  const files = { certFile: join(site.folder, 'hub.pem'), keyFile: join(site.folder, 'hub.key') };
  copyFileSync(certificates.good.certFile, files.certFile);
  copyFileSync(certificates.good.keyFile, files.keyFile);
  return { ...quiet, organizations: { 4712: {} }, hub: { listen: `127.0.0.1:${port}`, ...files } };
}

async function ask(port: number, path: string, options: Partial<Dispatcher.RequestOptions> = {}) {
  const { statusCode, body } = await request(`https://127.0.0.1:${port}${path}`, { ...options, dispatcher: agent });
  return { status: statusCode, json: (await body.json()) as Record<string, unknown> };
}

/** A machine joins by the code of `hub invite`, as the running service gives it. */
async function joined(site: Site, port: number): Promise<string> {
  const invite = await site.call('hub', 'invite', '--organization', '4712', '--subnet', '10.20.0.0/24', '--json');
  const secret = readInvitation((invite.json as HubInviteDocument).code)?.secret;
  const machine = { secret, name: 'acme-hq', version: '0.1.0', platform: 'linux', subnets: [], location: '' };
  const { status, json } = await ask(port, '/v1/enrolment', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(machine),
  });
  expect(status).toBe(201);
  return json['key'] as string;
}

async function listening(service: RunningService, port: number): Promise<void> {
  await service.logged('The hub listens');
  expect((await ask(port, '/v1/hub')).json).toMatchObject({ product: 'rollcall hub' });
}

function headersOf(key: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { authorization: `Bearer ${key}`, 'rollcall-protocol': '1', 'rollcall-version': '0.1.0', ...more };
}

describe('the service as a hub', () => {
  it('H1 H2 H3 follows an edit, lets a machine join, takes its upload, survives kill -9 with it, and revokes', async () => {
    const port = await freePort();
    await using site = await startSite({ people: [person('ada')], sections: quiet });
    await using service = await startService(site);
    await service.until('a first success', started);
    site.configure(hubSections(site, port));
    expect((await site.call('reload')).exit).toBe(0);
    await listening(service, port);

    const key = await joined(site, port);
    const upload = sampleUpload();
    const json = { 'content-type': 'application/json' };
    const begun = await ask(port, `/v1/uploads/${upload.id}`, {
      method: 'PUT',
      headers: headersOf(key, json),
      body: JSON.stringify(upload.manifest),
    });
    expect(begun).toMatchObject({ status: 200, json: { state: 'receiving', missing: [1, 2] } });
    for (const [index, { body, sha256 }] of upload.pages.entries()) {
      const headers = headersOf(key, { 'content-encoding': 'gzip', 'rollcall-page-sha256': sha256 });
      expect(await ask(port, `/v1/uploads/${upload.id}/pages/${index + 1}`, { method: 'PUT', headers, body })).toMatchObject({
        status: 200,
      });
    }
    expect(await ask(port, `/v1/uploads/${upload.id}/complete`, { method: 'POST', headers: headersOf(key) })).toMatchObject({
      json: { state: 'waiting' },
    });
    service.child.kill('SIGKILL');
    await service.ended;

    await using again = await startService(site);
    await listening(again, port);
    // It lands by whichever of the two services comes to it.
    await vi.waitFor(
      async () =>
        expect(await ask(port, `/v1/uploads/${upload.id}`, { headers: headersOf(key) })).toMatchObject({
          status: 200,
          json: { state: 'landed' },
        }),
      { timeout: 60_000, interval: 100 },
    );
    expect(await (await openInbox(inboxFolder(join(site.folder, 'state')))).waiting()).toEqual([]);
    const listed = (await site.call('hub', 'collectors', '--json')).json as HubCollectorsDocument;
    expect(listed.collectors).toMatchObject([{ name: 'acme-hq', state: 'joined', lastContactAt: expect.any(String) as string }]);
    const known = { name: 'acme-hq', organization: '4712', state: 'joined' };
    expect((await site.call('status', '--json')).json).toMatchObject({
      hub: { listen: `127.0.0.1:${port}`, collectors: [known], uncovered: [] },
    });
    expect((await site.call('hub', 'revoke', 'acme-hq', '--yes', '--json')).json).toMatchObject({ revoked: true, droppedUploads: 0 });
    expect(await ask(port, `/v1/uploads/${upload.id}`, { headers: headersOf(key) })).toMatchObject({
      status: 401,
      json: { error: { code: 'HUB_COLLECTOR_REVOKED' } },
    });

    site.configure(quiet);
    expect((await site.call('reload')).exit).toBe(0);
    await expect(ask(port, '/v1/hub')).rejects.toThrow();
    // Commands work while the service is no hub, too.
    expect((await site.call('hub', 'collectors', '--json')).json).toMatchObject({ collectors: [{ state: 'revoked' }] });
    expect(JSON.stringify([service.log(), again.log()])).not.toContain(key);
  });

  it('H1 says in status that it cannot listen, and does its runs all the same', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await using site = await startSite({ people: [person('ada')] });
    site.configure(hubSections(site, port));
    await using service = await startService(site);

    const facts = await service.until('it is told', ({ problems }) => problems.some(({ code }) => code === 'HUB_UNAVAILABLE'));
    await service.until('a first success', started);
    other.close();

    expect(facts.problems).toMatchObject([{ code: 'HUB_UNAVAILABLE', severity: 'degraded', place: { listen: `127.0.0.1:${port}` } }]);
    const status = await site.call('status', '--json');
    expect(status.exit).toBe(6);
    expect(JSON.stringify(status.json)).toContain('HUB_UNAVAILABLE');
  });
});
