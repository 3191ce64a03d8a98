import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RollcallError } from '../../core/errors.ts';
import { type PsaContactId, psaContactId } from '../../core/model/ids.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import type { Fault, FaultKind } from '../sandbox/faults.ts';
import { type BmsWorld, openBmsWorld } from './bms-world.ts';
import { newcomer, pushOnce } from './push-once.ts';

let world: BmsWorld;

beforeEach(async () => {
  world = await openBmsWorld({ typeTables: { route: 'tenantlookup', email: 'EmailType', phone: 'PhoneType' } });
});
afterEach(() => world.close());

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof RollcallError ? error.code : String(error)),
  );
}

const reads = [
  ['sign-in', 'POST', /authenticate/],
  ['own user', 'GET', /userinfo/],
  ['company', 'GET', /accounts\/lookup/],
  ['locations', 'GET', /locations\/lookup/],
  ['list', 'GET', /contacts\/summary\?/],
  ['search', 'GET', /contacts\/search/],
  ['contact', 'GET', /contacts\/summary\/\d+/],
  ['IT Glue link', 'GET', /itglue\/contacts/],
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
  'token-expired',
  'success-false',
  'hourly-limit',
  'truncated',
  'not-json',
  'html-200',
];

describe('a read that fails once', () => {
  const signInAlike: readonly FaultKind[] = ['token-expired', 'success-false', 'timeout-body', 'truncated', 'not-json', 'html-200'];
  const cases = reads.flatMap(([name, method, path]) =>
    passing.filter((kind) => name !== 'sign-in' || !signInAlike.includes(kind)).map((kind) => ({ name, kind, method, path })),
  );

  it.each(cases)('$name, $kind: the push ends as without', async ({ kind, method, path }) => {
    world.sandbox.faults.add({ kind, match: { method, path } });

    expect(await pushOnce(world)).toMatchObject({ created: 'done', completed: 'done', after: 'the created one', listed: 3, before: [] });
    expect(world.sandbox.faults.pending).toEqual([]);
  });

  it.each(['drift-create', 'drift-delete', 'duplicate-id', 'wrong-total'] as const)(
    'C11 a list that drifts by %s is read again',
    async (kind) => {
      for (let index = 0; index < 230; index += 1) world.seed({ lastName: `Number ${index}`, active: index > 0 });
      world.sandbox.faults.add({ kind, match: { path: /contacts\/summary\?/ }, nth: 2 });

      const contacts = await world.psa.listContacts(world.company.id);

      expect(contacts.map(({ id }) => Number(id))).toEqual([...world.sandbox.data.contacts.keys()].sort((a, b) => a - b));
    },
  );
});

