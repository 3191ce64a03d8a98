import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HubCollectorsDocument, HubInviteDocument, HubRevokeDocument } from '../../agent/cli/documents-hub.ts';
import { openInbox } from '../../agent/hub/inbox/open-inbox.ts';
import { inboxFolder } from '../../agent/hub/places.ts';
import { readInvitation } from '../../agent/hub/protocol/invitation.ts';
import { publicKeyPin } from '../../agent/hub/server/hub-certificate.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { openRegistry } from '../../agent/store/registry/open-registry.ts';
import { organizationId } from '../../core/model/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import { landOnce, sampleEntry, sightingsOf } from '../contract/store.samples.ts';
import { makeTestCertificates, type TestCertificates } from '../fixtures/tls.ts';
import { sampleUpload } from '../fixtures/uploads.ts';
import { person } from './people.ts';
import { type Site, startSite } from './site.ts';

let certificates: TestCertificates;
beforeAll(() => {
  certificates = makeTestCertificates();
});
afterAll(() => certificates.remove());

/** A site that is a hub, with a customer elsewhere. */
function hubSite(): Promise<Site> {
  const { certFile, keyFile } = certificates.good;
  const hub = { listen: 'hub.example.test:7443', certFile, keyFile };
  return startSite({ people: [person('ada')], sections: { hub, organizations: { 4712: {} } } });
}

const usual = ['hub', 'invite', '--organization', '4712', '--subnet', '10.20.0.0/24', '10.21.0.0/24'];

function registryOf(site: Site) {
  return openRegistry({ path: join(site.folder, 'state', 'hub.sqlite'), now: Date.now, command: 'a test' });
}

/** Lets a machine join as the hub's listener would; resolves with its key. */
async function joined(site: Site, secret: string, name: string): Promise<{ readonly key: string; readonly id: string }> {
  const registry = await registryOf(site);
  const machine = { secret, name, version: '0.1.0', platform: 'linux', subnets: [], location: 'Annex' };
  const { key, collector } = await registry.join(machine, Date.now());
  await registry.close();
  return { key, id: collector.id };
}

async function invited(site: Site, ...words: readonly string[]): Promise<string> {
  const { json, stderr } = await site.call(...usual, ...words, '--json');
  const code = readInvitation((json as HubInviteDocument).code);
  if (code === null) throw new Error(stderr);
  return code.secret;
}

/** One user of organization 4712, as if the collector had sent it. */
async function seenBy(site: Site, collector: string): Promise<void> {
  await using store = await storeOf(site);
  await landOnce(store, [sampleEntry('a')], Date.now(), { source: { organization: organizationId('4712'), collector } });
}

async function collectorsSeen(site: Site): Promise<readonly string[]> {
  await using store = await storeOf(site);
  return (await sightingsOf(store, organizationId('4712'))).map(({ collector }) => collector);
}

