import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import { startAutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import type { Called } from '../sandbox/call.ts';
import { call, dig } from '../sandbox/call.ts';
import type { ItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { startItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { autotaskForOwnSync } from '../sandbox/it-glue/own-sync-autotask.ts';

const adapterName = 'Autotask';

let autotask: AutotaskSandbox;
let itGlue: ItGlueSandbox;

beforeEach(async () => {
  autotask = await startAutotaskSandbox();
  itGlue = await startItGlueSandbox({ psa: autotaskForOwnSync(autotask), switches: { ownPush: true } });
  autotask.data.addCompany({ id: 250, companyName: 'Northwind Dental' });
  autotask.data.addLocation({ id: 602, companyID: 250, name: 'East Side' });
  itGlue.data.addOrganization({ id: '5', name: 'Northwind Dental', adapters: [{ adapterName, remoteId: '250' }] });
  itGlue.data.addLocation({ id: '51', organizationId: '5', name: 'East Side', adapters: [{ adapterName, remoteId: '602' }] });
});

afterEach(async () => {
  await itGlue.stop();
  await autotask.stop();
});

function create(change: Record<string, unknown> = {}): Promise<Called> {
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

describe("IT Glue's own sync with Autotask", () => {
  it('P10 pushes a contact that the API made, once, into the fields of its labels, and links it', async () => {
    itGlue.switches.ownPushTypes = { email: 'Work', phone: 'Mobile' };
    const id = String(dig((await create()).json, 'data', 'id'));
    const pushed = [itGlue.runOwnPush(), itGlue.runOwnPush()];
    const [remote] = autotask.data.contactsOf(250);

    expect(pushed).toEqual([[id], []]);
    expect(remote).toMatchObject({
      companyLocationID: 602,
      firstName: 'Ann',
      lastName: 'Bell',
      emailAddress: 'ann@northwind.example.test',
      phone: null,
      mobilePhone: '4155550123',
      isActive: 1,
    });
    expect(itGlue.data.contact(id).adapters).toMatchObject([{ adapterName, remoteId: String(remote?.id), sync: true }]);
  });

  it('P1 pushes without e-mail, phone and location, but not without a last name', async () => {
    await create({ 'location-id': null, 'contact-emails': [], 'contact-phones': [] });
    await create({ 'first-name': 'Bo', 'last-name': '' });
    itGlue.runOwnPush();

    expect(autotask.data.contactsOf(250)).toMatchObject([{ firstName: 'Ann', companyLocationID: null, emailAddress: null, phone: null }]);
  });

  it('P9 pushes a later change to the linked contact', async () => {
    const id = String(dig((await create()).json, 'data', 'id'));
    itGlue.runOwnPush();
    Object.assign(itGlue.data.contact(id), { title: 'Owner', waitsForOwnPush: true });
    itGlue.runOwnPush();

    expect(autotask.data.contactsOf(250)).toMatchObject([{ title: 'Owner', phone: '4155550123' }]);
  });

  it('P9 pulls: links by exact name, else makes a second contact; the PSA wins', () => {
    const twin = itGlue.data.addContact({ organizationId: '5', firstName: 'Ann', lastName: 'Bell', title: 'Old' });
    const { data } = autotask;
    const ann = data.addContact({
      companyID: 250,
      firstName: 'Ann',
      lastName: 'Bell',
      emailAddress: 'ann@northwind.example.test',
      emailAddress2: 'ann.bell@northwind.example.test',
      phone: '(415) 555-0123',
      extension: '12',
      faxNumber: '4155550199',
    });
    data.addContact({ companyID: 250, firstName: 'Robert', lastName: 'Cole' });
    const first = itGlue.runOwnPull();
    const second = itGlue.runOwnPull();
    data.updateContact(ann.id, { title: 'Owner' });
    const third = itGlue.runOwnPull();

    expect(first).toHaveLength(2);
    expect([second, third]).toEqual([[], [twin.id]]);
    expect(itGlue.data.contact(twin.id)).toMatchObject({
      title: 'Owner',
      emails: [{ value: 'ann@northwind.example.test', primary: true, labelName: 'Work' }],
      phones: [
        { value: '4155550123', extension: '12', primary: true, labelName: 'Work' },
        { value: '4155550199', extension: null, primary: false, labelName: 'Fax' },
      ],
    });
  });
});
