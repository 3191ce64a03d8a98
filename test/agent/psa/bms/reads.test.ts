import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../../../core/errors.ts';
import { psaContactId } from '../../../../core/model/ids.ts';
import { answer, done, failed, type Handler } from './fake-http.ts';
import { contactRow, makeBms } from './make-bms.ts';

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof RollcallError ? error.code : String(error)),
  );
}

/** Serves a list of contacts by pages, whatever `Filter.IsActive` says, as `shown` decides. */
function listOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  shown: (active: string | null) => (row: Readonly<Record<string, unknown>>) => boolean,
): Handler {
  return ({ query }) => {
    const wanted = rows.filter(shown(query.get('Filter.IsActive')));
    const size = Number(query.get('PageSize'));
    const from = (Number(query.get('PageNumber')) - 1) * size;
    return done(wanted.slice(from, from + size), wanted.length);
  };
}

describe('listing contacts', () => {
  it('C11 reads page by page until the total is reached, sorted by id, and tells the progress', async () => {
    const rows = Array.from({ length: 230 }, (_, index) => contactRow(1000 - index, { isActive: index !== 5 }));
    const { psa, http } = makeBms(listOf(rows, () => () => true));
    const progress: string[] = [];

    const contacts = await psa.listContacts('250', (read, total) => progress.push(`${read}/${total}`));

    expect(contacts.map((contact) => Number(contact.id))).toEqual(Array.from({ length: 230 }, (_, index) => 771 + index));
    expect(progress).toEqual(['100/230', '200/230', '230/230']);
    expect(http.calls).toHaveLength(3);
    expect(http.seen.at(-1)).toMatchObject({ budget: 'GET /v2/crm/contacts/summary', token: 'access-1', intent: 'read' });
    expect(http.seen.at(-1)?.query.get('Filter.AccountId')).toBe('250');
  });

  it('asks for inactive contacts too when the plain list showed none', async () => {
    const rows = [contactRow(1), contactRow(2, { isActive: false })];
    const { psa } = makeBms(listOf(rows, (active) => (row) => String(row['isActive']) === (active ?? 'true')));

    const contacts = await psa.listContacts('250');

    expect(contacts.map(({ id, active }) => [id, active])).toEqual([
      ['1', true],
      ['2', false],
    ]);
  });

  it('C11 works when the server gives smaller pages than asked for', async () => {
    const rows = Array.from({ length: 7 }, (_, index) => contactRow(index + 1, { isActive: index > 0 }));
    const { psa } = makeBms(({ query }) => {
      const from = (Number(query.get('PageNumber')) - 1) * 3;
      return done(rows.slice(from, from + 3), rows.length);
    });

    expect(await psa.listContacts('250')).toHaveLength(7);
  });

  it('C11 reads again when the total moved, and gives the second reading', async () => {
    const rows = Array.from({ length: 150 }, (_, index) => contactRow(index + 1, { isActive: index > 0 }));
    let asked = 0;
    const whole = listOf(rows, () => () => true);
    const { psa } = makeBms((request, seen) => {
      asked += 1;
      return asked === 2 ? done(rows.slice(100), 151) : whole(request, seen);
    });

    expect(await psa.listContacts('250')).toHaveLength(150);
    expect(asked).toBe(4);
  });

  it.each([
    ['a row that comes twice', () => done([contactRow(1), contactRow(1)], 2)],
    [
      'a total that is never reached',
      ({ query }: { query: URLSearchParams }) => done(query.get('PageNumber') === '1' ? [contactRow(1)] : [], 2),
    ],
    ['more rows than announced', () => done([contactRow(1), contactRow(2)], 1)],
    ['a server that ignores the page', () => done([contactRow(1)], 2)],
  ])('C11 throws PSA_UNSTABLE_LIST for %s', async (_name, handler) => {
    const { psa, http } = makeBms(handler);

    expect(await codeOf(psa.listContacts('250'))).toBe('PSA_UNSTABLE_LIST');
    expect(http.calls.length).toBeLessThanOrEqual(6);
  });

  it.each([
    ['contacts of another company', done([contactRow(1, { accountId: 251 })], 1)],
    ['no total', done([contactRow(1)])],
    ['a total beyond belief, page after page', done([contactRow(1)], 9e15)],
    ['a contact without id', done([contactRow(1, { id: null })], 1)],
    ['no list', done({ rows: [] }, 0)],
    ['HTML', answer('<!doctype html><p>Sign in</p>')],
    ['a cut-off answer', answer('{"success":true,"result":[{"id":1,')],
  ])('throws PSA_ANSWER_INVALID for %s', async (_name, result) => {
    const { psa } = makeBms(() => result);

    expect(await codeOf(psa.listContacts('250'))).toBe('PSA_ANSWER_INVALID');
  });

  it.each([
    ['bms', 'Kaseya BMS'],
    ['vorex', 'Vorex'],
    ['pulseway', 'Pulseway PSA'],
  ] as const)('says by the name of %s that a row is none', async (product, name) => {
    const { psa } = makeBms(() => done([{ accountId: 250 }], 1), { product });

    await expect(psa.listContacts('250')).rejects.toMatchObject({
      code: 'PSA_ANSWER_INVALID',
      message: expect.stringContaining(`${name} answered`),
    });
  });

  it('reads a contact in any case, with null anywhere', async () => {
    const row = {
      Id: 9,
      AccountId: 250,
      LocationId: null,
      FirstName: '  ',
      LastName: null,
      JobTitle: 'Clerk',
      IsActive: false,
      ModifiedOn: '2026-02-01T10:00:00',
      Emails: [{ EmailAddress: 'nine@acme.example.test', EmailTypeId: 5, EmailType: null, IsDefault: null }, { EmailAddress: null }],
      Phones: null,
    };
    const { psa } = makeBms(() => answer({ Success: true, Result: [row], TotalRecords: 1 }));

    expect(await psa.listContacts('250')).toEqual([
      {
        id: '9',
        companyId: '250',
        locationId: null,
        firstName: null,
        lastName: null,
        title: 'Clerk',
        emails: [{ value: 'nine@acme.example.test', typeId: '5', typeName: null, primary: false }],
        phones: [],
        active: false,
        externalKey: null,
        modifiedAt: Date.UTC(2026, 1, 1, 10),
      },
    ]);
  });

  it.each(['000-000-0000', '0000000000', '(000) 000-0000', '999-999-9999'])('P2 reads the placeholder %s back as blank', async (phone) => {
    const phones = [
      { phone, phoneTypeId: 7, phoneType: 'Work', isDefault: true },
      { phone: '+1 415 555 0102 x12', phoneTypeId: 8, phoneType: 'Mobile', isDefault: false },
    ];
    const { psa } = makeBms(() => done([contactRow(1, { isActive: false, phones })], 1), { blankPhone: '999-999-9999' });

    const [contact] = await psa.listContacts('250');

    expect(contact?.phones).toEqual([
      { phone: { raw: '+1 415 555 0102 x12', e164: '+14155550102', extension: '12' }, typeId: '8', typeName: 'Mobile', primary: false },
    ]);
  });
});

