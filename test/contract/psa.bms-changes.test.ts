import { describe, expect, it } from 'vitest';
import type { PsaContactId } from '../../core/model/ids.ts';
import type { BmsSwitches } from '../sandbox/bms/switches.ts';
import { type BmsWorld, openBmsWorld } from './bms-world.ts';
import { emailsOf, phonesOf, samplesFor } from './psa-world.ts';

const hourMs = 3_600_000;

async function within(switches: Partial<BmsSwitches>, use: (world: BmsWorld) => Promise<void>): Promise<void> {
  const world = await openBmsWorld(switches);
  try {
    await use(world);
  } finally {
    await world.close();
  }
}

async function momentOf(world: BmsWorld, id: PsaContactId): Promise<number> {
  return (await world.psa.getContact(id))?.modifiedAt ?? 0;
}

async function changedSince(world: BmsWorld, companyId: string | null, since: number) {
  return (await world.psa.listChangedContacts(companyId, since))?.map(({ id }) => id);
}

describe('P9 changed contacts, where the filter by date', () => {
  it.each([
    { momentFilters: 'honoured' },
    { momentFilters: 'date-only' },
    { momentFilters: -300 },
    { momentFilters: -720 },
    { momentFilters: 840 },
    { momentFilters: -300, neverModified: 'null' },
    { momentFilters: 'honoured', neverModified: 'null', inactiveUnlessAsked: 'hidden' },
  ] as const)('is %j: exactly those are brought, again and again', async (switches) => {
    await within(switches, async (world) => {
      const { psa, company } = world;
      const before = [world.seed({ title: 'Old' }), world.seed({ title: 'Old' })];
      world.passTime(2 * hourMs);
      const since = await momentOf(world, world.seed({ title: 'First' }));
      const gone = world.seed({});
      for (let minute = 0; minute < 3; minute += 1) {
        world.passTime(60_000);
        const created = world.seed({});
        await psa.updateContact(gone, { active: minute % 2 === 1, title: `Minute ${minute}` });

        const ofCompany = await changedSince(world, company.id, since);
        const ofAll = await changedSince(world, null, since);

        expect(ofCompany).toEqual(expect.arrayContaining([gone, created]));
        expect(ofAll).toEqual(expect.arrayContaining([created]));
        for (const id of before) expect([ofCompany, ofAll].flat()).not.toContain(id);
      }
    });
  });

  it('is ignored, is not told, and is not asked again', async () => {
    await within({ momentFilters: 'ignored' }, async (world) => {
      world.seed({});
      world.passTime(100 * hourMs);
      const since = await momentOf(world, world.seed({}));

      expect(await world.psa.listChangedContacts(null, since)).toBeNull();
      world.sandbox.resetCounts();
      expect(await world.psa.listChangedContacts(world.company.id, since)).toBeNull();
      expect(world.sandbox.requests).toEqual([]);
    });
  });

  it('brings more than is worth reading: not told this time', async () => {
    await within({ maximumPageSize: 1 }, async (world) => {
      const first = await momentOf(world, world.seed({}));
      for (let index = 0; index < 60; index += 1) world.seed({ lastName: `Number ${index}` });

      expect(await world.psa.listChangedContacts(null, first)).toBeNull();
      world.passTime(100 * hourMs);
      expect(await changedSince(world, null, first + 100 * hourMs)).toEqual([]);
    });
  });

  it('is known: a minute with nothing new is one request', async () => {
    await within({}, async (world) => {
      const since = await momentOf(world, world.seed({}));
      await world.psa.listChangedContacts(null, since);
      world.sandbox.resetCounts();

      await world.psa.listChangedContacts(null, since + hourMs);

      expect(world.sandbox.requests.map(({ method, route }) => `${method} ${route}`)).toEqual(['GET /v2/crm/contacts/summary']);
    });
  });

  it('is not known yet: a minute with nothing new is two requests', async () => {
    await within({}, async (world) => {
      await world.psa.check();
      world.sandbox.resetCounts();

      expect(await world.psa.listChangedContacts(null, 0)).toEqual([]);

      expect(world.sandbox.requests).toHaveLength(2);
    });
  });
});

describe('P9 whole lists, where BMS', () => {
  it.each([
    { add: 1, update: 0, delete: 2 },
    { add: 1, update: 2, delete: 0 },
    { add: 2, update: 1, delete: 0 },
    { add: 0, update: 2, delete: 1 },
  ])('has other numbers of operations (%j): never told as done', async (relatedOperations) => {
    await within({ relatedOperations }, async (world) => {
      const id = world.seed({ emails: ['ada@acme.example.test', 'old@acme.example.test'] });
      const emails = samplesFor(world).emails('ada@acme.example.test', 'new@acme.example.test');

      expect((await world.psa.updateContact(id, { emails })).kind).not.toBe('done');
      expect(emailsOf(await world.psa.getContact(id))).toContain('ada@acme.example.test');
    });
  });

  it.each([
    ['with the configured type', {}],
    ['which BMS asks for', { phone: 'required' }],
  ] as const)('P2 the placeholder takes the place of the last phone, %s', async (_, switches) => {
    await within(switches, async (world) => {
      const id = world.seed({ phones: ['+1 415 555 0101', '+1 415 555 0102'] });
      const { psa, sandbox } = world;

      expect((await psa.updateContact(id, { phones: [] })).kind).toBe('done');
      expect(sandbox.data.contact(Number(id)).phones).toMatchObject([
        { phone: '000-000-0000', phoneTypeId: Number(world.phoneType.id), isDefault: true },
      ]);
      sandbox.resetCounts();
      expect((await psa.updateContact(id, { phones: [] })).kind).toBe('done');
      expect(sandbox.counts.writes).toBe(0);
      expect((await psa.updateContact(id, { phones: samplesFor(world).phones('+1 415 555 0103') })).kind).toBe('done');
      expect(sandbox.data.contact(Number(id)).phones).toMatchObject([{ phone: '+1 415 555 0103', isDefault: true }]);
    });
  });

  it('E5 two phones that are one number are one, and a location that is cleared is refused', async () => {
    await within({}, async (world) => {
      const id = world.seed({ phones: ['+1 415 555 0101'] });
      const phones = samplesFor(world).phones('4155550101', '+1 (415) 555-0101');

      expect((await world.psa.updateContact(id, { phones })).kind).toBe('done');
      expect(phonesOf(await world.psa.getContact(id))).toEqual(['+14155550101']);
      expect(await world.psa.updateContact(id, { locationId: null })).toMatchObject({ kind: 'refused', code: 'PSA_REFUSED' });
    });
  });

  it.each([
    ['lost-before', 'unknown', ['ada@acme.example.test']],
    ['lost-after', 'unknown', ['new@acme.example.test']],
    ['bad-request', 'refused', ['ada@acme.example.test']],
  ] as const)('A2 has a change of e-mails that fails by %s: %s', async (kind, outcome, left) => {
    await within({}, async (world) => {
      const id = world.seed({ emails: ['ada@acme.example.test'] });
      world.sandbox.faults.add({ kind, match: { method: 'PATCH', path: /\/emails$/ } });

      const patch = { emails: samplesFor(world).emails('new@acme.example.test') };

      expect((await world.psa.updateContact(id, patch)).kind).toBe(outcome);
      expect(emailsOf(await world.psa.getContact(id))).toEqual(left);
      expect((await world.psa.updateContact(id, patch)).kind).toBe('done');
      expect(emailsOf(await world.psa.getContact(id))).toEqual(['new@acme.example.test']);
    });
  });
});
