import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../core/errors.ts';
import { contactId, psaContactId } from '../../core/model/ids.ts';
import type { BmsSwitches } from '../sandbox/bms/switches.ts';
import { type BmsWorld, openBmsWorld } from './bms-world.ts';
import { newcomer, pushOnce } from './push-once.ts';

async function within<Value>(switches: Partial<BmsSwitches>, use: (world: BmsWorld) => Promise<Value>): Promise<Value> {
  const world = await openBmsWorld(switches);
  try {
    return await use(world);
  } finally {
    await world.close();
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof RollcallError ? error.code : String(error)),
  );
}

const positions: readonly Partial<BmsSwitches>[] = [
  { failures: 'in-200' },
  { failures: 'as-status' },
  { summary: 'bare' },
  { summary: 'enveloped' },
  { search: 'contains' },
  { search: 'exact' },
  { searchEmails: 'default' },
  { searchEmails: 'all' },
  { inactiveUnlessAsked: 'shown' },
  { inactiveUnlessAsked: 'hidden' },
  { output: 'camel' },
  { output: 'pascal' },
  { input: 'any' },
  { defaultPageSize: 1 },
  { maximumPageSize: 1 },
  { typeTables: null },
  { typeTables: { route: 'lookup', email: 'EmailType', phone: 'PhoneType' } },
  { typeTables: { route: 'tenantlookup', email: 'EmailTypes', phone: 'PhoneTypes' } },
  { itGlueBridge: 'enabled' },
  { itGlueUnlinked: 'null' },
  { itGlueUnlinked: 'zero' },
  { itGlueUnlinked: 'not-found' },
  { duplicateEmail: 'accepted' },
  { duplicateEmail: 'refused' },
  { phone: 'optional' },
  { phone: 'required' },
  { accessTokenMinutes: 1, refreshTokenMinutes: 1 },
];

describe('each position of each switch', () => {
  it.each(positions)('%j: a contact is found missing, created, completed and found', async (switches) => {
    await within(switches, async (world) => {
      expect(await pushOnce(world)).toEqual({
        company: true,
        locations: 2,
        types: true,
        before: [],
        created: 'done',
        completed: 'done',
        title: 'Head of Sales',
        linked: null,
        after: 'the created one',
        listed: 3,
      });
      expect(world.sandbox.requests.flatMap((request) => request.dropped).filter((drop) => !drop.startsWith('page size'))).toEqual([]);
    });
  });

  it('camel-case bodies only: refused, and nothing is written', async () => {
    await within({ input: 'camel' }, async (world) => {
      expect((await world.psa.createContact(newcomer(world))).kind).toBe('refused');
      expect(world.sandbox.data.contacts.size).toBe(0);
    });
  });

  it('PascalCase bodies only: created; the change of the title, whose member names are fixed by RFC 6902, is refused', async () => {
    await within({ input: 'pascal' }, async (world) => {
      const created = await world.psa.createContact(newcomer(world));

      expect(created.kind).toBe('done');
      expect((await world.psa.completeContact(created.kind === 'done' ? created.value : psaContactId('0'), newcomer(world))).kind).toBe(
        'refused',
      );
    });
  });

  it('IT Glue bridge not enabled: nothing is told', async () => {
    await within({ itGlueBridge: 'not-enabled' }, async (world) => {
      const id = world.seed({});
      world.link(id, contactId('900719925474099301'));

      expect(await world.psa.linkedContactId(id)).toBeNull();
    });
  });

  it('duplicate e-mails refused: the create is refused', async () => {
    await within({ duplicateEmail: 'refused' }, async (world) => {
      world.seed({ emails: ['zoe@acme.example.test'] });

      expect((await world.psa.createContact(newcomer(world))).kind).toBe('refused');
    });
  });

  it('phone required: a create without one is refused', async () => {
    await within({ phone: 'required' }, async (world) => {
      expect((await world.psa.createContact({ ...newcomer(world), phones: [] })).kind).toBe('refused');
    });
  });

  it.each([
    { add: 1, update: 0, delete: 2 },
    { add: 1, update: 2, delete: 0 },
    { add: 2, update: 1, delete: 0 },
  ])('other numbers of operations (%j): nothing is changed or lost', async (relatedOperations) => {
    await within({ relatedOperations }, async (world) => {
      const id = world.seed({ emails: ['ada@acme.example.test'] });
      const addEmails = [{ value: 'new@acme.example.test', typeId: world.emailType.id, typeName: null, primary: false }];

      expect((await world.psa.updateContact(id, { addEmails })).kind).toBe('refused');
      expect((await world.psa.getContact(id))?.emails.map((email) => email.value)).toEqual(['ada@acme.example.test']);
    });
  });

  it.each(['unauthorized', 'bad-request', 'in-200'] as const)('sign-in refused as %s', async (refusedSignIn) => {
    await within({ refusedSignIn }, async (world) => {
      world.sandbox.data.users.length = 0;

      expect(await codeOf(world.psa.check())).toBe('PSA_CREDENTIALS_REJECTED');
    });
  });

  it.each([
    { overLimit: 'status', retryAfter: null },
    { overLimit: 'status', retryAfter: 5 },
    { overLimit: 'status', retryAfter: 3600 },
    { overLimit: 'in-200' },
  ] as const)('too many requests (%j): PSA_RATE_LIMITED, for writes too', async (switches) => {
    await within({ ...switches, hourlyLimit: 1, accessTokenMinutes: 600 }, async (world) => {
      await world.psa.check();

      expect(await codeOf(world.psa.check())).toBe('PSA_RATE_LIMITED');
      expect((await world.psa.createContact(newcomer(world))).kind).toBe('done');
      expect(await codeOf(world.psa.createContact(newcomer(world)))).toBe('PSA_RATE_LIMITED');
      expect(world.sandbox.data.contacts.size).toBe(1);
    });
  });

  it.each([
    [
      { accessTokenMinutes: 15, refreshTokenMinutes: 60 },
      ['/v2/security/authenticate', '/v2/security/refreshtoken', '/v2/security/refreshtoken'],
    ],
    [
      { accessTokenMinutes: 15, refreshTokenMinutes: 0 },
      ['/v2/security/authenticate', '/v2/security/authenticate', '/v2/security/authenticate'],
    ],
  ])('tokens are renewed by their expiry (%j), so that no request meets a 401', async (switches, signIns) => {
    await within(switches, async (world) => {
      for (let round = 0; round < 3; round += 1) {
        await world.psa.check();
        world.passTime(14.5 * 60_000);
      }

      expect(world.sandbox.requests.filter(({ path }) => /authenticate|refreshtoken/.test(path)).map(({ path }) => path)).toEqual(signIns);
      expect(world.sandbox.requests.every(({ status }) => status === 200)).toBe(true);
    });
  });
});