describe('finding contacts', () => {
  interface Tenant {
    readonly rows: readonly ReturnType<typeof contactRow>[];
    readonly inactiveHidden?: boolean;
    readonly enveloped?: boolean;
  }

  /** A search that matches by part, in any company unless one is named, as the real one may. */
  function tenant({ rows, inactiveHidden = false, enveloped = true }: Tenant): Handler {
    const part = (text: unknown, wanted: string | null) => wanted === null || String(text).toLowerCase().includes(wanted.toLowerCase());
    return ({ path, query }) => {
      const single = /summary\/(\d+)$/.exec(path)?.[1];
      if (single !== undefined) {
        const row = rows.find(({ id }) => String(id) === single);
        if (row === undefined) return failed('Contact was not found', 404);
        return enveloped ? done(row) : answer(row);
      }
      const active = query.get('Filter.IsActive') ?? (inactiveHidden ? 'true' : null);
      const hits = rows.filter((row) => {
        const emails = row['emails'] as readonly { emailAddress: string }[];
        return (
          (query.get('Filter.AccountIds') ?? String(row['accountId'])) === String(row['accountId']) &&
          (query.get('Filter.Ids') ?? String(row['id'])) === String(row['id']) &&
          (active ?? String(row['isActive'])) === String(row['isActive']) &&
          emails.some((email) => part(email.emailAddress, query.get('Filter.EmailAddress'))) &&
          part(row['firstName'], query.get('Filter.FirstName')) &&
          part(row['lastName'], query.get('Filter.LastName'))
        );
      });
      return done(hits.map((row) => ({ ...row, emailAddress: (row['emails'] as readonly { emailAddress: string }[])[0]?.emailAddress })));
    };
  }

  const email = (address: string) => ({ emailAddress: address, emailTypeId: 5, emailType: 'Work', isDefault: false });

  it.each([true, false])('P8 finds by e-mail whatever the case, not by a part of it (envelope: %s)', async (enveloped) => {
    const rows = [
      contactRow(1, { emails: [email('Ada@acme.example.test')] }),
      contactRow(2, { emails: [email('not-ada@acme.example.test')] }),
      contactRow(3, { isActive: false, emails: [email('other@acme.example.test')] }),
    ];
    const { psa } = makeBms(tenant({ rows, enveloped }));

    const found = await psa.findContacts('250', { emails: ['ADA@ACME.example.test'], firstName: null, lastName: null });

    expect(found.map(({ id }) => id)).toEqual(['1']);
  });

  it('P8 finds by any e-mail of the contact, once', async () => {
    const rows = [contactRow(1, { emails: [email('first@acme.example.test'), email('second@acme.example.test')] })];
    const { psa, http } = makeBms(tenant({ rows }));

    const found = await psa.findContacts('250', {
      emails: ['second@acme.example.test', 'first@acme.example.test', 'FIRST@acme.example.test'],
      firstName: 'Ada',
      lastName: 'Number 1',
    });

    expect(found.map(({ id }) => id)).toEqual(['1']);
    expect(http.calls.filter((call) => call.endsWith('/summary/1'))).toHaveLength(1);
  });

  it('P8 finds by exact name only', async () => {
    const rows = [
      contactRow(1, { firstName: 'ÉVA', lastName: 'Stone' }),
      contactRow(2, { firstName: 'Éva', lastName: 'Stoneman' }),
      contactRow(3, { firstName: 'Éva', lastName: null }),
    ];
    const { psa } = makeBms(tenant({ rows }));

    const found = await psa.findContacts('250', { emails: [], firstName: 'éva', lastName: 'stone ' });

    expect(found.map(({ id }) => id)).toEqual(['1']);
  });

  it.each([true, false])('P8 finds inactive contacts too (hidden unless asked for: %s)', async (inactiveHidden) => {
    const rows = [contactRow(1), contactRow(2, { isActive: false })];
    const { psa } = makeBms(tenant({ rows, inactiveHidden }));

    const found = await psa.findContacts('250', { emails: ['user2@acme.example.test'], firstName: null, lastName: null });

    expect(found.map(({ id, active }) => [id, active])).toEqual([['2', false]]);
  });

  it('asks one search an e-mail once it learned that inactive contacts show', async () => {
    const rows = [contactRow(1), contactRow(2, { isActive: false })];
    const { psa, http } = makeBms(tenant({ rows }));
    await psa.findContacts('250', { emails: ['nobody@acme.example.test'], firstName: null, lastName: null });
    const before = http.calls.length;

    await psa.findContacts('250', { emails: ['none@acme.example.test'], firstName: 'No', lastName: 'Body' });

    expect(before).toBe(3);
    expect(http.calls.length - before).toBe(2);
  });

  it('P8 leaves contacts of other companies out, although the search brings them', async () => {
    const rows = [contactRow(1, { accountId: 251, emails: [email('ada@acme.example.test')] })];
    const { psa, http } = makeBms((request, seen) => {
      request.query.delete('Filter.AccountIds');
      return tenant({ rows })(request, seen);
    });

    expect(await psa.findContacts('250', { emails: ['ada@acme.example.test'], firstName: null, lastName: null })).toEqual([]);
    expect(http.calls).not.toContain('GET /v2/crm/contacts/summary/1');
  });

  it('P8 leaves a contact out that became another company’s since the search', async () => {
    const found = { id: 1, accountId: 250, firstName: 'Ada', lastName: 'Stone', isActive: true };
    const { psa } = makeBms(({ path }) =>
      done(path.endsWith('/search') ? [found] : contactRow(1, { accountId: 251, firstName: 'Ada', lastName: 'Stone' })),
    );

    expect(await psa.findContacts('250', { emails: [], firstName: 'Ada', lastName: 'Stone' })).toEqual([]);
  });

  it('asks nothing when there is nothing to look for', async () => {
    const { psa, http } = makeBms(() => failed('not expected'));

    expect(await psa.findContacts('250', { emails: [' '], firstName: null, lastName: ' ' })).toEqual([]);
    expect(http.seen).toEqual([]);
  });

  it('refuses a search whose filter was evidently not applied', async () => {
    const { psa } = makeBms(({ query }) => {
      const from = (Number(query.get('PageNumber')) - 1) * 100;
      return done(Array.from({ length: 100 }, (_, index) => contactRow(from + index + 1)));
    });

    expect(await codeOf(psa.findContacts('250', { emails: ['a@acme.example.test'], firstName: null, lastName: null }))).toBe(
      'PSA_ANSWER_INVALID',
    );
  });
});

