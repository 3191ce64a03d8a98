import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BmsSandbox } from '../sandbox/bms/bms-sandbox.ts';
import { startBmsSandbox } from '../sandbox/bms/bms-sandbox.ts';
import type { Called } from '../sandbox/call.ts';
import { call, dig } from '../sandbox/call.ts';
import type { FaultKind } from '../sandbox/faults.ts';
import type { ItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { startItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';

let itGlue: ItGlueSandbox;

beforeEach(async () => {
  itGlue = await startItGlueSandbox();
  itGlue.data.addOrganization({ id: '1', name: 'Northwind Dental' });
  itGlue.data.addOrganization({ id: '2', name: 'Quill and Pen' });
});

afterEach(() => itGlue.stop());

function get(path: string): Promise<Called> {
  return call('GET', `${itGlue.url}${path}`, { headers: { 'x-api-key': itGlue.apiKey } });
}

function create(firstName: string, signal?: AbortSignal): Promise<Called> {
  return call('POST', `${itGlue.url}/contacts`, {
    headers: { 'x-api-key': itGlue.apiKey, 'content-type': 'application/vnd.api+json' },
    body: { data: { type: 'contacts', attributes: { 'organization-id': 1, 'first-name': firstName } } },
    ...(signal === undefined ? {} : { signal }),
  });
}

function control(method: string, name: string, body?: unknown): Promise<Called> {
  return call(method, `${itGlue.url}/_sandbox/${name}`, { body });
}

function names(): (string | null)[] {
  return [...itGlue.data.contacts.values()].map((contact) => contact.firstName);
}

describe('faults', () => {
  it.each<[FaultKind, string[]]>([
    ['lost-before', []],
    ['lost-after', ['Ann']],
  ])('A2 breaks the connection (%s)', async (kind, expected) => {
    itGlue.faults.add({ kind, match: { method: 'POST' } });

    await expect(create('Ann')).rejects.toThrow();
    expect(names()).toEqual(expected);
    expect(itGlue.requests[0]).toMatchObject({ status: null, fault: kind, committed: expected.length === 1 });
    expect(itGlue.faults.pending).toEqual([]);
  });

  it.each<[FaultKind, number]>([
    ['stall-before', 0],
    ['stall-after', 1],
  ])('never answers (%s)', async (kind, written) => {
    const given = new AbortController();
    itGlue.faults.add({ kind });
    const pending = create('Ann', given.signal);
    pending.catch(() => undefined);
    while (itGlue.requests.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    given.abort();

    await expect(pending).rejects.toThrow();
    expect(names()).toHaveLength(written);
  });

  it.each<[FaultKind, number, string]>([
    ['rate-limited', 429, 'application/vnd.api+json'],
    ['unauthorized', 401, 'application/vnd.api+json'],
    ['forbidden', 403, 'application/vnd.api+json'],
    ['bad-request', 400, 'application/vnd.api+json'],
    ['server-error', 500, 'text/html'],
    ['bad-gateway', 502, 'text/html'],
    ['unavailable', 503, 'text/html'],
    ['gateway-timeout', 504, 'text/html'],
    ['timeout-body', 504, 'application/vnd.api+json'],
    ['not-found-html', 404, 'text/html'],
  ])('answers %s in the place of the request, or after it', async (kind, status, contentType) => {
    itGlue.faults.add({ kind });
    itGlue.faults.add({ kind, commit: true });
    const before = await create('Ann');
    const between = names();
    const after = await create('Bo');

    expect([before.status, after.status]).toEqual([status, status]);
    expect(before.headers.get('content-type')).toContain(contentType);
    expect(before.headers.get('retry-after')).toBeNull();
    expect([between, names()]).toEqual([[], ['Bo']]);
  });

  it('can tell when to come again, and send elsewhere', async () => {
    itGlue.faults.add({ kind: 'rate-limited', retryAfter: 3 });
    itGlue.faults.add({ kind: 'redirect', location: 'http://127.0.0.1:1/' });

    expect((await get('/contacts')).headers.get('retry-after')).toBe('3');
    expect((await get('/contacts')).headers.get('location')).toBe('http://127.0.0.1:1/');
  });

  it('breaks answers: truncated, too large, not JSON, of the wrong type', async () => {
    itGlue.faults.add({ kind: 'truncated' });
    itGlue.faults.add({ kind: 'oversized', sizeBytes: 2_000_000 });
    itGlue.faults.add({ kind: 'not-json' });
    itGlue.faults.add({ kind: 'wrong-content-type' });
    itGlue.faults.add({ kind: 'html-200' });

    await expect(get('/regions')).rejects.toThrow();
    expect((await get('/regions')).text.length).toBeGreaterThan(2_000_000);
    expect((await get('/regions')).json).toBeNull();
    expect((await get('/regions')).headers.get('content-type')).toContain('text/html');
    expect((await get('/regions')).text).toContain('<html>');
  });

  it('hits the nth match, as often as asked', async () => {
    itGlue.faults.add({ kind: 'bad-gateway', match: { method: 'GET', path: /^\/regions\?page\[number\]=/ }, nth: 2, times: 2 });
    const statuses: number[] = [];
    for (const page of [1, 2, 3, 4]) {
      statuses.push((await get('/regions')).status, (await get(`/regions?page[number]=${page}`)).status);
    }

    expect(statuses).toEqual([200, 200, 200, 502, 200, 502, 200, 200]);
    expect(itGlue.counts.faulted).toBe(2);
  });

  it.each<[FaultKind, string[], number[]]>([
    ['drift-delete', ['1001', '1002', '1004', '1005'], [5, 4, 4]],
    ['drift-create', ['1001', '1002', '1003', '1004', '1005', '1006'], [5, 6, 6]],
  ])('C11 changes the list between pages (%s)', async (kind, expected, totals) => {
    for (const firstName of ['A', 'B', 'C', 'D', 'E']) {
      itGlue.data.addContact({ organizationId: '1', firstName });
    }
    itGlue.faults.add({ kind, match: { path: 'page\\[number\\]=1' } });
    const pages: Called[] = [];
    for (const page of [1, 2, 3]) {
      pages.push(await get(`/contacts?filter[organization_id]=1&sort=id&page[size]=2&page[number]=${page}`));
    }

    expect(pages.flatMap((page) => (dig(page.json, 'data') as { id: unknown }[]).map((row) => row.id))).toEqual(expected);
    expect(pages.map((page) => dig(page.json, 'meta', 'total-count'))).toEqual(totals);
  });

  it('C11 lies about lists: total, repeated row, rows of others', async () => {
    for (const organizationId of ['1', '1', '1', '2']) {
      itGlue.data.addContact({ organizationId });
    }
    const page = '/contacts?filter[organization_id]=1&sort=id&page[size]=2&page[number]=2';
    itGlue.faults.add({ kind: 'wrong-total' });
    itGlue.faults.add({ kind: 'duplicate-id' });
    itGlue.faults.add({ kind: 'filter-ignored' });
    const [total, repeated, others] = [await get(page), await get(page), await get(page)];

    expect(dig(total.json, 'meta', 'total-count')).toBe(6);
    expect((dig(repeated.json, 'data') as { id: unknown }[]).map((row) => row.id)).toEqual(['1002', '1003']);
    expect(dig(others.json, 'data', 1, 'attributes', 'organization-id')).toBe(2);
  });
});

describe('faults of BMS', () => {
  let bms: BmsSandbox;

  beforeEach(async () => {
    bms = await startBmsSandbox();
  });

  afterEach(() => bms.stop());

  async function signIn(): Promise<Called> {
    const { userName, password, tenant } = bms.credentials;
    const fields = new URLSearchParams({ GrantType: 'password', UserName: userName, Password: password, Tenant: tenant });
    return call('POST', `${bms.url}/v2/security/authenticate`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: fields.toString(),
    });
  }

  it('refuses a sign-in, and ends all tokens in mid-run', async () => {
    bms.faults.add({ kind: 'sign-in-refused', match: { path: 'authenticate' } });
    const refused = await signIn();
    const token = String(dig((await signIn()).json, 'result', 'accessToken'));
    const ask = () => call('GET', `${bms.url}/v2/crm/contacts/summary`, { headers: { authorization: `Bearer ${token}` } });
    const before = await ask();
    bms.faults.add({ kind: 'token-expired' });
    const expired = await ask();
    const still = await ask();

    expect([refused.status, before.status, expired.status, still.status]).toEqual([401, 200, 401, 401]);
  });

  it.each<[FaultKind, number]>([
    ['success-false', 200],
    ['bad-request', 400],
    ['hourly-limit', 429],
    ['timeout-body', 200],
  ])('answers %s in its envelope', async (kind, status) => {
    bms.faults.add({ kind });
    const answer = await signIn();

    expect([answer.status, dig(answer.json, 'success')]).toEqual([status, false]);
  });
});

describe('holding at a write', () => {
  it.each<['before' | 'after', number]>([
    ['before', 0],
    ['after', 1],
  ])('A2 parks the nth write %s it is carried out, and breaks it when dropped', async (when, written) => {
    const hold = itGlue.holdAtWrite(2, when);
    await create('Ann');
    const pending = create('Bo');
    pending.catch(() => undefined);
    const event = await hold.parked;
    const parkedNames = names();
    hold.release('drop');

    await expect(pending).rejects.toThrow();
    expect(event).toMatchObject({ nth: 2, when });
    expect(parkedNames).toHaveLength(1 + written);
    expect(names()).toEqual(parkedNames);
  });

  it('goes on when released', async () => {
    const hold = itGlue.holdAtWrite(1, 'before');
    const pending = create('Ann');
    await hold.parked;
    hold.release();

    expect((await pending).status).toBe(201);
    expect(hold.state).toBe('released');
  });

  it('does not carry a parked write out when its client is gone', async () => {
    const killed = new AbortController();
    const hold = itGlue.holdAtWrite(1, 'before');
    const pending = create('Ann', killed.signal);
    pending.catch(() => undefined);
    await hold.parked;
    killed.abort();
    await expect(pending).rejects.toThrow();
    while (itGlue.requests.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(names()).toEqual([]);
  });

  it('tells hooks of each write that is carried out, and of no refused one', async () => {
    const events: string[] = [];
    const remove = itGlue.onRequest((event) => {
      events.push(`${event.nth} ${event.when} ${names().length}`);
    });
    await call('POST', `${itGlue.url}/contacts`, { headers: { 'x-api-key': itGlue.apiKey }, body: {} });
    await create('Ann');
    remove();
    await create('Bo');

    expect(events).toEqual(['1 before 0', '1 after 1']);
  });

  it.each<['before' | 'after', string[]]>([
    ['before', []],
    ['after', ['Ann']],
  ])('lets a hook break a write %s it is carried out', async (when, expected) => {
    itGlue.onRequest((event) => (event.when === when ? 'drop' : undefined));

    await expect(create('Ann')).rejects.toThrow();
    expect(names()).toEqual(expected);
  });
});

describe('control API', () => {
  it('shows state, counts and requests, and changes data, switches and clock', async () => {
    const added = await control('POST', 'data', { do: 'addContact', with: [{ organizationId: '1', firstName: 'Ann' }] });
    const id = String(dig(added.json, 'result', 'id'));
    await control('POST', 'data', { do: 'deleteContact', with: [id] });
    await control('POST', 'switches', { retryAfter: 5 });
    await control('POST', 'clock', { advanceMs: 1000 });
    await get('/contacts');

    expect(dig((await control('GET', 'state')).json, 'organizations', '1', 'name')).toBe('Northwind Dental');
    expect(names()).toEqual([]);
    expect(itGlue.switches.retryAfter).toBe(5);
    expect((await control('GET', 'counts')).json).toMatchObject({ requests: 1, reads: 1 });
    expect(dig((await control('GET', 'requests')).json, 0)).toMatchObject({ method: 'GET', path: '/contacts', status: 200 });
    await control('POST', 'reset');
    expect(itGlue.counts.requests).toBe(0);
  });

  it('adds faults with a pattern as text', async () => {
    await control('POST', 'faults', { kind: 'unavailable', match: { method: 'GET', path: '/contacts' }, times: 1 });

    expect([(await get('/regions')).status, (await get('/contacts')).status, (await get('/contacts')).status]).toEqual([200, 503, 200]);
  });

  it('parks a write, tells when it is parked, and releases it', async () => {
    await control('POST', 'hold-at-write', { nth: 1, when: 'after' });
    expect((await control('GET', 'hold')).json).toEqual({ state: 'waiting' });
    const asked = control('GET', 'hold?wait=5000');
    const pending = create('Ann');
    expect((await asked).json).toEqual({ state: 'parked' });
    await control('POST', 'release', { how: 'continue' });

    expect((await pending).status).toBe(201);
  });

  it.each([
    ['GET', 'nonsense', undefined],
    ['POST', 'nonsense', {}],
    ['POST', 'faults', { kind: 'flood' }],
    ['POST', 'data', { do: 'constructor' }],
    ['POST', 'data', { do: 'deleteContact', with: ['404'] }],
    ['POST', 'switches', { nonsense: true }],
    ['POST', 'data', '{'],
  ])('refuses %s %s %o', async (method, name, body) => {
    const answer = await control(method, name, body);

    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(dig(answer.json, 'error')).toEqual(expect.any(String));
  });
});

describe("IT Glue's own sync", () => {
  let bms: BmsSandbox;
  const adapterName = 'Kaseya BMS';

  beforeEach(async () => {
    bms = await startBmsSandbox();
    bms.data.addAccount({ id: 250, name: 'Northwind Dental' });
    bms.data.addLocation({ id: 601, accountId: 250, name: 'Main Street' });
    itGlue.connectBms(bms);
    itGlue.data.addOrganization({ id: '5', name: 'Northwind Dental', adapters: [{ adapterName, remoteId: '250' }] });
    itGlue.data.addLocation({ id: '51', organizationId: '5', name: 'Main Street', adapters: [{ adapterName, remoteId: '601' }] });
  });

  afterEach(() => bms.stop());

  function createWhole(change: Record<string, unknown> = {}): Promise<Called> {
    const attributes = {
      'organization-id': 5,
      'location-id': 51,
      'first-name': 'Ann',
      'last-name': 'Bell',
      'contact-emails': [{ value: 'ann@northwind.example.test', primary: true, 'label-name': 'Work' }],
      'contact-phones': [{ value: '4155550123', primary: true, 'label-name': 'Work' }],
      ...change,
    };
    return call('POST', `${itGlue.url}/contacts`, {
      headers: { 'x-api-key': itGlue.apiKey, 'content-type': 'application/vnd.api+json' },
      body: { data: { type: 'contacts', attributes } },
    });
  }

  it('P10 pushes an eligible contact that the API made, once, and links both', async () => {
    itGlue.switches.ownPush = true;
    const id = String(dig((await createWhole()).json, 'data', 'id'));
    const pushed = [itGlue.runOwnPush(), itGlue.runOwnPush()];

    expect(pushed).toEqual([[id], []]);
    const [remote] = bms.data.contactsOf(250);
    expect(remote).toMatchObject({ firstName: 'Ann', emails: [{ emailAddress: 'ann@northwind.example.test' }] });
    expect(itGlue.data.contact(id).adapters).toMatchObject([{ adapterName, remoteId: String(remote?.id), sync: true }]);
    expect(bms.data.itGlueContacts.get(remote?.id ?? 0)?.id).toBe(id);
  });

  it.each<[string, Record<string, unknown>]>([
    ['no location', { 'location-id': null }],
    ['no first name', { 'first-name': '' }],
    ['no primary e-mail', { 'contact-emails': [] }],
    ['no primary phone', { 'contact-phones': [] }],
  ])('P1 does not push a contact with %s', async (_what, change) => {
    itGlue.switches.ownPush = true;
    await createWhole(change);

    expect(itGlue.runOwnPush()).toEqual([]);
    expect(bms.data.contacts.size).toBe(0);
  });

  it('P6 pushes nothing while its two-way sync is off, or without a chosen e-mail type', async () => {
    await createWhole();
    expect(itGlue.runOwnPush()).toEqual([]);
    Object.assign(itGlue.switches, { ownPush: true, ownPushTypes: { email: null, phone: 'Work' } });
    await createWhole();

    expect(itGlue.runOwnPush()).toEqual([]);
  });

  it('P9 pulls from BMS: links by exact name, else makes a second contact; the PSA wins', async () => {
    const twin = itGlue.data.addContact({ organizationId: '5', firstName: 'Ann', lastName: 'Bell', title: 'Old' });
    itGlue.data.addContact({ organizationId: '5', firstName: 'Bob', lastName: 'Cole' });
    const ann = bms.data.addContact({ accountId: 250, locationId: 601, firstName: 'Ann', lastName: 'Bell', jobTitle: 'Dentist' });
    bms.data.addContact({ accountId: 250, locationId: 601, firstName: 'Robert', lastName: 'Cole' });
    const first = itGlue.runOwnPull();
    const second = itGlue.runOwnPull();
    bms.data.updateContact(ann.id, { jobTitle: 'Owner' });
    const third = itGlue.runOwnPull();

    expect(first).toHaveLength(2);
    expect([second, third]).toEqual([[], [twin.id]]);
    expect(itGlue.data.contact(twin.id).title).toBe('Owner');
    expect(itGlue.data.contactsOf('5')).toHaveLength(3);
  });

  it('P9 links one contact with one BMS contact only', () => {
    itGlue.data.addContact({ organizationId: '5', firstName: 'Ann', lastName: 'Bell' });
    for (const jobTitle of ['Dentist', 'Nurse']) {
      bms.data.addContact({ accountId: 250, locationId: 601, firstName: 'Ann', lastName: 'Bell', jobTitle });
    }
    itGlue.runOwnPull();

    expect(itGlue.data.contactsOf('5').map((contact) => [contact.title, contact.adapters.length])).toEqual([
      ['Dentist', 1],
      ['Nurse', 1],
    ]);
  });
});
