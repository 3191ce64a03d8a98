import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OsServiceDocument } from '../../agent/cli/documents-os-service.ts';
import { repository } from '../../installer/repository.ts';
import { bootSystem, until } from './linux/booted-system.ts';
import { timed } from './linux/call.ts';
import { startCustomer } from './linux/customer.ts';
import { journal, propertyOf, untilActive } from './linux/service-view.ts';

const place = '/opt/roll call für Ada';

describe('a checkout in a system of its own', () => {
  it('is a service by one command, where it lies and to be read only; what root made before becomes the service’s', async () => {
    await using customer = await startCustomer();
    await using system = await bootSystem({ [place]: repository });
    const node = join(place, 'node_modules', '.bin', 'node');
    const program = [node, join(place, 'agent', 'main.ts')] as const;
    customer.settle(system);

    const installed = await timed('install', () => system.run(...program, 'service', 'install', '--json'));
    expect(installed.exit, installed.stderr).toBe(0);
    await untilActive(system);
    await until('all contacts are there', 60_000, () => customer.site.itGlue.data.contacts.size === customer.people);
    const again = JSON.parse(await system.well(...program, 'service', 'install', '--json')) as OsServiceDocument;
    const version = await system.well('rollcall', '--version');
    await system.well('rollcall', 'service', 'stop');

    expect(again.steps.filter(({ did }) => did !== 'kept')).toEqual([]);
    expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await system.well('stat', '-c', '%U', '/etc/rollcall/config.json')).trim()).toBe('rollcall');
    expect(await propertyOf(system, 'Result'), await journal(system)).toBe('success');
  });

  it('is refused where the account of the service cannot read it', async () => {
    await using system = await bootSystem({ '/srv/hidden/rollcall': repository });
    await system.well('chmod', '700', '/srv/hidden');

    const refused = await system.run(
      '/srv/hidden/rollcall/node_modules/.bin/node',
      '/srv/hidden/rollcall/agent/main.ts',
      'service',
      'install',
    );

    expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining('OS_SERVICE_PLACE')]);
  });
});
