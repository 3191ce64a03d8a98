import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Called } from '../sandbox/call.ts';
import { call, dig } from '../sandbox/call.ts';
import type { ConnectWiseSandbox } from '../sandbox/connectwise/connectwise-sandbox.ts';
import { startConnectWiseSandbox } from '../sandbox/connectwise/connectwise-sandbox.ts';
import type { CwContactRecord } from '../sandbox/connectwise/records.ts';
import type { ConnectWiseSwitches } from '../sandbox/connectwise/switches.ts';

const start = Date.parse('2026-03-02T10:00:00.400Z');
const alias = '/v4_6_release/apis/3.0';

let sandbox: ConnectWiseSandbox;
let ann: CwContactRecord;

beforeEach(async () => {
  sandbox = await startConnectWiseSandbox({ clock: () => start });
  const { data } = sandbox;
  data.addCompany({ id: 250, name: 'Northwind Dental', identifier: 'Northwind' });
  data.addCompany({ id: 251, name: 'Northwind Dental East', identifier: 'NorthwindEast' });
  data.addCompany({ id: 252, name: 'Closed', deleted: true });
  data.addSite({ id: 601, companyId: 250, name: 'Main Street', primary: true });
  data.addSite({ id: 602, companyId: 251, name: 'East Side', primary: true });
  data.addSite({ id: 603, companyId: 250, name: 'Shut', inactive: true });
  ann = data.addContact({
    id: 7,
    companyId: 250,
    firstName: 'Ann',
    lastName: "O'Bell",
    title: 'Dentist',
    emails: [{ value: 'Ann@northwind.example.test' }, { value: 'ann.bell@home.example.test', typeId: 13 }],
    phones: [{ value: '4155550123', extension: '12' }],
  });
});

afterEach(() => sandbox.stop());

