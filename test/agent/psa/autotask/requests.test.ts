import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../../../core/errors.ts';
import { psaContactId } from '../../../../core/model/ids.ts';
import type { PsaContactInput } from '../../../../core/model/psa-contact.ts';
import { answer } from '../bms/fake-http.ts';
import { errorOf, makeAutotask, secret, zone } from './make-autotask.ts';

const input: PsaContactInput = {
  companyId: '250',
  locationId: '11',
  firstName: 'Zoë',
  lastName: 'Zander',
  title: 'Clerk',
  emails: [{ value: 'zoe@acme.example.test', typeId: 'emailAddress', typeName: 'Work', primary: true }],
  phones: [
    { phone: { raw: '+14155550107', e164: '+14155550107', extension: '12' }, typeId: 'phone', typeName: 'Work', primary: true },
    { phone: { raw: '+14155550108', e164: '+14155550108', extension: null }, typeId: 'mobilePhone', typeName: 'Mobile', primary: false },
  ],
  contactTypeId: null,
  externalKey: 'b1946ac9-2492-4d2b-9e38-0a1c5e8f7d60',
};

const nobody = answer({ items: [], pageDetails: { count: 0, requestCount: 500, prevPageUrl: null, nextPageUrl: null } });

describe('where requests go', () => {
  it('the zone is looked up without credentials, everything else goes to the zone with all three', async () => {
    const { psa, http, calls } = makeAutotask(({ path }) => (path.endsWith('/query') ? nobody : undefined));
    await psa.listLocations('250');

    expect(calls()).toEqual([
      'GET webservices.example.test/ATServicesRest/V1.0/ZoneInformation',
      'GET webservices5.example.test/ATServicesRest/V1.0/ThresholdInformation',
      'POST webservices5.example.test/ATServicesRest/V1.0/CompanyLocations/query',
    ]);
    const [lookUp, ...rest] = http.seen;
    expect(lookUp?.query.get('user')).toBe('api@msp.example.test');
    expect(JSON.stringify(lookUp?.headers)).not.toContain(secret);
    expect(Object.keys(lookUp?.headers ?? {})).toEqual(['accept']);
    for (const { headers } of rest) {
      expect(headers).toMatchObject({ UserName: 'api@msp.example.test', Secret: secret, ApiIntegrationCode: 'CODE123' });
    }
  });

  it('the zone is kept for 12 hours, for all adapters of the process', async () => {
    const { psa, again, clock, calls } = makeAutotask(() => undefined);
    const lookUps = (): number => calls().filter((call) => call.endsWith('ZoneInformation')).length;
    await psa.getContact(psaContactId('7'));
    await clock.wait(11 * 3_600_000);
    await again().getContact(psaContactId('7'));
    expect(lookUps()).toBe(1);
    await clock.wait(2 * 3_600_000);
    await again().getContact(psaContactId('7'));

    expect(lookUps()).toBe(2);
  });

  describe('a zone that takes no connection any more', () => {
    const zoneOf = (host: string) => answer({ url: `https://${host}.example.test/ATServicesRest/` });
    const gone = new RollcallError('PSA_UNREACHABLE', 'no connection: refused');

    it('is looked up again: a write, which never went out, goes to the new zone once', async () => {
      let host = 'webservices5';
      const { psa, calls } = makeAutotask(({ path, url }) => {
        if (path.endsWith('/ZoneInformation')) return zoneOf(host);
        if (!new URL(url).host.startsWith(host)) throw gone;
        return path.endsWith('/Contacts') ? answer({ itemId: 7 }) : undefined;
      });
      await psa.getContact(psaContactId('7'));
      host = 'webservices6';

      expect((await psa.createContact(input)).kind).toBe('done');
      expect(calls().slice(-3)).toEqual([
        'POST webservices5.example.test/ATServicesRest/V1.0/Companies/250/Contacts',
        'GET webservices.example.test/ATServicesRest/V1.0/ZoneInformation',
        'POST webservices6.example.test/ATServicesRest/V1.0/Companies/250/Contacts',
      ]);
    });

    it.each(['is the same', 'cannot be looked up'])('that %s: it is told as it is, and not sent again', async (what) => {
      let isDown = false;
      const { psa, calls } = makeAutotask(({ path }) => {
        if (isDown && (what === 'cannot be looked up' || !path.endsWith('/ZoneInformation'))) throw gone;
        return path.endsWith('/ZoneInformation') ? zoneOf('webservices5') : undefined;
      });
      await psa.getContact(psaContactId('7'));
      isDown = true;

      expect(await errorOf(psa.createContact(input))).toBe(gone);
      expect(calls().filter((call) => call.endsWith('/Companies/250/Contacts'))).toHaveLength(1);
    });
  });

  it.each([
    ['https://webservices5.example.test/ATServicesRest/', '/ATServicesRest/V1.0/Contacts/7'],
    ['https://webservices5.example.test/atservicesrest', '/atservicesrest/V1.0/Contacts/7'],
    ['https://webservices5.example.test/ATServicesRest/V1.0/', '/ATServicesRest/V1.0/Contacts/7'],
  ])('a zone at %s has its contacts at %s', async (url, path) => {
    const { psa, calls } = makeAutotask((request) => (request.path.endsWith('/ZoneInformation') ? answer({ url }) : undefined));
    await psa.getContact(psaContactId('7'));

    expect(calls().at(-1)).toBe(`GET webservices5.example.test${path}`);
  });

  it.each(['http://webservices5.example.test/', 'https://user:pass@webservices5.example.test/', 'ftp://x.test/', 'nowhere', null, ''])(
    'a zone at %j is refused, and no credentials are sent',
    async (url) => {
      const { psa, http } = makeAutotask((request) => (request.path.endsWith('/ZoneInformation') ? answer({ url }) : undefined));
      const error = await errorOf(psa.check());

      expect(error?.code).toBe('PSA_ANSWER_INVALID');
      expect(http.seen).toHaveLength(1);
    },
  );

  it('an unknown user is told with what to check', async () => {
    const { psa, http } = makeAutotask(({ path }) =>
      path.endsWith('/ZoneInformation') ? answer({ errors: ['No zone for api@msp.example.test'] }, 500) : undefined,
    );
    const error = await errorOf(psa.check());

    expect(error).toMatchObject({ code: 'PSA_CREDENTIALS_REJECTED', message: expect.stringContaining('psa.credentials.userName') });
    expect(error?.message).not.toContain('api@msp.example.test');
    expect(http.seen).toHaveLength(1);
  });

  it('a look-up that is refused for too many threads says nothing of the user', async () => {
    const words = 'Thread Threshold Exceeded - The Autotask API thread threshold of 3 threads has been exceeded.';
    const { psa } = makeAutotask(({ path }) => (path.endsWith('/ZoneInformation') ? answer({ errors: [words] }, 500) : undefined));

    expect((await errorOf(psa.check()))?.code).toBe('PSA_RATE_LIMITED');
  });

  it.each([
    'https://webservices6.example.test/ATServicesRest/V1.0/Contacts/query/next?paging=x',
    'https://webservices5.example.test@evil.example.test/next',
    'https://evil@webservices5.example.test/next',
    'http://webservices5.example.test/next',
    'https://webservices5.example.test:8443/next',
    'not an address',
  ])('a further page at %s is refused, and nothing is sent', async (nextPageUrl) => {
    const page = { items: [{ id: 1, companyID: 250 }], pageDetails: { nextPageUrl } };
    const { psa, http } = makeAutotask(({ path }) => (path.endsWith('/query') ? answer(page) : undefined));
    const error = await errorOf(psa.listChangedContacts(null, 0));

    expect(error?.code).toBe('PSA_ANSWER_INVALID');
    expect(http.seen.filter(({ url }) => url === nextPageUrl)).toEqual([]);
  });

  it('a further page is asked for as it is, by the same method with the same body', async () => {
    const next = `${zone}V1.0/Contacts/query/next?paging=%7B%22a%22%3A1%7D&Order=x`;
    const { psa, http } = makeAutotask(({ path, url }) => {
      if (url === next) return answer({ items: [{ id: 2, companyID: 250 }], pageDetails: { nextPageUrl: null } });
      return path.endsWith('/query') ? answer({ items: [{ id: 1, companyID: 250 }], pageDetails: { nextPageUrl: next } }) : undefined;
    });

    expect((await psa.listChangedContacts(null, 0))?.map(({ id }) => id)).toEqual(['1', '2']);
    const [first, second] = http.seen.slice(-2);
    expect([second?.url, second?.method, second?.json]).toEqual([next, first?.method, first?.json]);
  });
});

