import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../../../core/errors.ts';
import type { Psa } from '../../../../core/ports/psa.ts';
import { answer, type Handler, refusal } from './fake-http.ts';
import { contactRow, emailItem, makeConnectWise, phoneItem } from './make-connectwise.ts';

type Row = Readonly<Record<string, unknown>>;

const elsewhere = '<https://elsewhere.example.test/v2026_1/apis/3.0/company/contacts?page=2>; rel="next"';

/** Serves `rows` by `id>` and pages of `size`, `Link` naming another host; the count is that of `rows` unless told. */
function pagesOf(rows: readonly Row[], size: number, count = rows.length): Handler {
  return ({ path, query }) => {
    if (path.endsWith('/count')) return answer({ count });
    const above = Number(/\bid>(\d+)/.exec(query.get('conditions') ?? '')?.[1] ?? 0);
    const later = rows.filter((row) => Number(row['id']) > above);
    return answer(later.slice(0, size), 200, later.length > size ? { link: `${elsewhere}, <x>; rel="last"` } : {});
  };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof RollcallError ? error.code : String(error)),
  );
}

describe('a list', () => {
  it('C11 is read as long as Link tells of more, never from the host that Link names, and by id', async () => {
    const { psa, http } = makeConnectWise(pagesOf([contactRow(3), contactRow(5), contactRow(40), contactRow(41), contactRow(100)], 2));
    const progress: string[] = [];

    const contacts = await psa.listContacts('250', (read, total) => progress.push(`${read}/${total}`));

    expect(contacts.map(({ id }) => id)).toEqual(['3', '5', '40', '41', '100']);
    expect(progress).toEqual(['2/5', '4/5', '5/5']);
    expect(new Set(http.seen.map(({ url }) => new URL(url).origin))).toEqual(new Set(['https://psa.example.test']));
    expect(http.seen.slice(1).map(({ path, query }) => [path, query.get('conditions'), query.get('orderBy')])).toEqual([
      ['/company/contacts/count', 'company/id=250', null],
      ['/company/contacts', 'company/id=250', 'id'],
      ['/company/contacts', 'company/id=250 and id>5', 'id'],
      ['/company/contacts', 'company/id=250 and id>41', 'id'],
    ]);
  });

  it.each([
    ['fewer than counted', pagesOf([contactRow(1)], 5, 2), 'PSA_UNSTABLE_LIST'],
    ['more than counted', pagesOf([contactRow(1), contactRow(2)], 5, 1), 'PSA_UNSTABLE_LIST'],
    ['one twice', pagesOf([contactRow(1), contactRow(1)], 5, 1), 'PSA_UNSTABLE_LIST'],
    ['not in order', pagesOf([contactRow(2), contactRow(1)], 5), 'PSA_UNSTABLE_LIST'],
    ['another company’s', pagesOf([contactRow(1, { company: { id: 251 } })], 5), 'PSA_ANSWER_INVALID'],
    ['nobody’s', pagesOf([contactRow(1, { company: undefined })], 5), 'PSA_ANSWER_INVALID'],
    ['no list', () => answer({ count: 1 }), 'PSA_ANSWER_INVALID'],
  ] as const)('C11 with %s is not taken for whole', async (_name, handler, code) => {
    const { psa } = makeConnectWise(handler);

    expect(await codeOf(psa.listContacts('250'))).toBe(code);
  });

  it('asks no company whose id is no number', async () => {
    const { psa, http } = makeConnectWise(() => answer([]));

    expect(await psa.listContacts('250 or id>0')).toEqual([]);
    expect(await psa.listLocations('../contacts')).toEqual([]);
    expect(await psa.findCompany({ id: 'x' })).toEqual([]);
    expect(http.calls).toEqual([]);
  });
});

describe('a contact', () => {
  it('is read with its e-mails and phones, extensions apart, without fax numbers and what does not say what it is', async () => {
    const row = contactRow(7, {
      title: ' ',
      inactiveFlag: true,
      userDefinedField3: 'key-1',
      communicationItems: [
        { ...emailItem(1, 'fax@acme.example.test'), communicationType: 'Fax' },
        emailItem(2, 'ada@acme.example.test'),
        { ...phoneItem(3, '+1 415 555 0101', false), extension: '12' },
        { id: 4, type: { id: 9 }, value: '4711' },
      ],
    });
    const { psa } = makeConnectWise(pagesOf([row], 5), { externalKeyField: 'UserDefinedField3' });

    expect(await psa.listContacts('250')).toEqual([
      {
        id: '7',
        companyId: '250',
        locationId: '11',
        firstName: 'Ada',
        lastName: 'Number 7',
        title: null,
        emails: [{ value: 'ada@acme.example.test', typeId: '1', typeName: 'Email', primary: true }],
        phones: [
          { phone: { raw: '+1 415 555 0101', e164: '+14155550101', extension: '12' }, typeId: '2', typeName: 'Direct', primary: false },
        ],
        active: false,
        externalKey: 'key-1',
        modifiedAt: Date.parse('2026-02-01T10:00:00Z'),
      },
    ]);
  });
});

