import { afterEach, describe, expect, it } from 'vitest';
import { createItGlue } from '../../../agent/it-glue/it-glue.ts';
import { contactId } from '../../../core/model/ids.ts';
import type { FaultKind } from '../../sandbox/faults.ts';
import { answer, startScriptedServer } from '../http/scripted-server.ts';
import { type ItGlueTest, parseTestPhone, startItGlueTest } from './it-glue-harness.ts';

let test: ItGlueTest;

afterEach(async () => {
  await test.stop();
});

function addContacts(count: number): void {
  for (let index = 0; index < count; index += 1) {
    test.sandbox.data.addContact({ organizationId: test.organization, firstName: `User${index}`, lastName: 'Example' });
  }
}

/** Page sizes and numbers in the order in which they were asked for. */
function pages(path = '/contacts'): readonly string[] {
  return test.sandbox.requests
    .filter((request) => request.path === path)
    .map(({ query }) => {
      const parameters = new URLSearchParams(query);
      return `${parameters.get('page[number]')}/${parameters.get('page[size]')}`;
    });
}

describe('lists of several pages', () => {
  it.each([
    [0, 1],
    [500, 1],
    [501, 3],
    [1500, 4],
  ])('C11 reads %i contacts with %i requests, in order of their ids', async (count, requests) => {
    test = await startItGlueTest({ bigIds: true });
    addContacts(count);

    const contacts = await test.documentation.listContacts(test.organization);

    expect(contacts.map(({ id }) => id)).toEqual([...test.sandbox.data.contacts.keys()]);
    expect(test.sandbox.counts).toMatchObject({ requests, droppedSilently: 0 });
  });

  it.each([
    ['somebody creates a contact', 'drift-create'],
    ['somebody deletes a contact', 'drift-delete'],
    ['the announced length is wrong', 'wrong-total'],
    ['a row comes twice', 'duplicate-id'],
  ] as const)('C11 reads again when %s between two pages', async (_, kind) => {
    test = await startItGlueTest();
    addContacts(600);
    test.sandbox.faults.add({ kind });

    const contacts = await test.documentation.listContacts(test.organization);

    expect(contacts.map(({ id }) => id)).toEqual([...test.sandbox.data.contacts.keys()]);
    expect(pages().length).toBeGreaterThan(3);
  });

  it('C11 reads again when a deletion and a creation leave the length as it was', async () => {
    test = await startItGlueTest();
    addContacts(600);
    const { data, faults } = test.sandbox;
    const [first = ''] = data.contacts.keys();
    faults.add({
      kind: 'change',
      nth: 2,
      change: () => {
        data.deleteContact(first);
        addContacts(1);
      },
    });

    const contacts = await test.documentation.listContacts(test.organization);

    expect(contacts.map(({ id }) => id)).toEqual([...data.contacts.keys()]);
  });

  it.each(['drift-create', 'wrong-total', 'duplicate-id'] as const)('C11 gives up when it never adds up (%s)', async (kind) => {
    test = await startItGlueTest();
    addContacts(600);
    test.sandbox.faults.add({ kind, times: Number.POSITIVE_INFINITY });

    await expect(test.documentation.listContacts(test.organization)).rejects.toMatchObject({ code: 'ITGLUE_UNSTABLE_LIST' });
  });

  it('refuses rows of another organization', async () => {
    test = await startItGlueTest();
    addContacts(2);
    test.sandbox.data.addContact({ organizationId: test.other, firstName: 'Somebody', lastName: 'Else' });
    test.sandbox.data.addLocation({ organizationId: test.other, name: 'Elsewhere' });
    const faults = () => test.sandbox.faults.add({ kind: 'filter-ignored' });

    faults();
    await expect(test.documentation.listContacts(test.organization)).rejects.toMatchObject({ code: 'ITGLUE_FILTER_IGNORED' });
    faults();
    await expect(test.documentation.listContactsById(test.organization, [])).resolves.toEqual([]);
    await expect(test.documentation.listLocations(test.organization)).rejects.toMatchObject({ code: 'ITGLUE_FILTER_IGNORED' });
  });

  it('halves the page as long as IT Glue takes too long, and goes on where it was', async () => {
    test = await startItGlueTest();
    addContacts(1200);
    const size = (query: URLSearchParams) => Number(query.get('page[size]'));
    test.sandbox.faults.add({
      kind: 'timeout-body',
      times: Number.POSITIVE_INFINITY,
      match: ({ query }) => size(query) > 125 && query.get('page[number]') !== '1',
    });

    const contacts = await test.documentation.listContacts(test.organization);

    expect(contacts).toHaveLength(1200);
    expect(pages()).toEqual(['1/500', '1/1', '2/500', '2/500', '3/250', '3/250', '5/125', '6/125', '7/125', '8/125', '9/125', '10/125']);
  });

  it('gives up when even the smallest page fails', async () => {
    test = await startItGlueTest();
    test.sandbox.faults.add({ kind: 'gateway-timeout', times: Number.POSITIVE_INFINITY });

    await expect(test.documentation.listContacts(test.organization)).rejects.toMatchObject({ code: 'ITGLUE_SERVER_ERROR' });
    expect(pages()).toEqual(['500', '500', '250', '250', '125', '125', '62', '62', '50', '50', '50', '50'].map((size) => `1/${size}`));
  });
});

