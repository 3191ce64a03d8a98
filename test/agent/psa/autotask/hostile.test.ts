import { describe, expect, it } from 'vitest';
import { psaContactId } from '../../../../core/model/ids.ts';
import { answer } from '../bms/fake-http.ts';
import { errorOf, makeAutotask, secret } from './make-autotask.ts';

const beyond = '9007199254740993';

function page(items: readonly object[]): ReturnType<typeof answer> {
  return answer({ items, pageDetails: { nextPageUrl: null } });
}

describe('the look-up of the zone', () => {
  it.each([
    'https://webservices5.evil.test/ATServicesRest/',
    'https://example.test.evil.test/ATServicesRest/',
    'https://evilexample.test/ATServicesRest/',
    'https://webservices.autotask.net.evil.test/',
    'https://evilautotask.net/',
    'http://127.0.0.1:1/ATServicesRest/',
    'http://localhost/',
    'https://user:word@webservices5.example.test/',
  ])('that names %s gets no credentials sent there', async (url) => {
    const { psa, http } = makeAutotask(({ path }) => (path.endsWith('/ZoneInformation') ? answer({ url }) : undefined));

    expect((await errorOf(psa.check()))?.code).toBe('PSA_ANSWER_INVALID');
    expect(http.seen).toHaveLength(1);
    expect(JSON.stringify(http.seen)).not.toContain(secret);
  });

  it.each(['https://webservices12.example.test/ATServicesRest/', 'https://webservices12.autotask.net/ATServicesRest/'])(
    'that names %s leads there',
    async (url) => {
      const { psa, calls } = makeAutotask(({ path }) => (path.endsWith('/ZoneInformation') ? answer({ url }) : undefined));
      await psa.check();

      expect(calls().at(-1)).toBe(`GET ${new URL(url).host}/ATServicesRest/V1.0/Contacts/entityInformation/fields`);
    },
  );
});

describe('what the tenant tells of its usage', () => {
  it.each([
    ['a timeframe of two thousand million years', { requestThresholdTimeframe: 1e15 }],
    ['a limit that is none', { externalRequestThreshold: 1e15 }],
    ['a negative count', { currentTimeframeRequestCount: -5 }],
  ])('is not believed with %s: the usual limit holds, and nobody waits for ever', async (_name, more) => {
    const told = { externalRequestThreshold: 1, requestThresholdTimeframe: 60, currentTimeframeRequestCount: 1, ...more };
    const { psa, http, clock } = makeAutotask(({ path }) => (path.endsWith('/ThresholdInformation') ? answer(told) : undefined));
    const before = clock.now();
    await psa.check();

    expect(http.seen.at(-1)).toMatchObject({ limits: [{ requests: 5_000, windowMs: 3_600_000 }] });
    expect(clock.now()).toBe(before);
  });
});

describe('C11 "not found" alone', () => {
  it.each(['/Contacts/7', '/Companies/7'])('at %s is no proof: the record that a search finds is there', async (route) => {
    const row = { id: 7, companyID: 250, companyName: 'Acme', isActive: true };
    const { psa } = makeAutotask(({ path }) => {
      if (path.endsWith(route)) return answer('', 404);
      return path.endsWith('/query') ? page([row]) : undefined;
    });
    const read = route.startsWith('/Contacts') ? psa.getContact(psaContactId('7')) : psa.findCompany({ id: '7' }).then(([found]) => found);

    expect(await read).toMatchObject({ id: '7' });
  });

  it.each([
    ['finds nothing: it is gone', page([]), null],
    ['finds nothing either', answer('', 404), 'PSA_REFUSED'],
    ['brings another', page([{ id: 8, companyID: 250 }]), 'PSA_ANSWER_INVALID'],
  ])('is looked into by a search that %s', async (_name, found, code) => {
    const { psa } = makeAutotask(({ path }) => {
      if (path.endsWith('/query')) return found;
      return path.endsWith('/Contacts/7') ? answer('', 404) : undefined;
    });
    const read = psa.getContact(psaContactId('7'));

    if (code === null) expect(await read).toBeNull();
    else expect((await errorOf(read))?.code).toBe(code);
  });
});

it('an id beyond 2^53 stays itself, in a change and in a search', async () => {
  const texts: (string | undefined)[] = [];
  const row = `{"id":${beyond},"companyID":250,"firstName":"Ada","lastName":"Byron","isActive":1}`;
  const { psa } = makeAutotask(({ path, method, body }) => {
    if (method === 'PATCH' || path.endsWith('/query')) texts.push(body);
    if (path.endsWith('/query')) return answer(`{"items":[${row}],"pageDetails":{"nextPageUrl":null}}`);
    if (method === 'PATCH') return answer({ itemId: 1 });
    return path.endsWith(`/Contacts/${beyond}`) ? answer('', 404) : undefined;
  });

  expect((await psa.updateContact(psaContactId(beyond), { title: 'Clerk' })).kind).toBe('done');
  expect(texts).toEqual([expect.stringContaining(`"value":${beyond}}`), `{"id":${beyond},"title":"Clerk"}`]);
});
