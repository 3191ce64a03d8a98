import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../core/errors.ts';
import { psaContactId } from '../../core/model/ids.ts';
import type { ConnectWiseSwitches } from '../sandbox/connectwise/switches.ts';
import { type ConnectWiseWorld, openConnectWiseWorld } from './connectwise-world.ts';
import { samplesFor } from './psa-world.ts';
import { newcomer, pushOnce } from './push-once.ts';

type Options = Parameters<typeof openConnectWiseWorld>[1];

async function within<Value>(
  switches: Partial<ConnectWiseSwitches>,
  use: (world: ConnectWiseWorld) => Promise<Value>,
  options: Options = {},
): Promise<Value> {
  const world = await openConnectWiseWorld(switches, options);
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

const positions: readonly Partial<ConnectWiseSwitches>[] = [
  { codebase: 'v2025_1/' },
  { apiVersion: '2022.1' },
  { role: 'full' },
  { role: 'no-delete' },
  { pageSizeOverMaximum: 'clamped', maximumPageSize: 1 },
  { pageSizeOverMaximum: 'clamped', maximumPageSize: 2 },
  { pageSizeOverMaximum: 'refused' },
  { defaultOrder: 'id' },
  { defaultOrder: 'name' },
  { pageIdWithoutHeader: 'ignored' },
  { pageIdWithoutHeader: 'honoured' },
  { linkHost: 'same', pageSizeOverMaximum: 'clamped', maximumPageSize: 1 },
  { linkHost: 'other', pageSizeOverMaximum: 'clamped', maximumPageSize: 1 },
  { text: 'case-insensitive' },
  { text: 'case-sensitive' },
  { quoteEscape: 'backslash' },
  { quoteEscape: 'doubled' },
  { childConditions: 'same-item' },
  { childConditions: 'any-item' },
  { lastUpdated: 'seconds' },
  { lastUpdated: 'milliseconds' },
  { childWrites: 'move-contact' },
  { childWrites: 'leave-contact' },
  { textForInteger: 'refused' },
  { textForInteger: 'converted' },
  { longNames: 'refused' },
  { longNames: 'cut' },
  { siteWhenAbsent: 'primary' },
  { siteWhenAbsent: 'none' },
  { emailShape: 'checked' },
  { emailShape: 'unchecked' },
  { phones: 'as-sent' },
  { phones: 'digits' },
  { withoutDefault: 'left' },
  { withoutDefault: 'first-becomes' },
  { typesOnCreate: 'ignored' },
  { typesOnCreate: 'honoured' },
  { typesOnPatch: 'refused' },
  { typesOnPatch: 'ignored' },
  { duplicates: 'accepted' },
  { duplicates: 'refused-by-name' },
  { duplicates: 'refused-by-email' },
  { patchWithoutCustomFields: 'refused' },
  { patchWithoutCustomFields: 'accepted' },
  { addAtDash: 'refused' },
  { addAtDash: 'appended' },
  { firstItemDefault: 'honoured' },
  { firstItemDefault: 'ignored' },
  { wholeItems: 'refused' },
  { wholeItems: 'replaced' },
  { jsonPatchMediaType: 'refused' },
  { jsonPatchMediaType: 'accepted' },
  { deleteContact: 'accepted' },
  { deleteContact: 'in-use' },
];

describe('each position of each switch', () => {
  it.each(positions)('%j: a contact is found missing, created, found, changed and made inactive', async (switches) => {
    await within(
      switches,
      async (world) => {
        const { psa, sandbox } = world;
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

        const [found] = await psa.findContacts(world.company.id, { emails: ['ZOE@acme.example.test'], firstName: null, lastName: null });
        const id = found?.id ?? psaContactId('0');
        const { emails, phones } = samplesFor(world);
        const patch = {
          lastName: `O'Neil "Özil"`,
          emails: emails('new@acme.example.test', 'zoe@acme.example.test'),
          phones: phones('+1 415 555 0199'),
        };
        expect((await psa.updateContact(id, { ...patch, active: false })).kind).toBe('done');
        const changed = await psa.findContacts(world.company.id, { emails: [], firstName: 'Zoë', lastName: patch.lastName });
        expect(changed).toMatchObject([
          {
            id,
            active: false,
            emails: [
              { value: 'zoe@acme.example.test', primary: false },
              { value: 'new@acme.example.test', primary: true },
            ],
            phones: [{ phone: { e164: '+14155550199' }, primary: true }],
          },
        ]);
        expect(sandbox.requests.flatMap((request) => request.dropped).filter((drop) => !/^page size|^defaultFlag/.test(drop))).toEqual([]);
      },
      { key: 'custom' },
    );
  });

  it.each(['html', 'json'] as const)(
    'an upgrade in mid-run, the old codebase answering with %s: reads and writes go on',
    async (oldCodebase) => {
      await within({ oldCodebase }, async (world) => {
        const { psa, sandbox } = world;
        await psa.check();

        sandbox.switches.codebase = 'v2026_2/';
        expect(await psa.listContacts(world.company.id)).toEqual([]);
        sandbox.switches.codebase = 'v2026_3/';
        const created = await psa.createContact(newcomer(world));
        sandbox.switches.codebase = 'v2026_4/';
        const id = created.kind === 'done' ? created.value : psaContactId('0');

        expect([created.kind, (await psa.updateContact(id, { title: 'Clerk' })).kind, sandbox.data.contacts.size]).toEqual([
          'done',
          'done',
          1,
        ]);
      });
    },
  );

  it.each([
    ['unauthorized', 'PSA_CREDENTIALS_REJECTED'],
    ['not-found', 'PSA_CREDENTIALS_REJECTED'],
    ['dropped', 'PSA_UNREACHABLE'],
  ] as const)('wrong keys answered by %s: %s, for every call', async (refusedSignIn, code) => {
    await within(
      { refusedSignIn },
      async (world) => {
        const id = world.seed({});

        expect(await codeOf(world.psa.check())).toBe(code);
        expect(await codeOf(world.psa.getContact(id))).toBe(code);
        expect(await codeOf(world.psa.listContacts(world.company.id))).toBe(code);
        expect(await codeOf(world.psa.updateContact(id, { title: 'Clerk' }))).toBe(code);
      },
      { privateKey: 'another one' },
    );
  });

  it.each(['ignored', 'honoured'] as const)(
    'P12 a contact type goes with the create (types on create: %s), and stays when the contact changes',
    async (typesOnCreate) => {
      await within({ typesOnCreate }, async (world) => {
        const { psa, sandbox } = world;
        const type = (await psa.listTypes([])).contact.find(({ name }) => name === 'Decision Maker');

        const created = await psa.createContact({ ...newcomer(world), contactTypeId: type?.id ?? null });
        const id = created.kind === 'done' ? created.value : psaContactId('0');
        await psa.updateContact(id, { title: 'Clerk' });

        expect(sandbox.data.contact(Number(id)).types.map(({ typeId }) => String(typeId))).toEqual([type?.id]);
        expect(await psa.createContact({ ...newcomer(world), firstName: 'Yves', contactTypeId: '98765' })).toMatchObject({
          kind: 'refused',
        });
      });
    },
  );

  it('an API that is older than the version that is asked for says so', async () => {
    await within({ apiVersion: '2021.3' }, async (world) => {
      await expect(world.psa.listContacts(world.company.id)).rejects.toMatchObject({
        code: 'PSA_ANSWER_INVALID',
        message: expect.stringContaining('version 2022.1'),
      });
    });
  });

  it.each(['refused-by-name', 'refused-by-email'] as const)(
    'duplicates %s: the create is refused with the words, and is never forced',
    async (duplicates) => {
      await within({ duplicates }, async (world) => {
        world.seed({ firstName: 'Zoë', lastName: 'Zander', emails: ['zoe@acme.example.test'] });

        expect(await world.psa.createContact(newcomer(world))).toMatchObject({
          kind: 'refused',
          reason: expect.stringContaining('matching contact already exists'),
        });
        expect(world.sandbox.data.contacts.size).toBe(1);
      });
    },
  );

  it('a role that may only read: reads work, writes are refused with the reason', async () => {
    await within({ role: 'read-only' }, async (world) => {
      const id = world.seed({});

      expect((await world.psa.getContact(id))?.id).toBe(id);
      expect(await world.psa.createContact(newcomer(world))).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/security role/),
      });
      expect((await world.psa.updateContact(id, { title: 'Clerk' })).kind).toBe('refused');
    });
  });

  it.each([
    { retryAfter: 'real', tooManyRequests: 'json' },
    { retryAfter: 3, tooManyRequests: 'html' },
    { retryAfter: null, tooManyRequests: 'html' },
  ] as const)('too many requests (%j) are waited for, for writes too, and nothing is doubled', async (switches) => {
    await within({ ...switches, rateLimit: { requests: 2, windowMs: 60_000 } }, async (world) => {
      expect((await world.psa.createContact(newcomer(world))).kind).toBe('done');
      expect((await world.psa.createContact({ ...newcomer(world), firstName: 'Yves' })).kind).toBe('done');
      expect((await world.psa.createContact({ ...newcomer(world), firstName: 'Xena' })).kind).toBe('done');

      expect(world.sandbox.requests.some(({ status }) => status === 429)).toBe(true);
      expect(world.sandbox.data.contacts.size).toBe(3);
    });
  });

  it('a limit that does not end: PSA_RATE_LIMITED', async () => {
    await within({ rateLimit: { requests: 0, windowMs: 60_000 }, retryAfter: 3600 }, async (world) => {
      expect(await codeOf(world.psa.check())).toBe('PSA_RATE_LIMITED');
      expect(await codeOf(world.psa.createContact(newcomer(world)))).toBe('PSA_RATE_LIMITED');
    });
  });
});