type Finder = Pick<Psa, 'findContacts' | 'findCompany'>;

describe('finding', () => {
  const by = {
    externalKeys: ['key-1'],
    emails: ['ada@acme.example.test', ' Second@acme.example.test'],
    firstName: 'Ada',
    lastName: "O'Neil",
  };

  it.each([
    ['userDefinedField3', { conditions: 'company/id=250 and userDefinedField3 = "key-1"' }],
    ['Rollcall key', { conditions: 'company/id=250', customFieldConditions: 'caption = "Rollcall key" and value = "key-1"' }],
  ])('P8 asks for the key in %s, for e-mails among the items, and for the name: three requests', async (externalKeyField, first) => {
    const { psa, http } = makeConnectWise(() => answer([]), { externalKeyField });

    expect([psa.hasExternalKey, await psa.findContacts('250', by)]).toEqual([true, []]);
    const asked = http.seen
      .slice(1)
      .map(({ query }) => Object.fromEntries([...query].filter(([name]) => name !== 'orderBy' && name !== 'pageSize')));
    expect(asked).toEqual([
      first,
      {
        conditions: 'company/id=250',
        childConditions:
          '(communicationItems/value = "ada@acme.example.test" or communicationItems/value = "Second@acme.example.test") and communicationItems/communicationType = "Email"',
      },
      { conditions: `company/id=250 and firstName = "Ada" and lastName = "O'Neil"` },
    ]);
  });

  it('P8 compares what comes back itself', async () => {
    const rows = [
      contactRow(1, { communicationItems: [emailItem(1, 'not-ada@acme.example.test')] }),
      contactRow(2, { communicationItems: [emailItem(1, 'ADA@acme.example.test')] }),
      contactRow(3, { communicationItems: [{ ...emailItem(1, 'ada@acme.example.test'), communicationType: 'Fax' }] }),
      contactRow(4, { company: { id: 251 }, communicationItems: [emailItem(1, 'ada@acme.example.test')] }),
      contactRow(5, { firstName: 'ADA', lastName: 'o’neil', communicationItems: [] }),
      contactRow(6, { firstName: 'ADA', lastName: "o'neil", communicationItems: [] }),
    ];
    const { psa } = makeConnectWise(() => answer(rows));

    expect([psa.hasExternalKey, (await psa.findContacts('250', by)).map(({ id }) => id)]).toEqual([false, ['2', '6']]);
  });

  it.each([
    ['a contact', (psa: Finder) => psa.findContacts('250', by)],
    ['a company', (psa: Finder) => psa.findCompany({ name: 'Acme' })],
  ])('P8 gives a search for %s up that brings everybody', async (_name, find) => {
    const { psa, http } = makeConnectWise(({ query }) => {
      const after = Number(/id>(\d+)/.exec(query.get('conditions') ?? '')?.[1] ?? 0);
      return answer(Array.from({ length: 500 }, (_, index) => contactRow(after + index + 1)));
    });

    await expect(find(psa)).rejects.toMatchObject({ code: 'PSA_ANSWER_INVALID' });
    expect(http.seen.length).toBeLessThan(10);
  });

  it('P8 reads the whole company where text has its case', async () => {
    const memory = new Map();
    const { psa, http } = makeConnectWise(
      ({ path, query }, seen) => {
        if (path === '/company/communicationTypes') {
          return answer(query.get('conditions') === null ? [{ id: 1, description: 'Email', emailFlag: true }] : []);
        }
        return pagesOf([contactRow(2, { communicationItems: [emailItem(1, 'ADA@acme.example.test')] })], 5)(
          { ...seen.at(-1), path, query } as never,
          seen,
        );
      },
      { memory: memory.set('https://psa.example.test\nexamplemsp', { info: null, ignoresCase: null }) },
    );

    expect((await psa.findContacts('250', { ...by, externalKeys: [] })).map(({ id }) => id)).toEqual(['2']);
    expect(http.seen.map(({ query }) => query.get('conditions'))).toContain('description = "EMAIL"');
    expect(http.calls).toContain('GET /company/contacts/count');
  });

  it.each([[[]], [[{ id: 1, description: '電話', phoneFlag: true }]]])(
    'P8 reads the whole company where no type tells whether text has its case: %j',
    async (types) => {
      const memory = new Map([['https://psa.example.test\nexamplemsp', { info: null, ignoresCase: null }]]);
      const { psa, http } = makeConnectWise(
        ({ path }) => (path === '/company/communicationTypes' ? answer(types) : answer(path.endsWith('/count') ? { count: 0 } : [])),
        { memory },
      );
      await psa.findContacts('250', { ...by, externalKeys: [] });

      expect(http.calls).toContain('GET /company/contacts/count');
    },
  );

  it.each([
    ['a company', '250', 'lastUpdated>=[2026-01-05T08:00:00Z] and company/id=250'],
    ['all companies', null, 'lastUpdated>=[2026-01-05T08:00:00Z]'],
  ])('P9 asks for what changed in %s by one request, to the second', async (_name, company, conditions) => {
    const { psa, http } = makeConnectWise(() =>
      answer([contactRow(1), contactRow(2, { company: company === null ? undefined : { id: 250 } })]),
    );

    const changed = await psa.listChangedContacts(company, Date.parse('2026-01-05T08:00:00.700Z'));

    expect(changed?.map(({ id }) => id)).toEqual(company === null ? ['1'] : ['1', '2']);
    expect(http.calls.slice(1)).toEqual(['GET /company/contacts']);
    expect(http.seen.at(-1)?.query.get('conditions')).toBe(conditions);
  });
});