describe('what rows may look like', () => {
  it('takes nulls, blanks and two primaries for what they are', async () => {
    test = await startItGlueTest({ switches: { includedIds: 'number' } });
    test.sandbox.data.addContact({
      organizationId: test.organization,
      firstName: null,
      lastName: '',
      title: '  ',
      important: null,
      emails: [
        { value: 'a@example.test', primary: true, labelName: 'Work' },
        { value: 'b@example.test', primary: true, labelName: '' },
      ],
      phones: [{ value: '4155550100', extension: '7', labelName: 'Work' }],
      adapters: [
        { adapterName: 'Microsoft', remoteId: '0', sync: false },
        { adapterName: 'Kaseya BMS', remoteId: '178', orphaned: true },
      ],
    });

    const [contact] = await test.documentation.listContacts(test.organization);

    expect(contact).toMatchObject({
      firstName: null,
      lastName: null,
      title: null,
      important: null,
      emails: [
        { value: 'a@example.test', label: 'Work', primary: true },
        { value: 'b@example.test', label: '', primary: true },
      ],
      phones: [{ phone: { e164: '+14155550100', extension: '7' }, kind: 'phone' }],
      adapters: [
        { adapter: 'Microsoft', remoteId: '0', sync: false, orphaned: false },
        { adapter: 'Kaseya BMS', remoteId: '178', orphaned: true },
      ],
    });
  });

  it('gives each contact its own adapters, and says what IT Glue says of the PSA', async () => {
    test = await startItGlueTest();
    addContacts(3);
    const [first = '', second = ''] = test.sandbox.data.contacts.keys();
    test.sandbox.data.linkAdapter(second, { adapterName: 'Kaseya BMS', remoteId: '5', sync: true });

    const contacts = await test.documentation.listContacts(test.organization);

    expect(contacts.map(({ id, adapters, psaIntegration }) => [id, adapters.length, psaIntegration])).toEqual([
      [first, 0, null],
      [second, 1, 'enabled'],
      [expect.any(String), 0, null],
    ]);
  });

  it('reads 450 chosen contacts with three requests', async () => {
    test = await startItGlueTest({ bigIds: true });
    addContacts(450);
    const ids = (await test.documentation.listContacts(test.organization)).map(({ id }) => id);
    test.sandbox.resetCounts();

    expect((await test.documentation.listContactsById(test.organization, ids.toReversed())).map(({ id }) => id)).toEqual(ids);
    expect(test.sandbox.counts.requests).toBe(3);
  });
});

