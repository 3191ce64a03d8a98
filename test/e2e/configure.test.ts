import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HubInviteDocument } from '../../agent/cli/documents-hub.ts';
import type { OsServiceConfigureDocument } from '../../agent/cli/documents-os-service.ts';
import { startHubWorld } from './hub-world.ts';
import { crowd } from './people.ts';
import { type Finished, type Site, startSite } from './site.ts';

function configure(machine: Site, ...words: readonly string[]): Promise<Finished> {
  return machine.run('--config', join(machine.folder, 'agent.json'), 'service', 'configure', '--json', ...words);
}

describe('rollcall service configure, as an installer calls it', () => {
  it('joins the hub of an activation code once, keeps what is there the next time, and makes a collector that sends', async () => {
    await using world = await startHubWorld();
    await using hub = await world.startHub();
    await using machine = await startSite({ people: crowd(3) });
    await using other = await startSite();
    const { organization } = world.site;
    const invite = await world.atHub('hub', 'invite', '--organization', organization, '--subnet', '10.1.0.0/24', '--name', 'hq', '--json');
    const { code, url } = invite.json as HubInviteDocument;
    const words = ['--organization', organization, '--hub', '', '--activation', code];

    const first = (await configure(machine, ...words)).json as OsServiceConfigureDocument;
    const again = (await configure(machine, ...words)).json as OsServiceConfigureDocument;
    const used = await configure(other, ...words);
    const given = join(machine.folder, 'given.json');
    writeFileSync(given, JSON.stringify({ directories: [{ name: 'corp', type: 'ldif', file: 'users.ldif' }], console: { listen: '' } }));
    const whole = (await configure(machine, '--config', given)).json as OsServiceConfigureDocument;
    const sent = await machine.run('--config', join(machine.folder, 'agent.json'), 'sync', '--json');
    await hub.stop();

    expect(first).toMatchObject({ hub: 'joined', incomplete: expect.stringContaining('directories') as string });
    expect(again).toMatchObject({ hub: 'kept', changed: [] });
    expect([used.exit, used.stdout]).toEqual([2, expect.stringContaining('HUB_INVITATION_INVALID')]);
    expect(JSON.parse(readFileSync(join(other.folder, 'agent.json'), 'utf8'))).toMatchObject({ collector: { organization }, hub: { url } });
    expect(whole).toMatchObject({ incomplete: null, hub: null });
    expect(sent.exit, sent.stdout).toBe(0);
  });
});
