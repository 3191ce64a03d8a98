import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatusDocument } from '../../agent/cli/documents.ts';
import type { HubCollectorsDocument, HubInviteDocument } from '../../agent/cli/documents-hub.ts';
import { readInvitation } from '../../agent/hub/protocol/invitation.ts';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import { openPostgresRegistry } from '../../agent/store/registry/postgres-registry.ts';
import { type PostgresServer, rolePassword, startPostgres } from '../integration/postgres.ts';
import { partFor } from '../integration/real-parts.ts';
import { documentOf, person } from './people.ts';
import { type Site, startSite } from './site.ts';

const part = partFor('the commands of a hub with its store on PostgreSQL', 'postgres');
const invite = ['hub', 'invite', '--organization', '4712', '--subnet', '10.20.0.0/24', '--json'] as const;
const hub = { listen: '127.0.0.1:7443' };
const organizations = { 4712: {} };

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  function addressOf({ host, port, user, database }: DatabasePlace): string {
    return `postgres://${user}@${host}:${port}/${database}`;
  }

  async function openSite(store: object): Promise<Site> {
    const site = await startSite({ people: [person('ada')], sections: { hub, organizations, store } });
    site.environment['TEST_STORE_PASSWORD'] = rolePassword;
    return site;
  }

  /** Lets a machine join as a hub's listener would; resolves with its key. */
  async function joined(place: DatabasePlace, secret: string, name: string): Promise<string> {
    const registry = await openPostgresRegistry({ place, password: rolePassword, command: 'a test' });
    const machine = { secret, name, version: '0.1.0', platform: 'linux', subnets: [], location: 'Annex' };
    const { key } = await registry.join(machine, Date.now());
    await registry.close();
    return key;
  }

  async function invited(site: Site): Promise<string> {
    return readInvitation(documentOf<HubInviteDocument>(await site.call(...invite)).code)?.secret ?? '';
  }

  it('H3 H4 keep the collectors in the database, where those of another machine find them', async () => {
    const place = await server.createDatabase();
    const store = { url: addressOf(place), password: 'env:TEST_STORE_PASSWORD' };
    await using one = await openSite(store);
    await using two = await openSite(store);
    await joined(place, await invited(one), 'acme-hq');
    await invited(one);

    const listed = documentOf<HubCollectorsDocument>(await two.call('hub', 'collectors', '--json'));
    const status = documentOf<StatusDocument>(await two.call('status', '--json'));
    expect((await two.call('hub', 'revoke', 'acme-hq', '--yes')).exit).toBe(0);
    const after = documentOf<HubCollectorsDocument>(await one.call('hub', 'collectors', '--json'));

    expect(listed).toMatchObject({ collectors: [{ name: 'acme-hq', state: 'joined' }], invitations: [{ organization: '4712' }] });
    expect(status).toMatchObject({ hub: { collectors: [{ name: 'acme-hq' }] } });
    expect(after.collectors).toMatchObject([{ name: 'acme-hq', state: 'revoked' }]);
    for (const site of [one, two]) expect(existsSync(join(site.folder, 'state', 'hub.sqlite'))).toBe(false);
  });

  it('H4 tell that the database cannot be used by the code of the store, and give no secret away', async () => {
    await using site = await openSite({ url: addressOf(await server.createDatabase()), password: 'env:TEST_STORE_PASSWORD' });
    site.environment['TEST_STORE_PASSWORD'] = 'Canary-1';

    const refused = await site.call('hub', 'collectors', '--json');
    const status = await site.call('status', '--json');
    site.environment['TEST_STORE_PASSWORD'] = undefined;
    const missing = await site.call('hub', 'collectors', '--json');

    expect(refused).toMatchObject({ exit: 1, json: { error: { code: 'STORE_REFUSED' } } });
    expect(documentOf<StatusDocument>(status).problems).toContainEqual(expect.objectContaining({ code: 'STORE_REFUSED' }));
    expect(missing).toMatchObject({ json: { error: { code: expect.stringMatching(/^SECRET_/) as string } } });
    expect(JSON.stringify([refused, status, missing])).not.toContain('Canary-1');
  });
});