describe('a single contact', () => {
  it.each([
    ['404', answer('', 404)],
    ['404 with a problem document', answer({ title: 'Not Found', status: 404 }, 404)],
    ['success:false', failed('Contact does not exist')],
    ['a null result', done(null)],
  ])('C11 is absent on %s', async (_name, result) => {
    const { psa } = makeBms(() => result);

    expect(await psa.getContact(psaContactId('9'))).toBeNull();
  });

  it.each([
    ['a page of a gateway', answer('<html><body>404</body></html>', 404), 'PSA_ANSWER_INVALID'],
    ['another contact', done(contactRow(8)), 'PSA_ANSWER_INVALID'],
    ['missing rights', answer('', 403), 'PSA_PERMISSION_MISSING'],
    ['an internal error inside 200', failed('An internal error occurred during your request!'), 'PSA_SERVER_ERROR'],
    ['a limit inside 200', failed('API call limit exceeded'), 'PSA_RATE_LIMITED'],
  ])('C11 is not called absent on %s', async (_name, result, code) => {
    const { psa } = makeBms(() => result);

    expect(await codeOf(psa.getContact(psaContactId('9')))).toBe(code);
  });

  it.each([
    ['linked', answer('{"success":true,"result":{"id":9007199254740993001,"name":"Ada"}}'), '9007199254740993001'],
    ['not linked', done(null), null],
    ['id 0', done({ id: 0, name: null }), null],
    ['not found', answer('', 404), null],
    ['not enabled', failed('IT Glue integration is not enabled'), null],
    ['no right to it', answer('', 403), null],
  ])('P8 tells the IT Glue link: %s', async (_name, result, linked) => {
    const { psa, http } = makeBms(() => result);

    expect(await psa.linkedContactId(psaContactId('9'))).toBe(linked);
    expect(http.calls).toEqual(['GET /v2/integrations/itglue/contacts/9/lookup']);
  });
});

