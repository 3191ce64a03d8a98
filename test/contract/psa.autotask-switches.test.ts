import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../core/errors.ts';
import { psaContactId } from '../../core/model/ids.ts';
import type { AutotaskSwitches } from '../sandbox/autotask/switches.ts';
import { type AutotaskWorld, openAutotaskWorld } from './autotask-world.ts';
import { newcomer, pushOnce } from './push-once.ts';

async function within<Value>(switches: Partial<AutotaskSwitches>, use: (world: AutotaskWorld) => Promise<Value>): Promise<Value> {
  const world = await openAutotaskWorld({ switches });
  try {
    return await use(world);
  } finally {
    expect(world.sandbox.strayCredentials).toEqual([]);
    await world.close();
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof RollcallError ? error.code : String(error)),
  );
}

const positions: readonly Partial<AutotaskSwitches>[] = [
  { failures: 500 },
  { failures: 400 },
  { missingItem: 'not-found' },
  { missingItem: 'null' },
  { unknownParent: 'empty' },
  { unknownParent: 'refused' },
  { unknownMembers: 'refused' },
  { unknownMembers: 'dropped' },
  { readOnlyMembers: 'refused' },
  { readOnlyMembers: 'dropped' },
  { companyIdInBody: 'optional' },
  { companyIdInBody: 'required' },
  { defaultLocation: 'none' },
  { defaultLocation: 'primary' },
  { duplicateEmail: 'accepted' },
  { duplicateEmail: 'refused' },
  { emailFormat: 'checked' },
  { emailFormat: 'unchecked' },
  { delete: 'refused' },
  { notQueryable: [] },
  { notQueryable: ['externalID', 'lastModifiedDate'] },
  { dates: 'milliseconds' },
  { dates: 'seconds' },
  { dates: 'without-zone' },
  { textCase: 'ignored' },
  { textCase: 'exact' },
  { paging: 'by-id' },
  { paging: 'by-offset' },
  { pagingWithoutId: 'refused' },
  { pagingWithoutId: 'first-page-only' },
  { overLimit: 429 },
  { overLimit: 500 },
  { retryAfter: 7 },
  { refusedRequests: 'free' },
  { threads: 1 },
  { overThreads: 429 },
  { childThreads: 'parent' },
  { childThreads: 'child' },
  { slowMs: 1 },
];

describe('each position of each switch', () => {
  it.each(positions)('%j: a contact is found missing, created and found', async (switches) => {
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
      expect(world.sandbox.requests.flatMap((request) => request.dropped)).toEqual([]);
    });
  });

  it('threads that come free late: one refusal at most, then none', async () => {
    const world = await openAutotaskWorld({ switches: { threads: 2, threadLingerMs: 100 }, waits: 'real' });
    try {
      const id = world.seed({});
      const contacts = await Promise.all(Array.from({ length: 12 }, () => world.psa.getContact(id)));

      expect(contacts.map((contact) => contact?.id)).toEqual(Array.from({ length: 12 }, () => id));
      const refusals = world.sandbox.requests.flatMap(({ refused }, index) => (refused ? [index] : []));
      expect(refusals.length).toBeGreaterThan(0);
      // The two that were under way at the first refusal.
      expect(Math.max(...refusals) - Math.min(...refusals)).toBeLessThanOrEqual(2);
    } finally {
      await world.close();
    }
  });

  it('no right to write contacts: PSA_PERMISSION_MISSING at the first one, for creates and changes', async () => {
    await within({ contactWrites: 'no-permission' }, async (world) => {
      const id = world.seed({});

      expect(await codeOf(world.psa.createContact(newcomer(world)))).toBe('PSA_PERMISSION_MISSING');
      expect(await codeOf(world.psa.updateContact(id, { title: 'Clerk' }))).toBe('PSA_PERMISSION_MISSING');
      expect(world.sandbox.counts.writes).toBe(0);
    });
  });

  it('duplicate e-mails refused: the create is refused', async () => {
    await within({ duplicateEmail: 'refused' }, async (world) => {
      world.seed({ emails: ['zoe@acme.example.test'] });

      expect(await world.psa.createContact(newcomer(world))).toMatchObject({ kind: 'refused', code: 'PSA_REFUSED' });
    });
  });

  it('e-mails that are none refused: the create is refused, and the reason names nobody', async () => {
    await within({ emailFormat: 'checked' }, async (world) => {
      const emails = [{ value: 'zoe at acme', typeId: 'emailAddress', typeName: 'Work', primary: true }];
      const outcome = await world.psa.createContact({ ...newcomer(world), emails });

      expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('emailAddress is not a valid') });
    });
  });

  it('a date of change that cannot be searched: this tenant does not tell who changed', async () => {
    await within({ notQueryable: ['lastModifiedDate'] }, async (world) => {
      world.seed({});

      expect(await world.psa.listChangedContacts(world.company.id, 0)).toBeNull();
      expect(await world.psa.listChangedContacts(null, 0)).toBeNull();
    });
  });

  it('an external key that cannot be searched is written all the same, and found in the list', async () => {
    await within({ notQueryable: ['externalID'] }, async (world) => {
      const created = await world.psa.createContact({ ...newcomer(world), externalKey: 'a-key' });
      const found = await world.psa.findContacts(world.company.id, {
        externalKeys: ['a-key'],
        emails: [],
        firstName: null,
        lastName: null,
      });

      expect(found).toMatchObject([{ id: created.kind === 'done' ? created.value : '', externalKey: 'a-key' }]);
      expect((await world.psa.check()).facts['external key']).toContain('cannot be searched');
    });
  });

  it('dates kept in whole seconds: a change within the second is not missed', async () => {
    await within({ dates: 'seconds' }, async (world) => {
      world.passTime(700);
      const id = world.seed({});

      expect((await world.psa.listChangedContacts(world.company.id, Date.UTC(2026, 0, 5, 8) + 600))?.map((contact) => contact.id)).toEqual([
        id,
      ]);
    });
  });

  it.each(['foreign-origin', 'user-info'] as const)(
    'a further page elsewhere (%s): refused, and nothing is sent there',
    async (nextPage) => {
      await within({ nextPage }, async (world) => {
        for (let index = 0; index < 501; index += 1) world.seed({ lastName: `Number ${index}` });

        expect(await codeOf(world.psa.listContacts(world.company.id))).toBe('PSA_ANSWER_INVALID');
        expect(await codeOf(world.psa.listChangedContacts(null, 0))).toBe('PSA_ANSWER_INVALID');
        expect(world.sandbox.requests.filter(({ path }) => path.endsWith('/next'))).toEqual([]);
      });
    },
  );

  it('the same page again and again: given up, not read for ever', async () => {
    await within({ nextPage: 'repeating' }, async (world) => {
      world.seed({});

      expect(await codeOf(world.psa.listContacts(world.company.id))).toBe('PSA_UNSTABLE_LIST');
      expect(await codeOf(world.psa.listChangedContacts(null, 0))).toBe('PSA_UNSTABLE_LIST');
      expect(world.sandbox.requests.length).toBeLessThan(20);
    });
  });
});