describe('answers that are none', () => {
  const recovered: readonly FaultKind[] = [
    'lost-before',
    'lost-after',
    'rate-limited',
    'server-error',
    'bad-gateway',
    'unavailable',
    'gateway-timeout',
    'timeout-body',
    'truncated',
    'not-json',
    'html-200',
  ];

  it.each(recovered)('reads again after %s, once', async (kind) => {
    test = await startItGlueTest();
    addContacts(3);

    for (const read of [
      () => test.documentation.check(),
      () => test.documentation.getOrganization(test.organization),
      () => test.documentation.listContacts(test.organization),
      () => test.documentation.listLocations(test.organization),
      () => test.documentation.listContactTypes(),
      () => test.documentation.findOverlayType(),
    ]) {
      test.sandbox.faults.add({ kind });
      await read();
      expect(test.sandbox.faults.pending).toEqual([]);
    }
    expect(test.sandbox.counts).toMatchObject({ faulted: 6, requests: 12 });
  });

  it.each([
    ['server-error', 'ITGLUE_SERVER_ERROR'],
    ['lost-before', 'ITGLUE_UNREACHABLE'],
    ['rate-limited', 'ITGLUE_RATE_LIMITED'],
    ['truncated', 'ITGLUE_UNREACHABLE'],
    ['not-json', 'ITGLUE_ANSWER_INVALID'],
    ['html-200', 'ITGLUE_ANSWER_INVALID'],
    ['not-found-html', 'ITGLUE_ANSWER_INVALID'],
    ['redirect', 'ITGLUE_ANSWER_INVALID'],
    ['bad-request', 'ITGLUE_REFUSED'],
    ['unauthorized', 'ITGLUE_KEY_REJECTED'],
    ['forbidden', 'ITGLUE_KEY_REJECTED'],
  ] as const)('ends with a code when there is nothing but %s', async (kind, code) => {
    test = await startItGlueTest();
    test.sandbox.faults.add({ kind, times: Number.POSITIVE_INFINITY });

    await expect(test.documentation.check()).rejects.toMatchObject({ code });
    await expect(test.documentation.listContacts(test.organization)).rejects.toMatchObject({ code });
    await expect(test.documentation.getOrganization(test.organization)).rejects.toMatchObject({ code });
  });

  it('takes a 401 that objects to the id of the organization for what it is', async () => {
    test = await startItGlueTest();
    const body = { errors: [{ status: 401, title: 'Unauthorized', detail: 'Unauthorized resource access', source: { pointer: 'id' } }] };
    await using server = await startScriptedServer(answer(401, JSON.stringify(body)));
    const documentation = createItGlue({ region: 'eu', baseUrl: server.url, apiKey: 'ITG.x', http: test.http, parsePhone: parseTestPhone });

    await expect(documentation.getOrganization(test.organization)).rejects.toMatchObject({ code: 'ITGLUE_ORGANIZATION_NOT_FOUND' });
    await expect(documentation.lookUpContact(test.organization, contactId('1'))).rejects.toMatchObject({ code: 'ITGLUE_ANSWER_INVALID' });
    await expect(documentation.listContacts(test.organization)).rejects.toMatchObject({ code: 'ITGLUE_KEY_REJECTED' });
  });

  it('does not take contacts that were not among the ids asked for', async () => {
    test = await startItGlueTest();
    const row = { id: '7', type: 'contacts', attributes: { 'organization-id': Number(test.organization), name: 'Not asked' } };
    await using server = await startScriptedServer(answer(200, JSON.stringify({ data: [row], meta: { 'total-count': 1 } })));
    const documentation = createItGlue({ region: 'eu', baseUrl: server.url, apiKey: 'ITG.x', http: test.http, parsePhone: parseTestPhone });

    await expect(documentation.listContactsById(test.organization, [contactId('8')])).rejects.toMatchObject({
      code: 'ITGLUE_FILTER_IGNORED',
    });
    await expect(documentation.listContactsById(test.organization, [contactId('7')])).resolves.toHaveLength(1);
  });

  it('does not follow addresses that the server supplies', async () => {
    test = await startItGlueTest();
    const list = { data: [], meta: { 'total-count': 900 }, links: { next: 'http://127.0.0.1:9/contacts' } };
    await using server = await startScriptedServer(answer(200, JSON.stringify(list)));
    const documentation = createItGlue({ region: 'eu', baseUrl: server.url, apiKey: 'ITG.x', http: test.http, parsePhone: parseTestPhone });

    await expect(documentation.listContacts(test.organization)).rejects.toMatchObject({ code: 'ITGLUE_UNSTABLE_LIST' });
    expect(server.seen).toHaveLength(3);
  });

  it('does not take an oversized answer', async () => {
    test = await startItGlueTest({ http: { maxAnswerBytes: 100_000 } });
    test.sandbox.faults.add({ kind: 'oversized', sizeBytes: 400_000 });

    await expect(test.documentation.listContacts(test.organization)).rejects.toMatchObject({ code: 'ITGLUE_ANSWER_INVALID' });
  });

  it('C11 takes no HTML page for the proof that a contact was deleted', async () => {
    test = await startItGlueTest();
    addContacts(1);
    const [contact] = await test.documentation.listContacts(test.organization);
    test.sandbox.faults.add({ kind: 'not-found-html' });

    await expect(test.documentation.lookUpContact(test.organization, contact!.id)).rejects.toMatchObject({ code: 'ITGLUE_ANSWER_INVALID' });
  });

  it('says that a key was refused: a wrong one, one of another region, none at all', async () => {
    test = await startItGlueTest({ key: 'ITG.wrong' });
    await expect(test.documentation.check()).rejects.toMatchObject({
      code: 'ITGLUE_KEY_REJECTED',
      message: expect.not.stringContaining('wrong'),
    });
    await test.stop();

    for (const key of ['', 'ITG.with\nbreak', 'ITG.schlüssel']) {
      test = await startItGlueTest({ key });
      await expect(test.documentation.check()).rejects.toMatchObject({ code: 'ITGLUE_KEY_REJECTED' });
      expect(test.sandbox.counts.requests).toBe(0);
      await test.stop();
    }
    test = await startItGlueTest();
  });
});
