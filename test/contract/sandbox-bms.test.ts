import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BmsSandbox } from '../sandbox/bms/bms-sandbox.ts';
import { startBmsSandbox } from '../sandbox/bms/bms-sandbox.ts';
import type { BmsSwitches } from '../sandbox/bms/switches.ts';
import type { Called } from '../sandbox/call.ts';
import { call, dig } from '../sandbox/call.ts';

const minuteMs = 60_000;

let sandbox: BmsSandbox;
let token: string;

beforeEach(async () => {
  sandbox = await startBmsSandbox();
  const { data } = sandbox;
  data.addAccount({ id: 250, name: 'Northwind Dental' });
  data.addAccount({ id: 251, name: 'Northwind Dental East' });
  data.addAccount({ id: 252, name: 'Closed', active: false });
  data.addLocation({ id: 601, accountId: 250, name: 'Main Street', main: true });
  data.addLocation({ id: 602, accountId: 251, name: 'East Side' });
  data.addContact({
    id: 7,
    accountId: 250,
    locationId: 601,
    firstName: 'Ann',
    lastName: 'Bell',
    emails: [{ emailAddress: 'ann@northwind.example.test' }, { emailAddress: 'ann.bell@northwind.example.test', emailType: 'Personal' }],
    phones: [{ phone: '(415) 555-0123' }],
  });
  token = String(dig((await signIn()).json, 'result', 'accessToken'));
  sandbox.resetCounts();
});

afterEach(() => sandbox.stop());

