import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HubCollectorsDocument } from '../../../agent/cli/documents-hub.ts';
import { type LoadedConfig, loadConfig } from '../../../agent/config/load-config.ts';
import { registryFile } from '../../../agent/hub/places.ts';
import type { LandAnswer } from '../../../agent/pipeline/land/land-uploads.ts';
import { HubHost, type HubHostOptions } from '../../../agent/service/hub-host.ts';
import { openHub } from '../../../agent/service/open-hub.ts';
import type { RegistryPlace } from '../../../agent/store/registry/open-configured-registry.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { sampleUpload } from '../../fixtures/uploads.ts';

let folder = '';
let now = 1_800_000_000_000;
let waited = 0;
let changes = 0;
let answer: LandAnswer = { landed: 0, refused: 0, postponed: 0, changed: [] };
let host: HubHost;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-hub-host-'));
  now = 1_800_000_000_000;
  waited = 0;
  changes = 0;
  answer = { landed: 0, refused: 0, postponed: 0, changed: [] };
  host = new HubHost(options());
});
afterEach(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

function options(): HubHostOptions {
  return {
    stateDirectory: folder,
    registryPlace: () => Promise.resolve(registry()),
    logger: silentLogger(),
    now: () => now,
    onChange: () => {
      changes += 1;
    },
    job: () => {
      waited += 1;
      return Promise.resolve({ text: JSON.stringify(answer), outcome: { result: 'success', code: null } });
    },
    onSynced: () => Promise.resolve(),
    isStopping: () => false,
  };
}

async function config(listen: string): Promise<LoadedConfig> {
  const file = join(folder, 'config.json');
  const directories = [{ name: 'corp', type: 'ldif', file: 'users.ldif' }];
  const collector = { name: 'hq', organization: '4711' };
  writeFileSync(file, JSON.stringify({ collector, directories, itglue: { apiKey: 'env:KEY' }, organizations: { 4712: {} } }));
  const loaded = await loadConfig(file);
  // The file takes no port 0, by which the system chooses a free one.
  return { ...loaded, config: { ...loaded.config, hub: { ...loaded.config.hub, listen } } };
}

function registry(): RegistryPlace {
  return { kind: 'embedded', path: registryFile(folder) };
}

function opened(command = 'a test') {
  return openHub({ registry: registry(), stateDirectory: folder, now: () => now, command });
}

describe('the hub within the service', () => {
  it('H4 keeps no stop waiting for a database that has vanished', async () => {
    const asked = vi.fn(() => new Promise<RegistryPlace>(() => undefined));
    const vanished = new HubHost({ ...options(), registryPlace: asked });
    void vanished.configure(await config('127.0.0.1:0'));
    await vi.waitFor(() => expect(asked).toHaveBeenCalled());

    await expect(vanished.close()).resolves.toBeUndefined();
  });

  it('H1 is opened, listens and is closed as the settings ask for it (S3)', async () => {
    await host.configure(await config(''));
    expect([host.address(), host.registry, host.inbox]).toEqual([null, null, null]);

    await host.configure(await config('127.0.0.1:0'));
    await vi.waitFor(() => expect(host.address()).toMatch(/^http:\/\/127/));
    expect(host.problems()).toEqual([]);
    await expect(opened()).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    const before = host.registry;
    await host.configure(await config('127.0.0.1:0'));
    expect(host.registry).toBe(before);

    await host.configure(await config(''));
    expect(host.address()).toBeNull();
    await (await opened()).registry.close();
  });

  it('says that a command has the registry, and opens it once it is free', async () => {
    const other = await opened('rollcall hub');
    await host.configure(await config('127.0.0.1:0'));
    expect(host.problems()).toMatchObject([{ code: 'STORE_LOCKED', message: expect.stringContaining('rollcall hub') as string }]);

    await other.registry.close();
    await host.configure(await config('127.0.0.1:0'));
    await vi.waitFor(() => expect(host.address()).not.toBeNull());
    expect(host.problems()).toEqual([]);
  });

  it('H2 tells at its start that something waits from before', async () => {
    const { registry, inbox } = await opened();
    const upload = sampleUpload({ users: 0 });
    const owner = { organization: '4711', collector: 'acme', collectorId: '1'.repeat(32) };
    await inbox.begin(owner, upload.id, upload.manifest, now);
    await inbox.complete(owner.collectorId, upload.id);
    await registry.close();

    await host.configure(await config('127.0.0.1:0'));

    expect(waited).toBe(1);
    expect(await host.inbox?.waiting()).toHaveLength(1);
  });

  it('H3 carries out commands while it is a hub, and while it is none', async () => {
    const loaded = await config('127.0.0.1:0');
    const options = {
      organization: '4712',
      subnets: ['10.0.0.0/8'],
      name: null,
      expiresInMs: null,
      url: 'http://127.0.0.1:9',
      pin: true,
      account: 'root',
    };
    const invitations = async () =>
      ((await host.work('hubCollectors', { organization: null }, loaded)) as HubCollectorsDocument).invitations;

    await host.work('hubInvite', options, loaded);
    expect(host.registry).toBeNull();
    await host.configure(loaded);
    expect(await invitations()).toMatchObject([{ organization: '4712', createdBy: 'account root' }]);
    await expect(host.work('hubInvite', { ...options, subnets: [] }, loaded)).rejects.toMatchObject({ code: 'USAGE' });
    await host.configure(await config(''));
    now += 86_400_000;
    expect(await invitations()).toEqual([]);
  });

  it('H3 looks at its collectors each minute, counts them, and says once that one has fallen silent or is back', async () => {
    const { registry } = await opened();
    const invitation = { organization: '4712', subnets: ['10.0.0.0/8'], name: null, expiresAt: now + 1 };
    const { secret } = await registry.invite(invitation, 'account root', now);
    const machine = { secret, name: 'acme-hq', version: '0.1.0', platform: 'linux', subnets: [], location: '' };
    const { key } = await registry.join(machine, now);
    await registry.close();
    const loaded = await config('127.0.0.1:0');
    expect(host.figures()).toBeNull();
    async function look(minutes: number) {
      now += minutes * 60_000;
      await host.configure(loaded);
      return host.figures()?.collectors;
    }

    expect(await look(0)).toMatchObject({ joined: 1, silent: 0, waiting: 0, uncovered: 0, contacts: [{ organization: '4712' }] });
    expect([await look(15), changes]).toMatchObject([{ joined: 1 }, 0]);
    expect([await look(1), changes]).toMatchObject([{ joined: 0, silent: 1, uncovered: 1 }, 1]);
    expect([await look(1), changes]).toMatchObject([{ silent: 1 }, 1]);
    await host.registry?.authenticate(key, now);
    expect([await look(0), changes]).toMatchObject([{ joined: 1, silent: 0 }, 2]);
    await host.configure(await config(''));
    expect(host.figures()).toBeNull();
  });

  it('H3 says it too of one that was silent before the hub began to listen, once that has listened for long', async () => {
    const { registry } = await opened();
    const { secret } = await registry.invite(
      { organization: '4712', subnets: ['10.0.0.0/8'], name: null, expiresAt: now + 1 },
      'account root',
      now,
    );
    await registry.join({ secret, name: 'hq', version: '', platform: '', subnets: [], location: '' }, now);
    await registry.close();
    const loaded = await config('127.0.0.1:0');
    now += 3_600_000;
    await host.configure(loaded);
    expect(host.figures()?.collectors).toMatchObject({ silent: 1 });
    expect(changes).toBe(0);

    now += 16 * 60_000;
    await host.configure(loaded);
    expect(changes).toBe(1);
  });

  it('H3 counts what has landed and what was refused of it', async () => {
    const loaded = await config('127.0.0.1:0');
    const { registry, inbox } = await opened();
    const upload = sampleUpload({ users: 0 });
    const owner = { organization: '4711', collector: 'acme', collectorId: '1'.repeat(32) };
    await inbox.begin(owner, upload.id, upload.manifest, now);
    await inbox.complete(owner.collectorId, upload.id);
    await registry.close();
    answer = { landed: 3, refused: 2, postponed: 0, changed: [] };

    await host.configure(loaded);
    await vi.waitFor(() => expect(host.figures()?.tally).toMatchObject({ landed: 3, refused: 2 }));
    expect(host.figures()?.collectors?.waiting).toBe(1);
  });

  it('takes no work any more once it is closed', async () => {
    const loaded = await config('127.0.0.1:0');
    await host.configure(loaded);
    await host.close();

    await expect(host.work('hubCollectors', { organization: null }, loaded)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await host.configure(loaded);
    expect(host.address()).toBeNull();
  });
});