describe('a read that keeps failing', () => {
  const always = Number.POSITIVE_INFINITY;

  it.each([
    ['server-error', 'PSA_SERVER_ERROR'],
    ['lost-before', 'PSA_UNREACHABLE'],
    ['rate-limited', 'PSA_RATE_LIMITED'],
    ['hourly-limit', 'PSA_RATE_LIMITED'],
    ['unauthorized', 'PSA_CREDENTIALS_REJECTED'],
    ['forbidden', 'PSA_PERMISSION_MISSING'],
    ['bad-request', 'PSA_REFUSED'],
    ['success-false', 'PSA_SERVER_ERROR'],
    ['timeout-body', 'PSA_SERVER_ERROR'],
    ['truncated', 'PSA_UNREACHABLE'],
    ['not-json', 'PSA_ANSWER_INVALID'],
    ['html-200', 'PSA_ANSWER_INVALID'],
    ['not-found-html', 'PSA_ANSWER_INVALID'],
    ['redirect', 'PSA_ANSWER_INVALID'],
    ['wrong-total', 'PSA_UNSTABLE_LIST'],
    ['filter-ignored', 'PSA_ANSWER_INVALID'],
  ] as const)('C11 %s: the list throws %s', async (kind, code) => {
    for (let index = 0; index < 3; index += 1) world.seed({ companyId: index === 1 ? world.otherCompany.id : world.company.id });
    await world.psa.check();
    world.sandbox.faults.add({ kind, match: { path: /contacts\/summary/ }, times: always, location: 'https://elsewhere.example.test/' });

    expect(await codeOf(world.psa.listContacts(world.company.id))).toBe(code);
  });

  it.each([
    ['sign-in-refused', 'PSA_CREDENTIALS_REJECTED'],
    ['server-error', 'PSA_SERVER_ERROR'],
    ['not-found-html', 'PSA_ANSWER_INVALID'],
    ['html-200', 'PSA_ANSWER_INVALID'],
    ['success-false', 'PSA_SERVER_ERROR'],
  ] as const)('%s at the sign-in: %s', async (kind, code) => {
    world.sandbox.faults.add({ kind, match: { path: /authenticate/ }, times: always });

    expect(await codeOf(world.psa.check())).toBe(code);
  });

  it('an unreachable PSA: PSA_UNREACHABLE, for writes as well', async () => {
    await world.psa.check();
    await world.sandbox.stop();

    expect(await codeOf(world.psa.check())).toBe('PSA_UNREACHABLE');
    expect(await codeOf(world.psa.createContact(newcomer(world)))).toBe('PSA_UNREACHABLE');
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
    ['bad-gateway', true, 'unknown'],
    ['unavailable', false, 'unknown'],
    ['gateway-timeout', true, 'unknown'],
    ['timeout-body', true, 'unknown'],
    ['success-false', false, 'unknown'],
    ['success-false', true, 'unknown'],
    ['truncated', true, 'unknown'],
    ['not-json', true, 'unknown'],
    ['html-200', true, 'unknown'],
    ['not-found-html', false, 'unknown'],
    ['redirect', false, 'unknown'],
    ['bad-request', false, 'refused'],
    ['forbidden', false, 'refused'],
    ['rate-limited', false, 'done'],
    ['hourly-limit', false, 'done'],
    ['token-expired', false, 'done'],
    ['unauthorized', false, 'done'],
  ];

  function plant(kind: FaultKind, commit: boolean, match: Fault['match'] & object): void {
    const replaces = !['lost-before', 'lost-after', 'truncated', 'not-json', 'html-200'].includes(kind);
    world.sandbox.faults.add({ kind, match, ...(replaces ? { commit } : {}), location: 'https://elsewhere.example.test/' });
  }

  it.each(faults)('A2 create, %s (carried out: %s): %s, and a look tells the truth', async (kind, commit, expected) => {
    const { psa, company } = world;
    plant(kind, commit, { method: 'POST', path: /contacts\/summary/ });

    const outcome = await psa.createContact(newcomer(world));

    const isThere = commit || expected === 'done';
    const found = await psa.findContacts(company.id, { emails: ['zoe@acme.example.test'], firstName: 'Zoë', lastName: 'Zander' });
    expect(outcome.kind).toBe(expected);
    expect(found).toHaveLength(isThere ? 1 : 0);
    expect(world.sandbox.data.contacts.size).toBe(isThere ? 1 : 0);
    expect(world.sandbox.faults.pending).toEqual([]);
  });

  it.each(faults)('A2 second call, %s (carried out: %s): %s, and it can be made up for', async (kind, commit, expected) => {
    const { psa } = world;
    const id = world.seed({ firstName: 'Zoë' });
    plant(kind, commit, { method: 'PATCH', path: /contacts\/\d+$/ });

    const outcome = await psa.completeContact(id, newcomer(world));

    expect(outcome.kind).toBe(expected);
    expect((await psa.getContact(id))?.title ?? null).toBe(commit || expected === 'done' ? 'Head of Sales' : null);
    expect((await psa.completeContact(id, newcomer(world))).kind).toBe('done');
    expect((await psa.getContact(id))?.title).toBe('Head of Sales');
  });

  it.each(faults)('A2 added e-mail, %s (carried out: %s): %s, and adding again leaves one', async (kind, commit, expected) => {
    const { psa } = world;
    const id: PsaContactId = world.seed({ emails: ['ada@acme.example.test'] });
    const patch = { addEmails: [{ value: 'new@acme.example.test', typeId: world.emailType.id, typeName: null, primary: false }] };
    plant(kind, commit, { method: 'PATCH', path: /emails$/ });

    const outcome = await psa.updateContact(id, patch);

    expect(outcome.kind).toBe(expected);
    expect(world.sandbox.data.contact(Number(id)).emails).toHaveLength(commit || expected === 'done' ? 2 : 1);
    expect((await psa.updateContact(id, patch)).kind).toBe('done');
    expect((await psa.getContact(psaContactId(id)))?.emails.map((email) => email.value)).toEqual([
      'ada@acme.example.test',
      'new@acme.example.test',
    ]);
  });
});