function form(path: string, fields: Record<string, string>): Promise<Called> {
  return call('POST', `${sandbox.url}/v2/security/${path}`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
}

function signIn(fields: Record<string, string> = {}): Promise<Called> {
  const { userName, password, tenant } = sandbox.credentials;
  return form('authenticate', { GrantType: 'password', UserName: userName, Password: password, Tenant: tenant, ...fields });
}

function get(path: string): Promise<Called> {
  return call('GET', `${sandbox.url}/v2${path}`, { headers: { authorization: `Bearer ${token}` } });
}

function send(method: string, path: string, body: unknown, contentType = 'application/json'): Promise<Called> {
  return call(method, `${sandbox.url}/v2${path}`, { headers: { authorization: `Bearer ${token}`, 'content-type': contentType }, body });
}

function rows(answer: Called): unknown[] {
  return dig(answer.json, 'result') as unknown[];
}

function ids(answer: Called): unknown[] {
  return rows(answer).map((row) => dig(row, 'id'));
}

const newContact = {
  FirstName: 'Bo',
  LastName: 'Cole',
  AccountId: 250,
  LocationId: 601,
  Emails: [{ EmailAddress: 'bo@northwind.example.test', EmailTypeId: 31, IsDefault: true }],
  Phones: [{ PhoneNumber: '(415) 555-0124', PhoneTypeId: 51, IsDefault: true }],
};

describe('signing in', () => {
  it.each<[string, Record<string, string>]>([
    ['a wrong password', { Password: 'x' }],
    ['a wrong company', { Tenant: 'sandbox msp' }],
    ['no such user', { UserName: 'nobody' }],
    ['another grant', { GrantType: 'client_credentials' }],
  ])('refuses %s', async (_what, fields) => {
    const answer = await signIn(fields);

    expect(answer.status).toBe(401);
    expect(answer.json).toMatchObject({ success: false, result: null });
  });

  it.each<[BmsSwitches['refusedSignIn'], number]>([
    ['unauthorized', 401],
    ['bad-request', 400],
    ['in-200', 200],
  ])('refuses as the switch says (%s)', async (refusedSignIn, status) => {
    sandbox.switches.refusedSignIn = refusedSignIn;
    const answer = await signIn({ Password: 'x' });

    expect([answer.status, dig(answer.json, 'success')]).toEqual([status, false]);
  });

  it('takes names in any case, and multipart forms, but no JSON', async () => {
    const { userName, password, tenant } = sandbox.credentials;
    const multipart = new FormData();
    for (const [name, value] of Object.entries({ granttype: 'password', USERNAME: userName, password, tenant })) {
      multipart.set(name, value);
    }
    const asForm = await call('POST', `${sandbox.url}/v2/security/authenticate`, { body: multipart });
    const asJson = await send('POST', '/security/authenticate', { GrantType: 'password' });

    expect(asForm.json).toMatchObject({ success: true });
    expect(asJson.status).toBe(415);
  });

  it('refuses calls without a token, with a made-up one and with one that has expired', async () => {
    const none = await call('GET', `${sandbox.url}/v2/security/userinfo`);
    const before = await get('/security/userinfo');
    sandbox.advance(15 * minuteMs);
    const after = await get('/security/userinfo');
    token = 'made-up';
    const madeUp = await get('/security/userinfo');

    expect([none.status, before.status, after.status, madeUp.status]).toEqual([401, 200, 401, 401]);
    expect(after.text).toBe('');
  });

  it('gives new tokens for a refresh token once, until it expires', async () => {
    const first = dig((await signIn()).json, 'result');
    const old = { AccessToken: String(dig(first, 'accessToken')), RefreshToken: String(dig(first, 'refreshToken')) };
    const refreshed = await form('refreshtoken', old);
    const again = await form('refreshtoken', old);
    const second = dig(refreshed.json, 'result');
    sandbox.advance(24 * 60 * minuteMs);
    const late = await form('refreshtoken', {
      AccessToken: String(dig(second, 'accessToken')),
      RefreshToken: String(dig(second, 'refreshToken')),
    });

    expect([refreshed.status, again.status, late.status]).toEqual([200, 401, 401]);
    expect(dig(second, 'accessToken')).not.toBe(old.AccessToken);
  });

  it('asks users who are no Api Employees for a second factor', async () => {
    sandbox.data.addUser({ userName: 'pat', password: 'p', tenant: 'Sandbox MSP', mfa: true });

    expect((await signIn({ UserName: 'pat', Password: 'p' })).status).toBe(401);
  });
});

describe('limits', () => {
  it('counts requests per endpoint and hour', async () => {
    sandbox.switches.hourlyLimit = 2;
    for (const id of ['7', '8']) {
      await get(`/crm/contacts/summary/${id}`);
    }
    const over = await get('/crm/contacts/summary/7');
    const other = await get('/crm/contacts/summary');
    Object.assign(sandbox.switches, { overLimit: 'in-200' });
    const in200 = await get('/crm/contacts/summary/7');
    Object.assign(sandbox.switches, { overLimit: 'status', retryAfter: 60, accessTokenMinutes: 600 });
    const told = await get('/crm/contacts/summary/7');
    sandbox.advance(60 * minuteMs + 1);
    token = String(dig((await signIn()).json, 'result', 'accessToken'));
    const later = await get('/crm/contacts/summary/7');

    expect([over.status, over.headers.get('retry-after')]).toEqual([429, null]);
    expect([other.status, later.status]).toEqual([200, 200]);
    expect(in200.json).toMatchObject({ success: false, error: { code: 429 } });
    expect(told.headers.get('retry-after')).toBe('60');
  });
});

describe('reading', () => {
  it.each<[string, Partial<BmsSwitches>, unknown[]]>([
    ['/crm/contacts/search?Filter.EmailAddress=ANN@northwind.example.test', {}, [7]],
    ['/crm/contacts/search?Filter.EmailAddress=nn@north', {}, [7]],
    ['/crm/contacts/search?Filter.EmailAddress=nn@north', { search: 'exact' }, []],
    ['/crm/contacts/search?Filter.EmailAddress=ann.bell@northwind.example.test', {}, []],
    ['/crm/contacts/search?Filter.EmailAddress=ann.bell@northwind.example.test', { searchEmails: 'all' }, [7]],
    ['/crm/contacts/search?filter.accountids=251&Filter.AccountIds=250', {}, [7, 8]],
    ['/crm/contacts/search?Filter.IsActive=true', {}, [7]],
    ['/crm/contacts/search', { inactiveUnlessAsked: 'hidden' }, [7]],
    ['/crm/contacts/summary?Filter.AccountId=251', {}, [8]],
    ['/crm/contacts/summary?Filter.FirstName=a', {}, [7, 8]],
    ['/crm/contacts/summary?Filter.Nonsense=a&Sort=Id desc', {}, [8, 7]],
    ['/crm/accounts/250/contacts/lookup', {}, [7]],
    ['/crm/accounts/summary?Filter.AccountName=Northwind Dental', {}, [250, 251]],
    ['/crm/accounts/summary?Filter.AccountName=Northwind Dental', { search: 'exact' }, [250]],
    ['/crm/accounts/lookup?Filter.Ids=251,252', {}, [251]],
    ['/crm/accounts/lookup?Filter.Ids=251,252&Filter.WithInactiveAccounts=true', {}, [251, 252]],
    ['/crm/accounts/250/locations/lookup', {}, [601]],
  ])('answers %s with %o', async (path, switches, expected) => {
    sandbox.data.addContact({ id: 8, accountId: 251, locationId: 602, firstName: 'Abe', active: false });
    Object.assign(sandbox.switches, switches);

    expect(ids(await get(path))).toEqual(expected);
  });

  it('pages with a total in summaries and none in searches, and cuts a page size down without a word', async () => {
    sandbox.data.addContact({ id: 8, accountId: 250, locationId: 601, firstName: 'Abe' });
    const second = await get('/crm/contacts/summary?Filter.AccountId=250&PageSize=1&PageNumber=2');
    const search = await get('/crm/contacts/search?PageSize=1');
    sandbox.switches.maximumPageSize = 1;
    const cut = await get('/crm/contacts/summary?PageSize=500');

    expect([ids(second), dig(second.json, 'totalRecords')]).toEqual([[8], 2]);
    expect(dig(search.json, 'totalRecords')).toBeUndefined();
    expect([ids(cut), dig(cut.json, 'totalRecords')]).toEqual([[7], 2]);
    expect(sandbox.counts.droppedSilently).toBe(1);
  });

  it('answers one contact bare or enveloped, with types by id and name', async () => {
    const bare = await get('/crm/contacts/summary/7');
    sandbox.switches.summary = 'enveloped';
    const enveloped = await get('/crm/contacts/summary/7');

    expect(dig(bare.json, 'emails', 0)).toMatchObject({
      emailAddress: 'ann@northwind.example.test',
      emailTypeId: 31,
      emailType: 'Work',
      isDefault: true,
    });
    expect(dig(bare.json, 'phones', 0)).toMatchObject({ phone: '(415) 555-0123', phoneTypeId: 51, phoneType: 'Work' });
    expect(dig(enveloped.json, 'result', 'id')).toBe(7);
  });

  it('can write names in Pascal case, in the envelope and below', async () => {
    sandbox.switches.output = 'pascal';
    const answer = await get('/crm/contacts/summary?Filter.AccountId=250');

    expect(dig(answer.json, 'Result', 0, 'Emails', 0, 'EmailAddress')).toBe('ann@northwind.example.test');
  });

  it.each<[BmsSwitches['failures'], number]>([
    ['in-200', 200],
    ['as-status', 404],
  ])('says that something is missing %s', async (failures, status) => {
    sandbox.switches.failures = failures;

    for (const path of [
      '/crm/contacts/summary/404',
      '/crm/accounts/summary/404',
      '/crm/accounts/404/locations/lookup',
      '/system/lookup/EmailType',
    ]) {
      const answer = await get(path);
      expect([answer.status, dig(answer.json, 'success'), dig(answer.json, 'error', 'code')]).toEqual([status, false, 404]);
    }
    expect(sandbox.counts).toMatchObject({ refused: 4, reads: 0 });
  });

  it('tells the types only by the route and the names that are switched on', async () => {
    sandbox.switches.typeTables = { route: 'tenantlookup', email: 'EmailTypes', phone: 'PhoneTypes' };

    expect(rows(await get('/system/tenantlookup/emailtypes'))[0]).toEqual({ id: 31, name: 'Work', isDefault: true, isActive: true });
    expect(dig((await get('/system/lookup/EmailTypes')).json, 'success')).toBe(false);
  });

  it.each<[Partial<BmsSwitches>, unknown]>([
    [{}, null],
    [{ itGlueUnlinked: 'zero' }, { id: 0, name: null }],
    [{ itGlueUnlinked: 'not-found' }, undefined],
    [{ itGlueBridge: 'not-enabled' }, undefined],
  ])('tells of no IT Glue link as %o says', async (switches, result) => {
    Object.assign(sandbox.switches, switches);
    const answer = await get('/integrations/itglue/contacts/7/lookup');

    expect(dig(answer.json, 'success') === true ? dig(answer.json, 'result') : undefined).toEqual(result);
  });

  it('tells the IT Glue contact that it knows, with all digits', async () => {
    sandbox.data.linkItGlueContact(7, '9007199254740993', 'Ann Bell');

    expect((await get('/integrations/itglue/contacts/7/lookup')).text).toContain('"id":9007199254740993');
  });
});

describe('creating contacts', () => {
  it('creates, answers in the envelope, and drops what a create does not take', async () => {
    const answer = await send('POST', '/crm/contacts/summary', { ...newContact, JobTitle: 'Nurse', IsActive: false });

    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      success: true,
      result: { firstName: 'Bo', accountName: 'Northwind Dental', locationName: 'Main Street', emailAddress: 'bo@northwind.example.test' },
    });
    const created = sandbox.data.contact(Number(dig(answer.json, 'result', 'id')));
    expect(created).toMatchObject({ jobTitle: null, active: true });
    expect(sandbox.counts).toMatchObject({ writes: 1, droppedSilently: 2 });
  });

  it.each<[string, Record<string, unknown>]>([
    ['no account', { AccountId: undefined }],
    ['an unknown account', { AccountId: 404 }],
    ['an inactive account', { AccountId: 252 }],
    ['no location', { LocationId: null }],
    ['a location of another account', { LocationId: 602 }],
    ['an id as text', { LocationId: '601' }],
    ['no first name', { FirstName: ' ' }],
    ['an unknown e-mail type', { Emails: [{ EmailAddress: 'a@b.example.test', EmailTypeId: 99, IsDefault: true }] }],
    ['no e-mail type', { Emails: [{ EmailAddress: 'a@b.example.test' }] }],
    ['an e-mail that is none', { Emails: [{ EmailAddress: 'a', EmailTypeId: 31 }] }],
    ['an unknown phone type', { Phones: [{ PhoneNumber: '1', PhoneTypeId: 31 }] }],
    ['a phone under the name of answers', { Phones: [{ phone: '1', PhoneTypeId: 51 }] }],
    ['an unknown custom field', { CustomFieldsData: [{ CustomFieldId: 5, Data: 'x' }] }],
  ])('refuses %s, in 200 or as a status', async (_what, change) => {
    const in200 = await send('POST', '/crm/contacts/summary', { ...newContact, ...change });
    sandbox.switches.failures = 'as-status';
    const asStatus = await send('POST', '/crm/contacts/summary', { ...newContact, ...change });

    expect(in200.json).toMatchObject({ success: false, error: { stackStrace: null } });
    expect([in200.status, asStatus.status]).toEqual([200, 400]);
    expect(sandbox.data.contacts.size).toBe(1);
    expect(sandbox.counts).toMatchObject({ writes: 0, refused: 2 });
  });

  it('takes a duplicate e-mail unless switched otherwise', async () => {
    const twin = { ...newContact, Emails: [{ EmailAddress: 'ANN@northwind.example.test', EmailTypeId: 31 }] };
    const taken = await send('POST', '/crm/contacts/summary', twin);
    sandbox.switches.duplicateEmail = 'refused';
    const refused = await send('POST', '/crm/contacts/summary', twin);

    expect([dig(taken.json, 'success'), dig(refused.json, 'success')]).toEqual([true, false]);
  });

  it.each<[BmsSwitches['input'], boolean]>([
    ['any', true],
    ['camel', true],
    ['pascal', false],
  ])('with input %s takes camel case: %s', async (input, taken) => {
    sandbox.switches.input = input;
    const answer = await send('POST', '/crm/contacts/summary', { firstName: 'Bo', accountId: 250, locationId: 601 });

    expect(dig(answer.json, 'success')).toBe(taken);
  });

  it('refuses what is not JSON', async () => {
    expect((await send('POST', '/crm/contacts/summary', 'a=b', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await send('POST', '/crm/contacts/summary', '{')).json).toMatchObject({ success: false });
  });
});