describe('long lists', () => {
  it.each([{ paging: 'by-id' }, { paging: 'by-offset' }] as const)('C11 are read to their end (%j)', async (switches) => {
    await within(switches, async (world) => {
      const ids = Array.from({ length: 1_203 }, (_, index) => world.seed({ lastName: `Number ${index}` }));
      const progress: (readonly number[])[] = [];

      const contacts = await world.psa.listContacts(world.company.id, (read, total) => progress.push([read, total]));

      expect(contacts.map(({ id }) => id)).toEqual(ids);
      expect(progress.at(-1)).toEqual([1_203, 1_203]);
      expect((await world.psa.listChangedContacts(null, 0))?.map(({ id }) => id)).toEqual(ids);
    });
  });
});

describe('a change', () => {
  it('of a contact that became another company’s is refused', async () => {
    await within({}, async (world) => {
      const id = world.seed({});
      await world.psa.listContacts(world.company.id);
      world.sandbox.data.updateContact(Number(id), { companyID: Number(world.otherCompany.id), companyLocationID: null });

      const outcome = await world.psa.updateContact(id, { title: 'Clerk' });

      expect(outcome).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining(`belongs to company ${world.otherCompany.id} by now`),
      });
      expect(world.sandbox.data.contact(Number(id)).title).toBeNull();
    });
  });

  it('writes only what is another than before, and nothing when all is as it should be', async () => {
    await within({}, async (world) => {
      const id = world.seed({ title: 'Clerk', emails: ['ada@acme.example.test', 'old@acme.example.test'] });
      const emails = [{ value: 'ADA@acme.example.test', typeId: 'emailAddress', typeName: 'Work', primary: true }];

      await world.psa.updateContact(id, { title: 'Clerk', firstName: 'Ada', emails, externalKey: 'a-key', active: true });
      await world.psa.updateContact(id, { title: 'Clerk', emails, externalKey: 'another-key' });

      const bodies = world.sandbox.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(body));
      expect(bodies).toEqual([{ id: Number(id), externalID: 'a-key', emailAddress2: null }]);
    });
  });

  it('E8 whose state is not as asked for afterwards is refused, or unknown when more was written', async () => {
    await within({}, async (world) => {
      const [one, two] = [world.seed({}), world.seed({})];
      world.sandbox.onRequest(({ when, request }) => {
        const { id } = JSON.parse(request.body.toString('utf8'));
        if (when === 'after') world.sandbox.data.updateContact(id, { isActive: 1 });
      });

      expect(await world.psa.updateContact(one, { active: false })).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining('still active'),
      });
      expect(await world.psa.updateContact(two, { active: false, title: 'Clerk' })).toMatchObject({ kind: 'unknown' });
    });
  });

  it('of an id that is none is refused', async () => {
    await within({}, async ({ psa }) => {
      expect((await psa.updateContact(psaContactId('x/../1'), { title: 'Clerk' })).kind).toBe('refused');
    });
  });
});