describe('companies and locations', () => {
  const companies = [
    { id: 250, name: 'Acme', isActive: true },
    { id: 251, name: 'Acme Holdings', isActive: true },
    { id: 252, name: ' ACME ', isActive: true },
    { id: 253, name: 'Acme', isActive: false },
  ];

  it('finds companies by exact name, whatever the case, active ones only', async () => {
    const { psa } = makeBms(() => done(companies));

    expect((await psa.findCompany({ name: 'acme' })).map(({ id }) => id)).toEqual(['250', '252']);
  });

  it('finds a company by id and compares it', async () => {
    const { psa, http } = makeBms(() => done(companies));

    expect(await psa.findCompany({ id: '251' })).toEqual([{ id: '251', name: 'Acme Holdings' }]);
    expect(http.seen.at(-1)?.query.get('Filter.Ids')).toBe('251');
    expect(await psa.findCompany({ id: '9' })).toEqual([]);
    expect(await psa.findCompany({ id: 'acme' })).toEqual([]);
  });

  it('P8 tells of an inactive company as such: by id always, by name where no active one has it', async () => {
    const { psa, http } = makeBms(() => done(companies.filter(({ id }) => id === 253)));
    const inactive = [{ id: '253', name: 'Acme', inactive: true }];

    expect(await psa.findCompany({ id: '253' })).toEqual(inactive);
    expect(await psa.findCompany({ name: 'Acme' })).toEqual(inactive);
    expect(http.seen.at(-1)?.query.get('Filter.WithInactiveAccounts')).toBe('true');
    expect(await psa.listCompanies()).toEqual([]);
  });

  it('lists the locations of the company', async () => {
    const { psa } = makeBms(() =>
      done([
        { id: 11, name: 'Main', accountId: 250, isMain: true },
        { id: 12, name: 'Depot', accountId: 250, isMain: false },
      ]),
    );

    expect(await psa.listLocations('250')).toEqual([
      { id: '11', name: 'Main', main: true },
      { id: '12', name: 'Depot', main: false },
    ]);
  });

  it('refuses locations of another company', async () => {
    const { psa } = makeBms(() => done([{ id: 11, name: 'Main', accountId: 9, isMain: true }]));

    expect(await codeOf(psa.listLocations('250'))).toBe('PSA_ANSWER_INVALID');
  });

  it('check proves the sign-in and tells whose it is', async () => {
    const { psa } = makeBms(() => done({ userId: 3, tenantId: 77, businessName: 'Example MSP', emailAddress: 'api@msp.example.test' }));

    expect((await psa.check()).facts).toEqual({
      product: 'Kaseya BMS',
      address: 'https://bms.example.test',
      user: '3',
      tenant: '77',
      business: 'Example MSP',
    });
  });

  it.each([
    ['bms', 'Kaseya BMS'],
    ['vorex', 'Vorex'],
    ['pulseway', 'Pulseway PSA'],
  ] as const)('names %s as %s in every message', async (product, name) => {
    const { psa } = makeBms(() => answer('', 400), { product });

    expect(psa.displayName).toBe(name);
    await expect(psa.listLocations('250')).rejects.toThrow(name);
  });
});

