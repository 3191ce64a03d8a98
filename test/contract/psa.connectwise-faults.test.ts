import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RollcallError } from '../../core/errors.ts';
import { psaContactId } from '../../core/model/ids.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import type { Fault, FaultKind } from '../sandbox/faults.ts';
import { type ConnectWiseWorld, openConnectWiseWorld } from './connectwise-world.ts';
import { samplesFor } from './psa-world.ts';
import { newcomer, pushOnce } from './push-once.ts';

let world: ConnectWiseWorld;

beforeEach(async () => {
  world = await openConnectWiseWorld({ maximumPageSize: 100, pageSizeOverMaximum: 'clamped' });
});
afterEach(() => world.close());

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof RollcallError ? error.code : String(error)),
  );
}

const reads = [
  ['version', /companyinfo/],
  ['system', /system\/info/],
  ['company', /company\/companies\?/],
  ['sites', /sites/],
  ['communication types', /communicationTypes/],
  ['contact types', /contacts\/types/],
  ['count', /contacts\/count/],
  ['list and search', /contacts\?/],
  ['contact', /contacts\/\d+/],
] as const;

/** A read that meets one of these once is asked again, and all goes on as if nothing had been. */
const passing: readonly FaultKind[] = [
  'lost-before',
  'lost-after',
  'rate-limited',
  'server-error',
  'bad-gateway',
  'unavailable',
  'gateway-timeout',
  'timeout-body',
  'hourly-limit',
  'truncated',
  'not-json',
  'html-200',
  'not-found-html',
];

describe('a read that fails once', () => {
  // `companyinfo` tells by its very 404, page or nonsense that this is not the server.
  const telling: readonly FaultKind[] = ['not-json', 'html-200', 'not-found-html'];
  const cases = reads.flatMap(([name, path]) =>
    passing.filter((kind) => name !== 'version' || !telling.includes(kind)).map((kind) => ({ name, kind, path })),
  );

  it.each(cases)('$name, $kind: the push ends as without', async ({ kind, path }) => {
    world.sandbox.faults.add({ kind, match: { method: 'GET', path } });

    expect(await pushOnce(world)).toMatchObject({ created: 'done', after: 'the created one', listed: 3, before: [] });
    expect(world.sandbox.faults.pending).toEqual([]);
  });

  it.each(['drift-create', 'duplicate-id', 'wrong-total'] as const)('C11 a list that drifts by %s is read again', async (kind) => {
    for (let index = 0; index < 230; index += 1) world.seed({ lastName: `Number ${index}`, active: index > 0 });
    const path = kind === 'wrong-total' ? /contacts\/count/ : /contacts\?/;
    world.sandbox.faults.add({ kind, match: { path }, nth: kind === 'wrong-total' ? 1 : 2 });

    const contacts = await world.psa.listContacts(world.company.id);

    expect(contacts.map(({ id }) => Number(id))).toEqual([...world.sandbox.data.contacts.keys()].sort((a, b) => a - b));
    expect(world.sandbox.faults.pending).toEqual([]);
  });

  it('C11 a contact that is deleted while its list is read shifts no other out of sight', async () => {
    const ids = Array.from({ length: 230 }, (_, index) => world.seed({ lastName: `Number ${index}` }));
    world.sandbox.faults.add({ kind: 'drift-delete', match: { path: /contacts\?/ } });

    const contacts = await world.psa.listContacts(world.company.id);

    expect(contacts.map(({ id }) => id)).toEqual(ids);
    expect(world.sandbox.data.contacts.size).toBe(229);
  });
});

describe('a read that keeps failing', () => {
  const always = Number.POSITIVE_INFINITY;

  it.each([
    ['server-error', 'PSA_SERVER_ERROR'],
    ['timeout-body', 'PSA_SERVER_ERROR'],
    ['lost-before', 'PSA_UNREACHABLE'],
    ['truncated', 'PSA_UNREACHABLE'],
    ['rate-limited', 'PSA_RATE_LIMITED'],
    ['hourly-limit', 'PSA_RATE_LIMITED'],
    ['unauthorized', 'PSA_CREDENTIALS_REJECTED'],
    ['forbidden', 'PSA_PERMISSION_MISSING'],
    ['bad-request', 'PSA_REFUSED'],
    ['not-json', 'PSA_ANSWER_INVALID'],
    ['html-200', 'PSA_ANSWER_INVALID'],
    ['not-found-html', 'PSA_ANSWER_INVALID'],
    ['redirect', 'PSA_ANSWER_INVALID'],
    ['wrong-total', 'PSA_UNSTABLE_LIST'],
    ['duplicate-id', 'PSA_UNSTABLE_LIST'],
    ['filter-ignored', 'PSA_ANSWER_INVALID'],
  ] as const)('C11 %s: the list throws %s', async (kind, code) => {
    for (let index = 0; index < 3; index += 1) world.seed({ companyId: index === 1 ? world.otherCompany.id : world.company.id });
    await world.psa.check();
    world.sandbox.faults.add({ kind, match: { path: /company\/contacts/ }, times: always, location: 'https://elsewhere.example.test/' });

    expect(await codeOf(world.psa.listContacts(world.company.id))).toBe(code);
  });

  it.each([
    ['server-error', 'PSA_SERVER_ERROR'],
    ['not-found-html', 'PSA_ANSWER_INVALID'],
    ['html-200', 'PSA_ANSWER_INVALID'],
    ['redirect', 'PSA_ANSWER_INVALID'],
    ['lost-before', 'PSA_UNREACHABLE'],
  ] as const)('%s where the version is told: %s', async (kind, code) => {
    world.sandbox.faults.add({ kind, match: { path: /companyinfo/ }, times: always, location: 'https://elsewhere.example.test/' });

    expect(await codeOf(world.psa.check())).toBe(code);
    expect(await codeOf(world.psa.createContact(newcomer(world)))).toBe(code);
    expect(world.sandbox.data.contacts.size).toBe(0);
  });

  it('the version is asked for again after a failure', async () => {
    world.sandbox.faults.add({ kind: 'not-found-html', match: { path: /companyinfo/ } });

    expect(await codeOf(world.psa.check())).toBe('PSA_ANSWER_INVALID');
    expect(await codeOf(world.psa.check())).toBe('no error');
  });

  it('an unreachable PSA: PSA_UNREACHABLE, for writes as well', async () => {
    await world.psa.check();
    await world.sandbox.stop();

    expect(await codeOf(world.psa.check())).toBe('PSA_UNREACHABLE');
    expect(await codeOf(world.psa.createContact(newcomer(world)))).toBe('PSA_UNREACHABLE');
  });
});

