import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../core/errors.ts';
import type { PsaContactId } from '../../core/model/ids.ts';
import type { PsaContactInput } from '../../core/model/psa-contact.ts';
import type { AutotaskSwitches } from '../sandbox/autotask/switches.ts';
import { type AutotaskWorld, openAutotaskWorld } from './autotask-world.ts';
import { newcomer } from './push-once.ts';

interface Choices {
  readonly switches?: Partial<AutotaskSwitches>;
  readonly budgetShare?: number;
}

const hourMs = 3_600_000;

async function within<Value>(choices: Choices, use: (world: AutotaskWorld) => Promise<Value>): Promise<Value> {
  const world = await openAutotaskWorld(choices);
  try {
    return await use(world);
  } finally {
    await world.close();
  }
}

async function errorOf(promise: Promise<unknown>): Promise<RollcallError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof RollcallError) return error;
  throw new Error(`no RollcallError but ${String(error)}`);
}

/** What was asked of the tenant, in order: `POST Contacts/query`. */
function asked({ sandbox }: AutotaskWorld): readonly string[] {
  return sandbox.requests.map(({ method, path }) => `${method} ${path.replace(/^.*\/V1\.0\//, '').replace(/\/\d+/g, '/ID')}`);
}

function keyed(world: AutotaskWorld, number: number): PsaContactInput {
  const emails = [{ value: `user${number}@acme.example.test`, typeId: 'emailAddress', typeName: 'Work', primary: true }];
  return { ...newcomer(world), lastName: `Number ${number}`, emails, externalKey: `key-${number}` };
}

describe('requests per pushed contact', () => {
  it('P8 are one search and one create; what follows the create is one read of all that changed', async () => {
    await within({}, async (world) => {
      const { psa, company, sandbox } = world;
      world.seed({ emails: ['ada@acme.example.test'] });
      const input = keyed(world, 1);
      const by = { externalKeys: ['key-1'], emails: ['user1@acme.example.test'], firstName: input.firstName, lastName: input.lastName };
      await psa.check();
      await psa.findContacts(company.id, by);
      sandbox.resetCounts();

      await psa.findContacts(company.id, by);
      const created = await psa.createContact(input);
      if (created.kind === 'done') await psa.completeContact(created.value, input);
      await psa.listChangedContacts(company.id, 0);

      expect(asked(world)).toEqual(['POST Contacts/query', 'POST Companies/ID/Contacts', 'POST Contacts/query']);
    });
  });

  it('are for 50 creates of a company of 1,200: its list once, a look before, the creates, a look after', async () => {
    await within({}, async (world) => {
      const { psa, company } = world;
      for (let index = 0; index < 1_200; index += 1) world.seed({ lastName: `Old ${index}` });
      world.passTime(60_000);
      const since = world.clock.now();

      await psa.listContacts(company.id);
      await psa.listTypes([]);
      await psa.listChangedContacts(company.id, since);
      for (let number = 1; number <= 50; number += 1) await psa.createContact(keyed(world, number));
      const after = await psa.listChangedContacts(company.id, since);

      const counts = Map.groupBy(asked(world), (request) => request);
      expect(Object.fromEntries([...counts].map(([request, all]) => [request, all.length]))).toEqual({
        // To another host, and for the first job of a process only.
        'GET ZoneInformation': 1,
        'GET ThresholdInformation': 1,
        'GET Contacts/entityInformation/fields': 1,
        'POST Contacts/query/count': 1,
        'POST Contacts/query': 3,
        'POST Contacts/query/next': 2,
        'POST Companies/ID/Contacts': 50,
      });
      expect(after?.filter(({ externalKey }) => externalKey !== null)).toHaveLength(50);
    });
  });

  it('are for a change: a look and a write; a third request only where it made somebody inactive', async () => {
    await within({}, async (world) => {
      const id = world.seed({});
      await world.psa.check();
      world.sandbox.resetCounts();

      await world.psa.updateContact(id, { title: 'Clerk', emails: [] });
      await world.psa.updateContact(id, { active: false });

      expect(asked(world)).toEqual([
        'GET Contacts/ID',
        'PATCH Companies/ID/Contacts',
        'GET Contacts/ID',
        'PATCH Companies/ID/Contacts',
        'GET Contacts/ID',
      ]);
    });
  });

  it('P9 are for a minute with nothing new: one, and the tenant’s usage every 10 minutes, however many contacts there are', async () => {
    await within({}, async (world) => {
      for (let index = 0; index < 700; index += 1) world.seed({ lastName: `Old ${index}` });
      world.passTime(60_000);
      await world.psa.check();
      world.sandbox.resetCounts();

      for (let minute = 0; minute < 30; minute += 1) {
        world.passTime(60_000);
        // Each look is another job, with an adapter of its own.
        await world.again().listChangedContacts(null, world.clock.now() - 90_000);
      }

      const requests = asked(world);
      expect(requests.filter((request) => request === 'POST Contacts/query')).toHaveLength(30);
      expect(requests.filter((request) => request === 'GET ThresholdInformation')).toHaveLength(3);
      expect(requests).toHaveLength(33);
    });
  });
});

