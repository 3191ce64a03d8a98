import { describe, expect, it } from 'vitest';
import { psaContactId } from '../../../../core/model/ids.ts';
import { answer } from '../bms/fake-http.ts';
import { errorOf, makeAutotask, zone } from './make-autotask.ts';

describe('lists that lie', () => {
  const next = (number: number): string => `${zone}V1.0/Contacts/query/next?paging=${number}`;
  const page = (items: readonly object[], nextPageUrl: string | null): ReturnType<typeof answer> =>
    answer({ items, pageDetails: { nextPageUrl } });

  it('C11 a list with more than it announces is not read to an end that never comes', async () => {
    const { psa, http } = makeAutotask(({ path }, seen) => {
      if (path.endsWith('/count')) return answer({ queryCount: 2 });
      return path.includes('/Contacts/query') ? page([{ id: seen.length, companyID: 250 }], next(seen.length)) : undefined;
    });

    expect((await errorOf(psa.listContacts('250')))?.code).toBe('PSA_UNSTABLE_LIST');
    expect(http.seen.length).toBeLessThan(20);
  });

  it('pages without anything that name a further one are not read for ever', async () => {
    const { psa, http } = makeAutotask(({ path }, seen) => (path.includes('/Contacts/query') ? page([], next(seen.length)) : undefined));

    expect((await errorOf(psa.listChangedContacts('250', 0)))?.code).toBe('PSA_UNSTABLE_LIST');
    expect(http.seen.length).toBeLessThan(20);
  });

  it('a search whose pages never end is given up', async () => {
    const { psa } = makeAutotask(({ path }, seen) =>
      path.includes('/Contacts/query') ? page([{ id: seen.length, companyID: 250 }], next(seen.length)) : undefined,
    );

    expect((await errorOf(psa.listChangedContacts(null, 0)))?.message).toContain('did not come to an end');
  });

  it('rows of another company are refused, wherever they come', async () => {
    const { psa } = makeAutotask(({ path }) => {
      if (path.endsWith('/count')) return answer({ queryCount: 1 });
      return path.endsWith('/query') ? page([{ id: 7, companyID: 251 }], null) : undefined;
    });

    for (const read of [psa.listContacts('250'), psa.listChangedContacts('250', 0), psa.listLocations('250')]) {
      expect((await errorOf(read))?.code).toBe('PSA_ANSWER_INVALID');
    }
    expect((await errorOf(psa.findContacts('250', { externalKeys: ['k'], emails: [], firstName: null, lastName: null })))?.code).toBe(
      'PSA_ANSWER_INVALID',
    );
  });

  it.each(['/Contacts/7', '/Companies/7'])('another record than the one that was asked for by %s is refused', async (route) => {
    const item = { id: 8, companyID: 250, companyName: 'Acme', isActive: true };
    const { psa } = makeAutotask(({ path }) => (path.endsWith(route) ? answer({ item }) : undefined));
    const read = route.startsWith('/Contacts') ? psa.getContact(psaContactId('7')) : psa.findCompany({ id: '7' });

    expect((await errorOf(read))?.code).toBe('PSA_ANSWER_INVALID');
  });
});

describe('the hourly budget', () => {
  it('is one for all requests to the tenant, whatever its zone; the look-up has its own', async () => {
    const { psa, http } = makeAutotask(() => undefined);
    await psa.getContact(psaContactId('7'));

    expect(http.seen.map(({ path, budget }) => [path.split('/').at(-1), budget])).toEqual([
      ['ZoneInformation', 'zone look-up'],
      ['ThresholdInformation', 'hour'],
      ['7', 'hour'],
    ]);
    expect(http.seen.at(-1)?.limits).toEqual([{ requests: 5_000, windowMs: 3_600_000 }]);
  });

  it('is asked for anew when the tenant refuses for it', async () => {
    const words = 'The number of external requests made has exceeded the threshold of 10000 requests within the last 60 minutes.';
    const refusals = [answer({ errors: [words] }, 500)];
    const { psa, calls, clock } = makeAutotask(({ path }) => (path.endsWith('/Contacts/7') ? refusals.pop() : undefined));
    await psa.getContact(psaContactId('7'));

    expect(calls().map((call) => call.split('/').at(-1))).toEqual([
      'ZoneInformation',
      'ThresholdInformation',
      '7',
      'ThresholdInformation',
      '7',
    ]);
    expect(clock.waits).toEqual([30_000]);
  });
});
