import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RollcallError } from '../../core/errors.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import type { Fault, FaultKind } from '../sandbox/faults.ts';
import { type AutotaskWorld, openAutotaskWorld } from './autotask-world.ts';
import { newcomer, pushOnce } from './push-once.ts';

let world: AutotaskWorld;

beforeEach(async () => {
  world = await openAutotaskWorld();
});
afterEach(async () => {
  expect(world.sandbox.strayCredentials.filter(({ place }) => place !== 'old-zone')).toEqual([]);
  await world.close();
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof RollcallError ? error.code : String(error)),
  );
}

const reads = [
  ['zone', 'GET', /ZoneInformation/],
  ['usage', 'GET', /ThresholdInformation/],
  ['fields', 'GET', /entityInformation/],
  ['company', 'POST', /Companies\/query/],
  ['locations', 'POST', /CompanyLocations\/query/],
  ['count', 'POST', /Contacts\/query\/count/],
  ['list or search', 'POST', /Contacts\/query$/],
  ['contact', 'GET', /\/Contacts\/\d+$/],
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
  'error-body',
  'empty-error',
  'hourly-limit',
  'thread-limit',
  'truncated',
  'not-json',
  'html-200',
];

describe('a read that fails once', () => {
  // The look-up of the zone is no request to the tenant, and an answer of it that is none of the API's means another address.
  const notOfZone: readonly FaultKind[] = ['thread-limit', 'hourly-limit', 'truncated', 'not-json', 'html-200'];
  const cases = reads.flatMap(([name, method, path]) =>
    passing.filter((kind) => name !== 'zone' || !notOfZone.includes(kind)).map((kind) => ({ name, kind, method, path })),
  );

  it.each(cases)('$name, $kind: the push ends as without', async ({ kind, method, path }) => {
    world.sandbox.faults.add({ kind, match: { method, path } });

    expect(await pushOnce(world)).toMatchObject({ created: 'done', after: 'the created one', listed: 3, before: [] });
    expect(world.sandbox.faults.pending).toEqual([]);
  });

  it.each(['drift-create', 'drift-delete', 'duplicate-id'] as const)('C11 a list that drifts by %s is read again', async (kind) => {
    world.sandbox.switches.paging = 'by-offset';
    for (let index = 0; index < 1_030; index += 1) world.seed({ lastName: `Number ${index}`, active: index > 0 });
    world.sandbox.faults.add({ kind, match: { path: /Contacts\/query(\/next)?/ }, nth: 2 });

    const contacts = await world.psa.listContacts(world.company.id);

    expect(contacts.map(({ id }) => Number(id))).toEqual([...world.sandbox.data.contacts.keys()].sort((a, b) => a - b));
  });
});

describe('a read that keeps failing', () => {
  const always = Number.POSITIVE_INFINITY;

  it.each([
    ['server-error', 'PSA_SERVER_ERROR'],
    ['error-body', 'PSA_SERVER_ERROR'],
    ['empty-error', 'PSA_SERVER_ERROR'],
    ['timeout-body', 'PSA_SERVER_ERROR'],
    ['lost-before', 'PSA_UNREACHABLE'],
    ['rate-limited', 'PSA_RATE_LIMITED'],
    ['hourly-limit', 'PSA_RATE_LIMITED'],
    ['thread-limit', 'PSA_RATE_LIMITED'],
    ['unauthorized', 'PSA_CREDENTIALS_REJECTED'],
    ['forbidden', 'PSA_PERMISSION_MISSING'],
    ['bad-request', 'PSA_REFUSED'],
    ['truncated', 'PSA_UNREACHABLE'],
    ['not-json', 'PSA_ANSWER_INVALID'],
    ['html-200', 'PSA_ANSWER_INVALID'],
    ['not-found-html', 'PSA_ANSWER_INVALID'],
    ['redirect', 'PSA_ANSWER_INVALID'],
    ['wrong-total', 'PSA_UNSTABLE_LIST'],
    ['filter-ignored', 'PSA_ANSWER_INVALID'],
  ] as const)('C11 %s: the list throws %s', async (kind, code) => {
    for (let index = 0; index < 3; index += 1) world.seed({ companyId: index === 1 ? world.otherCompany.id : world.company.id });
    const path = kind === 'wrong-total' ? /count/ : /Contacts\/query/;
    world.sandbox.faults.add({ kind, match: { path }, times: always, location: 'https://elsewhere.example.test/' });

    const expected = kind === 'filter-ignored' ? ['PSA_ANSWER_INVALID', 'PSA_UNSTABLE_LIST'] : [code];
    expect(expected).toContain(await codeOf(world.psa.listContacts(world.company.id)));
  });

  it('a refused request is not sent again', async () => {
    world.sandbox.faults.add({ kind: 'bad-request', match: { path: /count/ }, times: always });

    await codeOf(world.psa.listContacts(world.company.id));

    expect(world.sandbox.requests.filter(({ path }) => path.includes('count'))).toHaveLength(1);
  });

  it.each([
    ['bad-request', 'PSA_CREDENTIALS_REJECTED'],
    ['server-error', 'PSA_SERVER_ERROR'],
    ['not-found-html', 'PSA_ANSWER_INVALID'],
    ['html-200', 'PSA_ANSWER_INVALID'],
  ] as const)('%s at the look-up of the zone: %s', async (kind, code) => {
    world.sandbox.faults.add({ kind, match: { path: /ZoneInformation/ }, times: always });

    expect(await codeOf(world.psa.check())).toBe(code);
  });

  it('an unreachable PSA: PSA_UNREACHABLE, for writes as well', async () => {
    await world.psa.check();
    await world.sandbox.stop();

    expect(await codeOf(world.psa.check())).toBe('PSA_UNREACHABLE');
    expect(await codeOf(world.psa.createContact(newcomer(world)))).toBe('PSA_UNREACHABLE');
  });
});

