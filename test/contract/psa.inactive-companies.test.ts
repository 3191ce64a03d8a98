import { describe, expect, it } from 'vitest';
import { openAutotaskWorld } from './autotask-world.ts';
import { openBmsWorld } from './bms-world.ts';

describe('a company that is inactive', () => {
  it('P8 is found by its id and told as such by Autotask, so that nothing is pushed to it', async () => {
    const world = await openAutotaskWorld();
    const { id } = world.sandbox.data.addCompany({ companyName: 'Gone Fishing', isActive: false });

    const byId = await world.psa.findCompany({ id: String(id) });
    const byName = (await world.psa.findCompany({ name: 'Gone Fishing' })).filter(({ inactive }) => inactive !== true);
    await world.close();

    expect(byId).toEqual([{ id: String(id), name: 'Gone Fishing', inactive: true }]);
    expect(byName).toEqual([]);
  });

  it('P8 is found by its id and told as such by BMS; by name only where no active one has it', async () => {
    const world = await openBmsWorld();
    const one = world.sandbox.data.addAccount({ id: 700, name: 'Gone Fishing', active: false });
    const alone = await world.psa.findCompany({ name: 'Gone Fishing' });
    const other = world.sandbox.data.addAccount({ id: 701, name: 'Gone Fishing' });

    const byId = await world.psa.findCompany({ id: String(one.id) });
    const byName = await world.psa.findCompany({ name: 'Gone Fishing' });
    await world.close();

    expect(alone).toEqual([{ id: '700', name: 'Gone Fishing', inactive: true }]);
    expect(byId).toEqual(alone);
    expect(byName).toEqual([{ id: String(other.id), name: 'Gone Fishing' }]);
  });
});
