import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubStatusOf } from '../../../../agent/cli/documents-collector.ts';
import { listeningHubOf } from '../../../../agent/cli/documents-hub.ts';
import { exitOfStatus } from '../../../../agent/cli/exit-codes.ts';
import { renderStatus } from '../../../../agent/cli/render/status.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { registryFile } from '../../../../agent/hub/places.ts';
import type { Registry } from '../../../../agent/hub/registry/registry.ts';
import type { Services } from '../../../../agent/pipeline/services.ts';
import { statusOf } from '../../../../agent/pipeline/status.ts';
import { openRegistry } from '../../../../agent/store/registry/open-registry.ts';
import { organizationId } from '../../../../core/model/ids.ts';
import { testOrganization } from '../../../fixtures/build.ts';
import { serviceFacts } from '../../console/console-fixture.ts';
import { entry, openPipelineSite, type PipelineSite } from '../pipeline-site.ts';

const hour = 3_600_000;
let site: PipelineSite;
let registry: Registry | null = null;

beforeEach(async () => {
  site = await openPipelineSite([entry('ada')]);
});
afterEach(async () => {
  await registry?.close();
  registry = null;
  await site[Symbol.asyncDispose]();
});

function file(): string {
  return registryFile(site.services.surroundings.stateDirectory);
}

async function opened(): Promise<Registry> {
  registry ??= await openRegistry({ path: file(), now: () => site.now, command: 'rollcall run' });
  return registry;
}

async function joined(name: string, organization: string, version = '0.1.0'): Promise<string> {
  const own = await opened();
  const invitation = { organization, subnets: ['10.20.0.0/16'], name: null, expiresAt: site.now + hour };
  const { secret } = await own.invite(invitation, 'account root', site.now);
  const machine = { secret, name, version, platform: 'linux', subnets: [], location: '' };
  return (await own.join(machine, site.now)).collector.id;
}

/** A hub whose service has listened for a day. */
function hub(): Services {
  const { services } = site;
  const facts = serviceFacts({ startedAt: new Date(site.now - 24 * hour).toISOString(), at: new Date(site.now).toISOString() });
  return {
    ...services,
    config: { ...services.config, hub: { ...services.config.hub, listen: '127.0.0.1:7443' } },
    now: () => site.now,
    service: () => Promise.resolve({ state: 'running', facts }),
  };
}

async function status(organizations: readonly string[] = [testOrganization]) {
  return statusOf(hub(), organizations.map(organizationId));
}

describe('the status of a hub', () => {
  it('H3 shows its collectors beside the service that writes of them, and degrades by one that is silent', async () => {
    await site.sync();
    await joined('acme-hq', testOrganization);
    await joined('other-hq', '999', '0.9.0');
    expect(listeningHubOf(await status())).toMatchObject({
      listen: '127.0.0.1:7443',
      collectors: [
        { name: 'acme-hq', organization: testOrganization, state: 'joined', version: '0.1.0', versionSkew: null },
        { name: 'other-hq', organization: '999', versionSkew: 'newer' },
      ].toSorted((left, right) => left.organization.localeCompare(right.organization)),
      uncovered: [],
    });

    site.now += hour;
    const document = await status();
    expect(document.health).toBe('degraded');
    expect(exitOfStatus(document)).toBe(6);
    expect(document.problems.filter(({ part }) => part === 'hub')).toMatchObject(
      [testOrganization, '999']
        .toSorted((left, right) => left.localeCompare(right))
        .map((organization) => ({ code: 'HUB_COLLECTOR_SILENT', organization, severity: 'degraded' })),
    );
    expect(document.notices.join()).toMatch(/newer than this hub .*other-hq of organization 999 \(0\.9\.0\)/u);
    expect(hubStatusOf(document)).toBeNull();
    const view = { style: createStyle(false), width: 160, isTerminal: false, now: site.now, sameOptions: '' };
    const text = renderStatus(document, view);
    expect(text).toContain('Hub  listens on 127.0.0.1:7443 · 2 silent');
    expect(text).toMatch(/other-hq +silent +never +- +0\.9\.0 \(newer\)/u);
  });

  it('H3 answers without a service, before anybody was invited, and creates nothing', async () => {
    const none: Services = { ...hub(), service: () => Promise.resolve({ state: 'none' }) };
    const document = await statusOf(none, [testOrganization]);
    expect(listeningHubOf(document)).toEqual({ listen: '127.0.0.1:7443', collectors: [], uncovered: [] });
    expect(() => rmSync(file())).toThrow(/ENOENT/u);
    expect(listeningHubOf(await statusOf(site.services, [testOrganization]))).toBeNull();
  });

  it('H3 shows those of one organization when it is asked about one of several', async () => {
    await joined('acme-hq', testOrganization);
    await joined('other-hq', '999');
    const several: Services = { ...hub(), organizations: [organizationId(testOrganization), organizationId('999')] };
    expect(listeningHubOf(await statusOf(several, [organizationId('999')]))?.collectors).toMatchObject([{ name: 'other-hq' }]);
    expect(listeningHubOf(await statusOf(several, several.organizations))?.collectors).toHaveLength(2);
  });

  it('H3 D5 misses a revoked collector as long as what it saw counts', async () => {
    await site.sync();
    // What the site has read lies under this name.
    const id = await joined(site.services.collector, testOrganization);
    await (await opened()).revoke(id, 'account root', site.now);
    const codes = async () => (await status()).problems.filter(({ part }) => part === 'hub').map(({ code }) => code);

    expect(await codes()).toEqual(['HUB_SUBNET_UNCOVERED']);
    await site.store.deleteCollector(testOrganization, site.services.collector, site.now);
    expect(await codes()).toEqual([]);
  });

  it('tells that the registry cannot be read, and answers all the same', async () => {
    mkdirSync(dirname(file()), { recursive: true });
    writeFileSync(file(), 'x'.repeat(5_000));
    const document = await status();
    expect(document.problems).toContainEqual(expect.objectContaining({ code: 'STORE_UNUSABLE', severity: 'failed', organization: null }));
    expect(listeningHubOf(document)?.collectors).toEqual([]);
    rmSync(file());
    writeFileSync(join(site.services.surroundings.stateDirectory, 'hub'), 'no folder');
    await joined('acme-hq', testOrganization);
    expect((await status()).problems.map(({ code }) => code)).toContain('STORE_UNUSABLE');
  });
});