async function storeOf(site: Site): Promise<Store & AsyncDisposable> {
  const path = join(site.folder, 'state', 'rollcall.db');
  const store = await openStore({ path, mode: 'write', now: Date.now, version: '0.0.0' });
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

describe('rollcall hub, with no service running', () => {
  it('H3 invites a machine by a code that names the hub and its key, and shows the command once', async () => {
    await using site = await hubSite();

    const { exit, json } = await site.call(...usual, '--json');
    const document = json as HubInviteDocument;
    const pinSha256 = await publicKeyPin(certificates.good.certFile);

    expect(exit).toBe(0);
    expect(document).toMatchObject({
      organization: '4712',
      subnets: ['10.20.0.0/24', '10.21.0.0/24'],
      name: null,
      url: 'https://hub.example.test:7443',
      pinSha256,
    });
    expect(readInvitation(document.code)).toMatchObject({ url: document.url, pinSha256 });
    expect(document.command).toBe(`rollcall enroll --hub ${document.url} --code ${document.code}`);
    expect(Date.parse(document.expiresAt) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const kept = readFileSync(join(site.folder, 'state', 'hub.sqlite'), 'latin1');
    expect(kept).not.toContain(readInvitation(document.code)?.secret);
    expect(statSync(join(site.folder, 'state', 'hub.sqlite')).mode & 0o777).toBe(0o600);
    const shown = await site.call(...usual, '--name', 'annex', '--no-pin', '--url', 'https://other.example.test', '--expires', '2h');
    expect(shown.stdout).toContain('rollcall enroll --hub https://other.example.test --code rollcall1.');
    expect(shown.stdout).toContain('"annex"');
  });

  it.each([
    ['no organization', ['hub', 'invite', '--subnet', '10.0.0.0/8'], 2, 'USAGE'],
    [
      'an organization that the file does not name',
      ['hub', 'invite', '--organization', '9', '--subnet', '10.0.0.0/8'],
      2,
      'ORGANIZATION_UNKNOWN',
    ],
    ['no subnet', ['hub', 'invite', '--organization', '4712'], 2, 'USAGE'],
    ['an address for a subnet', ['hub', 'invite', '--organization', '4712', '--subnet', '10.0.0.1'], 2, 'USAGE'],
    ['too long a time', [...usual, '--expires', '8d'], 2, 'USAGE'],
    ['no span', [...usual, '--expires', 'soon'], 2, 'USAGE'],
    ['an address of the hub without TLS', [...usual, '--url', 'http://hub.example.test'], 2, 'USAGE'],
    ['an address of the hub with a path', [...usual, '--url', 'https://hub.example.test/x'], 2, 'USAGE'],
    ["the hub's own name", ['hub', 'invite', '--organization', '4711', '--subnet', '10.0.0.0/8', '--name', 'HQ'], 2, 'HUB_NAME_TAKEN'],
    ['a collector that there is not', ['hub', 'revoke', 'nobody', '--yes'], 2, 'HUB_COLLECTOR_UNKNOWN'],
  ] as const)('H3 refuses %s', async (_words, words, exit, code) => {
    await using site = await hubSite();

    const refused = await site.call(...words, '--json');

    expect(refused).toMatchObject({ exit, json: { error: { code } } });
    expect((await site.call('hub', 'collectors', '--json')).json).toMatchObject({ collectors: [], invitations: [] });
  });

  it('H3 says that a machine is no hub, and asks for an address where the listener tells none', async () => {
    await using site = await startSite({ people: [person('ada')] });
    expect(await site.call('hub', 'invite', '--organization', '4711', '--subnet', '10.0.0.0/8', '--json')).toMatchObject({
      exit: 1,
      json: { error: { code: 'HUB_UNAVAILABLE' } },
    });

    const { certFile, keyFile } = certificates.good;
    site.configure({ hub: { listen: '0.0.0.0:7443', certFile, keyFile } });
    const { exit, json } = await site.call('hub', 'invite', '--organization', '4711', '--subnet', '10.0.0.0/8', '--json');
    expect(exit).toBe(2);
    expect(JSON.stringify(json)).toContain('--url https://HOST:7443');
  });

  it('prints the description of the protocol without a configuration', async () => {
    await using site = await hubSite();
    rmSync(join(site.folder, 'config.json'));

    const { exit, stdout } = await site.call('hub', 'openapi');

    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ openapi: '3.1.0', paths: { '/v1/hub': {} } });
  });

  it('H3 shows the collectors, and revokes one with all it sent', async () => {
    await using site = await hubSite();
    const acme = await joined(site, await invited(site), 'acme-hq');
    await joined(site, await invited(site), 'acme-annex');
    await invited(site, '--name', 'later');
    const upload = sampleUpload();
    const inbox = await openInbox(inboxFolder(join(site.folder, 'state')));
    const owner = { organization: '4712', collector: 'acme-hq', collectorId: acme.id };
    await inbox.begin(owner, upload.id, upload.manifest, Date.now());

    const listed = (await site.call('hub', 'collectors', '--json')).json as HubCollectorsDocument;
    expect(listed.collectors).toMatchObject([
      {
        name: 'acme-annex',
        state: 'joined',
        organization: '4712',
        location: 'Annex',
        lastContactAt: null,
        lagMs: null,
        clockAheadMs: null,
      },
      { name: 'acme-hq', state: 'joined', subnets: ['10.20.0.0/24', '10.21.0.0/24'] },
    ]);
    expect(listed).toMatchObject({ invitations: [{ name: 'later', organization: '4712' }], uncovered: [] });
    expect((await site.call('hub', 'collectors', '--organization', '4711', '--json')).json).toMatchObject({ collectors: [] });

    const asked = await site.call('hub', 'revoke', 'acme-hq', '--json');
    expect(asked).toMatchObject({ exit: 2, json: { error: { code: 'CONFIRMATION_NEEDED' } } });
    const revoked = (await site.call('hub', 'revoke', 'ACME-HQ', '--yes', '--json')).json as HubRevokeDocument;
    expect(revoked).toMatchObject({ organization: '4712', name: 'acme-hq', revoked: true, droppedUploads: 1 });

    const registry = await registryOf(site);
    await expect(registry.authenticate(acme.key, Date.now())).rejects.toMatchObject({ code: 'HUB_COLLECTOR_REVOKED' });
    expect((await registry.audit(1))[0]).toMatchObject({ what: 'revoke', who: expect.stringMatching(/^account ./) as string });
    await registry.close();
    const text = (await site.call('hub', 'collectors')).stdout;
    expect(text).toContain('revoked');
    expect(text).toContain('acme-annex');
    expect((await site.call('hub', 'revoke', 'acme-annex', '--yes')).stdout).toContain('Revoked');
    expect((await site.call('hub', 'collectors', '--json')).json).toMatchObject({
      uncovered: [
        { organization: '4712', subnet: '10.20.0.0/24', why: 'revoked' },
        { organization: '4712', subnet: '10.21.0.0/24', why: 'revoked' },
      ],
    });
  });

  it('D5 deletes what a collector saw by its name, however that is written', async () => {
    await using site = await hubSite();
    await joined(site, await invited(site), 'acme-hq');
    await seenBy(site, 'acme-hq');

    const deleted = (await site.call('hub', 'delete', 'ACME-HQ', '--yes', '--json')).json;

    expect(deleted).toMatchObject({ applied: true, collector: 'acme-hq', organization: '4712', impact: { users: 1 } });
    expect(await collectorsSeen(site)).toEqual([]);
  });

  it('D5 lists a deleted collector no more, and a restored one as revoked, however its name is written', async () => {
    await using site = await hubSite();
    const { key } = await joined(site, await invited(site), 'acme-hq');
    await seenBy(site, 'acme-hq');
    const listed = async () => ((await site.call('hub', 'collectors', '--json')).json as HubCollectorsDocument).collectors;

    await site.call('hub', 'delete', 'acme-hq', '--yes');
    const gone = await listed();
    const restored = await site.call('hub', 'restore', 'ACME-HQ', '--json');

    expect(gone).toEqual([]);
    expect(restored).toMatchObject({ exit: 0, json: { applied: true, collector: 'acme-hq', organization: '4712' } });
    expect(await collectorsSeen(site)).toEqual(['acme-hq']);
    expect(await listed()).toMatchObject([{ name: 'acme-hq', state: 'revoked' }]);
    const registry = await registryOf(site);
    await expect(registry.authenticate(key, Date.now())).rejects.toMatchObject({ code: 'HUB_COLLECTOR_REVOKED' });
    await registry.close();
  });

  it('D5 deletes a collector that never sent anything', async () => {
    await using site = await hubSite();
    await joined(site, await invited(site), 'acme-hq');

    expect(await site.call('hub', 'delete', 'acme-hq', '--yes')).toMatchObject({ exit: 0 });

    expect((await site.call('hub', 'collectors', '--json')).json).toMatchObject({ collectors: [] });
  });

  it('D5 lets nobody take a place by whom what was seen would be lost, and revokes nobody then', async () => {
    await using site = await hubSite();
    for (const name of ['acme-hq', 'acme-annex']) await joined(site, await invited(site), name);
    await seenBy(site, 'acme-hq');

    const itself = await site.call('hub', 'replace', 'acme-hq', 'Acme-HQ', '--yes', '--json');
    await site.call('hub', 'revoke', 'acme-annex', '--yes');
    const byRevoked = await site.call('hub', 'replace', 'acme-hq', 'acme-annex', '--yes', '--json');

    expect(itself).toMatchObject({ exit: 2, json: { error: { code: 'USAGE' } } });
    expect(byRevoked).toMatchObject({ json: { error: { code: 'HUB_COLLECTOR_REVOKED' } } });
    expect(await collectorsSeen(site)).toEqual(['acme-hq']);
    const { collectors } = (await site.call('hub', 'collectors', '--json')).json as HubCollectorsDocument;
    expect(collectors.map(({ name, state }) => [name, state])).toEqual([
      ['acme-annex', 'revoked'],
      ['acme-hq', 'joined'],
    ]);
  });

  it('D5 gives a place to the collector that the hub has, however its name is written', async () => {
    await using site = await hubSite();
    for (const name of ['acme-hq', 'acme-annex']) await joined(site, await invited(site), name);
    await seenBy(site, 'acme-hq');

    await site.call('hub', 'replace', 'ACME-HQ', 'Acme-Annex', '--yes', '--json');

    expect(await collectorsSeen(site)).toEqual(['acme-annex']);
  });
});