describe('a write that fails once', () => {
  type Expected = WriteOutcome<unknown>['kind'] | 'PSA_CREDENTIALS_REJECTED';
  /** Kind, whether the request is carried out all the same, and the outcome. */
  const faults: readonly (readonly [FaultKind, boolean, Expected])[] = [
    ['lost-before', false, 'unknown'],
    ['lost-after', true, 'unknown'],
    ['server-error', false, 'unknown'],
    ['server-error', true, 'unknown'],
    ['bad-gateway', true, 'unknown'],
    ['unavailable', false, 'unknown'],
    ['gateway-timeout', true, 'unknown'],
    ['timeout-body', true, 'unknown'],
    ['truncated', true, 'unknown'],
    ['not-json', true, 'unknown'],
    ['html-200', true, 'unknown'],
    ['not-found-html', false, 'unknown'],
    ['redirect', false, 'unknown'],
    ['bad-request', false, 'refused'],
    ['forbidden', false, 'refused'],
    ['rate-limited', false, 'done'],
    ['hourly-limit', false, 'done'],
    ['unauthorized', false, 'PSA_CREDENTIALS_REJECTED'],
  ];

  function plant(kind: FaultKind, commit: boolean, match: Fault['match'] & object): void {
    const replaces = !['lost-before', 'lost-after', 'truncated', 'not-json', 'html-200'].includes(kind);
    world.sandbox.faults.add({ kind, match, ...(replaces ? { commit } : {}), location: 'https://elsewhere.example.test/' });
  }

  async function outcomeOf(write: Promise<WriteOutcome<unknown>>): Promise<string> {
    return write.then(
      ({ kind }) => kind,
      (error: unknown) => (error instanceof RollcallError ? error.code : String(error)),
    );
  }

  it.each(faults)('A2 create, %s (carried out: %s): %s, and a look tells the truth', async (kind, commit, expected) => {
    const { psa, company } = world;
    plant(kind, commit, { method: 'POST', path: /company\/contacts/ });

    const outcome = await outcomeOf(psa.createContact(newcomer(world)));

    const isThere = commit || expected === 'done';
    const found = await psa.findContacts(company.id, { emails: ['zoe@acme.example.test'], firstName: 'Zoë', lastName: 'Zander' });
    expect(outcome).toBe(expected);
    expect(found).toHaveLength(isThere ? 1 : 0);
    expect(world.sandbox.data.contacts.size).toBe(isThere ? 1 : 0);
    expect(world.sandbox.faults.pending).toEqual([]);
  });

  it.each(faults)(
    'A2 whole lists and a field, %s (carried out: %s): %s, and asking again leaves it right',
    async (kind, commit, expected) => {
      const { psa } = world;
      const { emails } = samplesFor(world);
      const id = world.seed({ emails: ['ada@acme.example.test', 'old@acme.example.test'] });
      const patch = { title: 'Clerk', emails: emails('new@acme.example.test', 'ada@acme.example.test') };
      plant(kind, commit, { method: 'PATCH', path: /contacts\/\d+$/ });

      const outcome = await outcomeOf(psa.updateContact(id, patch));

      expect(outcome).toBe(expected);
      expect((await psa.getContact(id))?.title ?? null).toBe(commit || expected === 'done' ? 'Clerk' : null);
      expect((await psa.updateContact(id, patch)).kind).toBe('done');
      expect(await psa.getContact(psaContactId(id))).toMatchObject({
        title: 'Clerk',
        emails: [
          { value: 'ada@acme.example.test', primary: false },
          { value: 'new@acme.example.test', primary: true },
        ],
      });
    },
  );
});
