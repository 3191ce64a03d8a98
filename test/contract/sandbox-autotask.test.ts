import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import type { AutotaskSwitches } from '../sandbox/autotask/switches.ts';
import { call, dig } from '../sandbox/call.ts';
import type { AutotaskCalls } from './sandbox-autotask.calls.ts';
import { errors, openAutotask } from './sandbox-autotask.calls.ts';

let autotask: AutotaskCalls;
let sandbox: AutotaskSandbox;

beforeEach(async () => {
  autotask = await openAutotask();
  ({ sandbox } = autotask);
});

afterEach(() => autotask.close());

function lookUp(user: string) {
  return call('GET', `${sandbox.url}/ATServicesRest/V1.0/ZoneInformation?user=${encodeURIComponent(user)}`);
}

const newContact = { firstName: 'Bo', lastName: 'Cole', isActive: 1, emailAddress: 'bo@northwind.example.test' };
const contacts = 'Companies/250/Contacts';

describe('the zone', () => {
  it('is told without credentials, and is another origin than the look-up', async () => {
    const answer = await lookUp('API-User@msp.example.test');

    expect(answer.json).toMatchObject({ url: `${sandbox.zoneUrl}/ATServicesRest/`, ci: 1 });
    expect(new URL(sandbox.zoneUrl).origin).not.toBe(new URL(sandbox.url).origin);
    expect((await call('GET', `${sandbox.url}/ATServicesRest/VersionInformation`)).json).toEqual({ apiVersions: ['1.0'] });
    expect(sandbox.strayCredentials).toEqual([]);
  });

  it.each(['nobody@msp.example.test', ''])('is an error 500 for the user "%s"', async (user) => {
    const answer = await lookUp(user);

    expect([answer.status, errors(answer)]).toEqual([500, expect.stringContaining('unknown')]);
  });

  it('takes no data calls at the look-up, and notes credentials that were sent there', async () => {
    const answer = await autotask.send('GET', `${sandbox.url}/ATServicesRest/V1.0/Contacts/7`);

    expect([answer.status, answer.text]).toEqual([401, '']);
    expect(sandbox.strayCredentials).toMatchObject([{ place: 'look-up', headers: ['username', 'secret', 'apiintegrationcode'] }]);
  });

  it('moves: the old one answers 401, the look-up tells the new one', async () => {
    const old = sandbox.zoneUrl;
    await sandbox.moveZone();
    const before = await autotask.send('GET', `${old}/ATServicesRest/V1.0/Contacts/7`);
    const after = await autotask.send('GET', 'Contacts/7');

    expect([before.status, after.status]).toEqual([401, 200]);
    expect(dig((await lookUp(sandbox.credentials.userName)).json, 'url')).toBe(`${sandbox.zoneUrl}/ATServicesRest/`);
    expect(sandbox.zoneUrl).not.toBe(old);
    expect(sandbox.strayCredentials).toMatchObject([{ place: 'old-zone' }]);
  });
});

describe('signing in', () => {
  it.each<[string, Record<string, string>, number]>([
    ['all three headers', {}, 200],
    ['a user in another case', { UserName: 'API-USER@msp.example.test' }, 200],
    ['another user', { UserName: 'nobody@msp.example.test' }, 401],
    ['a wrong secret', { Secret: 'Sandbox-secret' }, 401],
    ['a wrong tracking identifier', { ApiIntegrationCode: 'x' }, 401],
  ])('with %s', async (_what, change, status) => {
    const headers = { ...autotask.headers, ...change };

    expect((await call('GET', `${sandbox.zoneUrl}/ATServicesRest/V1.0/Contacts/7`, { headers })).status).toBe(status);
  });

  it('needs every header on every call', async () => {
    const { Secret, ...rest } = autotask.headers;

    expect(Secret).toBe('sandbox-secret');
    for (const path of ['V1.0/Contacts/7', 'V1.0/ThresholdInformation', 'V1.0/Version']) {
      expect((await call('GET', `${sandbox.zoneUrl}/ATServicesRest/${path}`, { headers: rest })).status).toBe(401);
    }
  });
});

