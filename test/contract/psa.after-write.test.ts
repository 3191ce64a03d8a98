import { afterEach, describe, expect, it } from 'vitest';
import type { FaultKind } from '../sandbox/faults.ts';
import { openAutotaskWorld } from './autotask-world.ts';
import { openBmsWorld } from './bms-world.ts';
import { openConnectWiseWorld } from './connectwise-world.ts';
import { samplesFor } from './psa-world.ts';

const always = Number.POSITIVE_INFINITY;
/** What a request that was not carried out ends with: by itself it says that nothing was written. */
const faults: readonly FaultKind[] = ['lost-before', 'rate-limited', 'unauthorized', 'server-error'];
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

function opened<World extends { close(): Promise<void> }>(world: World): World {
  open.push(() => world.close());
  return world;
}

describe('P9 a change that the PSA takes and does not keep is not done:', () => {
  it('BMS, where a patch does not reach names and titles', async () => {
    const world = opened(await openBmsWorld({ patchFields: 'ignored' }));
    const { newcomer } = samplesFor(world);
    const id = world.seed({ firstName: 'Ada' });

    expect(await world.psa.completeContact(id, newcomer())).toMatchObject({ kind: 'refused', reason: expect.stringContaining('JobTitle') });
    expect(await world.psa.updateContact(id, { firstName: 'Eva' })).toMatchObject({ kind: 'refused' });
    // What is there already needs no keeping, and what was kept beside it was written.
    expect(await world.psa.updateContact(id, { firstName: 'Ada' })).toMatchObject({ kind: 'done' });
    expect(await world.psa.updateContact(id, { firstName: 'Eva', active: false })).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    [{ title: null }, 'refused'],
    [{ title: null, firstName: 'Eva' }, 'unknown'],
    [{ phones: [] }, 'refused'],
    [{ locationId: null }, 'refused'],
    [{ firstName: 'Eva' }, 'done'],
  ] as const)('Autotask, where null empties nothing: %j is %s', async (patch, kind) => {
    const world = opened(await openAutotaskWorld({ switches: { nullInPatch: 'ignored' } }));
    const id = world.seed({ title: 'Clerk', phones: ['+1 415 555 0100'] });

    expect((await world.psa.updateContact(id, patch)).kind).toBe(kind);
  });
});

describe('A2 what fails after the PSA took a change makes its outcome unknown, and never says that nothing was written:', () => {
  it.each(faults)('Autotask, %s when the contact is looked at afterwards', async (kind) => {
    const world = opened(await openAutotaskWorld());
    const { psa, sandbox } = world;
    const id = world.seed({ title: 'Clerk' });
    sandbox.faults.add({ kind, match: { method: 'GET', path: /\/Contacts\/\d+$/ }, nth: 2, times: always });

    const outcome = await psa.updateContact(id, { active: false });

    expect(outcome).toMatchObject({ kind: 'unknown', code: 'PSA_ANSWER_LOST' });
    expect(sandbox.data.contact(Number(id)).isActive).toBe(0);
  });

  it.each(faults)('BMS, %s at the second of two requests', async (kind) => {
    const world = opened(await openBmsWorld());
    const { emails } = samplesFor(world);
    const id = world.seed({ emails: ['ada@acme.example.test'] });
    world.sandbox.faults.add({ kind, match: { method: 'PATCH', path: /emails$/ }, times: always });

    const outcome = await world.psa.updateContact(id, { title: 'Clerk', emails: emails('new@acme.example.test') });

    expect(outcome).toMatchObject({ kind: 'unknown', code: 'PSA_ANSWER_LOST' });
    expect(world.sandbox.data.contact(Number(id)).jobTitle).toBe('Clerk');
  });

  it.each(faults)('BMS, %s when the contact is looked at afterwards', async (kind) => {
    const world = opened(await openBmsWorld({ patchFields: 'ignored' }));
    const id = world.seed({});
    world.sandbox.faults.add({ kind, match: { method: 'GET', path: /contacts\/summary\/\d+/ }, times: always });

    const outcome = await world.psa.updateContact(id, { title: 'Clerk' });

    expect(outcome).toMatchObject({ kind: 'unknown', code: 'PSA_ANSWER_LOST' });
  });

  it.each(faults)('ConnectWise, %s when what it did not keep is sent once more', async (kind) => {
    const world = opened(await openConnectWiseWorld({ firstItemDefault: 'ignored' }));
    const { emails } = samplesFor(world);
    const id = world.seed({});
    world.sandbox.faults.add({ kind, match: { method: 'PATCH', path: /contacts\/\d+$/ }, nth: 2, times: always });

    const outcome = await world.psa.updateContact(id, { title: 'Clerk', emails: emails('new@acme.example.test') });

    expect(outcome).toMatchObject({ kind: 'unknown', code: 'PSA_ANSWER_LOST' });
    expect(world.sandbox.data.contact(Number(id)).title).toBe('Clerk');
  });
});