function headersFor(over: Record<string, string> = {}): Record<string, string> {
  const { company, publicKey, privateKey, clientId } = sandbox.credentials;
  return { authorization: basic(`${company}+${publicKey}:${privateKey}`), clientid: clientId, ...over };
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function get(path: string, headers: Record<string, string> = {}): Promise<Called> {
  return call('GET', path.startsWith('http') ? path : `${sandbox.url}${alias}${path}`, { headers: headersFor(headers) });
}

function send(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Called> {
  return call(method, `${sandbox.url}${alias}${path}`, { headers: headersFor({ 'content-type': contentType }), body });
}

function query(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString();
}

async function find(parameters: Record<string, string>): Promise<unknown> {
  const answer = await get(`/company/contacts?${query(parameters)}`);
  return answer.status === 200 ? (answer.json as unknown[]).map((row) => dig(row, 'id')) : [answer.status, dig(answer.json, 'code')];
}

function patch(operations: unknown, id = 7): Promise<Called> {
  return send('PATCH', `/company/contacts/${id}`, operations);
}

/** Value and default flag of the items of the contact. */
function items(id = 7): unknown[] {
  return sandbox.data.contact(id).items.map((item) => [item.value, item.isDefault]);
}

function link(answer: Called, rel: string): string | null {
  return new RegExp(`<([^>]*)>; rel="${rel}"`).exec(answer.headers.get('link') ?? '')?.[1] ?? null;
}

const email = { type: { id: 1 }, value: 'bo@northwind.example.test', defaultFlag: true, communicationType: 'Email' };
const phone = { type: { id: 2 }, value: '+380001000', defaultFlag: true, communicationType: 'Phone' };
const newContact = { firstName: 'Bo', lastName: 'Cole', company: { id: 250 }, site: { id: 601 }, communicationItems: [email, phone] };

describe('the address', () => {
  it('tells the codebase of a company to anybody, and null for one that does not exist', async () => {
    const known = await call('GET', `${sandbox.url}/login/companyinfo/sandboxmsp`);
    const unknown = await call('GET', `${sandbox.url}/login/companyinfo/nobody`);

    expect(known.json).toMatchObject({ Codebase: 'v2026_1/', CompanyID: 'sandboxmsp', IsCloud: true });
    expect([unknown.status, unknown.text]).toEqual([200, 'null']);
  });

  it.each<[ConnectWiseSwitches['oldCodebase'], string]>([
    ['html', 'text/html; charset=utf-8'],
    ['json', 'application/json; charset=utf-8'],
  ])('after a cloud upgrade answers the old codebase with 404 (%s)', async (oldCodebase, contentType) => {
    const versioned = (codebase: string): Promise<Called> => get(`${sandbox.url}/${codebase}apis/3.0/system/info`);
    const before = await versioned('v2026_1/');
    Object.assign(sandbox.switches, { codebase: 'v2026_2/', oldCodebase });
    const old = await versioned('v2026_1/');
    const current = await versioned('v2026_2/');

    expect([before.status, old.status, current.status, (await get('/system/info')).status]).toEqual([200, 404, 200, 200]);
    expect(old.headers.get('content-type')).toBe(contentType);
    expect(before.json).toMatchObject({ isCloud: true });
  });
});

describe('signing in', () => {
  it.each<[string, Record<string, string>]>([
    ['a wrong private key', { authorization: basic('sandboxmsp+SandboxPublic:x') }],
    ['another company', { authorization: basic('other+SandboxPublic:SandboxPrivate') }],
    ['no plus', { authorization: basic('SandboxPublic:SandboxPrivate') }],
    ['an unknown client id', { clientid: '00000000-0000-0000-0000-000000000000' }],
    ['an empty client id', { clientid: '' }],
  ])('refuses %s', async (_what, headers) => {
    const answer = await get('/system/info', headers);

    expect([answer.status, dig(answer.json, 'code')]).toEqual([401, 'Unauthorized']);
    expect(sandbox.counts.refused).toBe(1);
  });

  it('can refuse as if there were nothing, or not answer at all', async () => {
    const wrong = { authorization: basic('sandboxmsp+SandboxPublic:x') };
    sandbox.switches.refusedSignIn = 'not-found';
    const hidden = await get('/system/info', wrong);
    sandbox.switches.refusedSignIn = 'dropped';

    expect([hidden.status, hidden.json]).toEqual([404, { code: 'ConnectWiseApi', message: 'The endpoint does not exist.' }]);
    await expect(get('/system/info', wrong)).rejects.toThrow();
    expect(sandbox.requests.at(-1)).toMatchObject({ status: null, refused: true, fault: null });
  });

  it.each<[string, string, number]>([
    ['/company/contacts', '2026.1', 200],
    ['/company/contacts', '2019.5', 200],
    ['/company/contacts', '2026.2', 400],
    ['/company/communicationTypes', '2019.5', 400],
    ['/company/communicationTypes', '2020.4', 200],
  ])('answers %s in version %s with %i', async (path, version, status) => {
    expect((await get(path, { accept: `application/vnd.connectwise.com+json; version=${version}` })).status).toBe(status);
  });

  it.each<[ConnectWiseSwitches['role'], number[]]>([
    ['full', [200, 200, 204]],
    ['no-delete', [200, 200, 403]],
    ['read-only', [200, 403, 403]],
  ])('allows what the role %s does', async (role, statuses) => {
    sandbox.switches.role = role;
    const read = await get('/company/contacts/7');
    const write = await patch([{ op: 'replace', path: '/title', value: 'Owner' }]);
    const gone = await send('DELETE', '/company/contacts/7');

    expect([read.status, write.status, gone.status]).toEqual(statuses);
  });
});

describe('limits', () => {
  it.each<[ConnectWiseSwitches['retryAfter'], string | null]>([
    ['real', '60'],
    [5, '5'],
    [null, null],
  ])('answers too many requests with Retry-After %s', async (retryAfter, header) => {
    Object.assign(sandbox.switches, { rateLimit: { requests: 2, windowMs: 60_000 }, retryAfter });
    await get('/company/contacts/7');
    await get('/system/info');
    const over = await get('/company/contacts/7');
    sandbox.switches.tooManyRequests = 'html';
    const page = await get('/company/contacts/7');
    sandbox.advance(60_001);
    const later = await get('/company/contacts/7');

    expect([over.status, page.status, later.status]).toEqual([429, 429, 200]);
    expect([over.headers.get('retry-after'), page.headers.get('retry-after')]).toEqual([header, header]);
    expect(page.json).toBeNull();
    expect(sandbox.counts.rateLimited).toBe(2);
  });
});

describe('errors', () => {
  it.each<[string, unknown, number, object]>([
    ['GET /company/nothing', undefined, 404, { code: 'ConnectWiseApi', message: 'The endpoint does not exist.' }],
    ['GET /company/contacts/abc', undefined, 404, { code: 'ConnectWiseApi', message: 'The endpoint does not exist.' }],
    ['DELETE /company/contacts/57919', undefined, 404, { code: 'NotFound', message: 'Contact 57919 not found' }],
    ['GET /company/companies/9', undefined, 404, { code: 'NotFound', message: 'Company 9 not found' }],
    ['GET /company/companies/250/sites/602', undefined, 404, { code: 'NotFound', message: 'CompanySite 602 not found' }],
    ['PATCH /company/contacts', [], 405, { code: 'MethodNotAllowed' }],
    [
      'POST /company/contacts',
      { lastName: 'Cole' },
      400,
      {
        code: 'InvalidObject',
        message: 'contact object is invalid',
        errors: [{ code: 'MissingRequiredField', message: 'The firstName field is required.', resource: 'contact', field: 'firstName' }],
      },
    ],
    [
      'POST /company/contacts',
      { page: 1 },
      400,
      {
        code: 'ConnectWiseApi',
        message:
          "Could not find member 'page' on object of type 'Contact'. Path 'page', line 1, position 8.Check your accept header to make sure you are using the correct version.",
      },
    ],
  ])('answers %s with %o by %i', async (request, body, status, expected) => {
    const [method = '', path = ''] = request.split(' ');
    const answer = await send(method, path, body);

    expect([answer.status, answer.json]).toEqual([status, expect.objectContaining(expected)]);
    expect(answer.headers.get('x-cw-request-id')).toMatch(/./);
  });

  it('refuses other media types', async () => {
    expect((await send('POST', '/company/contacts', JSON.stringify(newContact), 'text/plain')).status).toBe(415);
    const operations = [{ op: 'replace', path: '/title', value: 'Owner' }];
    const refused = await send('PATCH', '/company/contacts/7', operations, 'application/json-patch+json');
    sandbox.switches.jsonPatchMediaType = 'accepted';
    const taken = await send('PATCH', '/company/contacts/7', operations, 'application/json-patch+json');

    expect([refused.status, taken.status]).toEqual([415, 200]);
  });

  it('answers a 500 that passes', async () => {
    sandbox.faults.add({ kind: 'server-error', match: { path: '/company/contacts' } });

    expect([(await get('/company/contacts/7')).status, (await get('/company/contacts/7')).status]).toEqual([500, 200]);
  });
});

describe('conditions', () => {
  beforeEach(() => {
    const { data } = sandbox;
    data.addContact({
      id: 8,
      companyId: 251,
      firstName: 'Abe',
      lastName: 'Say "hi"',
      emails: [{ value: 'abe@x.example.test' }],
      inactive: true,
    });
    data.addContact({ id: 9, companyId: null, firstName: 'Cy\\d', more: { userDefinedField1: 'guid-9', securityIdentifier: 'S-1-5-9' } });
  });

  it.each<[string, unknown]>([
    ['company/id=250', [7]],
    ['company/id = 250 and inactiveFlag = false', [7]],
    ['company/id!=250', [8]],
    ['company/identifier="northwind"', [7]],
    ['company/name like "Northwind%"', [7, 8]],
    ['company/name like "*East"', [8]],
    ['company/name like "Northwind"', []],
    ['firstName contains "B"', [8]],
    ['firstName not contains "b"', [7, 9]],
    ['not firstName = "Ann"', [8, 9]],
    ['id in (7, 9)', [7, 9]],
    ['id not in (7,9)', [8]],
    ['id>7 and id<=9', [8, 9]],
    ['id=7 or id=8 and inactiveFlag=false', [7]],
    ['(id=7 or id=8) and inactiveFlag=true', [8]],
    ['lastName="O\'Bell"', [7]],
    ["lastName='o\\'bell'", [7]],
    ['lastName="Say \\"hi\\""', [8]],
    ['firstName="Cy\\\\d"', [9]],
    ['company/id=null', [9]],
    ['title!=null', [7]],
    ['userDefinedField1="guid-9"', [9]],
    ['securityIdentifier="S-1-5-9"', [9]],
    ['lastUpdated>[2026-03-02T09:59:59Z]', [7, 8, 9]],
    ['lastUpdated>[2026-03-02T10:00:00Z]', []],
    ['lastUpdated>=[2026-03-02T10:00:00Z]', [7, 8, 9]],
    ['lastUpdated<[2026-01-01]', []],
    ['', [7, 8, 9]],
  ])('answers %s with %o', async (conditions, expected) => {
    expect(await find({ conditions })).toEqual(expected);
  });

  it.each([
    'member/identifier="x"',
    'company="x"',
    'company/nonsense="x"',
    'communicationItems/value="ann@northwind.example.test"',
    '_info/lastUpdated>[2026-01-01]',
    '_info!=null',
    'constructor="x"',
    'id="7"',
    'inactiveFlag="false"',
    'lastUpdated>"2026-01-01"',
    'lastUpdated>[yesterday]',
    'firstName=Ann',
    'firstName="Ann',
    'firstName=="Ann"',
    'firstName not = "Ann"',
    'id like 7',
    'id in 7',
    'id in (7',
    '(id=7',
    'id=7)',
    'id=7 and',
    'id=7 id=8',
    'id=7; drop',
    '=7',
  ])('refuses %s', async (conditions) => {
    expect(await find({ conditions })).toEqual([400, 'ApiFindCondition']);
  });

  it('tells the name that it does not know', async () => {
    const answer = await get(`/company/contacts?${query({ conditions: 'member/identifier="x"' })}`);

    expect(answer.json).toEqual({ code: 'ApiFindCondition', message: 'member/identifier is not a recognized name.' });
  });

  it('has quotes doubled, and backslashes plain, when switched so', async () => {
    sandbox.switches.quoteEscape = 'doubled';

    expect(await find({ conditions: 'lastName="Say ""hi"""' })).toEqual([8]);
    expect(await find({ conditions: 'firstName="Cy\\d"' })).toEqual([9]);
  });

  it('compares text by case and moments to the millisecond when switched so', async () => {
    Object.assign(sandbox.switches, { text: 'case-sensitive', lastUpdated: 'milliseconds' });

    expect(await find({ conditions: 'firstName="ann"' })).toEqual([]);
    expect(await find({ conditions: 'lastUpdated>[2026-03-02T10:00:00Z]' })).toEqual([7, 8, 9]);
  });

  it.each<[string, unknown]>([
    ['communicationItems/value="ann@NORTHWIND.example.test" and communicationItems/communicationType="Email"', [7]],
    ['communicationItems/value="ann@northwind.example.test" and communicationItems/communicationType="Phone"', []],
    ['communicationItems/value like "%northwind%"', [7]],
    ['communicationItems/type/id=13', [7]],
    ['types/id=1', []],
    ['firstName="Ann"', [400, 'ApiFindCondition']],
    ['communicationItems/nonsense="Ann"', [400, 'ApiFindCondition']],
  ])('answers child conditions %s with %o', async (childConditions, expected) => {
    expect(await find({ childConditions })).toEqual(expected);
  });

  it('looks at any item for each child condition when switched so', async () => {
    sandbox.switches.childConditions = 'any-item';
    const childConditions = 'communicationItems/value="ann@northwind.example.test" and communicationItems/communicationType="Phone"';

    expect(await find({ childConditions, conditions: 'company/id=250' })).toEqual([7]);
  });

  it('finds by a custom field', async () => {
    const [key, other] = [sandbox.data.addCustomField('Directory id'), sandbox.data.addCustomField('Other')];
    ann.customFields = { [key.id]: 'guid-7', [other.id]: 'x' };

    expect(await find({ customFieldConditions: 'caption="Directory id" and value="guid-7"' })).toEqual([7]);
    expect(await find({ customFieldConditions: 'caption="Directory id" and value="x"' })).toEqual([]);
    expect(await find({ customFieldConditions: 'label="x"' })).toEqual([400, 'ApiFindCondition']);
  });
});

describe('lists', () => {
  beforeEach(() => {
    for (const id of [8, 9, 10, 11]) {
      sandbox.data.addContact({ id, companyId: 250, firstName: `N${20 - id}`, lastName: `L${20 - id}` });
    }
  });

  it('pages by Link, to the last', async () => {
    const first = await get('/company/contacts?pageSize=2');
    const second = await get(link(first, 'next') ?? '');
    const third = await get(link(second, 'next') ?? '');
    const ids = [first, second, third].map((answer) => (answer.json as unknown[]).map((row) => dig(row, 'id')));

    expect(ids).toEqual([[7, 8], [9, 10], [11]]);
    expect(link(first, 'last')).toBe(`${sandbox.url}${alias}/company/contacts?pageSize=2&page=3`);
    expect([link(third, 'next'), link(third, 'last')]).toEqual([null, null]);
    expect((await get('/company/contacts?pageSize=5')).headers.get('link')).toBeNull();
    expect((await get('/company/contacts?pageSize=2&page=9')).json).toEqual([]);
  });

  it('points to another host when switched so', async () => {
    sandbox.switches.linkHost = 'other';

    expect(link(await get('/company/contacts?pageSize=2'), 'next')).toMatch(/^https:\/\/elsewhere\.example\.test\//);
  });

  it('pages forward only by pageId, with the header that asks for it', async () => {
    const header = { 'pagination-type': 'forward-only' };
    const first = await get('/company/contacts?pageSize=3', header);
    const second = await get(link(first, 'next') ?? '', header);

    expect(link(first, 'next')).toContain('pageId=9');
    expect(link(first, 'last')).toBeNull();
    expect((second.json as unknown[]).map((row) => dig(row, 'id'))).toEqual([10, 11]);
    expect(link(second, 'next')).toBeNull();
    expect(await find({ pageId: '9' })).toHaveLength(5);
    sandbox.switches.pageIdWithoutHeader = 'honoured';
    expect(await find({ pageId: '9' })).toEqual([10, 11]);
  });

  it('has 25 on a page, and refuses more than 1000 or cuts down to it', async () => {
    for (let count = 0; count < 22; count += 1) {
      sandbox.data.addContact({ companyId: 251, firstName: 'Many' });
    }
    const standard = await get('/company/contacts');
    const refused = await get('/company/contacts?pageSize=1001');
    Object.assign(sandbox.switches, { pageSizeOverMaximum: 'clamped', maximumPageSize: 26 });
    const cut = await get('/company/contacts?pageSize=1001');

    expect([(standard.json as unknown[]).length, refused.status, (cut.json as unknown[]).length]).toEqual([25, 400, 26]);
    expect(sandbox.counts.droppedSilently).toBe(1);
  });

  it.each(['page=0', 'pageSize=x', 'page=-1'])('refuses %s', async (wrong) => {
    expect((await get(`/company/contacts?${wrong}`)).status).toBe(400);
  });

  it.each<[Record<string, string>, Partial<ConnectWiseSwitches>, unknown]>([
    [{}, {}, [7, 8, 9, 10, 11]],
    [{}, { defaultOrder: 'name' }, [10, 9, 8, 11, 7]],
    [{ orderBy: 'id desc' }, {}, [11, 10, 9, 8, 7]],
    [{ orderBy: 'company/name asc, id desc' }, {}, [11, 10, 9, 8, 7]],
    [{ orderBy: 'lastUpdated desc' }, {}, [11, 10, 9, 8, 7]],
    [{ orderBy: 'mood' }, {}, [400, 'ApiFindCondition']],
    [{ orderBy: 'communicationItems' }, {}, [400, 'ApiFindCondition']],
    [{ orderBy: 'id upwards' }, {}, [400, 'ApiFindCondition']],
  ])('orders by %o', async (parameters, switches, expected) => {
    Object.assign(sandbox.switches, switches);

    expect(await find(parameters)).toEqual(expected);
  });

  it('shows only the fields that were asked for', async () => {
    const answer = await get('/company/contacts/7?fields=id,company/name,communicationItems/value,mood');

    expect(answer.json).toEqual({
      id: 7,
      company: { name: 'Northwind Dental' },
      communicationItems: [{ value: 'Ann@northwind.example.test' }, { value: 'ann.bell@home.example.test' }, { value: '4155550123' }],
    });
  });

  it('counts', async () => {
    expect((await get(`/company/contacts/count?${query({ conditions: 'company/id=250' })}`)).json).toEqual({ count: 5 });
    expect((await get('/company/companies/count')).json).toEqual({ count: 3 });
  });

  it('lies when told to', async () => {
    sandbox.faults.add({ kind: 'filter-ignored' });
    expect(await find({ conditions: 'id=7' })).toHaveLength(5);
    sandbox.faults.add({ kind: 'duplicate-id' });
    expect(await find({ page: '2', pageSize: '2' })).toEqual([8, 9, 10]);
    sandbox.faults.add({ kind: 'drift-delete' });
    await find({ conditions: 'company/id=250' });
    expect(sandbox.data.contacts.has(7)).toBe(false);
    sandbox.faults.add({ kind: 'wrong-total' });
    expect((await get('/company/contacts/count')).json).toEqual({ count: 7 });
  });

  it('tells companies, deleted ones too, their sites, and types', async () => {
    const { data } = sandbox;
    data.addCommunicationType('Mobile', 'Phone', true);
    const companies = await get(`/company/companies?${query({ conditions: 'deletedFlag=false and name="northwind dental"' })}`);
    const defaults = await get(`/company/communicationTypes?${query({ conditions: 'defaultFlag=true', orderBy: 'id' })}`);

    expect(companies.json).toMatchObject([
      { id: 250, identifier: 'Northwind', deletedFlag: false, site: { id: 601 }, status: { name: 'Active' } },
    ]);
    expect((await get('/company/companies')).json).toHaveLength(3);
    expect((await get('/company/companies/250')).json).toMatchObject({ name: 'Northwind Dental' });
    expect((await get('/company/companies/250/sites')).json).toMatchObject([
      { id: 601, name: 'Main Street', primaryAddressFlag: true, inactiveFlag: false },
      { id: 603, inactiveFlag: true },
    ]);
    expect(defaults.json).toMatchObject([
      { description: 'Email', emailFlag: true, phoneFlag: false },
      { description: 'Fax', faxFlag: true },
      { description: 'Mobile', phoneFlag: true, emailFlag: false },
    ]);
    expect((await get('/company/contacts/types')).json).toMatchObject([{ description: 'End User', defaultFlag: true }, { id: 2 }]);
  });
});

describe('reading a contact', () => {
  it('tells references with names, derived members and whole seconds, and leaves out what is null', async () => {
    const { json } = await get('/company/contacts/7');

    expect(json).toMatchObject({
      company: { id: 250, identifier: 'Northwind', name: 'Northwind Dental' },
      site: { id: 601, name: 'Main Street' },
      inactiveFlag: false,
      defaultPhoneNbr: '4155550123',
      defaultPhoneExtension: '12',
      ignoreDuplicates: false,
      _info: { lastUpdated: '2026-03-02T10:00:00Z', updatedBy: 'person' },
    });
    expect(dig(json, 'communicationItems', 0)).toEqual({
      id: ann.items[0]?.id,
      type: { id: 1, name: 'Email' },
      value: 'Ann@northwind.example.test',
      defaultFlag: true,
      domain: '@northwind.example.test',
      communicationType: 'Email',
    });
    expect(Object.keys(json as object)).not.toContain('nickName');
  });

  it('has no communicationItems at all when there are none', async () => {
    sandbox.data.addContact({ id: 8, companyId: null, firstName: 'Bare' });
    const { json } = await get('/company/contacts/8');

    expect(Object.keys(json as object)).not.toContain('communicationItems');
    expect(Object.keys(json as object)).not.toContain('company');
  });
});

describe('creating contacts', () => {
  it('creates with 201 and the whole contact', async () => {
    const key = sandbox.data.addCustomField('Directory id');
    const more = { title: 'Nurse', nickName: 'B', userDefinedField1: 'guid', typeIds: [2], customFields: [{ id: key.id, value: 'guid' }] };
    const answer = await send('POST', '/company/contacts', { ...newContact, ...more });

    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      ...newContact,
      title: 'Nurse',
      nickName: 'B',
      userDefinedField1: 'guid',
      types: [{ id: 2, name: 'Decision Maker' }],
      customFields: [{ id: key.id, caption: 'Directory id', value: 'guid' }],
      ignoreDuplicates: false,
    });
    expect(sandbox.data.contact(Number(dig(answer.json, 'id')))).toMatchObject({ companyId: 250, siteId: 601, updatedBy: 'api-member' });
    expect(sandbox.counts.writesByRoute).toEqual({ 'POST /company/contacts': 1 });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a member that is none', { emailAddress: 'a@b.test' }, 'ConnectWiseApi'],
    ['an unknown member of a reference', { company: { id: 250, code: 'x' } }, 'ConnectWiseApi'],
    ['an unknown member of an item', { communicationItems: [{ ...email, primary: true }] }, 'ConnectWiseApi'],
    ['a flag as text', { inactiveFlag: 'false' }, 'ConnectWiseApi'],
    ['a title that is a number', { title: 5 }, 'ConnectWiseApi'],
    ['a company by id alone', { company: 250 }, 'ConnectWiseApi'],
    ['an id as text', { company: { id: '250' } }, 'ConnectWiseApi'],
    ['items that are no list', { communicationItems: email }, 'ConnectWiseApi'],
    ['a kind that is none', { communicationItems: [{ ...email, communicationType: 'Mail' }] }, 'ConnectWiseApi'],
    ['a gender that is none', { gender: 'x' }, 'ConnectWiseApi'],
    ['a blank first name', { firstName: ' ' }, 'firstName'],
    ['a first name of 31', { firstName: 'x'.repeat(31) }, 'firstName'],
    ['a last name of 31', { lastName: 'x'.repeat(31) }, 'lastName'],
    ['a title of 101', { title: 'x'.repeat(101) }, 'title'],
    ['a security identifier of 185', { securityIdentifier: 'x'.repeat(185) }, 'securityIdentifier'],
    ['a user defined field of 51', { userDefinedField3: 'x'.repeat(51) }, 'userDefinedField3'],
    ['an unknown company', { company: { id: 404 } }, 'company'],
    ['a deleted company', { company: { id: 252 } }, 'company'],
    ['a company by name', { company: { name: 'Northwind Dental' } }, 'company'],
    ['an unknown site', { site: { id: 404 } }, 'site'],
    ['a site of another company', { site: { id: 602 } }, 'site'],
    ['an inactive site', { site: { id: 603 } }, 'site'],
    ['an unknown contact type', { typeIds: [9] }, 'typeIds'],
    ['an unknown custom field', { customFields: [{ id: 9, value: 'x' }] }, 'customFields'],
    ['an item without a type', { communicationItems: [{ value: 'a@b.test' }] }, 'type'],
    ['an item without a value', { communicationItems: [{ type: { id: 1 } }] }, 'value'],
    ['an unknown communication type', { communicationItems: [{ ...email, type: { id: 99 } }] }, 'type'],
    ['a type of another kind', { communicationItems: [{ ...email, type: { id: 2 } }] }, 'communicationType'],
    ['an e-mail that is none', { communicationItems: [{ ...email, value: 'bo' }] }, 'value'],
    ['a value of 251', { communicationItems: [{ ...phone, value: '1'.repeat(251) }] }, 'value'],
    ['an extension of 16', { communicationItems: [{ ...phone, extension: '1'.repeat(16) }] }, 'extension'],
  ])('refuses %s', async (_what, change, where) => {
    const answer = await send('POST', '/company/contacts', { ...newContact, ...change });
    const told = dig(answer.json, 'code') === 'InvalidObject' ? dig(answer.json, 'errors', 0, 'field') : dig(answer.json, 'code');

    expect([answer.status, told]).toEqual([400, where]);
    expect(sandbox.data.contacts.size).toBe(1);
    expect(sandbox.counts).toMatchObject({ writes: 0, refused: 1 });
  });

  it('takes names and values that just fit', async () => {
    const longest = {
      firstName: 'x'.repeat(30),
      lastName: 'y'.repeat(30),
      title: 'z'.repeat(100),
      communicationItems: [{ ...phone, value: '1'.repeat(250), extension: '2'.repeat(15) }],
    };

    expect((await send('POST', '/company/contacts', { ...newContact, ...longest })).json).toMatchObject(longest);
  });

  it.each<[Partial<ConnectWiseSwitches>, Record<string, unknown>, unknown]>([
    [{ longNames: 'cut' }, { firstName: 'x'.repeat(31) }, { firstName: 'x'.repeat(30) }],
    [{ textForInteger: 'converted' }, { company: { id: '250' } }, { company: { id: 250 } }],
    [{ siteWhenAbsent: 'primary' }, { site: undefined }, { site: { id: 601 } }],
    [{ emailShape: 'unchecked' }, { communicationItems: [{ ...email, value: 'bo' }] }, { communicationItems: [{ value: 'bo' }] }],
    [{ phones: 'digits' }, {}, { communicationItems: [{}, { value: '380001000' }] }],
    [{}, { types: [{ id: 2 }] }, { types: [] }],
    [{ typesOnCreate: 'honoured' }, { types: [{ id: 2 }] }, { types: [{ id: 2 }] }],
    [{}, { communicationItems: [{ ...email, defaultFlag: false }] }, { communicationItems: [{ defaultFlag: false }] }],
    [
      { withoutDefault: 'first-becomes' },
      { communicationItems: [{ ...email, defaultFlag: false }, phone] },
      { communicationItems: [{ defaultFlag: true }, { defaultFlag: true }] },
    ],
    [
      {},
      { communicationItems: [email, { ...email, value: 'b@x.test' }, phone] },
      { communicationItems: [{ defaultFlag: false }, { defaultFlag: true }, { defaultFlag: true }] },
    ],
  ])('with %o takes %o', async (switches, change, expected) => {
    Object.assign(sandbox.switches, switches);
    const answer = await send('POST', '/company/contacts', { ...newContact, ...change });

    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject(expected as object);
  });

  it('leaves the site out when switched so', async () => {
    sandbox.switches.siteWhenAbsent = 'none';
    const answer = await send('POST', '/company/contacts', { ...newContact, site: null });

    expect(dig(answer.json, 'site')).toBeUndefined();
  });

  it.each<[ConnectWiseSwitches['duplicates'], Record<string, unknown>, number]>([
    ['accepted', {}, 201],
    ['refused-by-name', {}, 400],
    ['refused-by-name', { lastName: 'Other' }, 201],
    ['refused-by-name', { company: { id: 251 }, site: { id: 602 } }, 201],
    ['refused-by-name', { ignoreDuplicates: true }, 201],
    ['refused-by-email', { lastName: 'Other' }, 400],
    ['refused-by-email', { communicationItems: [] }, 201],
    ['refused-by-email', { ignoreDuplicates: true }, 201],
  ])('with duplicates %s answers %o by %i', async (duplicates, change, status) => {
    sandbox.switches.duplicates = duplicates;
    const answer = await send('POST', '/company/contacts', {
      ...newContact,
      firstName: 'ANN',
      lastName: "O'Bell",
      communicationItems: [{ ...email, value: 'ann@northwind.example.test' }],
      ...change,
    });

    expect(answer.status).toBe(status);
    expect(status === 201 || dig(answer.json, 'errors', 0, 'code') === 'ObjectExists').toBe(true);
  });
});

describe('patching contacts', () => {
  it('patches members, with or without a leading slash, and keeps the time of it', async () => {
    sandbox.advance(5000);
    const answer = await patch([
      { op: 'replace', path: '/title', value: 'Owner' },
      { op: 'add', path: 'nickName', value: 'Annie' },
      { op: 'replace', path: '/inactiveFlag', value: true },
      { op: 'remove', path: '/lastName' },
    ]);

    expect(answer.json).toMatchObject({
      title: 'Owner',
      nickName: 'Annie',
      inactiveFlag: true,
      _info: { lastUpdated: '2026-03-02T10:00:05Z' },
    });
    expect(ann.lastName).toBeNull();
  });

  it('moves to another company with one of its sites only', async () => {
    const alone = await patch([{ op: 'replace', path: '/company', value: { id: 251 } }]);
    const both = await patch([
      { op: 'replace', path: '/company/id', value: 251 },
      { op: 'replace', path: '/site', value: { id: 602 } },
    ]);

    expect([alone.status, both.status]).toEqual([400, 200]);
    expect(both.json).toMatchObject({ company: { id: 251, name: 'Northwind Dental East' }, site: { id: 602 } });
  });

  it('does not mind that the contact’s own site was closed', async () => {
    const site = sandbox.data.sites.get(601);
    if (site !== undefined) site.inactive = true;

    expect((await patch([{ op: 'replace', path: '/title', value: 'Owner' }])).status).toBe(200);
  });

  it.each<[string, unknown]>([
    ['a single object', { op: 'replace', path: '/title', value: 'X' }],
    ['no operation', []],
    ['an operation that is none', [{ op: 'set', path: '/title', value: 'X' }]],
    ['an operation of JSON Patch that is not taken', [{ op: 'test', path: '/title', value: 'Dentist' }]],
    ['another member of an operation', [{ op: 'replace', path: '/title', value: 'X', from: '/x' }]],
    ['a path that is none', [{ op: 'replace', path: '/mood', value: 'X' }]],
    ['a path too deep', [{ op: 'replace', path: '/company/id/x', value: 1 }]],
    ['a value of another sort', [{ op: 'replace', path: '/title', value: 5 }]],
    ['an unknown member in a value', [{ op: 'replace', path: '/company', value: { id: 250, x: 1 } }]],
    ['the first name removed', [{ op: 'remove', path: '/firstName' }]],
    ['the id removed', [{ op: 'remove', path: '/id' }]],
    ['_info removed', [{ op: 'remove', path: '/_info' }]],
    ['ignoreDuplicates removed', [{ op: 'remove', path: '/ignoreDuplicates' }]],
    ['a derived member', [{ op: 'replace', path: '/defaultPhoneNbr', value: '1' }]],
    ['an unknown site', [{ op: 'replace', path: '/site', value: { id: 404 } }]],
    ['a name too long', [{ op: 'replace', path: '/lastName', value: 'x'.repeat(31) }]],
    ['types, which are for creates', [{ op: 'replace', path: '/typeIds', value: [2] }]],
    ['all items at once', [{ op: 'replace', path: '/communicationItems', value: [email] }]],
    ['an item beyond the end', [{ op: 'add', path: '/communicationItems/4', value: email }]],
    ['an item at a dash', [{ op: 'add', path: '/communicationItems/-', value: email }]],
    ['an item without a value', [{ op: 'add', path: '/communicationItems/3' }]],
    ['an item to remove that is not there', [{ op: 'remove', path: '/communicationItems/3' }]],
    ['a member of an item that is none', [{ op: 'replace', path: '/communicationItems/0/mood', value: 'x' }]],
    ['a value too long', [{ op: 'replace', path: '/communicationItems/0/value', value: `${'x'.repeat(250)}@x.test` }]],
    [
      'a good operation before a bad one',
      [
        { op: 'replace', path: '/title', value: 'X' },
        { op: 'remove', path: '/firstName' },
      ],
    ],
  ])('refuses %s, and changes nothing', async (_what, body) => {
    const before = structuredClone(ann);

    expect((await patch(body)).status).toBe(400);
    expect(ann).toEqual(before);
    expect(sandbox.counts).toMatchObject({ writes: 0, refused: 1 });
  });

  it('adds an item at the end, and its default flag takes the place of the old one of its kind', async () => {
    await patch([{ op: 'add', path: '/communicationItems/3', value: email }]);

    expect(items()).toEqual([
      ['Ann@northwind.example.test', false],
      ['ann.bell@home.example.test', false],
      ['4155550123', true],
      ['bo@northwind.example.test', true],
    ]);
  });

  it.each([0, 1])('adds an item at index %i behind the others, and ignores its default flag', async (index) => {
    await patch([{ op: 'add', path: `/communicationItems/${index}`, value: email }]);

    expect(items()).toEqual([
      ['Ann@northwind.example.test', true],
      ['ann.bell@home.example.test', false],
      ['4155550123', true],
      ['bo@northwind.example.test', false],
    ]);
    expect(sandbox.counts.droppedSilently).toBe(1);
  });

  it.each<[ConnectWiseSwitches['firstItemDefault'], boolean]>([
    ['honoured', true],
    ['ignored', false],
  ])('has the default flag of the first item of all %s', async (firstItemDefault, isDefault) => {
    sandbox.switches.firstItemDefault = firstItemDefault;
    ann.items = [];
    await patch([{ op: 'add', path: '/communicationItems/0', value: email }]);

    expect(items()).toEqual([['bo@northwind.example.test', isDefault]]);
  });

  it('shifts the indexes with each removal', async () => {
    await patch([
      { op: 'remove', path: '/communicationItems/0' },
      { op: 'remove', path: '/communicationItems/1' },
    ]);

    expect(items()).toEqual([['ann.bell@home.example.test', false]]);
  });

  it('replaces an item or members of it, and keeps its id', async () => {
    const ids = ann.items.map((item) => item.id);
    const answer = await patch([
      { op: 'replace', path: '/communicationItems/0/value', value: 'new@northwind.example.test' },
      { op: 'replace', path: '/communicationItems/1/defaultFlag', value: true },
      { op: 'replace', path: '/communicationItems/2/type/id', value: 4 },
      { op: 'replace', path: '/communicationItems/2/extension', value: null },
    ]);

    expect(answer.status).toBe(200);
    expect(items()).toEqual([
      ['new@northwind.example.test', false],
      ['ann.bell@home.example.test', true],
      ['4155550123', true],
    ]);
    expect(sandbox.data.contact(7).items.map((item) => item.id)).toEqual(ids);
    expect(sandbox.data.contact(7).items[2]).toMatchObject({ typeId: 4, extension: null });
  });

  it('can take a dash, all items at once, and types without effect', async () => {
    Object.assign(sandbox.switches, { addAtDash: 'appended', wholeItems: 'replaced', typesOnPatch: 'ignored' });
    const dash = await patch([{ op: 'add', path: '/communicationItems/-', value: email }]);
    const whole = await patch([{ op: 'replace', path: '/communicationItems', value: [phone] }]);
    const types = await patch([{ op: 'replace', path: '/typeIds', value: [2] }]);

    expect(dig(dash.json, 'communicationItems', 3, 'defaultFlag')).toBe(true);
    expect([whole.status, items()]).toEqual([200, [['+380001000', true]]]);
    expect([types.status, ann.types]).toEqual([200, []]);
  });

  it('wants the custom fields along, keeps those that are left out, and clears nothing by an empty list', async () => {
    const [key, other] = [sandbox.data.addCustomField('Directory id'), sandbox.data.addCustomField('Other')];
    ann.customFields = { [key.id]: 'guid-7', [other.id]: 'x' };
    const title = { op: 'replace', path: '/title', value: 'Owner' };
    const without = await patch([title]);
    const empty = await patch([title, { op: 'replace', path: '/customFields', value: [] }]);
    const one = await patch([{ op: 'replace', path: 'customFields', value: [{ id: key.id, value: 'guid-8' }] }]);
    sandbox.switches.patchWithoutCustomFields = 'accepted';
    const allowed = await patch([title]);

    expect([without.status, empty.status, one.status, allowed.status]).toEqual([400, 200, 200, 200]);
    expect(sandbox.data.contact(7).customFields).toEqual({ [key.id]: 'guid-8', [other.id]: 'x' });
  });
});

describe('other writes to contacts', () => {
  it('fails a PUT with communication items, and takes one without them as a change', async () => {
    const whole = await send('PUT', '/company/contacts/7', { firstName: 'Ann', communicationItems: [email] });
    const part = await send('PUT', '/company/contacts/7', { title: 'Owner' });

    expect([whole.status, dig(whole.json, 'errors', 0, 'field')]).toEqual([400, 'communicationItems']);
    expect([part.status, ann.title, ann.lastName, ann.items.length]).toEqual([200, 'Owner', "O'Bell", 3]);
  });

  it('deletes with 204, or says that the contact is in use', async () => {
    sandbox.data.addContact({ id: 8, companyId: 250, firstName: 'Bo' });
    sandbox.switches.deleteContact = 'in-use';
    const refused = await send('DELETE', '/company/contacts/7');
    const nowhere = await send('DELETE', '/company/contacts/7?transferContactId=99');
    const moved = await send('DELETE', '/company/contacts/7?transferContactId=8');
    sandbox.switches.deleteContact = 'accepted';
    const deleted = await send('DELETE', '/company/contacts/8');

    expect([refused.status, nowhere.status, moved.status, deleted.status]).toEqual([409, 404, 204, 204]);
    expect([deleted.text, sandbox.data.contacts.size]).toEqual(['', 0]);
  });

  it('adds, changes and deletes communications one by one', async () => {
    const path = '/company/contacts/7/communications';
    const added = await send('POST', path, { type: { id: 1 }, value: 'bo@x.example.test', defaultFlag: true });
    const id = String(dig(added.json, 'id'));
    const patched = await send('PATCH', `${path}/${id}`, [{ op: 'replace', path: '/value', value: 'bo2@x.example.test' }]);
    const put = await send('PUT', `${path}/${id}`, { type: { id: 13 }, value: 'bo3@x.example.test' });
    const first = await send('DELETE', `${path}/${ann.items[0]?.id}`);

    expect([added.status, patched.status, put.status, first.status]).toEqual([201, 200, 200, 204]);
    expect(added.json).toMatchObject({ contactId: 7, communicationType: 'Email', domain: '@x.example.test' });
    expect((await get(path)).json).toHaveLength(3);
    expect((await get(`${path}/${id}`)).json).toMatchObject({ value: 'bo3@x.example.test', defaultFlag: false, type: { id: 13 } });
    expect((await send('POST', path, { value: 'x' })).json).toMatchObject({ errors: [{ code: 'MissingRequiredField', field: 'type' }] });
    expect((await send('DELETE', `${path}/99`)).status).toBe(404);
    expect((await send('PATCH', `${path}/${id}`, [{ op: 'replace', path: '/id', value: 1 }])).status).toBe(400);
  });

  it('adds and removes types of a contact', async () => {
    const path = '/company/contacts/7/typeAssociations';
    const added = await send('POST', path, { type: { id: 2 } });

    expect([added.status, dig(added.json, 'type')]).toEqual([201, { id: 2, name: 'Decision Maker' }]);
    expect(await find({ childConditions: 'types/id=2' })).toEqual([7]);
    expect((await send('POST', path, { type: { id: 9 } })).status).toBe(400);
    expect((await send('DELETE', `${path}/${String(dig(added.json, 'id'))}`)).status).toBe(204);
    expect((await get(path)).json).toEqual([]);
  });

  it.each<[ConnectWiseSwitches['childWrites'], string]>([
    ['move-contact', '2026-03-02T10:00:05Z'],
    ['leave-contact', '2026-03-02T10:00:00Z'],
  ])('with %s a new communication leaves the contact updated at %s', async (childWrites, at) => {
    sandbox.switches.childWrites = childWrites;
    sandbox.advance(5000);
    await send('POST', '/company/contacts/7/communications', email);

    expect((await get('/company/contacts/7')).json).toMatchObject({ _info: { lastUpdated: at } });
    expect(items()).toHaveLength(4);
  });
});

describe('somebody else', () => {
  it('merges contacts: one is gone, the other has what both had', async () => {
    const { data } = sandbox;
    data.addContact({ id: 8, companyId: 250, firstName: 'Anne', emails: [{ value: 'ANN@northwind.example.test' }, { value: 'x@y.test' }] });
    data.mergeContacts(8, 7);

    expect((await get('/company/contacts/8')).status).toBe(404);
    expect(items()).toHaveLength(4);
    expect(data.contactsOf(250)).toHaveLength(1);
  });

  it('deletes a company: first it says so and takes no contacts, then it is gone with them', async () => {
    sandbox.data.updateCompany(250, { deleted: true });
    const marked = await get('/company/companies/250');
    const refused = await send('POST', '/company/contacts', newContact);
    const kept = await patch([{ op: 'replace', path: '/title', value: 'Owner' }]);
    sandbox.data.deleteCompany(250);

    expect([dig(marked.json, 'deletedFlag'), refused.status, kept.status]).toEqual([true, 400, 200]);
    for (const path of ['/company/companies/250', '/company/companies/250/sites', '/company/contacts/7']) {
      expect((await get(path)).status).toBe(404);
    }
  });

  it('meddles by the control API', async () => {
    const merged = await call('POST', `${sandbox.url}/_sandbox/data`, { body: { do: 'updateContact', with: [7, { title: 'Owner' }] } });
    await call('POST', `${sandbox.url}/_sandbox/switches`, { body: { codebase: 'v2026_2/' } });
    const state = await call('GET', `${sandbox.url}/_sandbox/state`);

    expect(dig(merged.json, 'result', 'title')).toBe('Owner');
    expect(sandbox.switches.codebase).toBe('v2026_2/');
    expect(dig(state.json, 'contacts', '7', 'items', 0, 'kind')).toBe('Email');
  });

  it('answers of faults are the vendor’s', async () => {
    sandbox.faults.add({ kind: 'bad-request' });
    sandbox.faults.add({ kind: 'unauthorized' });
    sandbox.faults.add({ kind: 'timeout-body' });
    const answers = [await get('/system/info'), await get('/system/info'), await get('/system/info')];

    expect(answers.map((answer) => [answer.status, dig(answer.json, 'code')])).toEqual([
      [400, 'InvalidObject'],
      [401, 'Unauthorized'],
      [500, 'ConnectWiseApi'],
    ]);
  });

  it('loses an answer after the write, and parks one', async () => {
    sandbox.faults.add({ kind: 'lost-after', match: { method: 'POST' } });
    await expect(send('POST', '/company/contacts', newContact)).rejects.toThrow();
    const hold = sandbox.holdAtWrite(1, 'before');
    const held = send('POST', '/company/contacts', newContact);
    await hold.parked;

    expect([sandbox.data.contacts.size, sandbox.counts.writes]).toEqual([2, 1]);
    hold.release('continue');
    expect((await held).status).toBe(201);
  });
});