describe('trouble inside 200', () => {
  it.each([
    ['a fault', failed('An error has occurred', 500)],
    ['a cut-off answer', answer('{"success":true,"resu')],
    ['a page of a gateway', answer('<html></html>')],
  ])('reads again after %s', async (_name, result) => {
    let asked = 0;
    const { psa, waits } = makeBms(() => (++asked < 3 ? result : done([])));

    expect(await psa.listLocations('250')).toEqual([]);
    expect(waits).toEqual([1000, 4000]);
  });

  it('waits for a limit that is reported so, and gives up within ten minutes', async () => {
    const { psa, waits } = makeBms(() => failed('API call limit exceeded', 429));

    expect(await codeOf(psa.listLocations('250'))).toBe('PSA_RATE_LIMITED');
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(600_000);
    expect(waits.length).toBeGreaterThan(0);
  });

  it('does not follow or repeat a redirect', async () => {
    const { psa, http } = makeBms(() => answer('', 302, { location: 'https://elsewhere.example.test' }));

    expect(await codeOf(psa.listLocations('250'))).toBe('PSA_ANSWER_INVALID');
    expect(http.calls).toHaveLength(1);
  });
});

describe('expired token', () => {
  it('signs in again once and repeats the read', async () => {
    const { psa, http } = makeBms(({ token }) => (token === 'access-1' ? answer('', 401) : done([])));

    expect(await psa.listLocations('250')).toEqual([]);
    expect(http.calls).toHaveLength(2);
  });

  it('gives up after the second 401', async () => {
    const { psa, http } = makeBms(() => answer('', 401));

    expect(await codeOf(psa.listLocations('250'))).toBe('PSA_CREDENTIALS_REJECTED');
    expect(http.calls).toHaveLength(2);
  });

  it('understands an expired token that is reported inside 200', async () => {
    const { psa } = makeBms(({ token }) => (token === 'access-1' ? failed('Token has expired', 401) : done([])));

    expect(await psa.listLocations('250')).toEqual([]);
  });
});
