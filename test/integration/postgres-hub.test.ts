import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LoadedConfig, loadConfig } from '../../agent/config/load-config.ts';
import { registryFile } from '../../agent/hub/places.ts';
import type { Registry } from '../../agent/hub/registry/registry.ts';
import type { LandAnswer } from '../../agent/pipeline/land/land-uploads.ts';
import { HubHost } from '../../agent/service/hub-host.ts';
import type { RegistryPlace } from '../../agent/store/registry/open-configured-registry.ts';
import { openRegistry } from '../../agent/store/registry/open-registry.ts';
import { type Logger, silentLogger } from '../../agent/telemetry/logger.ts';
import { type PostgresServer, rolePassword, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

const part = partFor('hubs that share a database', 'postgres');
const now = 1_800_000_000_000;
const invitation = { organization: '4711', subnets: ['10.20.0.0/16'], name: null, expiresAt: now + 86_400_000 };

const nothingLanded: LandAnswer = { landed: 0, refused: 0, postponed: 0, changed: [] };

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  let place: RegistryPlace;
  let password = rolePassword;
  const folders: string[] = [];
  const hosts: HubHost[] = [];
  const warned: string[] = [];

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    password = rolePassword;
    warned.length = 0;
    place = { kind: 'postgresql', place: await server.createDatabase(), password };
  });
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-shared-hub-'));
    folders.push(folder);
    return folder;
  }

  async function config(folder: string): Promise<LoadedConfig> {
    const file = join(folder, 'config.json');
    const directories = [{ name: 'corp', type: 'ldif', file: 'users.ldif' }];
    const collector = { name: 'hq', organization: '4711' };
    writeFileSync(file, JSON.stringify({ collector, directories, itglue: { apiKey: 'env:KEY' } }));
    const loaded = await loadConfig(file);
    // The file takes no port 0, by which the system chooses a free one.
    return { ...loaded, config: { ...loaded.config, hub: { ...loaded.config.hub, listen: '127.0.0.1:0' } } };
  }

  async function startHub(folder = newFolder()): Promise<{ readonly host: HubHost; readonly url: string; tick(): Promise<void> }> {
    const logger: Logger = { ...silentLogger(), warn: (message) => void warned.push(message) };
    const host = new HubHost({
      stateDirectory: folder,
      registryPlace: () => Promise.resolve(place.kind === 'postgresql' ? { ...place, password } : place),
      logger,
      now: () => now,
      // What waits in the inbox is looked at when the hub is opened.
      job: () => Promise.resolve({ text: JSON.stringify(nothingLanded), outcome: { result: 'success', code: null } }),
      onSynced: () => Promise.resolve(),
      isStopping: () => false,
    });
    hosts.push(host);
    const loaded = await config(folder);
    await host.configure(loaded);
    await vi.waitFor(() => expect(host.address()).not.toBeNull());
    return { host, url: host.address() ?? '', tick: () => host.configure(loaded) };
  }

  function registryOf({ host }: { readonly host: HubHost }): Registry {
    if (host.registry === null) throw new Error('the hub is not open');
    return host.registry;
  }

  function enrol(url: string, secret: string, name: string): Promise<Response> {
    const machine = { secret, name, version: '0.1.0', platform: 'linux', subnets: [], location: '' };
    const headers = { 'content-type': 'application/json' };
    return fetch(`${url}/v1/enrolment`, { method: 'POST', headers, body: JSON.stringify(machine) });
  }

  async function statusOf(url: string, key: string): Promise<number> {
    const headers = { authorization: `Bearer ${key}`, 'rollcall-protocol': '1', 'rollcall-version': '0.1.0' };
    return (await fetch(`${url}/v1/uploads/${'0'.repeat(32)}`, { headers })).status;
  }

  it('H3 H4 know a collector, and its end, with the next request, at whichever of them it joined', async () => {
    const [one, two] = [await startHub(), await startHub()];
    const { secret } = await registryOf(one).invite(invitation, 'account root', now);

    const answer = await enrol(two.url, secret, 'acme-hq');
    const { key } = (await answer.json()) as { readonly key: string };
    const known = await statusOf(one.url, key);
    const [collector] = await registryOf(one).collectors(null);
    await registryOf(two).revoke(collector?.id ?? '', 'account root', now);

    expect([answer.status, known]).toEqual([201, 404]);
    expect(await statusOf(one.url, key)).toBe(401);
  });

  it('H3 H4 let exactly one in with one invitation, to whichever of them they come at the same moment', async () => {
    const [one, two] = [await startHub(), await startHub()];
    const { secret } = await registryOf(one).invite(invitation, 'account root', now);

    const answers = await Promise.all([enrol(one.url, secret, 'acme-hq'), enrol(two.url, secret, 'acme-annex')]);

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 403]);
  });

  it('H4 say when only a file of the machine knows collectors: the store was not moved', async () => {
    const folder = newFolder();
    const file = await openRegistry({ path: registryFile(folder), now: () => now, command: 'rollcall run' });
    const { secret } = await file.invite(invitation, 'account root', now);
    await file.join({ secret, name: 'acme-hq', version: '0.1.0', platform: 'linux', subnets: [], location: '' }, now);
    await file.close();

    await startHub();
    expect(warned).toEqual([]);
    await startHub(folder);

    expect(warned).toEqual(['The database knows no collectors, and a file of this machine does: move the store']);
  });

  it('H4 take the new password once the old one is refused', async () => {
    const hub = await startHub();
    if (place.kind === 'embedded') throw new Error('no database');
    const { database } = place.place;
    await server.administer("alter role rollcall password 'Sample-Store-2'");
    try {
      password = 'Sample-Store-2';
      await server.administer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`);

      await vi.waitFor(async () => {
        await hub.tick();
        expect(await hub.host.registry?.collectors(null)).toEqual([]);
      });
    } finally {
      await server.administer(`alter role rollcall password '${rolePassword}'`);
    }
  });
});