describe('the rate budget', () => {
  it('keeps below the limit of 1,500 an hour and endpoint by itself', async () => {
    await within({}, async (world) => {
      const id = world.seed({});
      for (let count = 0; count < 1600; count += 1) await world.psa.getContact(id);

      expect(world.sandbox.requests.filter(({ status }) => status === 429)).toEqual([]);
    });
  });

  it('takes two searches and two writes for a contact that is missing in the PSA', async () => {
    await within({}, async (world) => {
      world.seed({ active: false });
      const { psa } = world;
      const search = () => psa.findContacts(world.company.id, { emails: ['zoe@acme.example.test'], firstName: 'Zoë', lastName: 'Zander' });
      await search();
      world.sandbox.resetCounts();

      await search();
      const created = await psa.createContact(newcomer(world));
      if (created.kind === 'done') await psa.completeContact(created.value, newcomer(world));

      expect(world.sandbox.requests.map(({ method, route }) => `${method} ${route}`)).toEqual([
        'GET /v2/crm/contacts/search',
        'GET /v2/crm/contacts/search',
        'POST /v2/crm/contacts/summary',
        'PATCH /v2/crm/contacts/:id',
      ]);
    });
  });
});

describe('making a contact inactive, where BMS', () => {
  it.each([
    [{ patchActive: 'ignored' }, /still active/],
    [{ patchActive: 'refused' }, /IsActive cannot be changed/],
    [{ patchActive: 'refused', failures: 'as-status' }, /IsActive cannot be changed/],
  ] as const)('does not take it (%j), is refused with its reason', async (switches, words) => {
    await within(switches, async (world) => {
      const { psa } = world;
      const id = world.seed({ emails: ['ada@acme.example.test'] });

      const outcome = await psa.updateContact(id, { active: false });

      expect(outcome).toMatchObject({ kind: 'refused', code: 'PSA_REFUSED', reason: expect.stringMatching(words) });
      expect((await psa.getContact(id))?.active).toBe(true);
    });
  });

  it('takes the rest of the request alone, is unknown: something was written', async () => {
    await within({ patchActive: 'ignored' }, async (world) => {
      const { psa } = world;
      const id = world.seed({});

      expect(await psa.updateContact(id, { active: false, title: 'Clerk' })).toMatchObject({ kind: 'unknown', code: 'PSA_ANSWER_LOST' });
      expect(await psa.getContact(id)).toMatchObject({ active: true, title: 'Clerk' });
    });
  });
});