describe('the hourly budget', () => {
  it('is read at the start and every 100 requests', async () => {
    await within({}, async (world) => {
      const id = world.seed({});
      for (let count = 0; count < 250; count += 1) await world.psa.getContact(id);

      const places = asked(world).flatMap((request, place) => (request === 'GET ThresholdInformation' ? [place] : []));
      expect(places).toEqual([1, 102, 203]);
    });
  });

  it('is our share of what the tenant really has: all of it is used, and nothing is refused', async () => {
    await within({ switches: { hourlyLimit: 100, overLimit: 500 } }, async (world) => {
      const sentAt: number[] = [];
      world.sandbox.onRequest(({ when }) => void (when === 'before' && sentAt.push(world.clock.now())));
      const start = world.clock.now();
      for (let number = 0; number < 500; number += 1) {
        expect((await world.psa.createContact(keyed(world, number))).kind).toBe('done');
      }

      const hours = Math.max(1, Math.ceil((world.clock.now() - start) / hourMs));
      const requests = asked(world).filter((request) => !request.startsWith('GET Zone'));
      expect(world.sandbox.requests.filter(({ refused }) => refused)).toEqual([]);
      // 50 an hour are ours; with what the budget itself is read by.
      expect(requests.length / hours).toBeGreaterThanOrEqual(0.9 * 50);
      const busiest = Math.max(...sentAt.map((from) => sentAt.filter((at) => at >= from && at < from + hourMs).length));
      expect(busiest).toBeLessThanOrEqual(50);
      expect(sentAt.length / requests.length).toBeGreaterThan(0.85);
    });
  });

  it('is gone through at half speed once all integrations together have used half', async () => {
    await within({ switches: { hourlyLimit: 1_000 } }, async (world) => {
      const id = world.seed({});
      world.sandbox.data.otherUse(480);
      const start = world.clock.now();
      for (let count = 0; count < 15; count += 1) await world.psa.getContact(id);
      const before = world.clock.now();
      for (let count = 0; count < 100; count += 1) await world.psa.getContact(id);
      const after = world.clock.now();

      expect(before - start).toBe(0);
      // 500 an hour are ours, so that half speed is 14.4 s for each; the first few are still below the half.
      expect((after - before) / 1_000).toBeGreaterThan(93 * 14.4);
      expect((after - before) / 1_000).toBeLessThan(100 * 14.4);
    });
  });

  it('ends at 90 % with PSA_RATE_LIMITED that says when to expect more, and sends nothing more', async () => {
    await within({ switches: { hourlyLimit: 1_000 } }, async (world) => {
      const id = world.seed({});
      await world.psa.getContact(id);
      world.sandbox.data.otherUse(920);
      for (let count = 0; count < 9; count += 1) await world.psa.getContact(id);
      world.sandbox.resetCounts();

      const error = await errorOf(world.psa.createContact(newcomer(world)));
      const again = await errorOf(world.again().listContacts(world.company.id));

      expect(error).toMatchObject({ code: 'PSA_RATE_LIMITED', retry: 'later' });
      expect(error.message).toMatch(/have used 93\d of 1000 requests in 60 minutes; rollcall stops at 90 %/);
      expect(error.message).toMatch(/by 2026-01-05 09:00 UTC/);
      expect(again.code).toBe('PSA_RATE_LIMITED');
      expect(asked(world)).toEqual(['GET ThresholdInformation']);
      expect(world.sandbox.data.contacts.size).toBe(1);
    });
  });

  it('goes on by itself with the next run, once requests are free again', async () => {
    await within({ switches: { hourlyLimit: 1_000 } }, async (world) => {
      world.sandbox.data.otherUse(950);
      expect((await errorOf(world.psa.listContacts(world.company.id))).code).toBe('PSA_RATE_LIMITED');
      world.passTime(61 * 60_000);

      expect((await world.again().createContact(newcomer(world))).kind).toBe('done');
    });
  });

  it('is taken for the usual one where the tenant does not tell', async () => {
    await within({}, async (world) => {
      world.sandbox.faults.add({ kind: 'forbidden', match: { path: /Threshold/ }, times: Number.POSITIVE_INFINITY });

      expect((await world.psa.createContact(newcomer(world))).kind).toBe('done');
    });
  });

  it.each([
    { overLimit: 429, retryAfter: null },
    { overLimit: 429, retryAfter: 5 },
    { overLimit: 429, retryAfter: 3600 },
    { overLimit: 500 },
    { overLimit: 429, suspensionMinutes: 30 },
  ] as const)('that others use up at once (%j): waits, then PSA_RATE_LIMITED, for writes too, and nothing is written', async (switches) => {
    await within({ switches }, async (world) => {
      const id: PsaContactId = world.seed({});
      await world.psa.getContact(id);
      world.sandbox.data.otherUse(10_000);

      const start = world.clock.now();
      expect((await errorOf(world.psa.createContact(newcomer(world)))).code).toBe('PSA_RATE_LIMITED');
      expect(world.clock.now() - start).toBeLessThanOrEqual(2 * hourMs);
      expect(world.sandbox.data.contacts.size).toBe(1);
    });
  });
});

describe('threads', () => {
  it('never more than two at once, whoever asks', async () => {
    await within({}, async (world) => {
      const id = world.seed({});
      const [one, other] = [world.psa, world.again()];
      world.sandbox.faults.add({ kind: 'slow', delayMs: 10, match: { path: /Contacts/ }, times: 20 });
      await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other).getContact(id)));

      expect(world.sandbox.mostThreads).toBe(2);
      expect(world.sandbox.requests.filter(({ refused }) => refused)).toEqual([]);
    });
  });

  it.each([500, 429] as const)('that others have taken (%s): a short pause, and again, a create too', async (overThreads) => {
    await within({ switches: { overThreads } }, async (world) => {
      await world.psa.check();
      const free = world.sandbox.occupyThreads('Contacts', 3);
      let refusals = 0;
      const creating = world.psa.createContact(newcomer(world));
      while (refusals === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        refusals = world.sandbox.requests.filter(({ refused }) => refused).length;
      }
      free();

      expect((await creating).kind).toBe('done');
      expect(world.sandbox.data.contacts.size).toBe(1);
      expect(Math.max(...world.clock.waits)).toBeLessThanOrEqual(60_000);
    });
  });
});
