import { describe, expect, it } from 'vitest';
import type { BmsProduct } from '../../agent/psa/bms/products.ts';
import { psaContactId } from '../../core/model/ids.ts';
import type { FaultKind } from '../sandbox/faults.ts';
import { type BmsWorld, openBmsWorld } from './bms-world.ts';
import { newcomer, pushOnce } from './push-once.ts';

const names: Readonly<Record<BmsProduct, string>> = { bms: 'Kaseya BMS', vorex: 'Vorex', pulseway: 'Pulseway PSA' };
const products = ['bms', 'vorex', 'pulseway'] as const;

async function within<Value>(product: BmsProduct, use: (world: BmsWorld) => Promise<Value>): Promise<Value> {
  const world = await openBmsWorld({}, product);
  try {
    return await use(world);
  } finally {
    await world.close();
  }
}

/** What a person reads: the message of an error, the reason of an outcome. */
async function wordsOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    (value) => (typeof value === 'object' && value !== null && 'reason' in value ? String(value.reason) : ''),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const id = psaContactId('999999');
const always = Number.POSITIVE_INFINITY;
const anything = { path: /crm|userinfo|itglue/ };

type Call = (world: BmsWorld) => Promise<unknown>;

const failures: readonly (readonly [string, FaultKind, RegExp, Call])[] = [
  ['the sign-in', 'sign-in-refused', /authenticate/, ({ psa }) => psa.check()],
  ['the sign-in', 'html-200', /authenticate/, ({ psa }) => psa.check()],
  ['the sign-in', 'not-found-html', /authenticate/, ({ psa }) => psa.check()],
  ...(
    [
      'lost-before',
      'rate-limited',
      'server-error',
      'unauthorized',
      'forbidden',
      'bad-request',
      'success-false',
      'hourly-limit',
      'truncated',
      'not-json',
      'html-200',
      'not-found-html',
      'redirect',
      'timeout-body',
    ] as const
  ).flatMap((kind) => [
    ['a list', kind, anything.path, ({ psa, company }: BmsWorld) => psa.listContacts(company.id)] as const,
    ['a look', kind, anything.path, ({ psa }: BmsWorld) => psa.getContact(id)] as const,
    ['changes', kind, anything.path, ({ psa }: BmsWorld) => psa.listChangedContacts(null, 0)] as const,
    ['a create', kind, anything.path, (world: BmsWorld) => world.psa.createContact(newcomer(world))] as const,
    ['an update', kind, anything.path, ({ psa }: BmsWorld) => psa.updateContact(id, { title: 'Clerk' })] as const,
  ]),
  ['a list', 'wrong-total', /contacts\/summary/, ({ psa, company }) => psa.listContacts(company.id)],
];

describe.each(products)('%s', (product) => {
  const others = products.filter((other) => other !== product).map((other) => names[other]);

  it('does all that a push asks for', async () => {
    await within(product, async (world) => {
      expect(world.psa.displayName).toBe(names[product]);
      expect(await pushOnce(world)).toMatchObject({ created: 'done', completed: 'done', after: 'the created one', listed: 3 });
    });
  });

  it.each(failures)('says its own name when %s fails by %s, and no other', async (_, kind, path, call) => {
    await within(product, async (world) => {
      world.seed({});
      world.sandbox.faults.add({ kind, match: { path }, times: always, location: 'https://elsewhere.example.test/' });

      const words = await wordsOf(call(world));

      expect(words).toContain(names[product]);
      for (const other of others) expect(words).not.toContain(other);
    });
  });

  it.each<readonly [string, Call]>([
    ['without a location', (world) => world.psa.createContact({ ...newcomer(world), locationId: null })],
    [
      'without a type',
      (world) => world.psa.createContact({ ...newcomer(world), emails: newcomer(world).emails.map((item) => ({ ...item, typeId: null })) }),
    ],
    ['to no location', ({ psa }) => psa.updateContact(id, { locationId: null })],
    ['of a contact that is gone', ({ psa }) => psa.updateContact(id, { emails: [] })],
  ])('says its own name when it takes no contact %s', async (_, call) => {
    await within(product, async (world) => {
      expect(await wordsOf(call(world))).toContain(names[product]);
    });
  });

  it('says its own name when it cannot be reached', async () => {
    await within(product, async (world) => {
      await world.psa.check();
      await world.sandbox.stop();

      expect(await wordsOf(world.psa.listContacts(world.company.id))).toContain(names[product]);
      expect(await wordsOf(world.psa.createContact(newcomer(world)))).toContain(names[product]);
    });
  });
});