describe('a tenant that was moved to another zone', () => {
  it('is looked up again at a 401, and the request goes to the new zone, a write too', async () => {
    await world.psa.check();
    world.sandbox.resetCounts();
    await world.sandbox.moveZone();

    expect((await world.psa.createContact(newcomer(world))).kind).toBe('done');
    expect(world.sandbox.data.contacts.size).toBe(1);
    expect(world.sandbox.requests.map(({ path, status }) => `${path.split('/').at(-1)} ${status}`)).toEqual([
      'Contacts 401',
      'ZoneInformation 200',
      'Contacts 200',
    ]);
  });

  it('in the middle of a list: the list is read from its beginning', async () => {
    const ids = Array.from({ length: 1_001 }, (_, index) => world.seed({ lastName: `Number ${index}` }));
    const moves: Promise<void>[] = [];
    const contacts = world.psa.listContacts(world.company.id, () => {
      if (moves.length === 0) moves.push(world.sandbox.moveZone());
    });

    expect((await contacts).map(({ id }) => id)).toEqual(ids);
    await Promise.all(moves);
  });

  it('with a 401 and no move: asked once, refused, and the request is not repeated', async () => {
    world.sandbox.faults.add({ kind: 'unauthorized', match: { method: 'POST', path: /Contacts$/ }, times: 2 });

    expect(await codeOf(world.psa.createContact(newcomer(world)))).toBe('PSA_CREDENTIALS_REJECTED');
    expect(world.sandbox.requests.filter(({ path }) => path.endsWith('/Contacts'))).toHaveLength(1);
    expect(world.sandbox.requests.filter(({ path }) => path.endsWith('/ZoneInformation'))).toHaveLength(2);
  });
});

describe('a write that fails once', () => {
  type Expected = WriteOutcome<unknown>['kind'];
  /** Kind, whether the request is carried out all the same, and the outcome. */
  const faults: readonly (readonly [FaultKind, boolean, Expected])[] = [
    ['lost-before', false, 'unknown'],
    ['lost-after', true, 'unknown'],
    ['server-error', false, 'unknown'],
    ['server-error', true, 'unknown'],
    ['error-body', false, 'unknown'],
    ['error-body', true, 'unknown'],
    ['empty-error', false, 'unknown'],
    ['empty-error', true, 'unknown'],
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
    ['rate-limited', false, 'done'],
    ['hourly-limit', false, 'done'],
    ['thread-limit', false, 'done'],
  ];

  function plant(kind: FaultKind, commit: boolean, match: Fault['match'] & object): void {
    const replaces = !['lost-before', 'lost-after', 'truncated', 'not-json', 'html-200'].includes(kind);
    world.sandbox.faults.add({ kind, match, ...(replaces ? { commit } : {}), location: 'https://elsewhere.example.test/' });
  }

  it.each(faults)('A2 create, %s (carried out: %s): %s, sent once, and a look tells the truth', async (kind, commit, expected) => {
    const { psa, company, sandbox } = world;
    plant(kind, commit, { method: 'POST', path: /\/Contacts$/ });

    const outcome = await psa.createContact(newcomer(world));

    const isThere = commit || expected === 'done';
    const found = await psa.findContacts(company.id, { emails: ['zoe@acme.example.test'], firstName: 'Zoë', lastName: 'Zander' });
    expect(outcome.kind).toBe(expected);
    expect(found).toHaveLength(isThere ? 1 : 0);
    expect(sandbox.data.contacts.size).toBe(isThere ? 1 : 0);
    expect(sandbox.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/Contacts'))).toHaveLength(
      expected === 'done' ? 2 : 1,
    );
    expect(sandbox.faults.pending).toEqual([]);
  });

  it.each(faults)('A2 added e-mail, %s (carried out: %s): %s, and adding again leaves one', async (kind, commit, expected) => {
    const { psa } = world;
    const id = world.seed({ emails: ['ada@acme.example.test'] });
    const patch = { addEmails: [{ value: 'new@acme.example.test', typeId: 'emailAddress2', typeName: '', primary: false }] };
    plant(kind, commit, { method: 'PATCH', path: /\/Contacts$/ });

    const outcome = await psa.updateContact(id, patch);

    expect(outcome.kind).toBe(expected);
    expect(world.sandbox.data.contact(Number(id)).emailAddress2).toBe(commit || expected === 'done' ? 'new@acme.example.test' : null);
    expect((await psa.updateContact(id, patch)).kind).toBe('done');
    expect((await psa.getContact(id))?.emails.map((email) => email.value)).toEqual(['ada@acme.example.test', 'new@acme.example.test']);
  });

  it.each([
    ['forbidden', 'PSA_PERMISSION_MISSING'],
    ['unauthorized', 'PSA_CREDENTIALS_REJECTED'],
  ] as const)('A2 create, %s: %s, for it concerns the whole run', async (kind, code) => {
    world.sandbox.faults.add({ kind, match: { method: 'POST', path: /\/Contacts$/ } });

    expect(await codeOf(world.psa.createContact(newcomer(world)))).toBe(code);
    expect(world.sandbox.data.contacts.size).toBe(0);
  });
});
