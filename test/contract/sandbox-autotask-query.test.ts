import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import type { AutotaskSwitches } from '../sandbox/autotask/switches.ts';
import type { Called } from '../sandbox/call.ts';
import { dig } from '../sandbox/call.ts';
import type { AutotaskCalls } from './sandbox-autotask.calls.ts';
import { errors, ids, openAutotask } from './sandbox-autotask.calls.ts';

const start = Date.parse('2026-03-01T08:00:00.900Z');
let autotask: AutotaskCalls;
let sandbox: AutotaskSandbox;

beforeEach(async () => {
  autotask = await openAutotask({ clock: () => start });
  ({ sandbox } = autotask);
  sandbox.data.addContact({
    id: 8,
    companyID: 251,
    firstName: 'Abe',
    lastName: 'Cole',
    isActive: 0,
    primaryContact: true,
    lastModifiedDate: start + 5000,
  });
});

afterEach(() => autotask.close());

function query(body: unknown, entity = 'Contacts'): Promise<Called> {
  return autotask.send('POST', `${entity}/query`, body);
}

function one(op: string, field: string, value?: unknown): Record<string, unknown> {
  return { op, field, ...(value === undefined ? {} : { value }) };
}

function next(answer: Called): string {
  return String(dig(answer.json, 'pageDetails', 'nextPageUrl'));
}

describe('filters', () => {
  it.each<[readonly Record<string, unknown>[], readonly number[]]>([
    [[one('exist', 'id')], [7, 8]],
    [[one('eq', 'EMAILADDRESS', 'ANN@northwind.example.test')], [7]],
    [[one('noteq', 'title', 'nurse')], [8]],
    [[one('gt', 'id', 7)], [8]],
    [[one('gte', 'id', 7), one('lt', 'id', 8)], [7]],
    [[one('lte', 'id', 7)], [7]],
    [[one('beginsWith', 'firstName', 'a'), one('endsWith', 'lastName', 'LL')], [7]],
    [[one('contains', 'emailAddress2', 'bell')], [7]],
    [[one('notExist', 'emailAddress')], [8]],
    [[one('in', 'companyID', [250, 999])], [7]],
    [[one('notIn', 'companyID', [250])], [8]],
    [[one('eq', 'isActive', 1)], [7]],
    [[one('eq', 'primaryContact', true)], [8]],
    [[one('eq', 'externalID', 'u-ann')], [7]],
    [
      [{ op: 'or', items: [one('eq', 'emailAddress', 'x'), { op: 'and', items: [one('eq', 'id', 7), one('eq', 'lastName', 'bell')] }] }],
      [7],
    ],
    [[one('gt', 'lastModifiedDate', '2026-03-01T08:00:05.899Z')], [8]],
    [[one('gt', 'lastModifiedDate', '2026-03-01T08:00:05.900')], []],
    [[one('gte', 'lastModifiedDate', '2026-03-01T09:00:05.900+01:00')], [8]],
    [[one('gt', 'lastActivityDate', '2026-03-01')], [7, 8]],
  ])('%j finds %j', async (filter, expected) => {
    expect(ids(await query({ filter }))).toEqual(expected);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown field', { filter: [one('eq', 'companyName', 'x')] }, 'Unable to find companyName in the Contact Entity.'],
    [
      'a field that is not for filters',
      { filter: [one('eq', 'surveyOptOut', true)] },
      'surveyOptOut of the Contact Entity cannot be queried',
    ],
    ['an unknown operator', { filter: [one('like', 'title', 'x')] }, 'operator like'],
    ['an operator that is not for numbers', { filter: [one('contains', 'id', 7)] }, 'operator contains'],
    ['a number as text', { filter: [one('eq', 'companyID', '250')] }, 'companyID of type integer'],
    ['a flag of a contact that is true', { filter: [one('eq', 'isActive', true)] }, 'isActive of type integer'],
    ['a flag as a number', { filter: [one('eq', 'primaryContact', 1)] }, 'primaryContact of type boolean'],
    ['a moment that is none', { filter: [one('gt', 'lastModifiedDate', 'yesterday')] }, 'lastModifiedDate'],
    ['no value', { filter: [one('eq', 'title')] }, 'title of type string'],
    ['in without a list', { filter: [one('in', 'id', 7)] }, 'needs a list'],
    ['no filter', {}, 'at least one condition'],
    ['an empty filter', { filter: [] }, 'at least one condition'],
    ['an empty group', { filter: [{ op: 'or', items: [] }] }, 'needs items'],
    ['an unknown member', { filter: [one('exist', 'id')], page: 2 }, "Could not find member 'page'"],
    ['too many records', { filter: [one('exist', 'id')], maxRecords: 501 }, 'between 1 and 500'],
    ['no records', { filter: [one('exist', 'id')], maxRecords: 0 }, 'between 1 and 500'],
    ['an unknown field to include', { filter: [one('exist', 'id')], includeFields: ['id', 'mail'] }, 'Unable to find mail'],
    ['501 alternatives', { filter: [{ op: 'or', items: Array.from({ length: 501 }, (_, id) => one('eq', 'id', id)) }] }, '500 OR'],
    [
      '501 values',
      {
        filter: [
          one(
            'in',
            'id',
            Array.from({ length: 501 }, (_, id) => id),
          ),
        ],
      },
      '500 OR',
    ],
  ])('refuses %s', async (_what, body, text) => {
    const answer = await query(body);

    expect([answer.status, errors(answer)]).toEqual([500, expect.stringContaining(text)]);
  });

  it('take one user-defined field at most', async () => {
    sandbox.data.contactUdfs.add('Badge').add('Shift');
    sandbox.data.updateContact(8, { userDefinedFields: [{ name: 'Badge', value: '12' }] });
    const udf = (field: string) => ({ op: 'eq', field, value: '12', udf: true });

    expect(ids(await query({ filter: [udf('Badge')] }))).toEqual([8]);
    expect(errors(await query({ filter: [udf('Badge'), udf('Shift')] }))).toContain('only one user-defined field');
    expect(errors(await query({ filter: [udf('Nope')] }))).toContain('Unable to find user-defined field Nope');
  });

  it('refuse what the switch says cannot be queried, and the fields say so', async () => {
    sandbox.switches.notQueryable = ['externalID'];
    const fields = (await autotask.send('GET', 'Contacts/entityInformation/fields')).json;
    const rules = dig(fields, 'fields') as readonly Record<string, unknown>[];

    expect(errors(await query({ filter: [one('eq', 'externalID', 'u-ann')] }))).toContain(
      'externalID of the Contact Entity cannot be queried',
    );
    expect(rules.find((rule) => rule['name'] === 'externalID')).toMatchObject({ length: 50, isQueryable: false, isRequired: false });
    expect(rules.find((rule) => rule['name'] === 'isActive')).toMatchObject({ dataType: 'integer', isRequired: true });
  });

  it('look at the case of texts when switched', async () => {
    sandbox.switches.textCase = 'exact';

    expect(ids(await query({ filter: [one('eq', 'firstName', 'ann')] }))).toEqual([]);
  });

  it('can be sent by GET, but not when they are long', async () => {
    const search = (filter: unknown) => `Contacts/query?search=${encodeURIComponent(JSON.stringify({ filter }))}`;

    expect(ids(await autotask.send('GET', search([one('eq', 'id', 7)])))).toEqual([7]);
    expect((await autotask.send('GET', search([one('eq', 'title', 'x'.repeat(2000))]))).status).toBe(404);
    expect((await autotask.send('GET', 'Contacts/query')).status).toBe(500);
  });

  it('count', async () => {
    expect((await autotask.send('POST', 'Contacts/query/count', { filter: [one('exist', 'id')] })).json).toEqual({ queryCount: 2 });
  });
});

