import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Called } from '../sandbox/call.ts';
import { call, dig } from '../sandbox/call.ts';
import type { ItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { startItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import type { ItGlueSwitches } from '../sandbox/it-glue/switches.ts';

const mediaType = 'application/vnd.api+json';

let sandbox: ItGlueSandbox;

beforeEach(async () => {
  sandbox = await startItGlueSandbox();
  const { data } = sandbox;
  data.addOrganization({
    id: '1',
    name: 'Northwind Dental',
    typeName: 'Customer',
    adapters: [{ adapterName: 'Kaseya BMS', remoteId: '250' }],
  });
  data.addOrganization({ id: '2', name: 'Quill, Pen and Co' });
  data.addOrganization({ id: '9', name: 'Of another account', foreign: true });
  data.addLocation({ id: '11', organizationId: '1', name: 'Main Street' });
  data.addLocation({ id: '12', organizationId: '2', name: 'Elsewhere' });
});

afterEach(() => sandbox.stop());

function get(path: string): Promise<Called> {
  return call('GET', `${sandbox.url}${path}`, { headers: { 'x-api-key': sandbox.apiKey } });
}

function send(method: string, path: string, body: unknown, contentType = mediaType): Promise<Called> {
  return call(method, `${sandbox.url}${path}`, { headers: { 'x-api-key': sandbox.apiKey, 'content-type': contentType }, body });
}

function contact(attributes: Record<string, unknown>): unknown {
  return { data: { type: 'contacts', attributes } };
}

function contacts(...attributes: Record<string, unknown>[]): unknown {
  return { data: attributes.map((each) => ({ type: 'contacts', attributes: each })) };
}

function ids(answer: Called): unknown[] {
  return (dig(answer.json, 'data') as { id: unknown }[]).map((row) => row.id);
}

function firstError(answer: Called): unknown {
  return dig(answer.json, 'errors', 0);
}

const work = { value: 'ann@northwind.example.test', primary: true, 'label-name': 'Work' };

describe('key and address', () => {
  it.each([
    ['no key', {}],
    ['a wrong key', { 'x-api-key': 'ITG.wrong' }],
    ['a key of another region', { 'x-api-key': 'ITG.fedcba9876543210fedcba9876543210' }],
  ])('refuses %s with 403', async (_what, headers) => {
    expect((await call('GET', `${sandbox.url}/regions`, { headers })).status).toBe(403);
    expect(sandbox.counts).toMatchObject({ refused: 1, reads: 0 });
  });

  it.each([
    ['GET', '/contact'],
    ['GET', '/contacts/'],
    ['PUT', '/contacts/1'],
    ['DELETE', '/contacts/1'],
    ['PATCH', '/organizations/1/relationships/contacts'],
    ['GET', '/organizations/1/adapters_resources'],
  ])('answers %s %s with a page of HTML', async (method, path) => {
    const answer = await send(method, path, method === 'GET' ? undefined : contact({}));

    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('text/html');
  });

  it('answers an unknown id, and one of another account, with a JSON 404', async () => {
    sandbox.data.addContact({ id: '90', organizationId: '9', firstName: 'Secret' });

    for (const path of ['/contacts/404', '/contacts/90', '/organizations/9', '/organizations/404/relationships/contacts']) {
      expect(firstError(await get(path))).toMatchObject({ status: 404 });
    }
  });

  it('refuses too many requests until time has passed, with Retry-After only where switched on', async () => {
    sandbox.switches.rateLimit = { requests: 2, windowMs: 300_000 };
    await get('/regions');
    await get('/regions');

    const plain = await get('/regions');
    sandbox.switches.retryAfter = 7;
    const told = await get('/regions');
    sandbox.advance(300_001);
    const later = await get('/regions');

    expect([plain.status, plain.headers.get('retry-after')]).toEqual([429, null]);
    expect([told.status, told.headers.get('retry-after')]).toEqual([429, '7']);
    expect(later.status).toBe(200);
    expect(sandbox.counts.rateLimited).toBe(2);
  });
});

describe('lists', () => {
  beforeEach(() => {
    for (const [index, name] of ['Cleo', 'Abe', 'Bea'].entries()) {
      sandbox.data.addContact({
        id: String(100 + index),
        organizationId: '1',
        firstName: name,
        emails: [{ value: `${name}@Northwind.example.test` }],
      });
    }
    sandbox.data.addContact({ id: '200', organizationId: '2', firstName: 'Dov' });
  });

  it('pages with meta and absolute links', async () => {
    const answer = await get('/contacts?filter[organization_id]=1&sort=id&page[size]=2&page[number]=2');

    expect(ids(answer)).toEqual(['102']);
    expect(dig(answer.json, 'meta')).toEqual({
      'current-page': 2,
      'next-page': null,
      'prev-page': 1,
      'total-pages': 2,
      'total-count': 3,
      filters: {},
    });
    expect(dig(answer.json, 'links', 'prev')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/contacts\?/);
    expect(dig(answer.json, 'links', 'next')).toBeNull();
  });

  it('has zero pages when nothing is found', async () => {
    const answer = await get('/contacts?filter[organization_id]=404');

    expect(dig(answer.json, 'meta')).toMatchObject({ 'current-page': 1, 'total-pages': 0, 'total-count': 0, 'next-page': null });
  });

  it.each<[string, string[]]>([
    ['', ['101', '102', '100', '200']],
    ['sort=id', ['100', '101', '102', '200']],
    ['sort=-id', ['200', '102', '101', '100']],
    ['sort=first_name', ['101', '102', '100', '200']],
    ['filter[id]=100,200&sort=id', ['100', '200']],
    ['filter[first_name]=abe', []],
    ['filter[first_name]=Abe', ['101']],
    ['filter[primary_email]=abe@northwind.example.test', []],
    ['filter[primary-email]=Abe@Northwind.example.test', ['101']],
    ['filter[important]=false', []],
    ['filter[updated_at]=2020-01-01,*&sort=id', ['100', '101', '102', '200']],
  ])('answers /contacts?%s', async (query, expected) => {
    expect(ids(await get(`/contacts?${query}`))).toEqual(expected);
  });

  it('keeps a comma that a backslash guards', async () => {
    expect(ids(await get(`/organizations?filter[name]=${encodeURIComponent('Quill\\, Pen and Co')}`))).toEqual(['2']);
    expect(ids(await get(`/organizations?filter[name]=${encodeURIComponent('Quill, Pen and Co')}`))).toEqual([]);
  });

  it('ignores unknown filters, and filters on nested routes, and counts them', async () => {
    expect(ids(await get('/contacts?filter[nonsense]=x'))).toHaveLength(4);
    expect(ids(await get('/organizations/1/relationships/contacts?filter[first_name]=Abe'))).toHaveLength(3);
    expect(sandbox.counts.droppedSilently).toBe(2);
  });

  it.each<[Partial<ItGlueSwitches>, string, number]>([
    [{ unknownFilter: 'refused' }, '/contacts?filter[nonsense]=x', 400],
    [{ pageSizeOverMaximum: 'refused' }, '/contacts?page[size]=1001', 400],
    [{}, '/contacts?page[size]=1001', 200],
    [{ referencePaging: 'refused' }, '/regions?page[size]=1', 400],
    [{}, '/regions?page[size]=1', 200],
    [{}, '/contacts?page[number]=0', 400],
    [{}, '/contacts?sort=title', 400],
    [{ unknownSort: 'ignored' }, '/contacts?sort=title', 200],
    [{}, '/flexible_assets?filter[flexible-asset-type-id]=1&sort=id', 400],
    [{}, '/contacts?include=adapters', 400],
    [{}, '/contacts?filter[psa_id]=250', 400],
    [{}, '/contacts?filter[psa_id]=250&filter[psa_integration_type]=kaseya-bms', 200],
  ])('with %o answers %s with %i', async (switches, path, status) => {
    Object.assign(sandbox.switches, switches);

    expect((await get(path)).status).toBe(status);
  });

  it('includes adapters at top level, on lists and single records, unless a switch hides them', async () => {
    sandbox.data.linkAdapter('100', { adapterName: 'Microsoft', remoteId: 'abc', sync: false });
    const answer = await get('/contacts?filter[organization_id]=1&sort=id&include=adapters_resources');
    const [first, second] = dig(answer.json, 'data') as unknown[];
    sandbox.switches.hiddenAdapters = ['Kaseya BMS'];
    const hidden = await get('/organizations/1?include=adapters-resources');

    expect(dig(first, 'relationships', 'adapters-resources', 'data')).toHaveLength(1);
    expect(dig(second, 'relationships', 'adapters-resources', 'data')).toEqual([]);
    expect(dig(answer.json, 'included', 0, 'attributes')).toEqual({
      'adapter-type-name': 'Microsoft',
      'remote-id': 'abc',
      sync: false,
      orphaned: false,
    });
    expect(dig(hidden.json, 'data', 'attributes', 'psa-integration')).toBe('enabled');
    expect(dig(hidden.json, 'included')).toEqual([]);
  });

  it('writes ids beyond 2^53 as text, and foreign keys as exact numbers', async () => {
    const big = await startItGlueSandbox({ bigIds: true });
    const organization = big.data.addOrganization({ name: 'Big' });
    big.data.addContact({ organizationId: organization.id });

    const answer = await call('GET', `${big.url}/contacts?filter[organization_id]=${organization.id}`, {
      headers: { 'x-api-key': big.apiKey },
    });
    const created = await call('POST', `${big.url}/contacts`, {
      headers: { 'x-api-key': big.apiKey, 'content-type': mediaType },
      body: `{"data":{"type":"contacts","attributes":{"organization-id":${organization.id}}}}`,
    });
    await big.stop();

    expect(created.status).toBe(201);
    expect(organization.id).toBe('9007199254740993');
    expect(answer.text).toContain('"organization-id":9007199254740993');
    expect(dig(answer.json, 'data', 0, 'id')).toBe('9007199254740994');
  });
});

describe('creating contacts', () => {
  it('creates in kebab or snake case, strips phones and answers 201 with the record', async () => {
    const answer = await send(
      'POST',
      '/contacts',
      contact({
        organization_id: '1',
        'first-name': 'Ann',
        LAST_NAME: 'Bell',
        location_id: 11,
        contact_emails: [{ value: work.value, primary: true, label_name: 'AD Email' }],
        'contact-phones': [{ value: '(415) 555-0123', extension: 'x 12', 'label-name': 'Work' }],
      }),
    );

    expect(answer.status).toBe(201);
    expect(dig(answer.json, 'data', 'attributes')).toMatchObject({
      'organization-id': 1,
      'organization-name': 'Northwind Dental',
      name: 'Ann Bell',
      'location-name': 'Main Street',
      important: null,
      'psa-integration': null,
      'contact-emails': [{ value: work.value, primary: true, 'label-name': 'AD Email' }],
      'contact-phones': [
        {
          value: '4155550123',
          extension: 'x12',
          primary: false,
          'label-name': 'Work',
          'label-type': 'phone',
          'formatted-value': '(415) 555-0123',
        },
      ],
    });
    expect(sandbox.counts).toMatchObject({ writes: 1, writesByRoute: { 'POST /contacts': 1 } });
  });

  it.each<[string, string, unknown, Record<string, unknown>]>([
    [
      'no organization',
      '/contacts',
      contact({ 'first-name': 'A' }),
      { status: 422, title: 'Valid organization_id is required', source: { pointer: 'data/attributes/organization_id' } },
    ],
    [
      'an unknown organization',
      '/contacts',
      contact({ 'organization-id': 404 }),
      { status: 401, detail: 'Unauthorized resource access', source: { pointer: 'id' } },
    ],
    ['an organization of another account', '/organizations/9/relationships/contacts', contact({}), { status: 401 }],
    [
      'an unknown contact type',
      '/contacts',
      contact({ 'organization-id': 1, 'contact-type-id': 5 }),
      { status: 422, detail: 'must exist', source: { pointer: '/data/attributes/contact-type' } },
    ],
    [
      'a location of another organization',
      '/contacts',
      contact({ 'organization-id': 1, 'location-id': 12 }),
      { status: 422, detail: 'must exist', source: { pointer: '/data/attributes/location' } },
    ],
    [
      'an e-mail that is none',
      '/contacts',
      contact({ 'organization-id': 1, 'contact-emails': [{ ...work, value: 'ann' }] }),
      { status: 422, source: { pointer: '/data/attributes/contact-emails' } },
    ],
    [
      'an e-mail without a label',
      '/contacts',
      contact({ 'organization-id': 1, 'contact-emails': [{ value: work.value }] }),
      { status: 422 },
    ],
    [
      'a phone of an unknown sort',
      '/contacts',
      contact({ 'organization-id': 1, 'contact-phones': [{ value: '1', 'label-name': 'Work', 'label-type': 'pager' }] }),
      { status: 422 },
    ],
    [
      'a title that is too long',
      '/contacts',
      contact({ 'organization-id': 1, title: 'x'.repeat(256) }),
      { status: 422, source: { pointer: '/data/attributes/title' } },
    ],
    ['several records on the flat route', '/contacts', contacts({ 'organization-id': 1 }), { status: 400 }],
    ['another type', '/contacts', { data: { type: 'locations', attributes: {} } }, { status: 400 }],
    ['no data', '/contacts', {}, { status: 400 }],
    ['broken JSON', '/contacts', '{"data":', { status: 400 }],
    [
      'text that is not UTF-8',
      '/contacts',
      Buffer.from('{"data":{"type":"contacts","attributes":{"organization-id":1,"first-name":"Zo\u00eb"}}}', 'latin1'),
      { status: 400 },
    ],
  ])('refuses %s', async (_what, path, body, error) => {
    const answer = await send('POST', path, body);

    expect(answer.status).toBe(error['status']);
    expect(firstError(answer)).toMatchObject(error);
    expect(sandbox.data.contacts.size).toBe(0);
    expect(sandbox.counts).toMatchObject({ refused: 1, writes: 0 });
  });

  it('counts as dropped only what came with a request that was carried out', async () => {
    await send('POST', '/contacts', contact({ 'organization-id': 1, mood: 'good', 'contact-type-id': 5 }));

    expect(sandbox.counts).toMatchObject({ refused: 1, droppedSilently: 0 });
  });

  it.each(['application/json', 'text/plain', ''])('refuses the content type %o with 415', async (contentType) => {
    expect((await send('POST', '/contacts', contact({ 'organization-id': 1 }), contentType)).status).toBe(415);
    expect((await send('POST', '/contacts', contact({ 'organization-id': 1 }), `${mediaType}; charset=utf-8`)).status).toBe(201);
  });

  it('drops what stands outside attributes, what it does not know and what is read-only, and counts it', async () => {
    await send('POST', '/contacts', {
      data: {
        type: 'contacts',
        'contact-emails': [work],
        attributes: { 'organization-id': 1, 'first-name': 'Ann', name: 'Somebody', 'contact-type-name': 'End User', mood: 'good' },
      },
    });

    const [created] = sandbox.data.contactsOf('1');
    expect(created?.emails).toEqual([]);
    expect(sandbox.requests.at(-1)?.dropped).toHaveLength(4);
    expect(sandbox.counts.droppedSilently).toBe(4);
  });

  it('creates several on the nested route, all or none', async () => {
    const mixed = contacts({ 'first-name': 'A' }, { 'contact-type-id': 5 });
    const refused = await send('POST', '/organizations/1/relationships/contacts', mixed);
    const none = sandbox.data.contacts.size;
    sandbox.switches.bulk = 'partial';
    const partly = await send('POST', '/organizations/1/relationships/contacts', mixed);

    expect([refused.status, none]).toEqual([422, 0]);
    expect([partly.status, sandbox.data.contacts.size]).toEqual([422, 1]);
  });

  it.each<[Partial<ItGlueSwitches>, Record<string, unknown>, number]>([
    [{ unknownLabel: 'refused' }, { 'contact-emails': [{ ...work, 'label-name': 'AD Email' }] }, 422],
    [{ primaries: 'refused' }, { 'contact-emails': [work, { ...work, value: 'b@northwind.example.test' }] }, 422],
    [{ firstName: 'required' }, { 'last-name': 'Bell' }, 422],
    [{ bulkMaximum: 1 }, { 'first-name': 'Ann' }, 201],
  ])('with %o answers a create of %o with %i', async (switches, attributes, status) => {
    Object.assign(sandbox.switches, switches);

    expect((await send('POST', '/contacts', contact({ 'organization-id': 1, ...attributes }))).status).toBe(status);
  });

  it('with the switch makes exactly one primary', async () => {
    sandbox.switches.primaries = 'fixed';
    await send(
      'POST',
      '/contacts',
      contact({
        'organization-id': 1,
        'contact-emails': [
          { ...work, primary: false },
          { ...work, value: 'b@northwind.example.test', primary: false },
        ],
      }),
    );

    expect(sandbox.data.contactsOf('1')[0]?.emails.map((email) => email.primary)).toEqual([true, false]);
  });
});

describe('updating and deleting contacts', () => {
  beforeEach(() => {
    sandbox.data.addContact({
      id: '100',
      organizationId: '1',
      firstName: 'Ann',
      title: 'Dentist',
      locationId: '11',
      emails: [{ value: work.value }],
    });
  });

  it('leaves what is not sent, clears what is null, and moves updated-at', async () => {
    const before = sandbox.data.contact('100').updatedAt;
    // Even when the clock stands still.
    sandbox.advance(-60_000);
    const answer = await send('PATCH', '/contacts/100', contact({ title: null, 'last-name': 'Bell' }));

    expect(answer.status).toBe(200);
    expect(sandbox.data.contact('100')).toMatchObject({ firstName: 'Ann', lastName: 'Bell', title: null, emails: [{ value: work.value }] });
    expect(sandbox.data.contact('100').updatedAt).toBeGreaterThan(before);
  });

  it.each<[ItGlueSwitches['arraysOnPatch'], string[]]>([
    ['replaced', ['b@northwind.example.test']],
    ['appended', [work.value, 'b@northwind.example.test']],
  ])('has arrays %s', async (arraysOnPatch, expected) => {
    sandbox.switches.arraysOnPatch = arraysOnPatch;
    await send('PATCH', '/contacts/100', contact({ 'contact-emails': [{ ...work, value: 'b@northwind.example.test' }] }));

    expect(sandbox.data.contact('100').emails.map((email) => email.value)).toEqual(expected);
  });

  it.each<[ItGlueSwitches['syncedContact'], Record<string, unknown>, number]>([
    ['strict', { notes: 'x' }, 422],
    ['mapped-only', { notes: 'x' }, 200],
    ['mapped-only', { title: 'x' }, 422],
    ['mapped-only', { 'contact-emails': [work] }, 422],
    ['mapped-only', { important: true }, 422],
    ['accepted', { title: 'x' }, 200],
  ])('E9 answers an update of a synced contact (%s, %o) with %i', async (syncedContact, attributes, status) => {
    sandbox.switches.syncedContact = syncedContact;
    sandbox.data.linkAdapter('100', { adapterName: 'Kaseya BMS', remoteId: '7' });

    expect((await send('PATCH', '/contacts/100', contact(attributes))).status).toBe(status);
  });

  it('takes updates of a contact whose sync is off or orphaned', async () => {
    sandbox.data.linkAdapter('100', { adapterName: 'Kaseya BMS', remoteId: '7', sync: false });
    const off = await send('PATCH', '/contacts/100', contact({ title: 'x' }));
    sandbox.data.linkAdapter('100', { adapterName: 'Autotask', remoteId: '8', orphaned: true });
    const orphaned = await send('PATCH', '/contacts/100', contact({ title: 'y' }));

    expect(dig(off.json, 'data', 'attributes', 'psa-integration')).toBe('disabled');
    expect([off.status, orphaned.status]).toEqual([200, 200]);
  });

  it('moves to another organization and leaves the location behind', async () => {
    await send('PATCH', '/contacts/100', contact({ 'organization-id': 2 }));

    expect(sandbox.data.contact('100')).toMatchObject({ organizationId: '2', locationId: null });
    expect((await get('/organizations/1/relationships/contacts/100')).status).toBe(404);
  });

  it('updates in bulk by the id inside attributes, without e-mails and phones', async () => {
    const answer = await send('PATCH', '/contacts', contacts({ id: 100, title: 'Owner', 'contact-emails': [] }));
    const idOutside = await send('PATCH', '/contacts', { data: [{ id: '100', type: 'contacts', attributes: { title: 'x' } }] });

    expect(answer.status).toBe(200);
    expect(sandbox.data.contact('100')).toMatchObject({ title: 'Owner', emails: [{ value: work.value }] });
    expect(sandbox.counts.droppedSilently).toBe(1);
    expect(idOutside.status).toBe(422);
  });

  it('deletes by list or by filter, not by both, and answers with what is gone', async () => {
    sandbox.data.addContact({ id: '101', organizationId: '2' });
    const both = await send('DELETE', '/contacts?filter[id]=100', contacts({ id: 100 }));
    const neither = await send('DELETE', '/contacts', undefined);
    const unknown = await send('DELETE', '/contacts', contacts({ id: 100 }, { id: 404 }));
    const listed = await send('DELETE', '/contacts', contacts({ id: 100 }));
    const filtered = await send('DELETE', '/contacts?filter[organization_id]=2', undefined);

    expect([both.status, neither.status, unknown.status]).toEqual([400, 422, 404]);
    expect([ids(listed), ids(filtered)]).toEqual([['100'], ['101']]);
    expect(sandbox.data.contacts.size).toBe(0);
  });
});

describe('flexible assets', () => {
  const typeAttributes = { name: 'AD User', icon: 'user', 'show-in-menu': true };
  const name = { order: 1, name: 'Name', kind: 'Text', required: true, 'use-for-title': true, 'show-in-list': true };
  const tag = { order: 2, name: 'Contact', kind: 'Tag', 'tag-type': 'Contacts' };
  const status = { order: 3, name: 'AD Status', kind: 'Text' };

  function assetType(fields: Record<string, unknown>[], attributes: Record<string, unknown> = typeAttributes): unknown {
    const data = fields.map((field) => ({ type: 'flexible_asset_fields', attributes: field }));
    return { data: { type: 'flexible_asset_types', attributes, relationships: { 'flexible-asset-fields': { data } } } };
  }

  function asset(attributes: Record<string, unknown>): unknown {
    return { data: { type: 'flexible-assets', attributes } };
  }

  function addType(): string {
    return sandbox.data.addAssetType('AD User', [
      { name: 'Name', kind: 'Text', required: true, useForTitle: true, showInList: true },
      { name: 'Contact', kind: 'Tag', tagType: 'Contacts' },
      { name: 'AD Status', kind: 'Text' },
    ]).id;
  }

  it('makes a type once: the name is taken the second time', async () => {
    const first = await send('POST', '/flexible_asset_types', assetType([name, tag, status]));
    const second = await send('POST', '/flexible_asset_types', assetType([name]));

    expect(first.status).toBe(201);
    expect((dig(first.json, 'included') as unknown[]).map((field) => dig(field, 'attributes', 'name-key'))).toEqual([
      'name',
      'contact',
      'ad-status',
    ]);
    expect(firstError(second)).toMatchObject({
      status: 422,
      detail: 'has already been taken',
      source: { pointer: '/data/attributes/name' },
    });
  });

  it.each<[string, Record<string, unknown>[]]>([
    ['no field', []],
    ['no field in the list', [tag]],
    ['two fields of one name', [name, { ...status, name: 'Name' }]],
    ['two fields of one order', [name, { ...status, order: 1 }]],
    ['an unknown kind', [{ ...name, kind: 'Colour' }]],
    ['a tag without a tag type', [name, { order: 2, name: 'Contact', kind: 'Tag' }]],
  ])('refuses a type with %s', async (_what, fields) => {
    expect((await send('POST', '/flexible_asset_types', assetType(fields))).status).toBe(422);
  });

  it('refuses relationships in an update of a type', async () => {
    const id = addType();

    expect((await send('PATCH', `/flexible_asset_types/${id}`, assetType([name], { description: 'x' }))).status).toBe(422);
  });

  it('refuses a list without the type, with a word as status', async () => {
    const answer = await get('/flexible_assets?filter[organization-id]=1');

    expect(answer.status).toBe(403);
    expect(firstError(answer)).toMatchObject({ status: 'forbidden', source: { pointer: null } });
  });

  it('writes a tag as ids and reads it as an object; a deleted contact falls out', async () => {
    const typeId = addType();
    sandbox.data.addContact({ id: '100', organizationId: '1', firstName: 'Ann' });
    const created = await send(
      'POST',
      '/flexible_assets',
      asset({ 'organization-id': 1, 'flexible-asset-type-id': Number(typeId), traits: { name: 'Ann', contact: 100 } }),
    );
    sandbox.data.deleteContact('100');
    const listed = await get(`/flexible_assets?filter[flexible-asset-type-id]=${typeId}`);

    expect(dig(created.json, 'data', 'attributes', 'traits')).toMatchObject({
      name: 'Ann',
      contact: { type: 'Contacts', values: [{ id: 100, name: 'Ann' }] },
    });
    expect(dig(listed.json, 'data', 0, 'attributes', 'traits', 'contact')).toEqual({ type: 'Contacts', values: [] });
  });

  it.each<[string, Record<string, unknown>, number]>([
    ['an unknown trait', { name: 'A', mood: 'x' }, 422],
    ['no required trait', { contact: 100 }, 422],
    ['a contact of another organization', { name: 'A', contact: 200 }, 422],
    ['a tag in the form that is read', { name: 'A', contact: { type: 'Contacts', values: [{ id: 100 }] } }, 422],
    ['a truth value for text', { name: true }, 422],
    ['known traits', { name: 'A', contact: ['100'], 'ad-status': 'Enabled' }, 201],
  ])('answers an asset with %s rightly', async (_what, traits, expected) => {
    const typeId = addType();
    sandbox.data.addContact({ id: '100', organizationId: '1' });
    sandbox.data.addContact({ id: '200', organizationId: '2' });

    const answer = await send('POST', '/flexible_assets', asset({ 'organization-id': 1, 'flexible-asset-type-id': typeId, traits }));

    expect(answer.status).toBe(expected);
  });

  it('names an unknown trait with the vendor pointer, and refuses an unknown type with 401', async () => {
    const typeId = addType();
    const unknownTrait = await send(
      'POST',
      '/flexible_assets',
      asset({ 'organization-id': 1, 'flexible-asset-type-id': typeId, traits: { mood: 1 } }),
    );
    const unknownType = await send('POST', '/flexible_assets', asset({ 'organization-id': 1, 'flexible-asset-type-id': 404, traits: {} }));

    expect(firstError(unknownTrait)).toMatchObject({
      detail: 'Request contains invalid trait keys',
      source: { pointer: 'data/attributes/traits' },
    });
    expect(unknownType.status).toBe(401);
  });

  it('E7 deletes the traits that an update does not name', async () => {
    const typeId = addType();
    const { id } = sandbox.data.addAsset({ organizationId: '1', typeId, traits: { name: 'Ann', 'ad-status': 'Enabled' } });
    await send('PATCH', `/flexible_assets/${id}`, asset({ traits: { name: 'Ann B' } }));
    const after = [...(sandbox.data.assets.get(id)?.traits.keys() ?? [])];
    await send('PATCH', '/flexible_assets', { data: [{ type: 'flexible-assets', attributes: { id: Number(id), archived: true } }] });

    expect(after).toEqual(['name']);
    expect(sandbox.data.assets.get(id)).toMatchObject({ archived: true, traits: new Map([['name', 'Ann B']]) });
  });

  it('creates in bulk on the nested route only, and deletes one with 204', async () => {
    const typeId = addType();
    const two = {
      data: ['A', 'B'].map((each) => ({
        type: 'flexible-assets',
        attributes: { 'flexible-asset-type-id': typeId, traits: { name: each } },
      })),
    };
    const flat = await send('POST', '/flexible_assets', two);
    sandbox.switches.bulkOrder = 'reversed';
    const nested = await send('POST', '/organizations/1/relationships/flexible_assets', two);
    const removed = await send('DELETE', `/flexible_assets/${String(ids(nested)[0])}`, undefined);
    sandbox.switches.bulkMaximum = 1;
    const tooMany = await send('POST', '/organizations/1/relationships/flexible_assets', two);

    expect(flat.status).toBe(400);
    expect((dig(nested.json, 'data') as unknown[]).map((row) => dig(row, 'attributes', 'name'))).toEqual(['B', 'A']);
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect(tooMany.status).toBe(422);
  });
});

describe('organizations, locations, types', () => {
  it('refuses mapped fields of a synced organization and takes the others', async () => {
    const document = (attributes: Record<string, unknown>) => ({ data: { type: 'organizations', attributes } });

    expect((await send('PATCH', '/organizations/1', document({ name: 'New' }))).status).toBe(422);
    expect((await send('PATCH', '/organizations/1', document({ 'quick-notes': 'x' }))).status).toBe(200);
  });

  it('creates, updates and deletes locations', async () => {
    const created = await send('POST', '/locations', {
      data: { type: 'locations', attributes: { organization_id: 1, name: 'Yard', City: 'Salem' } },
    });
    const nameless = await send('POST', '/organizations/1/relationships/locations', { data: { type: 'locations', attributes: {} } });
    const deleted = await send('DELETE', '/locations', { data: [{ type: 'locations', attributes: { id: 11 } }] });

    expect(dig(created.json, 'data', 'attributes')).toMatchObject({ 'organization-id': 1, name: 'Yard', city: 'Salem' });
    expect(nameless.status).toBe(422);
    expect(ids(deleted)).toEqual(['11']);
  });

  it('has contact types that can be made and renamed, not deleted', async () => {
    const created = await send('POST', '/contact_types', { data: { type: 'contact-types', attributes: { name: 'End User' } } });
    const id = String(dig(created.json, 'data', 'id'));
    const renamed = await send('PATCH', `/contact_types/${id}`, { data: { type: 'contact-types', attributes: { name: 'Leaver' } } });

    expect(dig(renamed.json, 'data', 'attributes', 'name')).toBe('Leaver');
    expect((await send('DELETE', `/contact_types/${id}`, undefined)).status).toBe(404);
    expect(ids(await get('/contact_types?filter[name]=Leaver'))).toEqual([id]);
  });
});