describe('the rate budget', () => {
  it('keeps to 600 requests a minute by itself', async () => {
    await within({ rateLimit: { requests: 600, windowMs: 60_000 } }, async (world) => {
      const id = world.seed({});
      for (let count = 0; count < 1_300; count += 1) await world.psa.getContact(id);

      expect(world.sandbox.requests.filter(({ status }) => status === 429)).toEqual([]);
    });
  });
});

describe('requests', () => {
  const search = (world: ConnectWiseWorld, externalKeys: readonly string[]) =>
    world.psa.findContacts(world.company.id, { externalKeys, emails: ['zoe@acme.example.test'], firstName: 'Zoë', lastName: 'Zander' });

  it.each([
    ['none', 2],
    ['user-defined', 3],
    ['custom', 3],
  ] as const)('per pushed contact, key %s: %i to search, 1 to create, none to complete, 1 to verify', async (key, searches) => {
    await within(
      {},
      async (world) => {
        const { psa, sandbox } = world;
        world.seed({});
        // What is asked once for the process: companyinfo, case of text; for the adapter: the key's field.
        await psa.listTypes([]);
        await search(world, ['key-1']);
        await psa.createContact({ ...newcomer(world), firstName: 'First', externalKey: 'key-0' });
        sandbox.resetCounts();

        await search(world, ['key-2']);
        const input = { ...newcomer(world), externalKey: 'key-2' };
        const created = await psa.createContact(input);
        const id = created.kind === 'done' ? created.value : psaContactId('0');
        await psa.completeContact(id, input);
        await psa.getContact(id);

        expect(world.requests()).toEqual([
          ...Array.from({ length: searches }, () => 'GET /company/contacts'),
          'POST /company/contacts',
          'GET /company/contacts/:id',
        ]);
      },
      { key },
    );
  });

  it('per update: one to read, one to patch; none to patch when nothing differs', async () => {
    await within({}, async (world) => {
      const { psa, sandbox } = world;
      const id = world.seed({ emails: ['ada@acme.example.test'] });
      await psa.check();
      sandbox.resetCounts();

      await psa.updateContact(id, { title: 'Clerk', addEmails: [samplesFor(world).email('new@acme.example.test', false)] });
      await psa.updateContact(id, { title: 'Clerk' });

      expect(world.requests()).toEqual(['GET /company/contacts/:id', 'PATCH /company/contacts/:id', 'GET /company/contacts/:id']);
    });
  });

  it('P9 a minute’s watch with nothing new is one, however many contacts there are', async () => {
    await within({}, async (world) => {
      const { psa, sandbox } = world;
      for (let index = 0; index < 700; index += 1) world.seed({ lastName: `Number ${index}` });
      await psa.check();
      world.passTime(3_600_000);
      sandbox.resetCounts();

      const last = Math.max(...[...sandbox.data.contacts.values()].map(({ lastUpdated }) => lastUpdated));
      expect(await psa.listChangedContacts(null, last + 60_000)).toEqual([]);

      expect(world.requests()).toEqual(['GET /company/contacts']);
    });
  });

  it('a whole company is its count and a page for each 500', async () => {
    await within({}, async (world) => {
      for (let index = 0; index < 1_001; index += 1) world.seed({ lastName: `Number ${index}` });
      await world.psa.check();
      world.sandbox.resetCounts();

      expect(await world.psa.listContacts(world.company.id)).toHaveLength(1_001);
      expect(world.requests()).toEqual(['GET /company/contacts/count', ...Array.from({ length: 3 }, () => 'GET /company/contacts')]);
    });
  });

  it('asked once for the process: companyinfo, and whether text has its case (2 with the types not yet read)', async () => {
    await within({}, async (world) => {
      await search(world, []);
      await search(world, []);

      expect(world.requests()).toEqual([
        'GET /login/companyinfo/:company',
        'GET /company/communicationTypes',
        'GET /company/communicationTypes',
        ...Array.from({ length: 4 }, () => 'GET /company/contacts'),
      ]);
    });
  });
});