describe('reading', () => {
  it('finds companies and locations; their flags are booleans', async () => {
    expect(ids(await query({ filter: [one('eq', 'isActive', true)] }, 'Companies'))).toEqual([0, 250]);
    expect(ids(await query({ filter: [one('eq', 'companyID', 250)] }, 'CompanyLocations'))).toEqual([601]);
    expect(errors(await query({ filter: [one('eq', 'isActive', 1)] }, 'Companies'))).toContain('isActive of type boolean');
    expect(dig((await autotask.send('GET', 'Companies/250')).json, 'item')).toMatchObject({
      companyName: 'Northwind Dental',
      isActive: true,
    });
  });

  it('lists what a company has, inactive ones too', async () => {
    expect(ids(await autotask.send('GET', 'Companies/251/Contacts'))).toEqual([8]);
    expect(ids(await autotask.send('GET', 'Companies/250/Locations'))).toEqual([601]);
    expect(dig((await autotask.send('GET', 'Companies/250/Contacts/7')).json, 'item', 'id')).toBe(7);
  });

  it.each<[Partial<AutotaskSwitches>, string, number, unknown]>([
    [{}, 'Contacts/404', 404, undefined],
    [{ missingItem: 'null' }, 'Contacts/404', 200, null],
    [{}, 'Companies/251/Contacts/7', 404, undefined],
    [{}, 'Companies/404/Contacts', 200, undefined],
    [{ unknownParent: 'refused' }, 'Companies/404/Contacts', 500, undefined],
  ])('with %o answers %s with %i', async (switches, path, status, item) => {
    Object.assign(sandbox.switches, switches);
    const answer = await autotask.send('GET', path);

    expect([answer.status, dig(answer.json, 'item')]).toEqual([status, item]);
  });

  it.each<[AutotaskSwitches['dates'], string, readonly number[]]>([
    ['milliseconds', '2026-03-01T08:00:05.900Z', [8]],
    ['seconds', '2026-03-01T08:00:05Z', []],
    ['without-zone', '2026-03-01T08:00:05.900', [8]],
  ])('writes and keeps moments by %s', async (dates, text, found) => {
    sandbox.switches.dates = dates;

    expect(dig((await autotask.send('GET', 'Contacts/8')).json, 'item', 'lastModifiedDate')).toBe(text);
    expect(ids(await query({ filter: [one('gt', 'lastModifiedDate', '2026-03-01T08:00:05.500Z')] }))).toEqual(found);
  });

  it('moves lastActivityDate alone on a ticket', () => {
    const before = sandbox.data.contact(7);
    const modified = before.lastModifiedDate;
    const active = before.lastActivityDate;
    sandbox.data.addActivity(7);

    expect(sandbox.data.contact(7).lastModifiedDate).toBe(modified);
    expect(sandbox.data.contact(7).lastActivityDate).toBeGreaterThan(active);
  });
});