describe('updating contacts', () => {
  it('patches by name or number of the operation, in any case, all or nothing', async () => {
    const good = await send(
      'PATCH',
      '/crm/contacts/7',
      [
        { op: 'replace', path: '/JobTitle', value: 'Dentist' },
        { OperationType: 2, path: 'lastname', value: 'Bell-Ash' },
      ],
      'application/json-patch+json',
    );
    const bad = await send('PATCH', '/crm/contacts/7', [
      { op: 'replace', path: '/JobTitle', value: 'X' },
      { op: 'replace', path: '/Mood', value: 'X' },
    ]);

    expect(good.json).toMatchObject({
      success: true,
      result: { jobTitle: 'Dentist', lastName: 'Bell-Ash', isActive: true, recieveInvoices: false },
    });
    expect(bad.json).toMatchObject({ success: false });
    expect(sandbox.data.contact(7).jobTitle).toBe('Dentist');
  });

  it.each<[string, unknown]>([
    ['a single object', { op: 'replace', path: '/JobTitle', value: 'X' }],
    ['no operation', []],
    ['an unknown operation', [{ op: 'set', path: '/JobTitle', value: 'X' }]],
    ['a test that fails', [{ op: 'test', path: '/FirstName', value: 'Zoe' }]],
    ['a blank first name', [{ op: 'remove', path: '/FirstName' }]],
    ['a location of another account', [{ op: 'replace', path: '/LocationId', value: 602 }]],
    ['a title that is no text', [{ op: 'replace', path: '/JobTitle', value: 5 }]],
    ['e-mails, which have a route of their own', [{ op: 'replace', path: '/Emails', value: [] }]],
  ])('refuses a patch with %s', async (_what, body) => {
    expect(dig((await send('PATCH', '/crm/contacts/7', body)).json, 'success')).toBe(false);
    expect(sandbox.counts.writes).toBe(0);
  });

  it('deactivates by a PUT that does not say IsActive', async () => {
    await send('PUT', '/crm/contacts/7', { AccountId: 250, LocationId: 601, FirstName: 'Ann' });

    expect(sandbox.data.contact(7)).toMatchObject({ active: false, lastName: null });
  });

  it('adds, changes and deletes e-mails by value, with one default', async () => {
    const answer = await send('PATCH', '/crm/contacts/7/emails', [
      { Operation: 0, EmailAddress: 'a3@northwind.example.test', TypeId: 31, IsDefault: true },
      { Operation: 1, EmailAddress: 'ann@northwind.example.test', NewEmailAddress: 'ann2@northwind.example.test' },
      { Operation: 2, EmailAddress: 'ann.bell@northwind.example.test' },
    ]);

    expect(answer.json).toMatchObject({ success: true, result: { added: 1, updated: 1, deleted: 1 } });
    expect(sandbox.data.contact(7).emails.map((email) => [email.emailAddress, email.isDefault])).toEqual([
      ['ann2@northwind.example.test', false],
      ['a3@northwind.example.test', true],
    ]);
  });

  it('makes another e-mail the default', async () => {
    await send('PATCH', '/crm/contacts/7/emails', [{ Operation: 1, EmailAddress: 'ann.bell@northwind.example.test', IsDefault: true }]);

    expect(sandbox.data.contact(7).emails.map((email) => email.isDefault)).toEqual([false, true]);
  });

  it.each<[string, string, unknown]>([
    ['an e-mail that is there', 'emails', [{ Operation: 0, EmailAddress: 'Ann@northwind.example.test', TypeId: 31 }]],
    ['an e-mail to change that is not there', 'emails', [{ Operation: 1, EmailAddress: 'x@northwind.example.test', TypeId: 31 }]],
    ['an unknown type', 'emails', [{ Operation: 0, EmailAddress: 'x@northwind.example.test', TypeId: 51 }]],
    ['no type', 'phones', [{ Operation: 0, PhoneNumber: '(415) 555-0199' }]],
    ['an unknown operation', 'phones', [{ Operation: 3, PhoneNumber: '(415) 555-0123' }]],
    ['an operation by name', 'phones', [{ Operation: 'Add', PhoneNumber: '(415) 555-0199', TypeId: 51 }]],
    ['a single object', 'phones', { Operation: 0, PhoneNumber: '(415) 555-0199', TypeId: 51 }],
  ])('refuses %s', async (_what, route, body) => {
    expect(dig((await send('PATCH', `/crm/contacts/7/${route}`, body)).json, 'success')).toBe(false);
    expect(sandbox.counts.writes).toBe(0);
  });

  it('moves modifiedOn on every write', async () => {
    const before = sandbox.data.contact(7).modifiedOn;
    await send('PATCH', '/crm/contacts/7/phones', [{ Operation: 0, PhoneNumber: '(415) 555-0199', TypeId: 52 }]);

    expect(sandbox.data.contact(7).modifiedOn).toBeGreaterThan(before);
  });

  it('deletes without a body, unless switched off', async () => {
    sandbox.switches.delete = 'refused';
    const refused = await send('DELETE', '/crm/contacts/7', undefined);
    sandbox.switches.delete = 'accepted';
    const deleted = await send('DELETE', '/crm/contacts/7', undefined);

    expect(dig(refused.json, 'success')).toBe(false);
    expect([deleted.status, deleted.text, sandbox.data.contacts.size]).toEqual([200, '', 0]);
  });
});