describe('routes', () => {
  it.each<[string, string, number]>([
    ['POST', 'Contacts', 404],
    ['PATCH', 'Contacts', 404],
    ['PATCH', 'Contacts/7', 405],
    ['PUT', 'Contacts/7', 405],
    ['DELETE', 'Contacts/7', 405],
    ['PATCH', 'Companies/250/Contacts/7', 405],
    ['GET', 'Contact/7', 404],
    ['GET', 'contacts/7', 200],
    ['GET', 'Contacts/abc', 404],
  ])('%s %s is answered with %i', async (method, path, status) => {
    expect((await autotask.send(method, path, method === 'GET' ? undefined : { ...newContact, id: 7 })).status).toBe(status);
    expect(sandbox.counts.writes).toBe(0);
  });
});

describe('creating contacts', () => {
  it('creates below the company and answers the id only', async () => {
    const answer = await autotask.send('POST', contacts, { ...newContact, companyLocationID: 601, externalID: 'u-bo' });
    const created = sandbox.data.contact(Number(dig(answer.json, 'itemId')));

    expect([answer.status, Object.keys(answer.json as object)]).toEqual([200, ['itemId']]);
    expect(created).toMatchObject({
      companyID: 250,
      companyLocationID: 601,
      lastName: 'Cole',
      isActive: 1,
      externalID: 'u-bo',
      title: null,
    });
    expect(sandbox.counts.writesByRoute).toEqual({ 'POST /ATServicesRest/V1.0/Companies/:parent/Contacts': 1 });
  });

  it('takes names in any case, an empty id, and company 0', async () => {
    const body = { Id: 0, FIRSTNAME: 'Bo', LastName: 'Cole', IsActive: 1 };

    expect((await autotask.send('POST', 'Companies/0/Contacts', body)).status).toBe(200);
    expect(sandbox.data.contactsOf(0)).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a flag that is true', { isActive: true }, "Unexpected character encountered while parsing value: t. Path 'isActive'"],
    ['a flag that is false', { isActive: false }, 'Unexpected character encountered while parsing value: f.'],
    ['a flag that is 2', { isActive: 2 }, 'isActive must be 0 or 1'],
    ['a flag as text', { isActive: '1' }, 'Could not convert string to integer'],
    ['a name that is no text', { firstName: 5 }, "Unexpected character encountered while parsing value: 5. Path 'firstName'"],
    ['an unknown member', { companyName: 'Acme' }, 'Unable to find companyName in the Contact Entity'],
    ['a member of the vendor', { lastModifiedDate: '2026-01-01T00:00:00Z' }, 'lastModifiedDate is read-only'],
    ['no first name', { firstName: undefined }, 'Missing Required Field: firstName'],
    ['a blank last name', { lastName: ' ' }, 'Missing Required Field: lastName'],
    ['no flag', { isActive: null }, 'Missing Required Field: isActive'],
    ['a long first name', { firstName: 'x'.repeat(51) }, 'firstName is 50'],
    ['a long title', { title: 'x'.repeat(51) }, 'title is 50'],
    ['a long e-mail', { emailAddress3: `${'x'.repeat(242)}@example.test` }, 'emailAddress3 is 254'],
    ['a long extension', { extension: '12345678901' }, 'extension is 10'],
    ['a long mobile number', { mobilePhone: '1'.repeat(26) }, 'mobilePhone is 25'],
    ['a long alternate number', { alternatePhone: '1'.repeat(33) }, 'alternatePhone is 32'],
    ['a long key', { externalID: 'x'.repeat(51) }, 'externalID is 50'],
    ['an e-mail that is none', { emailAddress: 'bo' }, 'not a valid email'],
    ['an unknown location', { companyLocationID: 999 }, 'Reference value on field: companyLocationID of type: CompanyLocation'],
    ['a location of another company', { companyLocationID: 602 }, 'Reference value on field: companyLocationID'],
    ['a location as text', { companyLocationID: '601' }, 'Could not convert string to integer: 601'],
    ['another company than the route', { companyID: 251 }, 'Reference value on field: companyID of type: Company'],
    ['an id', { id: 8 }, 'id must be 0'],
    ['an unknown user-defined field', { userDefinedFields: [{ name: 'x', value: 'y' }] }, 'Unable to find user-defined field x'],
  ])('refuses %s with 500, or 400', async (_what, change, text) => {
    const as500 = await autotask.send('POST', contacts, { ...newContact, ...change });
    sandbox.switches.failures = 400;
    const as400 = await autotask.send('POST', contacts, { ...newContact, ...change });

    expect([as500.status, as400.status]).toEqual([500, 400]);
    expect(errors(as500)).toContain(text);
    expect([sandbox.data.contacts.size, sandbox.counts.writes, sandbox.counts.refused]).toEqual([1, 0, 2]);
  });

  it('refuses an unknown company, a body that is no JSON, and one of another type', async () => {
    expect(errors(await autotask.send('POST', 'Companies/404/Contacts', newContact))).toContain(
      'companyID of type: Company does not exist',
    );
    expect((await autotask.send('POST', contacts, '{')).status).toBe(500);
    const form = await call('POST', `${sandbox.zoneUrl}/ATServicesRest/V1.0/${contacts}`, {
      headers: autotask.headers,
      body: 'firstName=Bo',
    });
    expect(form.status).toBe(415);
  });

  it('tells several errors at once', async () => {
    const answer = await autotask.send('POST', contacts, {});

    expect(dig(answer.json, 'errors')).toHaveLength(3);
  });

  it.each<[string, Partial<AutotaskSwitches>, Record<string, unknown>, number]>([
    ['an e-mail twice', {}, { emailAddress: 'ANN@northwind.example.test' }, 200],
    ['an e-mail twice, refused', { duplicateEmail: 'refused' }, { emailAddress2: 'ANN@northwind.example.test' }, 500],
    ['a key twice', {}, { externalID: 'u-ann' }, 200],
    ['any e-mail', { emailFormat: 'unchecked' }, { emailAddress: 'bo' }, 200],
    ['an unknown member', { unknownMembers: 'dropped' }, { companyName: 'Acme' }, 200],
    ['a member of the vendor', { readOnlyMembers: 'dropped' }, { createDate: '2026-01-01' }, 200],
    ['no company in the body', { companyIdInBody: 'required' }, {}, 500],
    ['the company in the body', { companyIdInBody: 'required' }, { companyID: 250 }, 200],
    ['no right to write', { contactWrites: 'no-permission' }, {}, 500],
  ])('answers %s as switched', async (_what, switches, change, status) => {
    Object.assign(sandbox.switches, switches);

    expect((await autotask.send('POST', contacts, { ...newContact, ...change })).status).toBe(status);
  });

  it.each<[AutotaskSwitches['defaultLocation'], number | null]>([
    ['none', null],
    ['primary', 601],
  ])('gives a contact without a location %s', async (defaultLocation, expected) => {
    sandbox.switches.defaultLocation = defaultLocation;
    const answer = await autotask.send('POST', contacts, newContact);

    expect(sandbox.data.contact(Number(dig(answer.json, 'itemId'))).companyLocationID).toBe(expected);
  });
});