describe('pages', () => {
  const all = { filter: [one('exist', 'id')], maxRecords: 1 };

  it('go on at the zone, with the same body and the same method', async () => {
    const first = await query(all);
    const address = next(first);
    const second = await autotask.send('POST', address, all);

    expect(address.startsWith(`${sandbox.zoneUrl}/ATServicesRest/V1.0/Contacts/query/next?paging=`)).toBe(true);
    expect([ids(first), ids(second)]).toEqual([[7], [8]]);
    expect(dig(second.json, 'pageDetails')).toMatchObject({
      count: 1,
      requestCount: 1,
      nextPageUrl: null,
      prevPageUrl: expect.any(String),
    });
    expect((await autotask.send('GET', address)).status).toBe(405);
    expect(errors(await autotask.send('POST', address, { ...all, filter: [one('gt', 'id', 0)] }))).toContain('not the one');
    expect(errors(await autotask.send('POST', address.replace(/paging=.*/, 'paging=x'), all))).toContain('paging');
  });

  it('go on by GET where they began so', async () => {
    const first = await autotask.send('GET', `Contacts/query?search=${encodeURIComponent(JSON.stringify(all))}`);
    for (let id = 1000; id < 1500; id += 1) {
      sandbox.data.addContact({ id, companyID: 250, firstName: 'A', lastName: String(id) });
    }
    const children = await autotask.send('GET', 'Companies/250/Contacts');

    expect(ids(await autotask.send('GET', next(first)))).toEqual([8]);
    expect(ids(await autotask.send('GET', next(children)))).toEqual([1499]);
  });

  it.each<[AutotaskSwitches['paging'], readonly number[]]>([
    ['by-id', [8]],
    ['by-offset', [9]],
  ])('%s when a record goes in between', async (paging, expected) => {
    sandbox.switches.paging = paging;
    sandbox.data.addContact({ id: 9, companyID: 250, firstName: 'Cy', lastName: 'Dee' });
    sandbox.faults.add({ kind: 'drift-delete' });
    const first = await query(all);

    expect(ids(first)).toEqual([7]);
    expect(ids(await autotask.send('POST', next(first), all))).toEqual(expected);
  });

  it('need the id among the fields, or end without a word', async () => {
    const named = { ...all, includeFields: ['firstName'] };
    const refused = await query(named);
    sandbox.switches.pagingWithoutId = 'first-page-only';
    const cut = await query(named);
    const whole = await query({ ...all, includeFields: ['ID', 'firstname'] });

    expect(errors(refused)).toContain('id must be one of the IncludeFields');
    expect([dig(cut.json, 'items'), next(cut)]).toEqual([[{ firstName: 'Ann' }], 'null']);
    expect([dig(whole.json, 'items'), next(whole)]).toEqual([[{ id: 7, firstName: 'Ann' }], expect.stringContaining('next?paging=')]);
  });

  it.each<[AutotaskSwitches['nextPage']]>([['foreign-origin'], ['user-info']])('can be hostile: %s', async (nextPage) => {
    sandbox.switches.nextPage = nextPage;
    const address = next(await query(all));

    expect(new URL(address).origin).toBe(new URL(sandbox.foreignUrl).origin);
    expect(address.includes(new URL(sandbox.zoneUrl).host)).toBe(nextPage === 'user-info');
    await autotask.send('POST', `${sandbox.foreignUrl}/${address.split('/').slice(3).join('/')}`, all);
    expect(sandbox.strayCredentials).toMatchObject([{ place: 'foreign', method: 'POST' }]);
  });

  it('can go in a circle', async () => {
    sandbox.switches.nextPage = 'repeating';
    const first = await query(all);
    const again = await autotask.send('POST', next(first), all);

    expect([ids(again), next(again)]).toEqual([[7], next(first)]);
  });
});