describe('changed contacts', () => {
  it('P9 are not told where rows of long ago show that the condition was not applied', async () => {
    const { psa } = makeConnectWise(() => answer([contactRow(1)]));

    expect(await psa.listChangedContacts('250', Date.parse('2026-02-02T09:00:00Z'))).toHaveLength(1);
    expect(await psa.listChangedContacts('250', Date.parse('2026-02-02T11:00:00Z'))).toBeNull();
  });
});

describe('companies, sites and types', () => {
  it('finds a company by exact name among those that are not deleted', async () => {
    const rows = [
      { id: 1, name: 'acme "X"', deletedFlag: false },
      { id: 2, name: 'Acme "X" Holdings', deletedFlag: false },
    ];
    const { psa, http } = makeConnectWise(() => answer(rows));

    expect(await psa.findCompany({ name: ' Acme "X" ' })).toEqual([{ id: '1', name: 'acme "X"' }]);
    expect(http.seen.at(-1)?.query.get('conditions')).toBe(`name = 'Acme "X"' and deletedFlag=false`);
  });

  it.each([
    ['deleted', answer({ id: 250, name: 'Acme', deletedFlag: true })],
    ['missing', refusal(404, 'NotFound', 'Company 250 not found')],
  ])('a pinned company that is %s is none', async (_name, reply) => {
    expect(await makeConnectWise(() => reply).psa.findCompany({ id: '250' })).toEqual([]);
  });

  it('leaves inactive sites out, and takes none of another company', async () => {
    const sites = [
      { id: 1, name: 'Head Office', primaryAddressFlag: true, company: { id: 250 } },
      { id: 2, name: 'Closed', inactiveFlag: true },
    ];
    const { psa } = makeConnectWise(() => answer(sites));

    expect(await psa.listLocations('250')).toEqual([{ id: '1', name: 'Head Office', main: true }]);
    expect(await codeOf(psa.listLocations('251'))).toBe('PSA_ANSWER_INVALID');
  });

  it('P12 tells types by kind; a pinned id wins over the type of that name', async () => {
    const types = [
      { id: 1, description: 'Email', emailFlag: true, phoneFlag: false },
      { id: 2, description: 'Direct', phoneFlag: true },
      { id: 3, description: 'Fax', faxFlag: true },
    ];
    const { psa } = makeConnectWise(
      ({ path }) => answer(path === '/company/contacts/types' ? [{ id: 5, description: 'End User' }] : types),
      {
        pinnedEmail: { id: '42', name: 'email' },
      },
    );

    expect(await psa.listTypes([])).toEqual({
      email: [{ id: '42', name: 'email' }],
      phone: [{ id: '2', name: 'Direct' }],
      contact: [{ id: '5', name: 'End User' }],
    });
  });
});