describe('what requests say', () => {
  it('P8 one search looks for key, e-mails in all their fields, and name, within the company', async () => {
    const { psa, http } = makeAutotask(({ path, json }) => {
      if (!path.endsWith('/query')) return undefined;
      const isSample = JSON.stringify(json).includes('"maxRecords":1,');
      return isSample ? answer({ items: [{ id: 3, emailAddress: 'ada@acme.example.test' }], pageDetails: { nextPageUrl: null } }) : nobody;
    });
    await psa.findContacts('250', {
      externalKeys: ['k1', 'k2'],
      emails: [' Zoe@acme.example.test', 'none'],
      firstName: ' Zoë',
      lastName: 'Z "x"',
    });

    expect(http.seen.at(-1)?.json).toMatchObject({
      maxRecords: 500,
      filter: [
        { op: 'eq', field: 'companyID', value: 250 },
        {
          op: 'or',
          items: [
            { op: 'eq', field: 'externalID', value: 'k1' },
            { op: 'eq', field: 'externalID', value: 'k2' },
            { op: 'eq', field: 'emailAddress', value: 'Zoe@acme.example.test' },
            { op: 'eq', field: 'emailAddress2', value: 'Zoe@acme.example.test' },
            { op: 'eq', field: 'emailAddress3', value: 'Zoe@acme.example.test' },
            {
              op: 'and',
              items: [
                { op: 'eq', field: 'firstName', value: 'Zoë' },
                { op: 'eq', field: 'lastName', value: 'Z "x"' },
              ],
            },
          ],
        },
      ],
    });
  });

  it('nothing to look for asks nothing', async () => {
    const { psa, http } = makeAutotask(() => undefined);

    expect(await psa.findContacts('250', { emails: ['none'], firstName: ' ', lastName: null })).toEqual([]);
    expect(http.seen).toEqual([]);
  });

  it('P12 a create is one request by the company’s route, with everything in it', async () => {
    const { psa, http, calls } = makeAutotask(({ method }) => (method === 'POST' ? answer({ itemId: 77 }) : undefined));

    expect(await psa.createContact(input)).toEqual({ kind: 'done', value: '77' });
    expect(await psa.completeContact(psaContactId('77'), input)).toEqual({ kind: 'done', value: null });
    expect(calls().at(-1)).toBe('POST webservices5.example.test/ATServicesRest/V1.0/Companies/250/Contacts');
    expect(http.seen.at(-1)?.json).toEqual({
      companyID: 250,
      firstName: 'Zoë',
      lastName: 'Zander',
      isActive: 1,
      title: 'Clerk',
      companyLocationID: 11,
      emailAddress: 'zoe@acme.example.test',
      phone: '+14155550107',
      extension: '12',
      mobilePhone: '+14155550108',
      externalID: 'b1946ac9-2492-4d2b-9e38-0a1c5e8f7d60',
    });
  });

  it.each([
    [{ lastName: null }, /last name/],
    [{ companyId: '1/../2' }, /company/],
    [{ locationId: 'x' }, /location/],
    [{ emails: [{ value: 'a@x.test', typeId: '5', typeName: null, primary: true }] }, /no such field/],
  ])('a create of %j is refused without a request', async (more, words) => {
    const { psa, http } = makeAutotask(() => undefined);

    expect(await psa.createContact({ ...input, ...more })).toMatchObject({ kind: 'refused', reason: expect.stringMatching(words) });
    expect(http.seen).toEqual([]);
  });

  it.each([{}, { itemId: null }, { itemId: 0 }, { itemId: 'x' }])('A2 a create answered by %j is unknown', async (body) => {
    const { psa } = makeAutotask(({ method }) => (method === 'POST' ? answer(body) : undefined));

    expect((await psa.createContact(input)).kind).toBe('unknown');
  });

  it('the server’s words are told without secrets and persons', async () => {
    const words = `Bad ${secret} of CODE123 for zoe@acme.example.test, +1 415 555 0107`;
    const { psa } = makeAutotask(({ method }) => (method === 'POST' ? answer({ errors: [words] }, 500) : undefined));
    const outcome = await psa.createContact(input);

    expect(outcome).toMatchObject({
      kind: 'refused',
      reason: 'Autotask PSA (creating a contact): Bad <secret> of <secret> for …, <number>',
    });
  });
});

