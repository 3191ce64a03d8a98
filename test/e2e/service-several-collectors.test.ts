import { describe, expect, it } from 'vitest';
import type { RunDocument, RunsDocument, SyncDocument } from '../../agent/cli/documents.ts';
import type { CollectedDocument } from '../../agent/cli/documents-collector.ts';
import type { CollectorChangeDocument } from '../../agent/cli/documents-collector-change.ts';
import type { HubCollectorsDocument } from '../../agent/cli/documents-hub.ts';
import { partFor } from '../integration/real-parts.ts';
import { startSambaAd } from '../integration/samba-ad.ts';
import { sambaBase } from '../integration/samba-directory.ts';
import { type JoinedCollector, startHubWorld } from './hub-world.ts';
import { person } from './people.ts';
import { writes } from './site.ts';

const part = partFor('several collectors and their hub, on a real domain', 'samba');
const globex = '4712';

function user(name: string, title: string): string {
  return [
    `dn: CN=${name},OU=People,${sambaBase}`,
    'objectClass: user',
    `sAMAccountName: ${name}`,
    `givenName: ${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    'sn: Kesten',
    `mail: ${name}@corp.example.test`,
    `title: ${title}`,
    'userAccountControl: 512',
    '',
  ].join('\n');
}

const people = [
  `dn: OU=People,${sambaBase}\nobjectClass: organizationalUnit\n`,
  user('ada', 'Engineer'),
  user('bob', 'Clerk'),
  user('eve', 'Lead'),
];
const steps = [{ ldif: people.join('\n') }];

async function sent(collector: JoinedCollector): Promise<readonly (string | null)[]> {
  const { json } = await collector.site.run('sync', '--json');
  return (json as CollectedDocument).sent.map(({ state, error }) => (state === 'failed' ? (error?.code ?? null) : state));
}

describe.skipIf(part.isMissing)(part.title, () => {
  it('H1 D2 D4 three subnets see one domain as one user each; another organization beside it stays apart', async () => {
    await using ad = await startSambaAd({ steps });
    await using world = await startHubWorld({ organizations: { [globex]: 'Globex' } });
    await using hub = await world.startHub();
    const { caFile, ldapsUrl, bindDn, password } = ad;
    const corp = { name: 'corp', type: 'active-directory', servers: [ldapsUrl], bindDn, password: 'env:AD_PASSWORD', tls: { caFile } };
    const directories = [{ ...corp, searchBases: [`OU=People,${sambaBase}`] }];
    const [north, south, west, other] = [
      await world.join('north', { subnet: '10.1.0.0/24', directories }),
      await world.join('south', { subnet: '10.2.0.0/24', directories }),
      await world.join('west', { subnet: '10.3.0.0/24', directories }),
      await world.join('globex-hq', { subnet: '10.9.0.0/24', directories, organization: globex }),
    ];
    const all = [north, south, west, other];
    for (const { site } of all) site.environment['AD_PASSWORD'] = password;
    await using services = new AsyncDisposableStack();
    for (const collector of all) services.use(await collector.start());

    // Each user once, seen by all three, with one contact; the other organization has users and contacts of its own.
    const rows = await world.until(
      'every collector in the table',
      () => world.table(world.site.organization),
      (found) => found.length === 3 && found.every(({ collectors, state }) => collectors.length === 3 && state === 'matched'),
    );
    const beside = await world.until(
      'the other organization',
      () => world.table(globex),
      (found) => found.length === 3 && found.every(({ state }) => state === 'matched'),
    );
    expect(rows.map(({ name, collectors }) => [name, [...collectors].sort()])).toEqual(
      ['Ada Kesten', 'Bob Kesten', 'Eve Kesten'].map((name) => [name, ['north', 'south', 'west']]),
    );
    expect(beside.map(({ collectors }) => collectors)).toEqual([['globex-hq'], ['globex-hq'], ['globex-hq']]);
    expect(world.site.itGlue.data.contacts.size).toBe(6);
    expect(new Set([...rows, ...beside].map(({ contactId }) => contactId)).size).toBe(6);
    await hub.until('rest', ({ current }) => current === null);

    // D2: an action on one collector's page shows on all.
    await world.atHub('contacts', 'ignore', 'eve', '--organization', world.site.organization);
    for (const { name } of [north, south, west]) {
      expect((await world.table(world.site.organization, '--collector', name)).map(({ state }) => state)).toEqual([
        'matched',
        'matched',
        'ignored',
      ]);
    }
    expect((await world.table(globex)).map(({ state }) => state)).toEqual(['matched', 'matched', 'matched']);

    // What one collector reads reaches the contact, and is written once though all three see it.
    await ad.addUsers(`dn: CN=ada,OU=People,${sambaBase}\nchangetype: modify\nreplace: title\ntitle: Head of Engineering\n`);
    expect(await sent(south)).toEqual(['landed']);
    await world.until(
      'the new title',
      () => Promise.resolve([...world.site.itGlue.data.contacts.values()].filter(({ title }) => title === 'Head of Engineering').length),
      (count) => count === 1,
    );
    await hub.until('rest', ({ current }) => current === null);
    const before = writes(world.site);
    expect([await sent(north), await sent(west)]).toEqual([['landed'], ['landed']]);
    await hub.until('rest', ({ current }) => current === null);
    const again = (await world.atHub('sync', '--organization', world.site.organization, '--json')).json as SyncDocument;
    expect(again.applied).toEqual([]);
    expect(writes(world.site), 'A6').toBe(before);

    // H3: a collector that is revoked sends nothing more; the others go on.
    await world.atHub('hub', 'revoke', 'south', '--yes');
    await ad.addUsers(user('fay', 'Clerk'));
    expect(await sent(south)).toEqual(['HUB_COLLECTOR_REVOKED']);
    expect(await sent(north)).toEqual(['landed']);
    const { json } = await world.atHub('hub', 'collectors', '--json');
    expect((json as HubCollectorsDocument).collectors.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'north joined',
      'south revoked',
      'west joined',
      'globex-hq joined',
    ]);

    // D5: deleting one takes its sightings; users whom others see stay, and so do all contacts.
    const contacts = world.site.itGlue.data.contacts.size;
    const deleted = (await world.atHub('hub', 'delete', 'south', '--yes', '--json')).json as CollectorChangeDocument;
    expect(deleted).toMatchObject({ applied: true, impact: { users: 3, onlyHere: 0, matchesLost: 0 } });
    const left = await world.until(
      'the newcomer',
      () => world.table(world.site.organization),
      (found) => found.some(({ name }) => name === 'Fay Kesten'),
    );
    expect(left.map(({ name, collectors }) => [name, [...collectors].sort()])).toEqual([
      ['Ada Kesten', ['north', 'west']],
      ['Bob Kesten', ['north', 'west']],
      ['Eve Kesten', ['north', 'west']],
      ['Fay Kesten', ['north']],
    ]);
    expect(world.site.itGlue.data.contacts.size).toBeGreaterThanOrEqual(contacts);
  });
});

describe('a hub that goes away and comes back', () => {
  it('H2 finds what its collectors read meanwhile, and a machine that was replaced keeps everything (D5)', async () => {
    await using world = await startHubWorld();
    await using first = await world.startHub();
    const branch = await world.join('branch', { people: [person('ada'), person('bob')] });
    expect(await sent(branch)).toEqual(['landed']);
    await world.until(
      'two matched users',
      () => world.table(world.site.organization),
      (found) => found.filter(({ state }) => state === 'matched').length === 2,
    );
    first.child.kill('SIGKILL');
    await first.ended;

    branch.site.setPeople([person('ada'), person('bob'), person('cal')]);
    expect(await sent(branch)).toEqual(['unsent']);
    await using second = await world.startHub();
    expect(await sent(branch)).toEqual(['landed']);
    const rows = await world.until(
      'the third user',
      () => world.table(world.site.organization),
      (found) => found.filter(({ state }) => state === 'matched').length === 3,
    );

    const fresh = await world.join('branch-2', { people: [person('ada'), person('bob'), person('cal')] });
    await world.atHub('hub', 'replace', 'branch', 'branch-2', '--yes');
    const replaced = await world.table(world.site.organization);
    expect(await sent(fresh)).toEqual(['landed']);
    expect(await sent(branch)).toEqual(['HUB_COLLECTOR_REVOKED']);
    await second.until('rest', ({ current }) => current === null);

    const facts = (found: typeof rows) => found.map(({ name, contactId, state }) => [name, contactId, state]);
    expect(facts(replaced)).toEqual(facts(rows));
    expect(facts(await world.table(world.site.organization))).toEqual(facts(rows));
    expect(replaced.flatMap(({ collectors }) => collectors)).toEqual(['branch-2', 'branch-2', 'branch-2']);
    expect(world.site.itGlue.data.contacts.size).toBe(3);
    const { runs } = (await world.atHub('runs', '--json')).json as RunsDocument;
    const told: readonly (readonly [string, string | null])[] = runs.map(({ command, trigger }: RunDocument) => [command, trigger]);
    expect(told).toContainEqual(['land', 'collector branch']);
    expect(told).toContainEqual(['sync', 'upload']);
    expect(told).toContainEqual(['collector replace', 'by hand']);
  });
});