describe('updating contacts', () => {
  it('PATCH changes what is sent and the day of the change; blank and null empty', async () => {
    const before = sandbox.data.contact(7).lastModifiedDate;
    const answer = await autotask.send('PATCH', contacts, { id: 7, title: 'Dentist', phone: '', emailAddress2: null });

    expect(answer.json).toEqual({ itemId: 7 });
    expect(sandbox.data.contact(7)).toMatchObject({
      firstName: 'Ann',
      title: 'Dentist',
      phone: null,
      emailAddress2: null,
      externalID: 'u-ann',
    });
    expect(sandbox.data.contact(7).lastModifiedDate).toBeGreaterThan(before);
  });

  it('PUT empties what is not sent, and needs what a create needs', async () => {
    const refused = await autotask.send('PUT', contacts, { id: 7, lastName: 'Bell' });
    const done = await autotask.send('PUT', contacts, { id: 7, firstName: 'Ann', lastName: 'Bell', isActive: 0 });

    expect([refused.status, done.status]).toEqual([500, 200]);
    expect(sandbox.data.contact(7)).toMatchObject({ companyID: 250, title: null, emailAddress: null, externalID: null, isActive: 0 });
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    ['no id', contacts, { title: 'x' }, 'Missing Required Field: id'],
    ['an unknown id', contacts, { id: 404 }, 'No matching records found'],
    ['a contact of another company', 'Companies/251/Contacts', { id: 7 }, 'No matching records found'],
    ['a move to another company', contacts, { id: 7, companyID: 251 }, 'companyID of type: Company'],
    ['a location of another company', contacts, { id: 7, companyLocationID: 602 }, 'companyLocationID'],
    ['a blank first name', contacts, { id: 7, firstName: '' }, 'Missing Required Field: firstName'],
    ['a flag that is false', contacts, { id: 7, isActive: false }, 'parsing value: f'],
    ['a long title', contacts, { id: 7, title: 'x'.repeat(51) }, 'title is 50'],
    ['an unknown member', contacts, { id: 7, mood: 'x' }, 'Unable to find mood'],
  ])('refuses %s', async (_what, path, body, text) => {
    expect(errors(await autotask.send('PATCH', path, body))).toContain(text);
    expect(sandbox.counts.writes).toBe(0);
  });

  it('deletes below the company only, unless switched off', async () => {
    const elsewhere = await autotask.send('DELETE', 'Companies/251/Contacts/7');
    sandbox.switches.delete = 'refused';
    const refused = await autotask.send('DELETE', `${contacts}/7`);
    sandbox.switches.delete = 'accepted';
    const deleted = await autotask.send('DELETE', `${contacts}/7`);

    expect([elsewhere.status, refused.status, deleted.status]).toEqual([500, 500, 200]);
    expect(errors(elsewhere)).toContain('No matching records found');
    expect(sandbox.data.contacts.size).toBe(0);
  });

  it('writes user-defined fields that there are', async () => {
    sandbox.data.contactUdfs.add('Badge');
    await autotask.send('PATCH', contacts, { id: 7, userDefinedFields: [{ name: 'Badge', value: '12' }] });

    expect(dig((await autotask.send('GET', 'Contacts/7')).json, 'item', 'userDefinedFields')).toEqual([{ name: 'Badge', value: '12' }]);
  });
});

describe('people in Autotask', () => {
  it('merge contacts: the one is gone or inactive, the other has what it lacked', () => {
    const { data } = sandbox;
    data.addContact({ id: 8, companyID: 250, firstName: 'Ann', lastName: 'Bell' });
    data.mergeContacts(7, 8);

    expect(data.contacts.has(7)).toBe(false);
    expect(data.contact(8)).toMatchObject({ title: 'Nurse', externalID: 'u-ann' });
    data.addContact({ id: 9, companyID: 250, firstName: 'Ann', lastName: 'Bell' });
    data.mergeContacts(9, 8, 'inactive');
    expect(data.contact(9).isActive).toBe(0);
  });

  it('delete a company with all it has', () => {
    sandbox.data.deleteCompany(250);

    expect([sandbox.data.contactsOf(250), sandbox.data.locationsOf(250)]).toEqual([[], []]);
  });
});