describe('what the tenant says of its fields', () => {
  it('makes the longest texts shorter, never longer', async () => {
    const fields = [
      { name: 'firstName', length: 20 },
      { name: 'lastName', length: 500 },
      { name: 'alternatePhone', length: 15 },
      { name: 'mobilePhone', length: 40 },
      { name: 'emailAddress2', length: 0 },
    ];
    const { psa } = makeAutotask(({ path }) => (path.endsWith('/fields') ? answer({ fields }) : undefined));
    const { requirements } = psa;
    expect(requirements.longest).toEqual({ firstName: 50, lastName: 50, title: 50, email: 254, phone: 25, extension: 10 });

    await psa.listTypes([]);

    expect(requirements.longest).toEqual({ firstName: 20, lastName: 50, title: 50, email: 254, phone: 15, extension: 10 });
  });

  it.each([
    answer({ errors: ['The logged in Resource does not have the adequate permissions.'] }, 500),
    answer({ something: 'else' }),
    answer({ fields: [] }),
  ])('is not needed: a tenant that does not tell is taken for a usual one', async (reply) => {
    const { psa } = makeAutotask(({ path }) => (path.endsWith('/fields') ? reply : undefined));

    expect(await psa.listTypes([])).toMatchObject({ email: [{ id: 'emailAddress', name: 'Work' }], contact: [] });
    expect(psa.requirements.longest.firstName).toBe(50);
  });

  it('is asked for once', async () => {
    const { psa, again, calls } = makeAutotask(() => undefined);
    await psa.listTypes([]);
    await again().listTypes([]);

    expect(calls().filter((call) => call.endsWith('/fields'))).toHaveLength(1);
  });
});
